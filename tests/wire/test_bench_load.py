"""The bench's callers against a real broker and service: what they count was answered, and a refusal is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.callers import _caller
from bench.load import AGAIN, Caller, run
from bench.rig import Rig, open_windows, wait, wait_service


@pytest.mark.parametrize("service", ["echo", "coordinator"])
def test_callers_count_answers_also_to_commands_sent_twice(tmp_path: Path, service: str) -> None:
    with Rig(tmp_path, service) as rig:
        wait_service(rig)
        if service == "coordinator":
            open_windows(rig, [w.id for w in rig.hall.windows])
        callers = [Caller(_caller(rig, dev)) for dev in ("caller-0", "caller-1")]
        found: dict[str, Any] = {}

        def answered() -> bool:
            found.update(run(callers, 0.3))
            assert found["refused"] == []
            return sum(c.count for c in callers) > AGAIN * 2

        wait(answered, "the service does not answer")
        for caller in callers:
            caller.wire.close()
        assert len(set(found["labels"])) == len(found["labels"])
        assert bool(found["labels"]) == (service == "coordinator")


def test_a_refusal_is_told(tmp_path: Path) -> None:
    with Rig(tmp_path, "coordinator") as rig:
        wait_service(rig)
        caller = Caller(_caller(rig, "caller-0"))
        found = run([caller], 0.2)
        caller.wire.close()
    assert found["refused"]
    assert "closed" in found["refused"][0]

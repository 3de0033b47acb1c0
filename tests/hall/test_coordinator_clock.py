"""The wall clock under a running coordinator: a jump is told and changes nothing; old replies are forgotten day by day."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from contract import messages as m
from contract import topics
from contract.words import HallState
from coordinator import service
from coordinator.config import Options
from coordinator.service import Coordinator
from runtime import clock, config
from tests.hall_rig import HallRig
from tests.until import until


class Wall:
    """The clock on the wall, which somebody sets."""

    def __init__(self) -> None:
        self.off = timedelta()

    def __call__(self) -> datetime:
        return clock.utc_now() + self.off


class Running:
    """The coordinator in a thread of this process, so that its wall can be set."""

    def __init__(self, rig: HallRig) -> None:
        self.rig = rig
        self._stop = threading.Event()
        self.coordinator: Coordinator | None = None
        self._thread = threading.Thread(target=self._run, name="coordinator")

    def _run(self) -> None:
        self.coordinator = Coordinator(config.read(self.rig.config, Options))
        self.coordinator.run(self._stop)

    def __enter__(self) -> Running:
        self._thread.start()
        until(lambda: self.rig.peer("kiosk-1").last(m.Heartbeat))
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()

    @property
    def troubles(self) -> set[str]:
        assert self.coordinator is not None
        return set(self.coordinator._troubles.open)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(service, "utc_now", wall)
    return wall


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[HallRig]:
    rig = HallRig(tmp_path)
    try:
        rig.broker.start()
        rig.configure()
        yield rig
    finally:
        rig.__exit__(None, None, None)


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(hours=-3)])
def test_a_wall_clock_that_jumps_is_told_and_changes_nothing(rig: HallRig, wall: Wall, jump: timedelta) -> None:
    with Running(rig) as running:
        rig.staff("W1")
        kiosk = rig.peer("kiosk-1")
        issue = m.TicketIssue(id="before", service="advice", lang="en", paper=False)
        first = kiosk.ok(issue)
        before = rig.state("cmd_seen")
        wall.off = jump
        until(lambda: running.troubles == {"clock_jump"}, "the jump is told")
        beat = kiosk.last(m.Heartbeat)
        until(lambda: kiosk.last(m.Heartbeat).id != beat.id, "the next heartbeat")
        after = kiosk.last(m.Heartbeat)
        assert (after.state, after.day) == (HallState.OPEN, first.day)
        assert timedelta() < after.now - beat.now < timedelta(minutes=1)
        kiosk.say(topics.UP_CMD, issue)
        until(lambda: len(kiosk.replies("before")) == 2)
        assert kiosk.replies("before") == [first] * 2
        assert rig.state("cmd_seen") == before
        console = rig.peer("console-1")
        console.ok(m.HallInterrupt(id="stop"))
        console.ok(m.HallResume(id="go"))
        assert "small" in {row[0] for row in rig.rows("cmd_seen")}
        assert any("kiosk-1/before" in row for row in rig.rows("cmd_seen")), "a jump forgets no reply"
        assert rig.issue().label == "A002"
        assert rig.peer("bridge-1").ok(m.CallNext(id="p", unit="pad-1")).label == first.label
        wall.off = timedelta()
        until(lambda: not running.troubles, "the clock is right again")


def test_replies_are_forgotten_as_the_days_go_not_only_at_a_start(
    rig: HallRig, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if a day had passed: with none, a reply given in the millisecond of the pruning would stay.
    monkeypatch.setattr(service, "SEEN_KEPT_DAYS", -1)
    with Running(rig):
        rig.staff("W1")
        assert len(rig.rows("cmd_seen")) == 2
        rig.peer("console-1").ok(m.HallClose(id="end"))
        until(lambda: rig.rows("cmd_seen") == [])

"""Recommendations in a running hall: too many people, a console accepts, the window calls others than before; and by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from contract import hall as document
from contract import messages as m
from contract.hall import Hall
from contract.words import MeasureKind, MeasureState, Refusal
from runtime.asker import new_id
from tests.hall_rig import HallRig, rigged
from tests.until import until

SPEED = 20.0
"""Two minutes of the hall, after which it looks anew, are six seconds."""


def flexible(**rules: Any) -> Hall:
    """The small hall, where the operator of W3, laid out for acts, may give advice as well."""
    said = json.loads(rigged().model_dump_json(by_alias=True))
    said["rules"] |= rules
    rik = next(o for o in said["operators"] if o["id"] == "rik")
    rik["rights"].append({**rik["rights"][0], "right": "counsel"})
    return document.load(json.dumps(said))


def view(rig: HallRig) -> m.ConsolesView | None:
    found: m.ConsolesView | None = rig.peer("console-1").last(m.ConsolesView)
    return found


def recommended(rig: HallRig, kind: MeasureKind, window: str) -> m.Recommendation | None:
    found = view(rig)
    return next((r for r in found.recommendations if (r.kind, r.window) == (kind, window)), None) if found else None


def measures(rig: HallRig) -> tuple[m.Measure, ...]:
    found = view(rig)
    return found.measures if found is not None else ()


def can(rig: HallRig, window: str) -> set[str]:
    found = view(rig)
    return set(next(w.can for w in found.windows if w.window == window)) if found is not None else set()


def test_too_many_people_bring_a_recommendation_that_a_console_accepts_and_the_window_calls_others(
    tmp_path: Path,
) -> None:
    with HallRig(tmp_path, flexible(), speed=SPEED) as rig:
        console, bridge = rig.peer("console-1"), rig.peer("bridge-1")
        rig.staff("W1", "W3")
        labels = [rig.issue(service="advice").label for _ in range(14)]
        assert bridge.ok(m.CallNext(id=new_id(), unit="pad-1")).label == labels.pop(0)
        armed = bridge.ok(m.CallNext(id=new_id(), unit="pad-3"))
        assert (armed.light, armed.label) == ("armed", None)

        one = until(lambda: recommended(rig, MeasureKind.WIDEN_PROFILE, "W3"), "nothing is recommended", 60)
        assert (one.group, one.operator, one.alone) == ("general", "rik", False)
        assert one.done.overdue_min < one.without.overdue_min - 15
        assert one.done.longest_min <= one.without.longest_min
        no = console.ask(m.PlanAccept(id=new_id(), recommendation=f"{one.id}x"))
        assert no.code is Refusal.UNKNOWN_RECOMMENDATION

        console.ok(m.PlanAccept(id=new_id(), recommendation=one.id, operator="rik"))
        until(lambda: {"advice", "intake", "birth", "loss"} == can(rig, "W3"), "the window takes no more than before")
        (told,) = measures(rig)
        assert (told.id, told.state, told.by, told.group) == (one.id, MeasureState.HOLDS, "rik", "general")
        shown = until(lambda: bridge.last(m.WindowsView).units["pad-3"].label, "the armed window was not served")
        assert shown in labels
        no = console.ask(m.PlanDismiss(id=new_id(), recommendation=one.id))
        assert no.code is Refusal.RECOMMENDATION_OVER

        rig.kill()  # and begun again, by rules that let it act by itself
        bold = flexible(**{"plan.act_alone": ["open"], "plan.alone_gain_min": 15})
        bold = bold.model_copy(update={"revision": bold.revision + 1})
        (tmp_path / "hall.json").write_text(bold.model_dump_json(by_alias=True))
        rig.start()
        for _ in range(12):
            rig.issue(service="advice")
        mine = until(lambda: [one for one in measures(rig) if one.by is None], "it does nothing by itself", 60)
        assert [(one.kind, one.state) for one in mine] == [(MeasureKind.OPEN, MeasureState.ASKED)]
        assert mine[0].window in {"W2", "W4"}
        assert any(kind == "plan.accepted" and who == "coordinator" for _, _, _, kind, who, *_ in rig.rows("event"))
        rig.staff(mine[0].window)
        until(
            lambda: any(o.id == mine[0].id and o.state is MeasureState.DONE for o in measures(rig)), "it is never done"
        )

        def against() -> Any:
            found = view(rig)
            return found is not None and found.against_fifo

        looked = until(against, "today is not held against first come, first served")
        assert looked.turns >= 20
        assert 0.0 <= looked.late <= 1.0

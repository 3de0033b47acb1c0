"""A hall document published while people wait: nobody loses a place, every box follows, a restart keeps it, one command takes it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import messages as m
from contract.words import Refusal
from coordinator.revising.document import text
from journal.schema import HALL
from journal.verify import verify
from runtime.asker import new_id
from tests.hall_rig import HallRig, Peer
from tests.until import until

NOTE = "the seal on form 7 is missing"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[HallRig]:
    with HallRig(tmp_path) as rig:
        yield rig


def moved(rig: HallRig, groups: dict[str, list[str]]) -> str:
    """The rig's document with other groups at some windows."""
    document = json.loads(text(rig.hall))
    for window in document["windows"]:
        window["groups"] = groups.get(window["id"], window["groups"])
    return json.dumps(document)


def pressed(bridge: Peer) -> m.Done | None:
    """A press of the pad; None where it came too soon after the last call."""
    reply = bridge.ask(m.CallNext(id=new_id(), unit="pad-2"))
    return None if isinstance(reply, m.Refused) and reply.code is Refusal.ALREADY_CALLED else reply


def test_a_service_moved_with_visitors_waiting_is_served_at_its_new_window_and_moved_back(rig: HallRig) -> None:
    console, kiosk, bridge = rig.peer("console-1"), rig.peer("kiosk-1"), rig.peer("bridge-1")
    base = rig.hall.revision
    rig.staff("W1", "W2")
    rig.issue()
    console.ok(m.CallNext(id="first", window="W1"))
    console.ok(m.VisitNote(id="note", window="W1", text=NOTE))
    birth = rig.issue(service="birth")
    advice = rig.issue()
    other = moved(rig, {"W1": ["acts"], "W2": ["general"], "W4": ["papers"]})

    bad = moved(rig, {"W2": ["general"], "W3": ["general"]})
    checked = console.ask(m.HallCheck(id="look", document=bad))
    assert isinstance(checked, m.Checked)
    assert [f.of for f in checked.findings if f.stops] == [(birth.label,)]
    assert (
        console.ask(m.HallPublish(id="bad", document=bad, base=base, why="a slip", operator="ona")).code
        is Refusal.DRAFT_STOPPED
    )

    command = m.HallPublish(id="good", document=other, base=base, why="advice goes to window 2", operator="ona")
    console.ok(command)
    staged = until(lambda: next((c for c in kiosk.of(m.Cfg) if c.hall.revision == base + 1), None), "the new document")
    assert staged.hall.window_by_id["W2"].groups == ("general",)
    until(lambda: kiosk.last(m.Heartbeat).revision == base + 1, "the heartbeat")
    until(lambda: (v := console.last(m.ConsolesView)) and v.revision == base + 1, "the view of the new document")
    at = next(w.ticket for w in console.last(m.ConsolesView).windows if w.window == "W1")
    assert at.note == NOTE
    assert bridge.ok(m.CallNext(id="press-2", unit="pad-2")).label == advice.label
    console.ok(command)  # asked again: published once
    assert (
        console.ask(m.HallPublish(id="late", document=other, base=base, why="too late", operator="ona")).code
        is Refusal.REVISION_MOVED
    )

    rig.kill()
    rig.start()
    until(lambda: kiosk.last(m.Heartbeat).ep == 2 and kiosk.last(m.Heartbeat).revision == base + 1, "the restart")
    back = m.HallRevert(id="back", to=base, base=base + 1, why="window 2 has no room", operator="ona")
    assert console.ask(back.model_copy(update={"id": "no", "to": 99})).code is Refusal.UNKNOWN_REVISION
    console.ok(back)
    until(lambda: kiosk.last(m.Heartbeat).revision == base + 2, "the way back")
    bridge.ok(m.CallFinish(id="done-2", unit="pad-2"))
    called = until(lambda: pressed(bridge), "a press that is no double press")
    assert called.label == birth.label
    listed = console.ask(m.HallRevisions(id="list"))
    assert [(line.revision, line.by) for line in listed.revisions] == [
        (base + 2, "ona"), (base + 1, "ona"), (base, "coordinator"),
    ]  # fmt: skip
    rig.stop()
    edited = json.loads(text(rig.hall)) | {"revision": base + 2, "names": {"en": "Edited by hand"}}
    (rig.folder / "hall.json").write_text(json.dumps(edited), encoding="utf-8")
    rig.start()
    until(lambda: kiosk.last(m.Heartbeat).ep == 3, "the start beside an edited file")
    view = until(lambda: (v := console.last(m.ConsolesView)) and v.ep == 3 and v, "the view of the third start")
    assert next(d for d in view.devices if d.dev == "coordinator").faults == ("document_ignored",)
    rig.stop()
    assert [row[1] for row in rig.rows("revision")] == [base, base + 1, base + 2]
    assert rig.rows("revision")[0][-1] == rig.rows("revision")[2][-1].replace(
        f'"revision":{base + 2}', f'"revision":{base}'
    )
    assert verify(rig.journal, "small", HALL).problems == ()
    assert not [file.name for file in rig.folder.rglob("*") if file.is_file() and NOTE.encode() in file.read_bytes()]

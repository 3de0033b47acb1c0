"""What is published is what the hall shows, however little of it a commit changed."""

from __future__ import annotations

from datetime import UTC, datetime

from contract import messages as m
from contract import topics
from contract.hall_part import Box, Unit
from contract.words import HallState, Role
from coordinator import views
from coordinator.devices import Devices
from coordinator.publisher import Publisher
from runtime.clock import HallClock, SteadyClock
from tests.retained import Wire
from tests.small_hall import CONSOLE, Play, hall

PADS = Box(id="pads", kind=Role.BRIDGE, units=tuple(Unit(id=f"u-{w}", window=w, keys=1) for w in ("W1", "W2", "W3")))
BEAT = m.Heartbeat(
    id="b", state=HallState.CLOSED, day=datetime(2026, 3, 17, tzinfo=UTC).date(), now=datetime(2026, 3, 17, tzinfo=UTC), speed=1.0,
    ep=1, revision=3,
)  # fmt: skip


def _published() -> tuple[Play, Wire, Publisher]:
    boxes = (PADS, Box(id="desk", kind=Role.CONSOLE))
    play, wire = Play(hall(boxes=[box.model_dump(mode="json") for box in boxes])), Wire()
    clock = SteadyClock(HallClock.real(), lambda: play.now, lambda: 0.0)
    publisher = Publisher(wire, play.state, Devices(play.hall), clock, 1, lambda: 0.0)
    publisher.everything(BEAT)
    return play, wire, publisher


def test_a_view_shows_the_window_that_changed_and_those_that_did_not() -> None:
    play, wire, publisher = _published()
    play.open("W1", "W2")
    publisher.committed(play.events)
    publisher.publish()
    play.take()
    reply = play.press()
    publisher.committed(play.last)
    publisher.publish()
    view = wire.retained["down/view pads"]
    assert isinstance(view, m.WindowsView)
    assert view.units == {unit.id: views.window_view(play.state, unit.window) for unit in PADS.units}
    assert (view.units["u-W1"].label, view.units["u-W2"].light) == (reply.label, "free")


def test_boards_show_every_call_as_it_is_after_each_step_of_a_visit() -> None:
    play, wire, publisher = _published()
    play.open("W1", "W2")
    labels = [play.take() for _ in range(3)]
    seen: set[object] = set()
    publisher.committed(play.events)
    for step in (m.CallNext, m.CallRecall, m.CallStart, m.CallFinish, m.CallNext, m.CallPark, m.CallNext, m.CallNoShow):
        play.wait(61)
        play.ok(step(**play.id(), window="W1"), CONSOLE)
        publisher.committed(play.last)
        publisher.publish()
        boards = [wire.retained[f"pub/board {zone.id}"] for zone in play.hall.zones]
        shown = [call for board in boards if isinstance(board, m.Board) for call in board.calls]
        assert shown == [call for w in play.state.windows if (call := views.board_call(play.state, w)) is not None]
        seen.update((call.label, call.light, call.again) for call in shown)
    first, second, third = labels
    assert seen == {
        (first, "called", 0),
        (first, "called", 1),
        (first, "serving", 1),
        (second, "called", 0),
        (third, "called", 0),
    }


def notice(play: Play, *, speak: bool, zones: tuple[str, ...] = ()) -> None:
    play.ok(m.HallNotice(**play.id(), texts={"en": "Bring a pen"}, zones=zones, speak=speak), CONSOLE)


def test_a_managers_message_is_on_its_boards_and_on_the_consoles() -> None:
    play, wire, publisher = _published()
    play.open()
    notice(play, speak=False, zones=("back",))
    publisher.committed(play.last)
    publisher.publish()
    publisher.publish_slow()
    shown = {zone: wire.retained[f"pub/board {zone}"] for zone in ("front", "back")}
    assert [dict(b.notice) for b in shown.values() if isinstance(b, m.Board)] == [{}, {"en": "Bring a pen"}]
    view = wire.retained["down/view desk"]
    assert isinstance(view, m.ConsolesView)
    assert [(n.zones, n.texts) for n in view.notices] == [(("back",), {"en": "Bring a pen"})]
    assert "pub/call" not in wire.order


def test_a_message_to_be_spoken_is_said_once_to_all_or_once_for_each_zone() -> None:
    play, wire, publisher = _published()
    play.open()
    notice(play, speak=True)
    publisher.committed(play.last)
    said = wire.retained["pub/call "]
    assert isinstance(said, m.Say)
    assert (said.texts, said.zone) == ({"en": "Bring a pen"}, None)
    wire.order.clear()
    notice(play, speak=True, zones=("front", "back"))
    publisher.committed(play.last)
    publisher.publish()
    assert wire.order.count("pub/call") == 2
    play.ok(m.HallNotice(**play.id(), texts={}, speak=True), CONSOLE)
    wire.order.clear()
    publisher.committed(play.last)
    assert wire.order.count("pub/call") == 0


def test_nothing_is_published_where_nothing_changed() -> None:
    _, wire, publisher = _published()
    publisher.publish_slow()
    wire.order.clear()
    publisher.publish()
    publisher.publish_slow()
    assert wire.order == []


def test_what_people_wait_for_goes_before_the_consoles() -> None:
    play, wire, publisher = _published()
    wire.order.clear()
    play.open("W1")
    publisher.committed(play.events)
    publisher.publish()
    assert wire.order.count(topics.DOWN_VIEW.name) == 1
    assert "down/view desk" not in wire.retained
    publisher.publish_slow()
    assert "down/view desk" in wire.retained

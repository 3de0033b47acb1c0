"""What each kind of screen is told about a hall in a given state, and that it always fits its message."""

from __future__ import annotations

from contract import messages as m
from contract.hall_part import Box, Unit
from contract.words import HallState, Light, Paper, Role
from coordinator import views
from coordinator.devices import FAULT_LETTERS, MOST_FAULTS
from coordinator.engine import Actor, Decided, apply, decide
from coordinator.views import Mark
from tests.small_hall import CONSOLE, KIOSK, LUNCH, OPERATORS, Play, hall, parts

MARK = Mark("v-3-14", 3, 14)
DISPLAY = Box(
    id="display-1", kind=Role.DISPLAY, units=(Unit(id="tty1", window="W1"), Unit(id="tty2", window="W2"))
)  # fmt: skip


def board(play: Play, zone: str = "front") -> m.Board:
    called = {window: views.board_call(play.state, window) for window in play.state.windows}
    return views.board(play.state, zone, called, MARK, {})


def kiosk(play: Play) -> m.KioskView:
    return views.kiosk_view(play.state, MARK, play.now, {})


def desk(play: Play) -> m.ConsolesView:
    return views.consoles_view(play.state, (), MARK, play.now, {})


def pads(play: Play) -> m.WindowsView:
    shown = {window: views.window_view(play.state, window) for window in play.state.windows}
    return views.windows_view(shown, DISPLAY, MARK, training=False)


def test_every_view_says_epoch_and_revision() -> None:
    play = Play(hall()).open("W1")
    for view in (board(play), kiosk(play), desk(play), pads(play)):
        assert (view.id, view.ep, view.rev) == ("v-3-14", 3, 14)


def test_a_window_shows_its_light_its_label_and_since_when() -> None:
    play = Play(hall()).open("W1")
    opened = play.now
    view = pads(play).units
    assert {name: (w.window, w.number, w.light, w.label) for name, w in view.items()} == {
        "tty1": ("W1", 1, Light.FREE, None),
        "tty2": ("W2", 2, Light.CLOSED, None),
    }
    assert view["tty1"].since == opened
    label = play.take()
    play.next()
    called = play.now
    shown = views.window_view(play.state, "W1")
    assert (shown.light, shown.label, shown.lang, shown.since) == (Light.CALLED, label, "en", called)
    play.wait(30).desk(m.CallStart)
    assert (views.window_view(play.state, "W1").light, views.window_view(play.state, "W1").since) == (
        Light.SERVING,
        play.now,
    )
    play.desk(m.CallFinish)
    assert views.window_view(play.state, "W1").label is None
    play.next()
    assert views.window_view(play.state, "W1").light is Light.ARMED


def test_a_board_shows_its_own_zone_newest_call_first() -> None:
    play = Play(hall(windows=[*parts("windows")[:2], {**parts("windows")[2], "zone": "back"}, parts("windows")[3]]))
    play.open(*OPERATORS)
    general, papers, acts = play.take("advice"), play.take("passport"), play.take("birth")
    play.next("W1")
    play.wait(5).next("W4")
    play.wait(5).next("W3")
    assert [(c.label, c.number, c.light) for c in board(play).calls] == [
        (papers, 4, Light.CALLED),
        (general, 1, Light.CALLED),
    ]
    assert [(c.label, c.number) for c in board(play, "back").calls] == [(acts, 3)]
    play.wait(40).desk(m.CallRecall, "W1")
    play.desk(m.CallStart, "W4")
    again = board(play).calls
    assert [(c.label, c.again, c.light) for c in again] == [(papers, 0, Light.SERVING), (general, 1, Light.CALLED)]


def test_a_board_says_why_a_call_looks_out_of_turn() -> None:
    play = Play(hall())
    play.open(*OPERATORS)
    code = play.book("10:00").code
    play.at("09:45")
    for _ in range(3):
        play.take("advice")
    play.at("09:59")
    booked = play.check_in(code).label
    urgent = play.take("advice", priority_group=hall().priority_groups[0].id)
    play.at("10:01")
    play.next("W1")
    play.wait(30).next("W2")
    assert {c.label: c.why for c in board(play).calls} == {booked: "booked", urgent: "priority"}
    play.at("10:10").next("W1")
    assert next(c.why for c in board(play).calls if c.number == 1) is None  # the oldest: nobody wonders
    play.at("10:40").next("W1")
    assert next(c.why for c in board(play).calls if c.number == 1) == "guard"


def test_a_board_counts_who_waits_and_who_is_about_to() -> None:
    play = Play(hall()).open()
    play.take("advice")
    play.take("intake")
    play.ask("passport", paper=True)
    assert board(play).waiting == {"general": 2, "papers": 1}
    assert board(play, "back").waiting == {"acts": 0}


def test_a_kiosk_learns_whether_tickets_are_given_and_when_again() -> None:
    play = Play(hall(LUNCH), "08:00").tick()
    early = kiosk(play)
    assert (early.state, early.taking) == (HallState.CLOSED, False)
    assert early.opens_at is not None
    assert play.hall.local(early.opens_at).strftime("%H:%M") == "09:00"
    play.at("09:00").open()
    play.take("advice")
    assert (kiosk(play).taking, kiosk(play).opens_at, kiosk(play).waiting) == (True, None, {"advice": 1})
    lunch = kiosk(play.at("12:45").tick())
    assert lunch.opens_at is not None
    assert (lunch.taking, play.hall.local(lunch.opens_at).strftime("%H:%M")) == (False, "13:30")
    late = kiosk(play.at("16:45").tick())
    assert (late.taking, late.opens_at) == (False, None), "the last tickets are out half an hour before closing"
    play.at("14:00").ok(m.HallInterrupt(id="air", reason="alarm"), CONSOLE)
    assert (kiosk(play).state, kiosk(play).taking, kiosk(play).reason) == (HallState.INTERRUPTED, False, "alarm")


def test_consoles_see_how_many_are_expected_within_the_hour() -> None:
    play = Play(hall(rules={"booking.share_online": 1})).open("W1")
    for at, service in (("09:15", "advice"), ("09:45", "intake"), ("10:00", "birth"), ("10:15", "birth")):
        assert isinstance(play.book(at, service=service), m.Booked)
    code = play.book("09:15", service="birth").code
    seen = desk(play)
    assert {q.group: q.expected for q in seen.queues} == {"general": 2, "acts": 2, "papers": 0}
    play.check_in(code)
    seen = desk(play)
    assert {q.group: q.expected for q in seen.queues} == {"general": 2, "acts": 1, "papers": 0}


def test_consoles_see_windows_queues_doubt_and_the_promise() -> None:
    play = Play(hall()).open("W1", "W2")
    first = play.take("advice")
    play.ask("intake", paper=True)
    play.wait(15).tick()
    doubtful = play.ask("intake", paper=True).label
    play.paper(doubtful, Paper.UNKNOWN)
    play.wait(21 * 60).tick()
    play.next("W1")
    seen = desk(play)
    one, two, *closed = seen.windows
    assert one.ticket is not None
    assert (one.ticket.label, one.light, one.operator, one.why) == (
        first,
        Light.CALLED,
        "ona",
        play.ticket(first).reason,
    )
    assert (one.why_facts["wait"], one.why_facts["target"]) == ("21", "20")
    assert one.ticket.wait_s > 21 * 60
    assert (one.can, one.waiting) == (("advice", "intake"), 2)
    assert two.can == ("advice", "birth", "intake", "loss")
    assert [(w.light, w.can, w.waiting) for w in closed] == [(Light.CLOSED, (), 0)] * 2
    queue = {q.group: q for q in seen.queues}
    assert (queue["general"].waiting, queue["general"].windows) == (2, 2)
    assert queue["general"].oldest is not None
    assert (queue["papers"].waiting, queue["papers"].oldest, queue["papers"].windows) == (0, None, 0)
    assert (seen.issued_today, seen.served_today, seen.over_limit) == (3, 0, 2)
    play.desk(m.CallPark, "W1")
    play.wait(3).next("W1")
    assert [t.label for t in desk(play).parked] == [first]
    shown = desk(play).windows[0].ticket
    assert shown is not None
    assert (shown.label, shown.doubt) == ("A002", True), "its paper was never proved"


def test_zones_touched_are_those_of_the_windows_and_of_the_groups() -> None:
    assert views.zones_touched(hall(), ["W1", "W77"], ["acts", "nothing"]) == {"front", "back"}
    assert views.zones_touched(hall(), [], []) == set()


def crowded(word: str) -> Play:
    """30 windows that all may do 40 services: 60 parked, 60 missed, 30 called, 1,010 waiting. `word` makes ids longer."""
    services = [
        {"id": f"service-{n:02}{word}", "names": {"en": "S"}, "group": "general", "right": "counsel",
         "minutes_typical": 8, "minutes_long": 20} for n in range(40)
    ]  # fmt: skip
    numbers = range(1, 31)
    windows = [
        {"id": f"W{n:02}{word}", "number": n, "employer": "council", "zone": "front", "groups": ["general"]}
        for n in numbers
    ]
    person = next(o for o in parts("operators") if o["id"] == "ona")
    operators = [{**person, "id": f"o{n:02}{word}"} for n in numbers]
    boxes = [{"id": f"box-{n:02}{word}", "kind": "bridge", "units": []} for n in range(60)]
    rules = {"call.double_press_s": 0}
    play = Play(hall(services=services, windows=windows, operators=operators, boxes=boxes, rules=rules)).open()
    for place, someone in zip(play.hall.windows, play.hall.operators, strict=True):
        do(play, m.WindowLogin(**play.id(), window=place.id, operator=someone.id, pin="1"), CONSOLE)
        do(play, m.WindowOpen(**play.id(), window=place.id), CONSOLE)
    for n in range(1160):
        then = tuple(s.id for s in play.hall.services[: 8 if word else 1])
        service = play.hall.services[n % 40].id
        do(play, m.TicketIssue(**play.id(), service=service, then=then, lang="en", paper=False), KIOSK)
    for kind in (m.CallPark, m.CallPark, m.CallNoShow, m.CallNoShow, None):
        for place in play.hall.windows:
            do(play, m.CallNext(**play.id(), window=place.id), CONSOLE)
            if kind is not None:
                do(play, kind(**play.id(), window=place.id), CONSOLE)
    return play


def do(play: Play, command: m.HallCommand, actor: Actor) -> None:
    """As `Play.ok`, without its checks, which read the whole hall every time."""
    decided = decide(play.state, command, actor, play.now, verify=lambda _pin, _hash: True)
    assert isinstance(decided, Decided), decided
    apply(play.state, decided.events)


def test_a_large_hall_fits_its_message() -> None:
    play = crowded("")
    data, listed = views.consoles_message(play.state, devices(play, ("paper_low",)), MARK, play.now, {})
    assert len(data) <= m.MAX_BYTES
    assert listed >= 20
    seen = m.decode(data)
    assert isinstance(seen, m.ConsolesView)
    assert (len(seen.windows), len(seen.parked), len(seen.missed), len(seen.devices)) == (30, listed, listed, 60)
    assert sum(q.waiting for q in seen.queues) == 1010
    assert seen.parked[0].label == "A060", "the newest first"
    assert {w.light for w in seen.windows} == {Light.CALLED}
    assert {len(w.can) for w in seen.windows} == {40}
    assert len(m.encode(kiosk(play))) <= m.MAX_BYTES
    assert len(board(play).calls) == 12


def test_the_largest_hall_a_document_can_hold_fits_too() -> None:
    play = crowded("x" * 22)
    told = devices(play, tuple(f"{n}" + "f" * (FAULT_LETTERS - 1) for n in range(MOST_FAULTS)))
    assert len(m.encode(views.consoles_view(play.state, told, MARK, play.now, {}))) > m.MAX_BYTES
    data, listed = views.consoles_message(play.state, told, MARK, play.now, {})
    assert len(data) <= m.MAX_BYTES
    assert listed == 0
    assert isinstance(m.decode(data), m.ConsolesView)
    assert len(m.encode(kiosk(play))) <= m.MAX_BYTES


def devices(play: Play, faults: tuple[str, ...]) -> tuple[m.DeskDevice, ...]:
    return tuple(
        m.DeskDevice(
            dev=b.id, kind=b.kind, state="here", since=play.now, faults=faults, faults_since=(play.now,) * len(faults)
        )
        for b in play.hall.boxes
    )

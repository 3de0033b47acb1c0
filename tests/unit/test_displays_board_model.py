"""The board's model: turns on the card, the list, ages, faces and languages, with time injected."""

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from contract import hall as document
from contract import messages as m
from contract.hall_part import BoardLayout, Zone
from contract.words import HallState, Light
from displays.board.face import WHY, face
from displays.board.model import PULSE_LOW, QUEUE_MAX, Kind, Model
from look.texts import LANGUAGES, Texts
from runtime.freshness import Age

AT = datetime(2026, 3, 17, 8, 41, tzinfo=UTC)
HALL = document.load(Path("coordinator/templates/ua-cnap.json").read_text("utf-8"))


def beat(state=HallState.OPEN, speed=1.0, lost=False, now=AT):
    return m.Heartbeat(id="b", state=state, day=date(2026, 3, 17), now=now, speed=speed, ep=1, revision=1, lost=lost)


def call(label, number=3, light=Light.CALLED, second=0, zone="hall", again=0, why=None):
    at = AT + timedelta(seconds=second)
    return m.BoardCall(label=label, number=number, zone=zone, light=light, called_at=at, again=again, why=why)


def board(*calls, zone="hall", rev=1, waiting=None, waits=None, notice=None):
    return m.Board(
        id="x",
        ep=1,
        rev=rev,
        zone=zone,
        state=HallState.OPEN,
        calls=calls,
        waiting=waiting or {},
        waits=waits or {},
        notice=notice or {},
    )


def announce(label, number=3, zone="hall", again=0):
    return m.Announce(id=f"a-{label}", label=label, number=number, zone=zone, lang="uk", again=again)


def told(*messages, now=0.0, speed=1.0, zones=("hall", "passport", "front")):
    model = Model(zones, 0.0)
    for message in (m.Cfg(id="c", hall=HALL), beat(speed=speed), *messages):
        model.heard(message, retained=False, now=now)
    return model


def keep_fresh(model, now, speed=1.0):
    model.heard(beat(speed=speed, now=AT + timedelta(seconds=now * speed)), retained=False, now=now)


def labels(scene):
    return [row.label for row in scene.rows]


def test_a_board_that_starts_late_shows_the_newest_call_that_is_still_awaited():
    model = told(board(call("A001", second=0), call("B002", second=5), call("C003", light=Light.SERVING, second=9)))
    scene = model.scene(0.1)
    assert (scene.card.label, scene.card_lit, labels(scene)) == ("B002", True, ["A001", "C003"])


def test_an_announced_call_holds_the_card_ten_seconds_and_the_next_waits_its_turn():
    model = told(board(call("A001", second=1), call("B002", second=2), call("C003", second=3)))
    for label in ("A001", "B002", "C003"):
        model.heard(announce(label), retained=False, now=1.0)
    seen = [(t, model.scene(t).card.label) for t in (1.0, 10.9, 11.1, 21.0, 21.2)]
    assert seen == [(1.0, "A001"), (10.9, "A001"), (11.1, "B002"), (21.0, "B002"), (21.2, "C003")]


def test_a_visitor_who_has_come_needs_no_turn():
    model = told(board(call("A001"), call("B002"), call("C003")))
    for label in ("A001", "B002", "C003"):
        model.heard(announce(label), retained=False, now=1.0)
    assert model.scene(1.0).card.label == "A001"
    model.heard(board(call("A001"), call("B002", light=Light.SERVING), call("C003"), rev=2), retained=False, now=2.0)
    assert model.scene(11.1).card.label == "C003"


def test_a_call_holds_the_card_even_if_the_visitor_comes_at_once():
    model = told(board(call("A001")), announce("A001"))
    assert model.scene(0.0).card.label == "A001"
    model.heard(board(call("A001", light=Light.SERVING), rev=2), retained=False, now=1.0)
    assert model.scene(9.9).card_lit
    assert not model.scene(10.1).card_lit


def test_an_announcement_before_the_board_is_shown_at_once():
    model = told(announce("K047", 12))
    scene = model.scene(0.0)
    assert (scene.card.label, scene.card.number, scene.card_lit) == ("K047", 12, True)


def test_a_recall_of_the_card_says_so_and_holds_anew():
    model = told(board(call("A001")), announce("A001"))
    model.scene(0.0)
    model.heard(board(call("A001", again=1), rev=2), retained=False, now=8.0)
    model.heard(announce("A001", again=1), retained=False, now=8.0)
    model.heard(announce("B002"), retained=False, now=8.0)
    scene = model.scene(17.0)
    assert (scene.card.label, scene.card.again) == ("A001", 1)
    assert model.scene(18.1).card.label == "B002"


def test_hall_time_that_runs_faster_shortens_the_hold_but_not_below_a_second():
    model = told(board(call("A001"), call("B002")), announce("A001"), announce("B002"), speed=60.0)
    assert model.scene(0.0).card.label == "A001"
    assert model.scene(0.9).card.label == "A001"
    assert model.scene(1.0).card.label == "B002"


def test_waiting_announcements_are_bounded():
    model = told(*(announce(f"A{n:03}") for n in range(QUEUE_MAX * 3)))
    assert len(model._queue) == QUEUE_MAX


def test_calls_of_other_zones_are_not_ours():
    model = told(board(call("A001"), zone="passport"), announce("A001", zone="passport"), zones=("hall",))
    assert model.scene(0.0).card is None


def test_those_still_awaited_come_first_in_the_list_and_it_has_its_length():
    calls = [call(f"B00{n}", light=Light.SERVING, second=10 + n) for n in range(5)]
    model = told(board(call("A001", second=0), call("A002", second=1), *calls))
    scene = model.scene(0.0)
    assert scene.card.label == "A002"
    assert labels(scene) == ["A001", "B004", "B003", "B002"]
    assert len(scene.rows) == 4


def test_people_are_counted_per_zone_that_has_a_queue():
    model = told(
        board(waiting={"residence": 4, "social": 3}),
        board(waiting={"passport": 5}, zone="passport"),
        board(waiting={}, zone="front"),
    )
    assert {zone.id: count for zone, count in model.scene(0.0).waiting} == {"hall": 7, "passport": 5, "front": 0}


def test_languages_take_turns_of_eight_seconds():
    model = told()
    assert [model.scene(t).language for t in (0.0, 7.9, 8.0, 15.9, 16.0)] == ["uk", "uk", "en", "en", "uk"]


def test_the_clock_is_hall_time_at_its_own_speed():
    model = told(speed=60.0)
    assert model.scene(2.0).now == AT + timedelta(minutes=2)
    assert face(model.scene(2.0), HALL, "b").clock == "10:43"


def test_ages_from_fresh_over_stale_to_dark_without_numbers_and_back():
    model = told(board(call("A001")), announce("A001"))
    assert face(model.scene(9.0), HALL, "b").badge in ("9 с тому", "9 s ago")
    assert (model.scene(9.9).age, model.scene(9.9).card_lit) == (Age.FRESH, True)
    assert (model.scene(10.0).age, model.scene(10.0).card_lit) == (Age.STALE, False)
    assert model.scene(59.9).kind is Kind.CALLS
    dark = model.scene(60.0)
    drawn = face(dark, HALL, "b")
    assert (dark.kind, dark.card, dark.rows) == (Kind.DARK, None, ())
    assert (drawn.label, drawn.number, drawn.heading) in [("", "", "Слухайте виклик"), ("", "", "Listen for your call")]
    assert not any(row.label for row in drawn.rows)
    keep_fresh(model, 130.0)
    assert (model.scene(130.0).kind, model.scene(130.0).card.label) == (Kind.CALLS, "A001")


def test_the_coordinators_last_will_makes_the_board_stale_at_once():
    model = told(board(call("A001")), now=20.0)
    model.heard(beat(lost=True), retained=False, now=21.0)
    scene = model.scene(21.0)
    assert (scene.age, scene.card_lit) == (Age.STALE, False)


def test_a_retained_heartbeat_gives_neither_age_nor_time():
    model = Model(["hall"], 0.0)
    model.heard(m.Cfg(id="c", hall=HALL), retained=True, now=0.0)
    model.heard(beat(), retained=True, now=0.0)
    scene = model.scene(0.5)
    assert (scene.age, scene.now, scene.age_s) == (Age.STALE, None, None)


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [(HallState.CLOSED, Kind.CLOSED, "Зачинено"), (HallState.INTERRUPTED, Kind.INTERRUPTED, "Прийом призупинено")],
)
def test_a_hall_that_does_not_call_says_so_without_numbers(state, kind, words):
    model = told(board(call("A001")))
    model.heard(beat(state), retained=False, now=0.1)
    scene = model.scene(0.2)
    drawn = face(scene, HALL, "b")
    assert (scene.kind, drawn.heading, drawn.label) == (kind, words, "")


def test_a_closed_hall_tells_when_it_opens():
    model = told()
    evening = datetime(2026, 3, 17, 19, 0, tzinfo=UTC)
    model.heard(beat(HallState.CLOSED, now=evening), retained=False, now=0.1)
    assert face(model.scene(0.2), HALL, "b").lines == ("Відкриємо: 18 березня, 08:00",)
    model.heard(beat(HallState.CLOSED, now=datetime(2026, 3, 17, 5, 0, tzinfo=UTC)), retained=False, now=0.3)
    assert face(model.scene(0.4), HALL, "b").lines == ("Відкриємо о 08:00",)


def test_a_board_without_configuration_shows_no_words_and_no_numbers():
    model = Model(["hall"], 0.0)
    model.heard(board(call("A001")), retained=True, now=0.0)
    drawn = face(model.scene(1.0), model.hall, "b")
    assert model.scene(1.0).kind is Kind.UNKNOWN
    assert (drawn.heading, drawn.label, drawn.heading_icon) == ("", "", "offline")


def test_identify_shows_the_boxes_own_id_for_its_time():
    model = told()
    model.heard(m.Identify(id="i", seconds=5), retained=False, now=1.0)
    assert face(model.scene(5.9), HALL, "board-1").heading == "board-1"
    assert face(model.scene(6.0), HALL, "board-1").heading == ""


def test_the_pulse_is_slow_shallow_short_and_then_still():
    model = told(announce("A001"))
    model.scene(0.0)
    steps = [model.pulse(t / 100) for t in range(1000)]
    assert min(steps) == pytest.approx(PULSE_LOW, abs=0.001)
    lows = [i for i in range(1, 999) if steps[i - 1] > steps[i] <= steps[i + 1]]
    assert len(lows) == 6, "at most six times"
    assert all(b - a >= 100 for a, b in itertools.pairwise(lows)), "never faster than once a second"
    assert set(steps[961:]) == {1.0}


def test_more_zones_than_tiles_leave_only_the_sum():
    added = tuple(Zone(id=f"z{n}", names={"uk": f"Зона {n}", "en": f"Zone {n}"}) for n in range(4))
    moved = tuple(group.model_copy(update={"zone": f"z{n}"}) for n, group in enumerate(HALL.service_groups[:4]))
    zones = (*HALL.zones, *added)
    hall = HALL.model_copy(update={"zones": zones, "service_groups": moved + HALL.service_groups[4:]})
    model = Model([z.id for z in zones], 0.0)
    for message in (m.Cfg(id="c", hall=hall), beat(), *(board(zone=z.id, waiting={"g": 2}) for z in zones)):
        model.heard(message, retained=False, now=0.0)
    drawn = face(model.scene(0.0), hall, "b")
    assert drawn.tiles == ()
    assert drawn.message == f"Очікують: {2 * len({group.zone for group in hall.service_groups})}"


def test_a_language_without_texts_gets_no_turn_and_does_no_harm():
    model = told()
    german = document.Hall.model_construct(**(dict(HALL) | {"languages": ("de", "uk")}))
    model.heard(m.Cfg.model_construct(id="c", hall=german), retained=False, now=0.0)
    assert {model.scene(float(t)).language for t in range(0, 32, 4)} == {"uk"}
    assert face(model.scene(0.0), model.hall, "b").languages == (("УКР", True),)
    only = document.Hall.model_construct(**(dict(HALL) | {"languages": ("de",)}))
    model.heard(m.Cfg.model_construct(id="c", hall=only), retained=False, now=0.0)
    assert model.hall is german, "a configuration that cannot be shown replaces none"


def why(model, now):
    return face(model.scene(now), HALL, "b").why


@pytest.mark.parametrize("code", sorted(WHY))
def test_the_card_says_why_a_call_came_before_others_in_the_language_of_the_turn(code):
    model = told(board(call("A001", why=code)), announce("A001"))
    assert [why(model, t) for t in (0.0, 8.0)] == [Texts(lang).get(f"board.why.{code}") for lang in ("uk", "en")]
    assert len({Texts(lang).get(f"board.why.{code}") for lang in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("code", [None, "unheard-of", "waiting_count"])
def test_a_reason_without_words_shows_nothing(code):
    model = told(board(call("A001", why=code)), announce("A001"))
    assert (why(model, 0.0), model.scene(0.0).card.label) == ("", "A001")


def test_every_call_brings_its_own_reason_onto_the_card():
    model = told(board(call("A001", why="booked"), call("B002"), call("C003", why="guard")))
    for label in ("A001", "B002", "C003"):
        model.heard(announce(label), retained=False, now=0.0)
    seen = [(model.scene(t).card.label, model.scene(t).card.why) for t in (0.0, 10.0, 20.0)]
    assert seen == [("A001", "booked"), ("B002", ""), ("C003", "guard")]


def test_a_call_that_waited_for_its_turn_has_its_reason_in_its_first_picture():
    model = told(board(call("A001"), call("B002", why="priority")), announce("A001"), announce("B002"))
    model.scene(0.0)
    assert model.scene(10.0).card.why == "priority"


def test_the_reason_stays_when_the_visitor_has_left_the_board_before_the_card():
    model = told(board(call("A001", why="returned")), announce("A001"))
    model.scene(0.0)
    model.heard(board(rev=2), retained=False, now=1.0)
    assert model.scene(2.0).card.why == "returned"


def strip(model, now):
    keep_fresh(model, now)
    drawn = face(model.scene(now), HALL, "b")
    return drawn.message_icon, drawn.message


def test_waits_of_the_groups_take_turns_with_the_people_in_every_language():
    long, short = m.Wait(low=60), m.Wait(low=5, high=15)
    model = told(
        board(waiting={"social": 4}, waits={"social": long, "residence": short}),
        board(zone="passport", waits={"passport": short}),
    )
    group = HALL.group_by_id
    turns = [("social", long), ("residence", short), ("passport", short)]
    turns.sort(key=lambda turn: list(group).index(turn[0]))
    for n, lang in itertools.product(range(8), ("uk", "en")):
        now = 16.0 * n + (8.0 if lang == "en" else 0.0)
        texts = Texts(lang)
        expected = ("people", texts.get("board.waiting_count", count=4))
        if n % 4:
            name, wait = turns[n % 4 - 1]
            shown = texts.wait(wait.low, wait.high)
            expected = ("wait", texts.get("board.wait_now", group=group[name].names[lang], wait=shown))
        assert strip(model, now) == expected, (n, lang)


def test_a_board_that_knows_no_wait_tells_only_the_people():
    model = told(board(waiting={"social": 4}))
    assert {strip(model, 8.0 * n)[0] for n in range(12)} == {"people"}


def test_waits_of_groups_that_the_hall_does_not_have_are_not_told():
    model = told(board(waits={"gone": m.Wait(low=5, high=10)}))
    assert {strip(model, 8.0 * n)[0] for n in range(12)} == {"people"}


def test_an_old_board_tells_no_wait():
    model = told(board(waits={"social": m.Wait(low=5, high=10)}), now=16.0)
    shown = [face(model.scene(now), HALL, "b") for now in (16.0, 27.0, 90.0)]
    assert [drawn.message_icon for drawn in shown[:2]] == ["wait", "stale"]
    assert [bool(re.search(r"5–10", drawn.message)) for drawn in shown] == [True, False, False]


TURN = 8.0
ALL = TURN * len(HALL.languages)
GROUP = HALL.service_groups[0].id


def laid_out(**layout):
    zones = tuple(
        zone.model_copy(update={"board": BoardLayout(**layout)}) if zone.id == "hall" else zone for zone in HALL.zones
    )
    return m.Cfg(id="c2", hall=HALL.model_copy(update={"zones": zones}))


def test_a_notice_is_told_in_the_language_of_the_turn_and_else_in_the_halls_own():
    texts = {"uk": "Вікно 3 зачинено", "en": "Window 3 is closed"}
    model = told(board(notice=texts))
    seen = {scene.language: scene.notice for scene in (model.scene(turn * TURN) for turn in range(2))}
    assert seen == texts
    model.heard(board(notice={"uk": "Лише так"}, rev=2), retained=False, now=1.0)
    keep_fresh(model, 1.0)
    assert {model.scene(now).notice for now in (1.0, 9.0)} == {"Лише так"}


def test_notices_of_several_zones_take_turns_and_equal_ones_are_told_once():
    model = told(
        board(notice={"uk": "один"}),
        board(zone="passport", notice={"uk": "два"}),
        board(zone="front", notice={"uk": "один"}),
    )
    assert [model.scene(n * ALL).notice for n in range(3)] == ["один", "два", "один"]


def test_a_notice_has_the_strip_and_the_room_of_the_tiles_and_goes_when_it_is_taken_away():
    model = told(board(call("A001"), waiting={GROUP: 3}, notice={"uk": "один"}))
    drawn = face(model.scene(0.1), HALL, "board-1")
    assert (drawn.message, drawn.notice, drawn.tiles) == ("один", True, ())
    model.heard(board(call("A001"), waiting={GROUP: 3}, rev=2), retained=False, now=0.2)
    drawn = face(model.scene(0.3), HALL, "board-1")
    assert (drawn.notice, len(drawn.tiles)) == (False, 1)


def test_a_notice_is_told_while_the_hall_is_interrupted_but_not_by_a_dark_board():
    model = told(board(notice={"uk": "Укриття в підвалі", "en": "Shelter: basement"}))
    model.heard(beat(HallState.INTERRUPTED), retained=False, now=0.2)
    drawn = face(model.scene(0.3), HALL, "board-1")
    assert (drawn.heading, drawn.message) == (Texts("uk").get("hall.interrupted"), "Укриття в підвалі")
    assert face(model.scene(100.0), HALL, "board-1").message not in ("Укриття в підвалі", "Shelter: basement")


def test_a_new_layout_is_taken_from_the_next_document_without_a_restart():
    model = told(
        board(call("A001", why="booked"), *(call(f"B{n:03}", second=-n) for n in range(8)), waiting={GROUP: 3})
    )
    before = face(model.scene(0.1), HALL, "board-1")
    assert (before.layout.theme, len(before.rows), bool(before.why)) == ("dark", 4, True)
    model.heard(laid_out(theme="contrast", rows=6, card=False, lines=()), retained=False, now=0.2)
    after = face(model.scene(0.3), model.hall, "board-1")
    assert (after.layout.theme, len(after.rows), after.why, after.message, after.tiles) == ("contrast", 6, "", "", ())
    assert (after.rows[0].label, after.rows[0].lit, after.rows[1].lit) == ("A001", True, False)


def test_only_the_lines_of_the_layout_are_told():
    model = told(board(call("A001"), waiting={GROUP: 3}, waits={GROUP: m.Wait(low=5, high=15)}))
    model.heard(laid_out(lines=("waits",)), retained=False, now=0.0)
    messages = {face(model.scene(n * ALL), model.hall, "b").message for n in range(1)}
    assert messages == {""}, "whose turn it is to tell how many wait tells nothing"
    keep_fresh(model, ALL)
    drawn = face(model.scene(ALL), model.hall, "b")
    assert "5" in drawn.message
    assert drawn.tiles == ()

"""The hall document: every fault is named with its place, opening hours follow the hall's own clock."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import rules
from contract.errors import ContractError
from contract.hall import Hall, load
from contract.hall_part import HeldRight
from contract.words import Role

SMALL: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "hall" / "small.json").read_text("utf-8"))
Change = Callable[[dict[str, Any]], object]


def hall_with(change: Change | None = None) -> Hall:
    document = copy.deepcopy(SMALL)
    if change is not None:
        change(document)
    return load(json.dumps(document))


def twice(key: str) -> Change:
    return lambda d: d[key].append(d[key][0])


def put(path: str, value: Any) -> Change:
    """Set the value at a dotted path; numbers are places in lists."""

    def change(document: dict[str, Any]) -> None:
        *way, last = (int(p) if p.isdigit() else p for p in path.split("."))
        part: Any = document
        for step in way:
            part = part[step]
        part[last] = value

    return change


def alone(**words: Any) -> Change:
    """The first service without an operator."""
    return put("services.0.self_service", {"identify": "card", "paper": "receipt", **words})


def form(**words: Any) -> Change:
    """A form with one field."""
    both = {"uk": "Вулиця", "en": "Street"}
    return put("forms", [{"id": "f", "names": both, "fields": [{"id": "street", "names": both, **words}]}])


def test_the_sample_hall_is_whole_and_survives_the_wire() -> None:
    hall = hall_with()
    assert load(hall.model_dump_json()) == hall
    assert hall.box_by_id["bridge-1"].units[0].window == "w1"
    assert hall.service_by_id["register"].group in hall.group_by_id
    assert set(hall.window_by_id) == {"w1", "w2"}
    assert hall.operator_by_id["op1"].rights[0].right in hall.right_by_id
    assert hall.priority_by_id["veteran"].level == 1


def asking(**reply: object) -> Change:
    """The first service asks; its first answer is `reply`."""
    names = {"uk": "Питання?", "en": "A question?"}
    replies = [{"id": "yes", "names": names, "then": "ticket", **reply}, {"id": "no", "names": names, "then": "person"}]
    return put("services.0.question", {"names": names, "replies": replies})


def test_a_service_may_ask_a_question_before_its_ticket() -> None:
    question = hall_with(asking()).services[0].question
    assert question is not None
    assert [reply.then for reply in question.replies] == ["ticket", "person"]


def fees(*told: dict[str, object]) -> Change:
    """The first service costs by these fees; there is one index."""
    index = {
        "id": "pm",
        "names": {"uk": "ПМ", "en": "SM"},
        "values": [{"from": "2026-01-01", "minor": 332800, "source": "a law"}],
    }

    def change(document: dict[str, Any]) -> None:
        document["indices"] = [index]
        document["services"][0]["fees"] = list(told)

    return change


FROM = {"from": "2026-02-01"}


@pytest.mark.parametrize(
    ("share", "step", "minor"),
    [
        ("0.015", 1, 4992),
        ("0.025", 1, 8320),
        ("1", 1000, 333_000),
        ("0.0000015", 1, 0),
        ("0.00015025", 100, 100),
        ("2", 1, 665_600),
    ],
)
def test_a_fee_is_a_share_of_an_index_rounded_half_up(share: str, step: int, minor: int) -> None:
    if len(share.partition(".")[2]) > 6:
        with pytest.raises(ContractError):
            hall_with(fees({**FROM, "index": "pm", "share": share}))
        return
    hall = hall_with(fees({**FROM, "index": "pm", "share": share, "round_minor": step}))
    assert hall.fee_minor(hall.services[0], date(2026, 2, 1)) == minor
    assert hall.fee_minor(hall.services[0], date(2026, 1, 31)) is None


FAULTS: list[tuple[Change, str]] = [
    (fees({**FROM}), "services.register.fees.2026-02-01: either minor, or index and share"),
    (fees({**FROM, "minor": 1, "index": "pm", "share": "1"}), "either minor, or index and share"),
    (fees({**FROM, "index": "pm"}), "either minor, or index and share"),
    (fees({**FROM, "index": "x", "share": "1"}), "index 'x' is not in the document"),
    (
        fees({**FROM, "minor": 1}, {**FROM, "minor": 2}),
        "services.register.fees: fees must stand in the order of their days",
    ),
    (asking(id="no"), "services.register.question: 'no' stands twice"),
    (asking(service="register"), "services.register.question.yes: service 'register' asks a question itself"),
    (asking(service="s9"), "services.register.question.yes: service 's9' is not in the document"),
    (
        asking(service="s9", then="self_service"),
        "services.register.question.yes: service: only a ticket is of a service",
    ),
    (asking(names={"en": "Yes"}), "question of register: yes: no text in uk"),
    (twice("employers"), "employers: 'city' stands twice"),
    (twice("rights"), "rights: 'residence' stands twice"),
    (twice("zones"), "zones: 'main' stands twice"),
    (twice("service_groups"), "service_groups: 'people' stands twice"),
    (twice("services"), "services: 'register' stands twice"),
    (twice("priority_groups"), "priority_groups: 'veteran' stands twice"),
    (twice("windows"), "windows: 'w1' stands twice"),
    (twice("operators"), "operators: 'op1' stands twice"),
    (twice("boxes"), "boxes: 'kiosk-1' stands twice"),
    (put("windows.1.number", 1), "windows: number 1 stands twice"),
    (put("boxes.3.units.0.id", "pad-0a1b"), "boxes: unit 'pad-0a1b' stands twice"),
    (put("default_language", "kk"), "default_language: 'kk' is not in languages"),
    (put("timezone", "Europe/Nowhere"), "timezone: 'Europe/Nowhere' is not a known time zone"),
    (put("timezone", "America"), "timezone: 'America' is not a known time zone"),
    (put("timezone", "../UTC"), "timezone: '../UTC' is not a known time zone"),
    (put("timezone", ""), "timezone: '' is not a known time zone"),
    (put("timezone", "x" * 300), "is not a known time zone"),
    (put("rules", {"no.such_rule": 1}), "rules: no.such_rule: no such rule"),
    (put("rules", {"call.recalls_max": 99}), "rules: call.recalls_max: 99: allowed: int from 0 to 9 count"),
    (put("hours", {"mo": ["08:00-12:00"]}), "hours: 'mo': allowed: mon, tue"),
    (put("hours.mon", ["8-12"]), "hours: '8-12': allowed: HH:MM-HH:MM"),
    (put("hours.mon", ["12:00-08:00"]), "hours: '12:00-08:00': allowed"),
    (put("hours.mon", ["08:00-24:00"]), "hours: '08:00-24:00': allowed"),
    (put("hours.mon", ["13:00-18:00", "08:00-12:00"]), "hours: mon: spans must stand in order and not overlap"),
    (put("hours.mon", ["08:00-12:00", "11:59-18:00"]), "hours: mon: spans must stand in order and not overlap"),
    (put("windows.0.roster", {"mo": []}), "windows.w1.roster: 'mo': allowed: mon, tue"),
    (put("windows.0.roster", {"mon": ["8-12"]}), "windows.w1.roster: '8-12': allowed: HH:MM-HH:MM"),
    (
        put("windows.1.roster", {"mon": ["09:00-11:00", "10:00-12:00"]}),
        "windows.w2.roster: mon: spans must stand in order and not overlap",
    ),
    (put("windows.1.roster", {"mon": ["07:30-12:00"]}), "windows.w2.roster: mon: '07:30-12:00' is outside"),
    (put("windows.1.roster", {"mon": ["11:00-14:00"]}), "windows.w2.roster: mon: '11:00-14:00' is outside"),
    (put("windows.1.roster", {"sun": ["11:00-14:00"]}), "windows.w2.roster: sun: '11:00-14:00' is outside"),
    (put("rights.0.employers", ["village"]), "rights.residence: employer 'village' is not in the document"),
    (put("service_groups.0.zone", "roof"), "service_groups.people: zone 'roof' is not in the document"),
    (put("services.0.group", "g9"), "services.register: group 'g9' is not in the document"),
    (put("services.0.right", "r9"), "services.register: right 'r9' is not in the document"),
    (put("services.0.bring", ["d9"]), "services.register: document 'd9' is not in the document"),
    (put("windows.0.employer", "e9"), "windows.w1: employer 'e9' is not in the document"),
    (put("windows.0.zone", "z9"), "windows.w1: zone 'z9' is not in the document"),
    (put("windows.0.groups", ["g9"]), "windows.w1: group 'g9' is not in the document"),
    (put("operators.0.employer", "e9"), "operators.op1: employer 'e9' is not in the document"),
    (put("operators.0.rights.0.right", "r9"), "operators.op1: right 'r9' is not in the document"),
    (put("operators.0.rights.0.employer", "e9"), "operators.op1: employer 'e9' is not in the document"),
    (put("boxes.0.zone", "z9"), "boxes.kiosk-1: zone 'z9' is not in the document"),
    (put("boxes.2.units.0.window", "w9"), "boxes.bridge-1: window 'w9' is not in the document"),
    (put("boxes.0.kind", "coordinator"), "boxes: 'kiosk-1': the name is the coordinator's own"),
    (put("boxes.0.id", "coordinator"), "boxes: 'coordinator': the name is the coordinator's own"),
    (put("service_groups.0.letter", "Ж"), "letter 'Ж': allowed: one of A B C E H K M O P T X"),
    (put("service_groups.0.letter", "AB"), "letter 'AB': allowed"),
    (put("service_groups.0.letter", ""), "letter '': allowed"),
    (put("priority_groups.0.letter", "A"), "letter 'A' stands twice"),
    (put("names", {"uk": "Центр"}), "names: no text in en"),
    (put("short_names.uk", ""), "short_names: no text in uk"),
    (put("services.0.names", {}), "Service register: no text in uk, en"),
    (put("documents.passport", {"en": "Passport"}), "document passport: no text in uk"),
    (put("boxes.0.id", "kiosk/1"), "boxes.0.id: String should match pattern"),
    (put("boxes.0.id", "kiosk+"), "boxes.0.id: String should match pattern"),
    (put("boxes.0.id", "k" * 33), "boxes.0.id: String should match pattern"),
    (put("id", "ua\n"), "id: String should match pattern"),
    (put("windows.0.number", 0), "windows.0.number"),
    (put("services.0.minutes_typical", 0), "services.0.minutes_typical"),
    (put("services.0.colour", "red"), "services.0.colour: Extra inputs are not permitted"),
    (put("revision", 0), "revision: Input should be greater"),
    (put("format", "vikno-hall/2"), "format: Input should be 'vikno-hall/1'"),
    (put("operators.0.rights.0.from", "someday"), "operators.0.rights.0.from"),
    (alone(form="f9"), "services.register.self_service: form 'f9' is not in the document"),
    (alone(payee="p9"), "services.register.self_service: payee 'p9' is not in the document"),
    (alone(pays="fee"), "services.register.self_service: payee: a fee needs one"),
    (alone(identify="none", asks="person"), "services.register.self_service: identify: the registers are asked"),
    (form(kind="entry"), "forms.f.street: directory: an entry needs one"),
    (form(kind="text", directory="streets"), "forms.f.street: directory: an entry needs one, others have none"),
    (form(kind="choice"), "forms.f.street: choices: a choice needs some"),
    (form(kind="text", under="town"), "forms.f.street: under: 'town' is no earlier field"),
    (form(kind="text", names={"uk": "Вулиця"}), "FormField street: no text in en"),
]


@pytest.mark.parametrize(("change", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_a_fault_is_named_with_its_place(change: Change, words: str) -> None:
    with pytest.raises(ContractError) as caught:
        hall_with(change)
    assert words in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    def change(document: dict[str, Any]) -> None:
        put("timezone", "Nowhere")(document)
        put("services.0.group", "g9")(document)
        put("names", {})(document)

    with pytest.raises(ContractError) as caught:
        hall_with(change)
    assert all(words in str(caught.value) for words in ("timezone", "group 'g9'", "names: no text in uk, en"))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"null", b"[]", b"[" * 9000, b'{"format": NaN}', b"{}"])
def test_what_is_no_document_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(ContractError):
        load(data)


anything: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.just([])
    | st.just({})
    | st.just([[]])
)


@settings(deadline=None)
@given(st.sampled_from(sorted(SMALL)), anything)
def test_any_value_in_any_place_is_read_or_refused(key: str, value: Any) -> None:
    try:
        hall_with(put(key, value))
    except ContractError as exc:
        assert str(exc)  # noqa: PT017 - both ends are right here, only another exception is wrong


def test_boxes_never_get_pin_hashes() -> None:
    hall = hall_with()
    assert hall.operators[0].pin_hash
    assert "scrypt" not in hall.for_box(Role.CONSOLE).model_dump_json()
    assert [o.name for o in hall.for_box(Role.CONSOLE).operators] == [o.name for o in hall.operators]
    assert hall.for_box(Role.KIOSK).operators == ()
    assert hall.for_box(Role.KIOSK).boxes == hall.boxes


@pytest.mark.parametrize(
    ("day", "valid"),
    [("2025-12-31", False), ("2026-01-01", True), ("2026-12-31", True), ("2027-01-01", False)],
)
def test_a_right_holds_on_its_first_and_last_day(day: str, valid: bool) -> None:
    assert hall_with().operators[0].rights[0].valid(date.fromisoformat(day)) is valid


def test_a_right_without_an_end_holds_until_further_notice() -> None:
    right = HeldRight.model_validate({"right": "r", "employer": "e", "from": date(2026, 1, 1)})
    assert right.valid(date(2999, 1, 1))
    assert json.loads(right.model_dump_json())["from"] == "2026-01-01"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        ({"en": "Fire."}, "text of message fire: no text in "),
        ({"en": "Fire.\nRun."}, "messages.0.texts.en"),
        ({"en": "x" * 201}, "messages.0.texts.en"),
    ],
)
def test_a_saved_message_fits_a_board_in_every_language(texts: dict[str, str], fault: str) -> None:
    languages = SMALL["languages"]
    whole = {"id": "fire", "names": dict.fromkeys(languages, "Fire"), "texts": dict.fromkeys(languages, "x" * 200)}
    assert not hall_with(put("messages", [whole])).messages[0].speak
    wrong = texts if texts["en"] == "Fire." else dict.fromkeys(languages, "Fire.") | texts
    with pytest.raises(ContractError, match=re.escape(fault)):
        hall_with(put("messages", [whole | {"texts": wrong}]))
    with pytest.raises(ContractError, match="messages: 'fire' stands twice"):
        hall_with(put("messages", [whole, whole]))


def test_a_day_opens_and_closes_by_the_halls_wall_clock() -> None:
    spans = hall_with().spans(date(2026, 11, 23))
    assert [(a.astimezone(UTC), b.astimezone(UTC)) for a, b in spans] == [
        (utc("2026-11-23T06:00"), utc("2026-11-23T10:00")),
        (utc("2026-11-23T11:00"), utc("2026-11-23T16:00")),
    ]
    assert hall_with().spans(date(2026, 11, 25)) == ()


def test_a_window_is_staffed_by_its_roster_and_else_by_the_halls_hours() -> None:
    hall = hall_with(put("windows.0.roster", {"mon": ["08:00-11:30"]}))
    monday, tuesday = date(2026, 3, 16), date(2026, 3, 17)
    assert [[at.strftime("%H:%M") for at in span] for span in hall.staffed("w1", monday)] == [["08:00", "11:30"]]
    assert hall.staffed("w1", tuesday) == ()
    assert hall.staffed("w2", monday) == hall.spans(monday)
    with pytest.raises(KeyError):
        hall.staffed("w9", monday)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Kyiv", "2027-03-28", 2),  # 03:00 becomes 04:00: an hour less between 02:00 and 05:00
        ("Europe/Kyiv", "2026-10-25", 4),  # 04:00 becomes 03:00: an hour more
        ("Europe/Kyiv", "2026-11-22", 3),
        ("Asia/Almaty", "2027-03-28", 3),
    ],
)
def test_a_night_of_clock_change_is_as_long_as_it_really_is(zone: str, day: str, hours: int) -> None:
    ((start, end),) = hall_with(put("timezone", zone)).spans(date.fromisoformat(day))
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)


def test_a_hall_in_almaty_opens_by_the_clock_of_its_own_year() -> None:
    """Kazakhstan went from UTC+6 to UTC+5 on 2024-03-01 (tz database 2024a)."""
    hall = hall_with(put("timezone", "Asia/Almaty"))
    before, after = date(2024, 2, 27), date(2024, 3, 5)
    assert hall.spans(before)[0][0].astimezone(UTC) == utc("2024-02-27T02:00")
    assert hall.spans(after)[0][0].astimezone(UTC) == utc("2024-03-05T03:00")


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-23T05:59:59", "2026-11-23T06:00"),  # Monday before opening
        ("2026-11-23T06:00", "2026-11-23T11:00"),  # open: the next one is after the break
        ("2026-11-23T12:00", "2026-11-24T06:00"),  # the afternoon runs: tomorrow
        ("2026-11-24T16:30", "2026-11-27T06:00"),  # Tuesday evening: Friday
        ("2026-11-27T15:00", "2026-11-29T00:00"),  # Friday evening: Sunday night
        ("2027-03-28T02:30", "2027-03-29T05:00"),  # over the change of the clock: Monday 08:00 is an hour earlier
    ],
)
def test_the_next_opening_is_found(now: str, opening: str) -> None:
    found = hall_with().next_opening(utc(now))
    assert found is not None
    assert found.astimezone(UTC) == utc(opening)


def test_a_hall_open_once_a_week_opens_again_in_a_week() -> None:
    hall = hall_with(put("hours", {"mon": ["08:00-12:00"]}))
    assert hall.next_opening(utc("2026-11-23T06:00")) == utc("2026-11-30T06:00")


def test_a_hall_without_hours_never_opens_by_itself() -> None:
    assert hall_with(put("hours", {"mon": []})).next_opening(utc("2026-11-23T06:00")) is None


def test_a_rule_is_the_halls_own_or_the_default() -> None:
    hall = hall_with()
    assert hall.rule("call.recalls_max") == 3
    assert hall.rule("call.recall_gap_s") == rules.knobs()["call.recall_gap_s"].default
    with pytest.raises(KeyError):
        hall.rule("no.such_rule")


@pytest.mark.parametrize("knob", rules.knobs().values(), ids=lambda k: str(k.id))
def test_every_rule_keeps_its_bounds(knob: rules.Knob) -> None:
    rules.check({knob.id: knob.default})
    assert knob.what
    refused: list[Any] = [object, ["x"] if not knob.type.startswith("list") else "x", {"a": 1}, "no such choice"]
    if knob.range is not None:
        low, high = knob.range
        assert knob.accepts(type(knob.default or 0)(low))
        assert knob.accepts(type(knob.default or 0)(high))
        refused += [low - 1, high + 1, True, str(low), float("nan"), float("inf")]
    for value in refused:
        assert not knob.accepts(value), value
        with pytest.raises(ContractError, match=knob.id):
            rules.check({knob.id: value})


@pytest.mark.parametrize(
    ("chosen", "place"),
    [
        ({"booking.horizon_days": 30}, "booking.horizon_days: 30: allowed: at most booking.horizon_days_kiosk"),
        (
            {"booking.per_person_per_day": 2},
            "booking.per_person_per_day: 2: allowed: at most booking.per_person_active",
        ),
        ({"booking.per_person_active": 3, "booking.per_person_per_period": 2}, "booking.per_person_active: 3"),
        ({"call.recalls_max": 9}, "call.no_show_after_s: 120: allowed: at least 270"),
        ({"admission.mode": "booked", "booking.share_online": 0}, "admission.mode: 'booked'"),
        ({"plan.act_alone": ["open", "dance"]}, "plan.act_alone: ['open', 'dance']: allowed: list of enum:open|close|"),
        ({"plan.min_gain": 90}, "plan.min_gain: 90: allowed: at most plan.alone_gain_min, which is 60"),
    ],
)
def test_rules_that_contradict_each_other_are_refused_by_name(chosen: dict[str, Any], place: str) -> None:
    with pytest.raises(ContractError, match=re.escape(place)):
        rules.check(chosen)


def test_rules_at_their_defaults_do_not_contradict_each_other() -> None:
    rules.check({name: knob.default for name, knob in rules.knobs().items()})

"""A hall document changed under visitors: what a draft would do is said, what leaves people without help is stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from contract import messages as m
from contract.difference import LETTERS, MOST_LETTERS
from contract.hall import Hall
from contract.words import Refusal
from coordinator.engine import Decided, answer, decide
from coordinator.record import Revision
from coordinator.revising.change import changes
from coordinator.revising.document import draft, text
from coordinator.revising.finding import of_document
from tests.small_hall import CONSOLE, KIOSK, Play, hall, parts, refused

DAY = date(2026, 3, 17)
PAYEE = {"id": "city", "names": {"en": "City"}, "name": "City", "iban": "UA00", "code": "1", "purpose": "{service}"}
Change = Callable[[dict[str, Any]], object]


def changed(change: Change, of: Hall | None = None) -> str:
    """The document of the small hall, changed."""
    document = json.loads((of or hall()).model_dump_json(by_alias=True))
    change(document)
    return json.dumps(document)


def window(at: int, **fields: Any) -> Change:
    return lambda d: d["windows"][at - 1].update(fields)


def without(part: str, *ids: str) -> Change:
    return lambda d: d.update({part: [each for each in d[part] if each["id"] not in ids]})


def every(*steps: Change) -> Change:
    return lambda d: [step(d) for step in steps]


def check(play: Play, document: str) -> m.Checked:
    reply = answer(play.state, m.HallCheck(id="q", document=document), CONSOLE, play.now)
    assert isinstance(reply, m.Checked)
    return reply


def publish(play: Play, document: str, base: int = 3) -> Any:
    return play.do(m.HallPublish(id="c", document=document, base=base, why="to see", operator="ona"), CONSOLE)


def found(reply: m.Checked) -> dict[str, m.Finding]:
    return {each.code: each for each in reply.findings}


# --- what differs ------------------------------------------------------------------------------------------------------------


def test_differences_are_told_part_by_part_and_the_revision_is_none() -> None:
    new = json.loads(changed(every(window(1, groups=["general", "acts"]), without("services", "loss"))))
    new["hours"]["sat"] = ["10:00-12:00"]
    new["timezone"] = "Asia/Almaty"
    told = {(c.part, c.id, c.field): (c.before, c.after) for c in changes(hall(), draft(hall(), json.dumps(new)))}
    assert told == {
        ("windows", "W1", "groups"): ('["general"]', '["general", "acts"]'),
        ("services", "loss", ""): ('{"en": "Loss"}', None),
        ("hours", "", "sat"): (None, '["10:00-12:00"]'),
        ("timezone", "", ""): ("Asia/Bishkek", "Asia/Almaty"),
    }


def test_another_order_is_a_difference_and_a_pin_is_never_told() -> None:
    new = json.loads(changed(lambda d: d["windows"].reverse()))
    new["operators"][0]["pin_hash"] = "another"
    told = changes(hall(), draft(hall(), json.dumps(new)))
    assert {(c.part, c.id, c.field) for c in told} == {("windows", "", "order"), ("operators", "ona", "pin_hash")}
    assert "another" not in repr(told)


def test_long_values_are_cut() -> None:
    (change,) = changes(hall(), draft(hall(), changed(lambda d: d["names"].update(en="x" * 2 * LETTERS))))
    assert len(change.after or "") == LETTERS


def test_a_great_many_differences_are_cut_before_they_fill_a_message() -> None:
    long = {**json.loads(changed(lambda _d: None)), "documents": {f"d{n}": {"en": "x" * 200} for n in range(300)}}
    told = changes(hall(), draft(hall(), json.dumps(long)))
    assert 0 < sum(len(c.after or "") for c in told) <= MOST_LETTERS


# --- what a document would do ------------------------------------------------------------------------------------------------


def test_a_sound_document_has_no_findings_of_its_own() -> None:
    assert [each.code for each in of_document(hall(), DAY)] == ["group_one_window", "no_step_free", "year_unconfirmed"]


@pytest.mark.parametrize(
    ("change", "code", "of"),
    [
        (window(4, station=None), "service_unserved", ()),
        (window(3, groups=["acts", "papers"]), "group_idle", ("papers",)),
        (lambda d: d["operators"][0]["rights"][0].update(right="civil"), "right_foreign", ("civil",)),
        (lambda d: d["services"][0].update(minutes_typical=30), "minutes_order", ()),
        (lambda d: d["services"][0].update(fee_minor=1, fee_currency="USD"), "fee_currency", ()),
        (without("services", "passport"), "page_empty", ()),
        (window(4, groups=["general"]), "service_unserved", ()),
        (lambda d: d["windows"].pop(2), "group_one_window", ("acts", "papers")),
        (without("operators", "tam", "rik"), "service_no_operator", ("birth", "loss")),
        (lambda d: d["operators"][3]["rights"][1].update(to="2026-03-16"), "service_no_operator", ("passport",)),
        (lambda d: d["zones"][0]["names"].update(en="The  front"), "text_spaces", ("front (en)",)),
        (lambda d: d["zones"][0]["names"].update(en="Frоnt"), "text_letters", ("front (en): Frоnt",)),
        (lambda d: d.update(payees=[{**PAYEE, "purpose": "{service} {nummer}"}]), "purpose_blank", ("nummer",)),
        (lambda d: d.update(documents={"id": {"en": "ID card"}}), "document_unused", ("id",)),
        (lambda d: d["rights"][2].update(employers=["registry"]), "service_no_employer", ()),
        (
            lambda d: d["services"].extend({**d["services"][0], "id": f"s{n}"} for n in range(9)),
            "page_full",
            (),
        ),
    ],
)  # fmt: skip
def test_what_a_manager_should_know_of_a_document(change: Change, code: str, of: tuple[str, ...]) -> None:
    told = {each.code: each for each in of_document(draft(hall(), changed(change)), DAY)}
    assert told[code].of == of
    assert not told[code].stops


def test_who_waits_for_a_service_that_no_window_is_left_for_stops_the_draft_by_label() -> None:
    play = Play(hall()).open("W1")
    play.ask("birth")
    play.ask("birth")
    bad = changed(every(window(2, groups=["general"]), window(3, groups=["general"])))
    told = check(play, bad)
    assert (found(told)["tickets_orphaned"].of, found(told)["tickets_orphaned"].stops) == (("B001", "B002"), True)
    refused(publish(play, bad), Refusal.DRAFT_STOPPED)


def test_what_stops_a_draft_and_what_is_only_said() -> None:
    play = Play(hall()).open("W1")
    play.ask("advice")
    play.wait(10).tick().next()
    assert found(check(play, changed(without("windows", "W1"))))["window_serving"].stops
    assert found(check(play, changed(window(1, number=9))))["window_renumbered"].stops
    assert found(check(play, changed(without("operators", "ona"))))["operator_gone"].stops
    assert not found(check(play, changed(lambda d: d["hours"].update(tue=["12:00-17:00"]))))["closed_now"].stops
    served = changed(every(without("services", "advice"), without("boxes", "none")))
    assert found(check(play, served))["served_service_gone"].stops


def test_a_line_that_only_closed_windows_could_take_is_said() -> None:
    play = Play(hall()).open("W2")
    play.ask("advice")
    play.next("W2")
    play.ask("birth")
    told = found(check(play, changed(window(2, groups=["general"]))))
    assert told["tickets_wait_for_window"].of == ("B001",)
    assert not told["tickets_wait_for_window"].stops


def test_bookings_without_a_window_stop_and_those_outside_the_hours_are_counted() -> None:
    play = Play(hall())
    play.book("10:00")
    assert found(check(play, changed(without("services", "advice"))))["bookings_orphaned"].stops
    later = found(check(play, changed(lambda d: d["hours"].update(tue=["12:00-17:00"]))))
    assert later["bookings_outside_hours"].facts == {"count": "1"}
    (booking,) = play.state.diary.records()
    closed = {"exceptions": [{"date": booking.day.isoformat()}]}
    told = found(check(play, changed(lambda d: d.update(calendar=closed))))["bookings_outside_hours"]
    assert told.of == (f"{booking.day:%d.%m} 10:00 {booking.code}",)


@pytest.mark.parametrize(
    ("day", "years", "missing"),
    [
        (date(2026, 3, 17), [2026], []),
        (date(2026, 3, 17), [], ["2026"]),
        (date(2026, 11, 1), [2026], []),
        (date(2026, 11, 2), [2026], ["2027"]),
        (date(2026, 11, 2), [2026, 2027], []),
    ],
)
def test_a_year_whose_holidays_nobody_went_through_is_said_in_time(
    day: date, years: list[int], missing: list[str]
) -> None:
    told = of_document(hall(calendar={"years": years}), day)
    assert [each.facts["year"] for each in told if each.code == "year_unconfirmed"] == missing


def test_days_of_the_calendar_are_told_by_their_dates() -> None:
    new = changed(lambda d: d.update(calendar={"years": [2026], "exceptions": [{"date": "2026-12-25"}]}))
    told = {(c.part, c.id, c.field): (c.before, c.after) for c in changes(hall(), draft(hall(), new))}
    assert told == {("calendar", "", "years"): ("[]", "[2026]"), ("calendar", "2026-12-25", ""): (None, "")}
    (back,) = [c for c in changes(draft(hall(), new), hall()) if c.id]
    assert (back.before, back.after) == ("", None)


# --- publishing --------------------------------------------------------------------------------------------------------------


def test_a_sound_draft_is_one_event_with_the_whole_document_and_the_pins_in_force() -> None:
    play = Play(hall())
    blind = changed(lambda d: [each.update(pin_hash="") for each in d["operators"]])
    assert isinstance(publish(play, blind), m.Done)
    (event,) = play.last
    (row,) = event.rows
    assert (event.kind, event.who, row.table, row.values["revision"]) == ("hall.published", "ona", "revision", 4)
    kept = draft(hall(), str(row.values["document"]))
    assert [o.pin_hash for o in kept.operators] == [o.pin_hash for o in hall().operators]


def test_a_draft_of_another_revision_another_hall_or_another_role_is_refused() -> None:
    play = Play(hall())
    same = text(hall())
    refused(publish(play, same, base=2), Refusal.REVISION_MOVED)
    refused(publish(play, changed(lambda d: d.update(id="other"))), Refusal.BAD_COMMAND)
    refused(publish(play, "[]"), Refusal.BAD_COMMAND)
    refused(publish(play, "{]"), Refusal.BAD_COMMAND)
    command = m.HallPublish(id="c", document=same, base=3, why="to see", operator="ona")
    refused(decide(play.state, command, KIOSK, play.now), Refusal.NOT_ALLOWED)
    asked = answer(play.state, m.HallCheck(id="q", document=same), KIOSK, play.now)
    refused(asked, Refusal.NOT_ALLOWED)


def test_who_publishes_is_written_down_as_the_console_says_it() -> None:
    play = Play(hall())
    command = m.HallPublish(id="c", document=text(hall()), base=3, why="to see", operator="olena")
    decided = decide(play.state, command, CONSOLE, play.now)
    assert isinstance(decided, Decided)
    assert [event.who for event in decided.events] == ["olena"]


def test_a_document_that_says_who_manages_is_still_read() -> None:
    def older(document: dict[str, Any]) -> None:
        for one in document["operators"]:
            one["manages"] = True

    assert draft(hall(), changed(older)).operators == draft(hall(), text(hall())).operators


def test_the_faults_of_a_document_come_back_with_their_places() -> None:
    told = check(Play(hall()), changed(every(window(1, zone="roof"), window(2, employer="nobody"))))
    assert told.faults
    assert "zone 'roof' is not in the document" in "; ".join(told.faults)
    assert "employer 'nobody' is not in the document" in "; ".join(told.faults)
    assert (told.findings, told.changes) == ((), ())


def test_a_published_document_does_not_change_the_running_hall_by_itself() -> None:
    play = Play(hall())
    publish(play, changed(window(1, groups=["general", "acts"])))
    assert play.state.hall == hall()
    decided = decide(
        play.state, m.HallPublish(id="d", document=text(hall()), base=3, why="again", operator="ona"), CONSOLE, play.now
    )
    assert isinstance(decided, Decided)
    assert isinstance(decided.records[0], Revision)
    assert parts("windows")[0]["groups"] == ["general"]

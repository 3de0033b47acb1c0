"""Bookings on the wire of a running hall: a code survives a kill, a repeat books once, and nobody's number is written anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from contract import messages as m
from contract import topics
from contract.words import Refusal
from coordinator.bookings import seal
from journal.schema import HALL
from journal.verify import verify
from tests.hall_rig import HallRig, rigged
from tests.until import until

NUMBER = "INVENTED 5550199"
RULES = {"booking.check_in_early_min": 120, "booking.per_person_active": 1}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[HallRig]:
    with HallRig(tmp_path, rigged(**RULES)) as rig:
        yield rig


def at(clock: str, day: str = "2026-03-17") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}+06:00")


def book(key: str, start: datetime, person: str | None = NUMBER) -> m.BookingBook:
    return m.BookingBook(id=key, service="advice", start=start, lang="en", person=person)


def test_a_code_gives_one_ticket_whatever_is_killed_and_repeated(rig: HallRig) -> None:
    kiosk, console = rig.peer("kiosk-1"), rig.peer("console-1")
    offered = kiosk.ok(m.BookingSlots(id="slots-1", service="advice", day=date(2026, 3, 17)))
    assert offered.slots[0].start > at("10:00")
    booked = kiosk.ok(book("book-1", at("11:30")))
    rig.kill()
    rig.start()
    kiosk.say(topics.UP_CMD, book("book-1", at("11:30")))
    until(lambda: len(kiosk.replies("book-1")) == 2, "the answer to the repeat")
    assert kiosk.replies("book-1") == [booked] * 2
    found = kiosk.ok(m.BookingFind(id="find-1", code=booked.code))
    assert (found.start, found.service) == (at("11:30"), "advice")
    issued = kiosk.ok(m.BookingCheckIn(id="in-1", code=booked.code, lang="en", paper=False))
    assert issued.booked_at == at("11:30")
    rig.kill()
    rig.start()
    other = rig.peer("kiosk-2").ask(m.BookingCheckIn(id="in-2", code=booked.code, lang="en", paper=False))
    assert other.code is Refusal.BOOKING_USED
    listed = console.ok(m.BookingDay(id="day-1", day=date(2026, 3, 17)))
    assert [(b.code, b.state) for b in listed.bookings] == [(booked.code, "checked_in")]
    assert len(rig.rows("ticket")) == 1
    assert rig.stop() == 0
    assert verify(rig.journal, rig.hall.id, HALL).ok


def test_a_limit_holds_over_a_restart_and_the_number_is_nowhere(rig: HallRig) -> None:
    kiosk = rig.peer("kiosk-1")
    kiosk.ok(book("book-1", at("11:30")))
    rig.kill()
    rig.start()
    again = kiosk.ask(book("book-2", at("12:30"), "invented-555-01-99"))
    assert (again.code, again.facts) == (Refusal.BOOKING_LIMIT, {"limit": "1"})
    key = rig.journal.with_name(f"{rig.journal.name}.key")
    assert key.stat().st_mode & 0o777 == 0o600
    assert [row[-3] for row in rig.rows("person")] == [seal.person(key.read_bytes(), NUMBER)]
    assert rig.stop() == 0
    for file in (f for f in rig.folder.iterdir() if f.is_file()):
        assert b"5550199" not in file.read_bytes(), file.name
        assert b"555-01-99" not in file.read_bytes(), file.name


def test_a_question_writes_nothing(rig: HallRig) -> None:
    rig.settle("console-1")
    before = rig.state("cmd_seen")
    console = rig.peer("console-1")
    console.ok(m.BookingSlots(id="q1", service="birth", day=date(2026, 3, 18)))
    console.ok(m.BookingDay(id="q2", day=date(2026, 3, 18)))
    assert console.ask(m.BookingFind(id="q3", code="00000000")).code is Refusal.BOOKING_UNKNOWN
    assert len(rig.peer("kiosk-1").ok(m.CardKey(id="q4")).key) == 64
    assert rig.state("cmd_seen") == before


def test_a_code_that_is_none_is_refused_and_counted(rig: HallRig) -> None:
    kiosk = rig.peer("kiosk-1")
    for code in ("1234567", "123456789", "12 34 56", "٤٠٧١٨٢٦٣", "4071826O"):
        bad = f'{{"t":"booking.check_in","v":1,"id":"bad-{len(code)}{ord(code[-1])}","code":"{code}","lang":"en"}}'
        kiosk.say(topics.UP_CMD, bad.encode())
    refusals = until(lambda: len(found := kiosk.of(m.Refused)) == 5 and found, "five refusals")
    assert {refused.code for refused in refusals} == {Refusal.BAD_COMMAND}
    assert rig.rows("ticket") == []


def test_without_its_key_a_hall_does_not_start(rig: HallRig) -> None:
    rig.peer("kiosk-1").ok(book("book-1", at("11:30")))
    rig.kill()
    rig.journal.with_name(f"{rig.journal.name}.key").write_bytes(b"short")
    process = rig.launch()
    assert process.wait(60) == 2
    assert "32 bytes" in rig.log.read_text(encoding="utf-8")

"""A kiosk with a card reader on its wires: real mosquitto, a real pcscd with simulated cards; and nothing of a card anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from card_reader.config import CardReaderSection
from contract import messages as m
from glass.card import ZONE
from simulators.card.person import PEOPLE
from simulators.card.readers import Readers
from tests.halls import load
from tests.kiosk_hall import SmallHall
from tests.kiosk_visitor import Visitor, papers
from tests.printing import SimPrinter
from tests.swiper import Swiper
from tests.until import until
from tests.wire import pcsc_bench

PERSON = PEOPLE["ua"]
CODE = "40718263"


@pytest.fixture(scope="module")
def bench() -> Iterator[Readers]:
    with pcsc_bench.readers(2) as found:
        yield found


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SmallHall]:
    with SmallHall(tmp_path / "broker", load("ua-cnap")) as small:
        small.bookings[CODE] = "res-register"
        small.cards[PERSON.personal_number] = CODE
        yield small


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[SimPrinter]:
    with SimPrinter(tmp_path / "paper") as sim:
        yield sim


class Guest(Visitor):
    """A visitor before a kiosk with a card reader."""

    def __init__(
        self, hall: SmallHall, printer: SimPrinter, data: Path, names: str = "Vikno Test", swipe: str | None = None
    ) -> None:
        super().__init__(
            hall, printer, data, cards=CardReaderSection(names=names, profiles=("ua", "generic"), swipe=swipe)
        )

    def types(self, can: str) -> None:
        self.sees("attract")
        until(lambda: self.kiosk._printer.ready().ready, "printer")
        until(lambda: self.kiosk._state.cards, "card reader")
        self.press("booking", "language")
        self.press("lang:uk", "how")
        self.press("by:card", "consent")
        self.press("agree", "digits")
        self.digits(can)

    def digits(self, text: str) -> None:
        for n, sign in enumerate(text, 1):
            self.presses(f"digit:{sign}", lambda visit, n=n: len(visit.typed[-1]) == n)

    def presses(self, key: str, done: Callable[..., bool]) -> None:
        """Press until `done(visit)`; each finger is waited for, for a second one would count, too."""

        def seen() -> bool:
            if not done(self.kiosk._state.visit):
                self.kiosk.press(key)
                until(self.kiosk._queue.empty)
            return done(self.kiosk._state.visit)

        until(seen, key)


@pytest.fixture
def guest(hall: SmallHall, printer: SimPrinter, tmp_path: Path, bench: Readers) -> Iterator[Guest]:
    visitor = Guest(hall, printer, tmp_path / "data")
    with visitor:
        yield visitor
    bench.order(do="remove", slot="0")


def canaries() -> set[bytes]:
    """What must stand nowhere."""
    texts = {
        PERSON.surname,
        PERSON.given,
        PERSON.number,
        PERSON.personal_number,
        *PERSON.native,
        f"{PERSON.born:%y%m%d}",
    }
    return {text.encode() for text in texts}


def test_a_visitor_checks_in_by_card_and_nothing_of_the_card_is_anywhere(
    hall: SmallHall,
    printer: SimPrinter,
    guest: Guest,
    bench: Readers,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    can = bench.order(do="describe", card="ua")["can"]
    guest.types(can)
    guest.press("next", "card")
    bench.order(do="insert", card="ua", slot="0")
    guest.sees("found")
    guest.press("take", "take")
    assert papers(printer, 1) == ["A001 t1"]
    until(lambda: hall.papers() == [("A001", "confirmed")])
    guest.kiosk.stop()
    said = [*hall.heard, *(m.encode(reply) for reply in hall.replies.values() if not isinstance(reply, m.DayKey))]
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and "broker/" not in str(file)]
    told = "".join(capfd.readouterr()).encode()
    assert any(b'"persons"' in each for each in hall.heard)
    assert b"booking.check_in" in b"".join(files)
    for canary in canaries() | {can.encode()}:
        assert [each for each in (*said, *files, told) if canary in each] == [], canary
    (key,) = (reply.key for reply in hall.replies.values() if isinstance(reply, m.DayKey))
    (find,) = {each.id: each for each in hall.commands if isinstance(each, m.BookingFind)}.values()
    hidden = [word.encode() for word in (key, *(find.persons or ()))]
    assert len(hidden) == 3
    assert [each for each in (*files, told) for word in hidden if word in each] == []


def test_wrong_digits_are_said_and_typed_again(hall: SmallHall, guest: Guest, bench: Readers) -> None:
    bench.order(do="insert", card="ua", slot="0")
    guest.types("999999")
    guest.press("next", "no_card")
    assert guest.reads("Ці цифри не підходять до картки")
    guest.press("again", "digits")
    guest.digits(bench.order(do="describe", card="ua")["can"])
    guest.press("next", "found")


def test_a_card_without_a_can_is_opened_by_its_zone(hall: SmallHall, guest: Guest, bench: Readers) -> None:
    person = PEOPLE["kz"]
    hall.cards[person.number] = CODE
    bench.order(do="insert", card="kz", slot="0")
    guest.types("")
    guest.presses("zone", lambda visit: visit.fields == ZONE)
    for n, text in enumerate((person.number, f"{person.born:%d%m%y}", f"{person.expires:%d%m%y}"), 1):
        guest.presses("next", lambda visit, n=n: len(visit.typed) == n)
        guest.digits(text)
    guest.press("next", "found")


def test_a_number_with_letters_is_typed(hall: SmallHall, guest: Guest, bench: Readers) -> None:
    person = PEOPLE["kg"]
    hall.cards[person.number] = CODE
    bench.order(do="insert", card="kg", slot="0")
    guest.types("")
    guest.presses("zone", lambda visit: visit.fields == ZONE)
    for n, text in enumerate((person.number, f"{person.born:%d%m%y}", f"{person.expires:%d%m%y}"), 1):
        guest.presses("next", lambda visit, n=n: len(visit.typed) == n)
        guest.digits(text)
    guest.press("next", "found")


def test_a_swiped_zone_checks_in_and_one_swiped_before_the_consent_does_nothing(
    hall: SmallHall, printer: SimPrinter, tmp_path: Path, bench: Readers
) -> None:
    zone = bench.order(do="describe", card="ua")["mrz"]
    bench.order(do="insert", card="ua", slot="0")
    with (
        Swiper(tmp_path / "swipe") as swiper,
        Guest(hall, printer, tmp_path / "data", swipe=swiper.start("3m")) as guest,
    ):
        guest.sees("attract")
        until(lambda: guest.kiosk._state.swipe, "MRZ reader")
        until(
            lambda: set(guest.kiosk.box.units) == {"card_reader", "mrz_reader", "printer"}, "what stands behind the box"
        )
        swiper.order(do="swipe", mrz=zone)
        guest.press("booking", "language")
        guest.press("lang:uk", "how")
        guest.press("by:card", "consent")
        guest.press("agree", "digits")
        swiper.order(do="swipe", mrz=zone)
        guest.sees("found")
        swiper.stop()
        until(lambda: "mrz_reader_missing" in guest.kiosk.box.troubles.open, "its fault")
        until(lambda: not guest.kiosk._state.swipe, "no swiping")
    bench.order(do="remove", slot="0")


def test_a_visitor_who_goes_back_ends_the_read_and_the_next_one_is_served(
    hall: SmallHall, guest: Guest, bench: Readers
) -> None:
    can = bench.order(do="describe", card="ua")["can"]
    guest.types(can)
    guest.press("next", "card")
    guest.press("back", "how")
    guest.press("by:card", "consent")
    guest.press("agree", "digits")
    guest.digits(can)
    guest.press("next", "card")
    bench.order(do="insert", card="ua", slot="0")
    guest.sees("found")


def test_a_reader_that_is_not_there_is_not_offered_and_the_kiosk_works(
    hall: SmallHall, printer: SimPrinter, tmp_path: Path, bench: Readers
) -> None:
    with Guest(hall, printer, tmp_path / "data", names="No Such Reader") as guest:
        guest.sees("attract")
        guest.press("booking", "language")
        guest.press("lang:uk", "code")

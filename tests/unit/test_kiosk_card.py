"""A booking found by ID card at the kiosk, without glass, hall, reader or printer."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from card_reader import mrz
from card_reader.errors import Code
from card_reader.mrz import MrzKey
from card_reader.readers.frame import Swipe
from card_reader.stand import as_typed, opens
from contract import messages as m
from contract.words import Refusal
from glass import card as card_faces
from glass.card import ZONE
from glass.occurrence import Answered, CardFailed, CardsSaid, CardStep, CardSwiped
from kiosk import drawing, sample
from kiosk.state import Ask, CardRead, Find, ForgetCard, LookAtPaper, PaperSaid, ReadCard, Screen, Visit
from tests.halls import load
from tests.kiosk_walk import Walk, booked, words

CAN = "123456"
HASHES = ("ab" * 32, "cd" * 32)


@pytest.fixture
def walk() -> Walk:
    walk = Walk(load("ua-cnap"))
    walk.feed(CardsSaid(ready=True))
    return walk


def reading(walk: Walk) -> ReadCard:
    """Agrees, types the card's digits and goes on; what is asked of the reader."""
    walk.touch("booking", "lang:uk", "by:card", "agree", *(f"digit:{sign}" for sign in CAN))
    (read,) = walk.touch("next")
    assert isinstance(read, ReadCard)
    return read


def keys(walk: Walk) -> set[str]:
    face = drawing.draw(walk.state, walk.now, sample.moment(load("ua-cnap")))
    return {control.key for control in face.controls}


def test_the_way_from_the_consent_to_the_ticket(walk: Walk) -> None:
    read = reading(walk)
    assert read.typed == (CAN,)
    assert "Прикладіть ID‑картку" in words(walk)
    walk.feed(CardStep(read.key, "read", 0.5))
    assert "Читаємо картку" in words(walk)
    (find,) = walk.feed(CardRead(read.key, HASHES))
    assert find == Find(read.key, "", HASHES)
    assert (walk.screen(), walk.state.visit.typed) == (Screen.FINDING, ("",))
    walk.feed(Answered(find.id, booked(find.id)))
    assert walk.screen() is Screen.FOUND
    assert walk.touch("take") == (LookAtPaper(),)
    (ask,) = walk.feed(PaperSaid(""))
    assert isinstance(ask, Ask)
    assert ask.command == m.BookingCheckIn(id=ask.visit, code="40718263", lang="uk", paper=True)


def test_without_a_reader_the_code_is_asked_at_once_and_nothing_is_said_of_cards() -> None:
    walk = Walk(load("ua-cnap"))
    walk.touch("booking", "lang:uk")
    assert walk.screen() is Screen.CODE
    walk.feed(CardsSaid(ready=True), CardsSaid(ready=False))
    walk.touch("back", "booking", "lang:uk")
    assert walk.screen() is Screen.CODE


def test_what_is_read_and_kept_is_said_before_anything_is_typed(walk: Walk) -> None:
    walk.touch("booking", "lang:uk", "by:card")
    said = words(walk)
    assert walk.screen() is Screen.CONSENT
    for text in ("Щоб знайти", "рядки картки", "Нічого не зберігаємо"):
        assert text in said
    assert {"agree", "by:code", "back", "person"} <= keys(walk)
    walk.touch("by:code")
    assert walk.screen() is Screen.CODE


def test_the_pad_takes_six_digits_and_no_more(walk: Walk) -> None:
    walk.touch("booking", "lang:uk", "by:card", "agree", *(f"digit:{sign}" for sign in "12345"))
    assert walk.touch("next") == ()
    walk.touch("digit:6", "digit:7", "digit:x", "digit:٣")
    assert walk.state.visit.typed == (CAN,)
    walk.touch("erase")
    assert walk.state.visit.typed == ("12345",)
    assert CAN not in repr(replace(walk.state, visit=Visit(typed=(CAN,))))


def zone(walk: Walk, *texts: str) -> tuple[object, ...]:
    """Types fields of the zone and goes on after each; what the last touch asks for."""
    last: tuple[object, ...] = ()
    for text in texts:
        last = walk.touch(*(f"digit:{sign}" for sign in text), "next")
    return last


def test_a_card_without_such_digits_is_opened_by_number_birth_and_expiry(walk: Walk) -> None:
    walk.touch("booking", "lang:uk", "by:card", "agree", "zone")
    assert "літери й цифри" in words(walk)
    assert zone(walk, "012345678", "150688") == ()
    assert "Дійсна до" in words(walk)
    (read,) = zone(walk, "090234")
    assert isinstance(read, ReadCard)
    key = opens(read.typed)
    assert isinstance(key, MrzKey)
    assert (key.number, key.birth, key.expiry) == ("012345678", "880615", "340209")


def test_a_number_has_letters_and_the_other_fields_have_none(walk: Walk) -> None:
    walk.touch("booking", "lang:uk", "by:card", "agree", "digit:A", "zone")
    assert walk.state.visit == Visit(fields=ZONE)
    assert {f"digit:{sign}" for sign in "AZ09"} <= keys(walk)
    walk.touch("digit:a", "digit:AB", "digit:І", "digit:<", *(f"digit:{sign}" for sign in "ID00"))
    assert list(walk.state.visit.typed) == ["ID00"]
    assert walk.touch("next") == ()
    assert len(walk.state.visit.typed) == 1
    walk.touch(*(f"digit:{sign}" for sign in "0000012345678"))
    assert list(walk.state.visit.typed) == ["ID000000012345"]
    walk.touch("next", "digit:B", "digit:1")
    assert list(walk.state.visit.typed) == ["ID000000012345", "1"]
    assert "digit:A" not in keys(walk)


SWIPED = ("ID0000001", "080395", "010934")


def test_a_swipe_takes_the_place_of_typing_after_the_visitor_agreed_and_only_then(walk: Walk) -> None:
    walk.feed(CardsSaid(ready=True, swipe=True))
    walk.touch("booking", "lang:uk", "by:card")
    assert walk.feed(CardSwiped("kiosk-9", SWIPED)) == ()
    assert (walk.screen(), walk.state.visit) == (Screen.CONSENT, Visit())
    walk.touch("agree", "digit:1")
    assert "Або проведіть рядки" in words(walk)
    assert walk.feed(CardSwiped("kiosk-9", SWIPED)) == (ReadCard("kiosk-9", SWIPED),)
    assert walk.screen() is Screen.CARD
    assert walk.feed(CardSwiped("kiosk-10", SWIPED)) == ()
    walk.feed(CardFailed("kiosk-9", "card_error"))
    assert walk.screen() is Screen.NO_CARD
    assert SWIPED[0] not in repr(walk.state) + repr(CardSwiped("kiosk-9", SWIPED))


def test_a_zone_that_does_not_hold_is_said_and_can_be_swiped_again(walk: Walk) -> None:
    walk.feed(CardsSaid(ready=True, swipe=True))
    walk.touch("booking", "lang:uk", "by:card", "agree")
    assert walk.feed(CardSwiped("kiosk-9", ())) == ()
    assert (walk.screen(), walk.state.visit.failed) == (Screen.NO_CARD, "bad_key")
    walk.wait(0.5)
    walk.touch("again")
    assert walk.screen() is Screen.DIGITS
    assert walk.feed(CardSwiped("kiosk-9", SWIPED)) == (ReadCard("kiosk-9", SWIPED),)


def test_nothing_is_said_of_swiping_where_there_is_no_such_reader(walk: Walk) -> None:
    walk.touch("booking", "lang:uk", "by:card", "agree")
    assert "проведіть" not in words(walk)
    walk.feed(CardsSaid(ready=False, swipe=True))
    assert not walk.state.swipe


def test_a_swiped_zone_opens_as_a_typed_one_does() -> None:
    zone = mrz.parse("I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    assert as_typed(Swipe(zone)) == ("D23145890", "120874", "150412")
    assert opens(as_typed(Swipe(zone))) == zone.key
    assert as_typed(Swipe(None, ("number",))) == ()


def test_erasing_an_empty_field_leads_to_the_one_before_and_a_wrong_one_begins_anew(walk: Walk) -> None:
    walk.touch("booking", "lang:uk", "by:card", "agree", "zone")
    zone(walk, "012345678", "1506")
    assert walk.state.visit.typed[-1] == "1506"
    walk.touch(*["erase"] * 5)
    assert walk.state.visit.typed[-1] == "012345678"
    walk.touch("erase", "erase")
    assert walk.state.visit.typed[-1] == "0123456"
    (read,) = zone(walk, "78", "150688", "090234")
    assert isinstance(read, ReadCard)
    walk.feed(CardFailed(read.key, "wrong_key"))
    walk.touch("again")
    assert (walk.screen(), walk.state.visit) == (Screen.DIGITS, Visit(fields=ZONE))


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.CANCELLED])
def test_every_failure_has_a_sentence_and_a_way_on(walk: Walk, code: Code) -> None:
    read = reading(walk)
    walk.feed(CardFailed(read.key, code.value))
    walk.wait(0)
    assert walk.screen() is Screen.NO_CARD
    assert {"by:code", "ordinary", "person", "back"} <= keys(walk)
    before = walk.state
    if "again" in keys(walk):
        effects = walk.touch("again")
        retyped = code in (Code.WRONG_KEY, Code.BAD_KEY, Code.KEY_NEEDED)
        assert walk.screen() is (Screen.DIGITS if retyped else Screen.CARD)
        assert [type(e) for e in effects] == ([] if retyped else [ReadCard])
    walk.state = before
    walk.touch("by:code")
    assert walk.screen() is Screen.CODE


def test_failures_are_named_as_the_reader_names_them() -> None:
    assert set(card_faces._WHY) | card_faces.FINAL <= {code.value for code in Code}


def test_a_card_without_a_booking_leads_to_the_code_or_a_ticket(walk: Walk) -> None:
    read = reading(walk)
    walk.feed(CardRead(read.key, HASHES))
    no = m.Refused(id="r", re=read.key, code=Refusal.BOOKING_UNKNOWN, text="no")
    walk.feed(Answered(read.key, no))
    walk.wait(0)
    assert "За цією карткою" in words(walk)
    assert {"again", "ordinary"} <= keys(walk)
    walk.touch("again")
    assert walk.screen() is Screen.HOW


def test_going_back_ends_the_read_and_its_late_answer_changes_nothing(walk: Walk) -> None:
    read = reading(walk)
    assert walk.touch("back") == (ForgetCard(),)
    assert walk.screen() is Screen.HOW
    for late in (CardRead(read.key, HASHES), CardFailed(read.key, "no_card"), CardStep(read.key, "read", 1.0)):
        assert walk.feed(late) == ()
        assert walk.screen() is Screen.HOW


def test_an_answer_to_an_older_read_changes_nothing(walk: Walk) -> None:
    first = reading(walk)
    walk.feed(CardFailed(first.key, "card_error"))
    (second,) = walk.touch("again")
    assert isinstance(second, ReadCard)
    assert second.key != first.key
    assert walk.feed(CardRead(first.key, HASHES)) == ()
    assert walk.screen() is Screen.CARD


def test_a_visitor_who_leaves_is_forgotten_by_kiosk_and_reader(walk: Walk) -> None:
    read = reading(walk)
    walk.feed(CardFailed(read.key, "card_error"))
    walk.wait(46)
    assert walk.still_here()
    assert ForgetCard() in walk.wait(21)
    assert (walk.screen(), walk.state.visit) == (Screen.ATTRACT, Visit())
    assert walk.wait(60) == ()


def test_no_idle_question_comes_over_a_read(walk: Walk) -> None:
    reading(walk)
    walk.wait(100)
    assert (walk.screen(), walk.still_here()) == (Screen.CARD, False)
    assert walk.wait(21) == (ForgetCard(),)
    assert (walk.screen(), walk.state.visit) == (Screen.ATTRACT, Visit())


def test_a_kiosk_without_a_reader_loads_nothing_that_reads_cards() -> None:
    look = "import sys, kiosk.service, kiosk.__main__; print([m for m in sys.modules if m in {'card_reader.service', 'smartcard'}])"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=root, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "[]\n"

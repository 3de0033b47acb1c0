"""Reads at windows as the coordinator lets them: who may, whose words pass, and when they end."""

from __future__ import annotations

from typing import Any

import pytest

from contract import messages as m
from contract.hall_part import Box, Unit
from contract.words import CardField, Refusal, Role
from coordinator.draft import Actor
from coordinator.reading import LIFE_S, Read, Reads
from tests.small_hall import BRIDGE, CONSOLE, KIOSK, Play, hall

BOXES = [
    Box(id="console-1", kind=Role.CONSOLE),
    Box(id="kiosk-1", kind=Role.KIOSK),
    Box(id="reader-1", kind=Role.READER, units=(Unit(id="r1", window="W1"),)),
    Box(id="reader-2", kind=Role.READER, units=(Unit(id="r2", window="W2"),)),
]
READER = Actor("reader-1", Role.READER)
SEAL = "ab" * 32


@pytest.fixture
def play() -> Play:
    """Somebody is called to W1; W2 is open and empty."""
    play = Play(hall(boxes=[b.model_dump(mode="json") for b in BOXES])).open("W1", "W2")
    play.take()
    play.ok(m.CallNext(**play.id(), window="W1", operator="ona"), CONSOLE)
    return play


@pytest.fixture
def reads(play: Play) -> Reads:
    return Reads(play.hall, lambda dev: dev != "reader-2")


def order(**more: Any) -> m.CardRead:
    given = {"id": "c-1", "window": "W1", "operator": "ona", "fields": (CardField.SURNAME,), "seal": SEAL, **more}
    return m.CardRead.model_validate(given)


def begun(reads: Reads, play: Play, **more: Any) -> Read:
    read = reads.begin(play.state, order(**more), CONSOLE, 0.0)
    assert isinstance(read, Read), read
    return read


def refused(reads: Reads, play: Play, actor: Actor = CONSOLE, **more: Any) -> Refusal:
    answer = reads.begin(play.state, order(**more), actor, 0.0)
    assert isinstance(answer, m.Refused), answer
    assert answer.re == more.get("id", "c-1")
    return answer.code


def test_a_console_reads_for_the_operator_who_has_a_visitor(play: Play, reads: Reads) -> None:
    read = begun(reads, play)
    assert (read.reader, read.console, read.window) == ("reader-1", "console-1", "W1")
    assert reads.at("W1") is read
    assert begun(reads, play) is read


@pytest.mark.parametrize("actor", [KIOSK, BRIDGE, READER])
def test_no_other_box_reads_at_a_window(play: Play, reads: Reads, actor: Actor) -> None:
    assert refused(reads, play, actor) is Refusal.NOT_ALLOWED


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"window": "W9"}, Refusal.UNKNOWN_WINDOW),
        ({"operator": "tam"}, Refusal.NOT_YOURS),
        ({"window": "W2", "operator": "tam"}, Refusal.NOTHING_CALLED),
        ({"fields": (CardField.SURNAME, CardField.BIRTH_PLACE)}, Refusal.NOT_ALLOWED),
    ],
)
def test_what_cannot_be_read_is_refused(play: Play, reads: Reads, more: dict[str, Any], code: Refusal) -> None:
    assert refused(reads, play, **more) is code
    assert reads.at(str(more.get("window", "W1"))) is None


def test_a_window_without_a_reader_and_one_whose_reader_is_away_are_told_apart(play: Play, reads: Reads) -> None:
    play.take()
    play.ok(m.CallNext(**play.id(), window="W2", operator="tam"), CONSOLE)
    assert refused(reads, play, window="W2", operator="tam") is Refusal.DEVICE_AWAY
    none = Reads(hall(boxes=[]), lambda _dev: True)
    assert refused(none, play) is Refusal.UNKNOWN_DEVICE


def test_the_hall_says_which_fields_forms_may_have() -> None:
    play = Play(hall(boxes=[b.model_dump(mode="json") for b in BOXES], rules={"card.prefill_fields": ["surname"]}))
    play.open("W1").take()
    play.ok(m.CallNext(**play.id(), window="W1", operator="ona"), CONSOLE)
    reads = Reads(play.hall, lambda _dev: True)
    assert refused(reads, play, fields=(CardField.SURNAME, CardField.SEX)) is Refusal.NOT_ALLOWED
    begun(reads, play)


def words(re: str = "c-1") -> tuple[m.CardStep, m.CardFields, m.CardForget]:
    return (
        m.CardStep(id="s", re=re, step="read"),
        m.CardFields(id="f", re=re, sealed="AAAA"),
        m.CardForget(id="g", re=re),
    )


def test_words_pass_between_that_reader_and_that_console_alone(play: Play, reads: Reads) -> None:
    step, fields, forget = words()
    assert reads.heard("reader-1", step) is None
    begun(reads, play)
    for stranger in ("reader-2", "console-1", "console-2"):
        assert reads.heard(stranger, step) is None
        assert reads.heard(stranger, fields) is None
    for stranger in ("reader-1", "console-2"):
        assert reads.heard(stranger, forget) is None
    assert reads.heard("reader-1", words("c-2")[0]) is None
    assert reads.heard("reader-1", step) == "console-1"
    assert reads.heard("reader-1", fields) == "console-1"
    assert reads.heard("reader-1", step) is None


def test_a_console_forgets_and_nothing_more_passes(play: Play, reads: Reads) -> None:
    begun(reads, play)
    step, _, forget = words()
    assert reads.heard("console-1", forget) == "reader-1"
    assert reads.heard("reader-1", step) is None


def test_a_repeat_of_a_read_that_is_over_does_not_begin_it_again(play: Play, reads: Reads) -> None:
    begun(reads, play)
    assert reads.heard("reader-1", m.CardFailed(id="x", re="c-1", code="no_card")) == "console-1"
    assert refused(reads, play) is Refusal.EXPIRED
    begun(reads, play, id="c-2")


@pytest.mark.parametrize("gone", ["finish", "logout", "late"])
def test_a_read_ends_with_the_visitor_the_operator_or_its_time(play: Play, reads: Reads, gone: str) -> None:
    read = begun(reads, play)
    assert reads.over(play.state, LIFE_S - 1) == []
    if gone != "late":
        play.ok(m.CallFinish(**play.id(), window="W1", operator="ona"), CONSOLE)
    if gone == "logout":
        play.ok(m.WindowLogout(**play.id(), window="W1", operator="ona"), CONSOLE)
    assert reads.over(play.state, LIFE_S if gone == "late" else 1.0) == [read]
    assert reads.over(play.state, LIFE_S) == []
    assert reads.heard("reader-1", words()[1]) is None


def test_the_next_visitor_never_gets_the_read_of_the_one_before(play: Play, reads: Reads) -> None:
    read = begun(reads, play)
    play.take()
    play.ok(m.CallStart(**play.id(), window="W1", operator="ona"), CONSOLE)
    assert reads.over(play.state, 1.0) == []
    play.wait(100)
    play.ok(m.CallNext(**play.id(), window="W1", operator="ona"), CONSOLE)
    assert reads.over(play.state, 1.0) == [read]

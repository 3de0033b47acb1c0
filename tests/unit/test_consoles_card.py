"""Forms in the consoles' memory: whose they are, how long they live, and what of a reader's words is believed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from card_reader.errors import Code
from card_reader.outcome import Step
from card_reader.purpose import FIELDS
from card_reader.trust.verdict import Level, Note, Reason
from card_reader.window import SWIPE, SWIPE_AGAIN, opened
from consoles import card
from consoles.card import FIRST_S, LIFE_S, SILENT_S, Cards, Read
from consoles.live import Live
from consoles.staff.session import Session
from contract import messages as m
from contract import rules, topics
from contract.errors import ContractError
from contract.hall_part import Box, Unit
from contract.topics import Address
from contract.words import CardField, HallState, Light, Role, TicketState
from look.texts import LANGUAGES, Texts
from runtime.box import Heard
from runtime.seal import Opener, seal
from tests import halls

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
ONE, OTHER = (
    Session("one", "op01", "W01", "op01", None, NOW, NOW),
    Session("other", "op02", "W02", "op02", None, NOW, NOW),
)
KEY = "c-" + "1" * 24
SECRET = "Тестенко"


class Hall:
    """What consoles are told of a hall with readers at W01 and W02, and what they say."""

    def __init__(self, live: Live) -> None:
        boxes = tuple(
            Box(id=f"reader-{n}", kind=Role.READER, units=(Unit(id=f"r{n}", window=f"W0{n}"),)) for n in (1, 2)
        )
        self.live, self.reader = live, Opener()
        self.said: list[Any] = []
        hall = halls.load("ua-cnap").for_box(Role.CONSOLE).model_copy(update={"boxes": boxes})
        self.take(m.Cfg(id="c", hall=hall))
        self.rev = 0
        live.asks_by(self)
        self.tell()

    def ask(self, command: m.Command, on_answer: Callable[[Any], None]) -> None:
        raise AssertionError("nothing is asked here")

    def publish(self, topic: topics.Topic, message: m.Message) -> None:
        assert topic is topics.UP_CARD
        self.said.append(message)

    def take(self, message: Any) -> None:
        self.live.take(Heard(Address(topics.DOWN_VIEW, "ua-cnap", dev="console-1"), message, retained=False))

    def tell(self, ticket: str | None = "t1", operator: str = "op01", state: str = "here", seal: bool = True) -> None:
        self.rev += 1
        at = m.DeskTicket(
            ticket=ticket, label="A001", service="res-register", state=TicketState.SERVING, issued_at=NOW, since=NOW, wait_s=1.0,
            lang="uk",
        ) if ticket else None  # fmt: skip
        windows = tuple(
            m.DeskWindow(window=w, number=n, light=Light.SERVING, since=NOW, operator=op, ticket=at)
            for n, (w, op) in enumerate((("W01", operator), ("W02", "op02")), 1)
        )
        units = {"card_reader": m.UnitHealth(kind="card_reader", seal=self.reader.public if seal else None)}
        devices = tuple(
            m.DeskDevice.model_validate({"dev": f"reader-{n}", "kind": Role.READER, "state": state, "units": units})
            for n in (1, 2)
        )
        self.take(
            m.ConsolesView(
                id="v", ep=1, rev=self.rev, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=windows, queues=(), devices=devices
            )
        )  # fmt: skip


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(clock: Clock) -> Iterator[Live]:
    loop = asyncio.new_event_loop()
    yield Live(loop, clock)
    loop.close()


@pytest.fixture
def cards(live: Live, clock: Clock) -> Cards:
    return Cards(live, clock)


@pytest.fixture
def hall(live: Live, cards: Cards) -> Hall:
    return Hall(live)


def begin(cards: Cards, session: Session = ONE, key: str = KEY, **typed: str) -> m.CardRead:
    command = cards.begin(session, key, typed)
    assert command is not None
    return command


def read_of(cards: Cards, session: Session = ONE) -> Read:
    read = cards.of(session)
    assert read is not None
    return read


def sealed(command: m.CardRead, about: str = "", **more: Any) -> m.CardFields:
    plain = {
        "level": "chip_genuine", "reason": "chip_proved", "notes": ["revocation_unchecked"], "country": "UKR",
        "fields": {"surname": SECRET}, **more,
    }  # fmt: skip
    text = seal(json.dumps(plain).encode(), command.seal, about or f"card.fields {command.id}")
    return m.CardFields(id="f", re=command.id, sealed=text)


def test_the_fields_are_for_the_session_that_asked(hall: Hall, cards: Cards) -> None:
    command = begin(cards, can="123456")
    hall.take(sealed(command))
    filled = read_of(cards).filled
    assert filled is not None
    assert filled.fields == {CardField.SURNAME: SECRET}
    assert cards.of(OTHER) is None
    assert cards.of(Session("later", "op01", "W01", "op01", None, NOW, NOW)) is None
    assert SECRET not in repr(read_of(cards)) + repr(filled)


def test_what_was_typed_can_be_read_by_the_reader_alone(hall: Hall, cards: Cards) -> None:
    command = begin(cards, number="id 0000001", birth="1995-03-08", expiry="2034-09-01")
    assert command.opens is not None
    plain = hall.reader.open(command.opens, f"card.opens {KEY}")
    key = opened(plain)
    assert (key.number, key.birth, key.expiry) == ("ID0000001", "950308", "340901")  # type: ignore[union-attr]
    with pytest.raises(ContractError):
        hall.reader.open(command.opens, f"card.fields {KEY}")
    assert "0000001" not in m.encode(command).decode() + repr(command)


def test_six_digits_are_taken_before_the_fields_and_nothing_typed_is_nothing_sent(hall: Hall, cards: Cards) -> None:
    command = begin(cards, can="123 456", number="X")
    assert command.opens is not None
    assert json.loads(hall.reader.open(command.opens, f"card.opens {KEY}")) == {"can": "123456"}
    assert begin(cards, key="c-" + "2" * 24, can=" ", number="", birth="").opens is None
    with pytest.raises(ContractError):
        cards.begin(ONE, "c-" + "3" * 24, {"number": "1" * 41})


def test_a_press_sent_twice_is_one_read_to_one_key(hall: Hall, cards: Cards) -> None:
    first, again = begin(cards, can="123456"), begin(cards, can="123456")
    assert (first.id, first.seal) == (again.id, again.seal)
    hall.take(sealed(first))
    assert cards.begin(ONE, KEY, {"can": "123456"}) is None
    assert begin(cards, key="c-" + "2" * 24).seal != first.seal


@pytest.mark.parametrize("told", [{"ticket": None}, {"state": "left"}, {"state": "unknown"}, {"seal": False}], ids=str)
def test_nothing_is_read_without_visitor_or_reader(hall: Hall, cards: Cards, told: dict[str, Any]) -> None:
    hall.tell(**told)
    assert cards.begin(ONE, KEY, {"can": "123456"}) is None
    assert cards.of(ONE) is None
    assert cards.begin(Session("third", "op03", "W03", "op03", None, NOW, NOW), KEY, {}) is None


def test_fields_live_for_a_minute(hall: Hall, cards: Cards, clock: Clock) -> None:
    hall.take(sealed(begin(cards)))
    clock.now = LIFE_S - 0.1
    assert not cards.look()
    clock.now = LIFE_S
    assert cards.look()
    assert cards.of(ONE) is None
    assert hall.said == []


@pytest.mark.parametrize("told", [{"ticket": "t2"}, {"ticket": None}, {"operator": "op09"}], ids=str)
def test_fields_and_reads_go_with_the_visitor_and_the_operator(hall: Hall, cards: Cards, told: dict[str, Any]) -> None:
    hall.take(sealed(begin(cards)))
    hall.tell(**told)
    assert cards.of(ONE) is None
    hall.tell()
    begin(cards, key="c-" + "2" * 24)
    hall.tell(**told)
    assert cards.of(ONE) is None
    assert [(said.t, said.re) for said in hall.said] == [("card.forget", "c-" + "2" * 24)]


def test_forget_ends_a_read_and_wipes_what_was_read(hall: Hall, cards: Cards) -> None:
    command = begin(cards)
    cards.forget(ONE)
    cards.forget(ONE)
    hall.take(sealed(command))
    assert cards.of(ONE) is None
    assert [said.t for said in hall.said] == ["card.forget"]


def test_the_hall_ends_a_read(hall: Hall, cards: Cards) -> None:
    begin(cards)
    hall.take(m.CardForget(id="g", re=KEY))
    assert cards.of(ONE) is None
    assert hall.said == []


def test_a_reader_that_says_nothing_is_not_waited_for(hall: Hall, cards: Cards, clock: Clock) -> None:
    begin(cards)
    clock.now = FIRST_S
    assert cards.look()
    assert read_of(cards).failed == card.LOST
    begin(cards, key="c-" + "2" * 24)
    hall.take(m.CardStep(id="s", re="c-" + "2" * 24, step="wait"))
    clock.now += SILENT_S - 1
    assert not cards.look()
    clock.now += 1
    assert cards.look()
    assert not read_of(cards).going


def test_words_of_another_read_and_words_after_the_last_change_nothing(hall: Hall, cards: Cards) -> None:
    command = begin(cards)
    hall.take(m.CardFailed(id="x", re="c-other", code="no_card"))
    assert read_of(cards).going
    hall.take(m.CardFailed(id="x", re=KEY, code="wrong_key", compare=("can",)))
    hall.take(sealed(command))
    assert (read_of(cards).failed, read_of(cards).compare, read_of(cards).filled) == ("wrong_key", ("can",), None)


def test_fields_nobody_agreed_to_are_not_kept(hall: Hall, cards: Cards) -> None:
    assert CardField.BIRTH_PLACE not in cards.fields()
    assert CardField.IIN not in cards.fields()
    hall.take(sealed(begin(cards), fields={"sex": "F", "surname": SECRET, "birth_place": "Зразків"}))
    filled = read_of(cards).filled
    assert filled is not None
    assert list(filled.fields) == [CardField.SURNAME, CardField.SEX]


@pytest.mark.parametrize(
    "more", [{"level": "golden"}, {"fields": {"dog": "Rex"}}, {"fields": {"surname": 5}}, {"about": "card.fields c-2"}], ids=str
)  # fmt: skip
def test_what_is_not_what_was_agreed_is_a_failure(hall: Hall, cards: Cards, more: dict[str, Any]) -> None:
    hall.take(sealed(begin(cards), **more))
    assert (read_of(cards).failed, read_of(cards).filled) == (card.LOST, None)


def test_every_word_of_a_reader_has_a_text_in_every_language() -> None:
    keys = [f"card.field.{name}" for name in CardField]
    keys += [f"card.reason.{reason}" for reason in Reason] + [f"card.note.{note}" for note in Note]
    keys += [f"card.level.{level.name.lower()}" for level in Level]
    keys += [*card.FAILED.values(), *card.STEPS.values(), *card.COMPARE.values(), "terminal.card_not_read"]
    assert all(Texts(language).get(key) for language in LANGUAGES for key in keys)
    assert set(card.FAILED) <= {code.value for code in Code}
    assert set(card.STEPS) == {step.value for step in Step} | {SWIPE, SWIPE_AGAIN}


def test_the_fields_of_the_contract_are_those_that_leave_a_card() -> None:
    assert {str(name) for name in CardField} == FIELDS
    knob = rules.knobs()["card.prefill_fields"]
    assert knob.accepts(knob.default)
    assert not any(knob.accepts(value) for value in ([], ["fingerprint"], "surname", [["surname"]]))

"""Five hall days and 5,000 tickets through the truth and a real journal, with requests lost and repeated at random."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract import messages as m
from contract.hall import Hall
from contract.words import Paper, TicketState
from coordinator.state import load
from coordinator.truth import Answer, Ask, Outcome, Truth
from journal.event import Row, facts_of
from journal.journal import Journal
from journal.schema import HALL
from journal.verify import verify
from tests.small_hall import BRIDGE, CONSOLE, KIOSK, OPERATORS, OTHER_KIOSK, hall

DAYS, PER_DAY, SEED = 5, 1000, 20260316
LOST, TWICE, ANSWER_LOST = 0.1, 0.1, 0.1
PADS = ("pad-1", "pad-2", "pad-4")
AT_ONCE, STEP_S = 4, 100.0


class Crowd:
    """Boxes that ask: some questions never arrive, some arrive twice, some answers are lost and the question is asked again."""

    def __init__(self, journal: Journal, document: Hall) -> None:
        self.dice = random.Random(SEED)
        self.journal, self.hall = journal, document
        self.now = datetime(2026, 3, 16, 3, 0, tzinfo=UTC)  # Monday, 09:00 in the hall
        self.answers: dict[str, Answer] = {}
        self.repeats = 0
        self._open: list[Ask] = []
        self._facts: list[m.PaperFact] = []
        self._number = self._printed_so_far = 0
        self.restart()

    def restart(self) -> None:
        """The coordinator starts again: the state is what the rows say."""
        tables = ("day", "window", "ticket", "series")
        newest = max((str(d["day"]) for d in self.journal.rows("day")), default=None)
        rows = [Row(t, r) for t in tables for r in self.journal.rows(t) if t == "window" or r["day"] == newest]
        self.truth = Truth(self.journal, load(self.hall, rows), lambda pin, pin_hash: pin_hash == f"pin of {pin}")

    def open(self, day: int) -> None:
        """The hall opens on its `day`, and the operators come."""
        self.now = datetime(2026, 3, 16 + day, 3, 0, tzinfo=UTC)
        self.truth.tick(self.now)
        for window, operator in OPERATORS.items():
            for command in (
                m.WindowLogin(id=self._id(), window=window, operator=operator, pin=operator),
                m.WindowOpen(id=self._id(), window=window),
            ):
                reply = self.truth.handle([Ask(CONSOLE, command)], self.now).answers[0].reply
                assert isinstance(reply, m.Done), reply

    def step(self) -> None:
        """A minute and a half of the hall: visitors take tickets, windows press, what is open is asked again."""
        self.now += timedelta(seconds=STEP_S)
        for _ in range(AT_ONCE):
            self._open += self._wishes()
        self.truth.tick(self.now)
        self._hear(self.truth.handle(self._arriving(), self.now))

    def drain(self) -> None:
        """Ask until everything is answered."""
        while self._open or self._facts:
            self._hear(self.truth.handle(self._arriving(), self.now))

    def _wishes(self) -> list[Ask]:
        kiosk = self.dice.choice((KIOSK, OTHER_KIOSK))
        service = self.dice.choice(("advice", "intake", "birth", "loss", "passport"))
        wishes = [Ask(kiosk, m.TicketIssue(id=self._id(), service=service, lang="en", paper=kiosk is KIOSK))]
        wishes += [Ask(BRIDGE, m.CallNext(id=self._id(), unit=pad)) for pad in PADS if self.dice.random() < 0.6]
        if self.dice.random() < 0.6:
            wishes.append(Ask(CONSOLE, m.CallNext(id=self._id(), window="W3")))
        return wishes

    def _arriving(self) -> list[Ask]:
        asks = [ask for ask in self._open if self.dice.random() >= LOST]
        asks += [ask for ask in asks if self.dice.random() < TWICE]
        facts = [Ask(KIOSK, fact) for fact in self._facts if self.dice.random() >= LOST]
        return asks + facts

    def _hear(self, outcome: Outcome) -> None:
        self.repeats += outcome.repeated
        for answer in outcome.answers:
            reply, key = answer.reply, f"{answer.dev}/{answer.reply.re}"
            assert self.answers.setdefault(key, answer) == answer, "a repeat is answered the same, byte for byte"
            if self.dice.random() < ANSWER_LOST:
                continue
            asked = [a for a in self._open if a.message.id == reply.re]
            if asked and isinstance(reply, m.Issued) and asked[0].actor is KIOSK:
                self._printed(reply.ticket)
            self._open = [a for a in self._open if a.message.id != reply.re]
        for _, upto in outcome.acks.values():
            self._facts = [f for f in self._facts if f.sq > upto]

    def _printed(self, ticket: str) -> None:
        self._printed_so_far += 1
        fact = m.PaperFact(
            id=f"f-{self._printed_so_far}", inc="kiosk", ep=1, sq=self._printed_so_far, ticket=ticket,
            paper=Paper.CONFIRMED, job=ticket,
        )  # fmt: skip
        self._facts.append(fact)

    def _id(self) -> str:
        self._number += 1
        return f"c-{self._number}"


def test_no_label_and_no_call_is_doubled_and_the_rows_are_the_events(tmp_path: Path) -> None:
    document = hall(rules={"call.double_press_s": 0, "ticket.last_before_close_min": 0})
    path = tmp_path / "hall.db"
    with Journal.open(path, "small", HALL, lambda: datetime(2026, 3, 16, tzinfo=UTC)) as journal:
        crowd = Crowd(journal, document)
        for day in range(DAYS):
            crowd.open(day)
            for n in range(PER_DAY // AT_ONCE):
                crowd.step()
                if n % 100 == 99:
                    crowd.restart()
            crowd.drain()
        crowd.truth.tick(crowd.now + timedelta(days=1))
        check(journal, crowd)
    assert verify(path, "small", HALL).problems == ()


def check(journal: Journal, crowd: Crowd) -> None:
    tickets = journal.rows("ticket")
    issued = [a.reply for a in crowd.answers.values() if isinstance(a.reply, m.Issued)]
    assert len(tickets) == len(issued) == DAYS * PER_DAY
    assert crowd.repeats > 1000
    assert len({(t["day"], t["label"]) for t in tickets}) == len(tickets)
    assert {(str(a.day), a.label) for a in issued} == {(t["day"], t["label"]) for t in tickets}

    calls = [e for e in journal.events(0, 1_000_000) if e.kind == "ticket.called"]
    assert max(Counter(str(facts_of(e.body)["ticket"]) for e in calls).values()) == 1
    presses = Counter(e.cmd for e in calls if f"bridge-1/{e.cmd}" in crowd.answers)
    assert max(presses.values()) == 1
    assert len(calls) > DAYS * PER_DAY / 2
    ended = {TicketState.FINISHED, TicketState.NO_SHOW, TicketState.CANCELLED}
    assert {t["state"] for t in tickets} <= ended

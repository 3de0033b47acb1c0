"""Engine and journal as one: a batch of asks in, one commit, replies and events out. What is answered is on disk before.

A repeated command id gets the stored reply and changes nothing; a repeated fact is only acknowledged. The fact that a press tells
is known by its id, too: a bridge that was killed before its pad heard of it puts the same press into its outbox again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, assert_never

from contract import messages as m
from contract.words import Refusal, Role
from coordinator.engine import Actor, Alarmed, News, PaperKnown, Rated, Tick, decide, take
from coordinator.record import Person, whole
from coordinator.row import image
from coordinator.state import HallDay
from coordinator.till import Present
from coordinator.window import Verify
from journal.event import Event
from journal.heard import Heard
from journal.journal import Also, Journal
from journal.persons import Persons


@dataclass(frozen=True, slots=True)
class Ask:
    """A command or fact of the box `actor`."""

    actor: Actor
    message: m.HallCommand | m.AnyFact


_Press = m.AlarmFact | m.RatingFact
"""Facts whose id names the press that told them."""


class Answer(NamedTuple):
    """What the box `dev` is answered; `data`: the reply as it is stored and sent."""

    dev: str
    reply: m.AnyReply
    data: bytes


@dataclass(slots=True)
class Outcome:
    """What a batch came to. `answers` in the order of the commands; `acks`: device → (incarnation, up to which sequence).

    `missed`: device → how many facts its box has forgotten that this journal does not have: a backup was put back.
    """

    answers: list[Answer] = field(default_factory=list)
    acks: dict[str, tuple[str, int]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    repeated: int = 0
    out_of_order: int = 0
    missed: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Batch:
    """A batch so far. `known`: replies by key, of before and of now; `stored`: those of now; `marks`: up to where each box was heard."""

    known: dict[str, str]
    stored: list[tuple[str, str]] = field(default_factory=list)
    marks: dict[str, tuple[str, int]] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)

    def keep(self, key: str, reply: bytes) -> None:
        """Answer `key` with this from now on."""
        self.known[key] = reply.decode()
        self.stored.append((key, self.known[key]))


class Truth:
    """The one writer of the hall. Not thread-safe: its owner is the reactor."""

    def __init__(self, journal: Journal, state: HallDay, verify: Verify, present: Present = lambda _dev: True) -> None:
        """`verify(pin, pin_hash)` checks a PIN (slow on purpose); `present(dev)`: whether a box is connected."""
        self.journal, self.state = journal, state
        self._verify, self._present = verify, present
        self._heard = Heard(journal)
        self._persons = Persons(journal)
        self._named: list[Person] = []
        self.refusing: Refusal | None = None

    def handle(self, asks: Sequence[Ask], now: datetime) -> Outcome:
        """Do a batch. `now`: hall time. Raises: JournalError: nothing of it is kept or answered; the process is to end."""
        now = whole(now)
        batch = _Batch(self.journal.seen([_key(ask) for ask in asks if isinstance(ask.message, m.Command | _Press)]))
        outcome, fresh = batch.outcome, dict[str, Answer]()
        for ask in asks:
            if isinstance(ask.message, m.Fact):
                self._fact(ask, ask.message, now, batch)
                continue
            key = _key(ask)
            if key in batch.known and key not in fresh:
                stored = batch.known[key]
                fresh[key] = Answer(ask.actor.dev, m.REPLIES.validate_json(stored), stored.encode())
            if key in fresh:
                outcome.repeated += 1
            else:
                reply = self._command(ask, ask.message, now, outcome)
                fresh[key] = Answer(ask.actor.dev, reply, m.encode(reply))
                if self.refusing is None:
                    batch.keep(key, fresh[key].data)
            outcome.answers.append(fresh[key])
        self._commit(outcome.events, batch.stored, batch.marks)
        outcome.acks.update(batch.marks)
        return outcome

    def tick(self, now: datetime) -> Outcome:
        """What time alone brings: opening, closing, grace of papers, armed windows."""
        outcome = Outcome()
        if self.refusing is None:
            outcome.events += self._decide(Tick(), COORDINATOR, now)[0]
            self._commit(outcome.events, [], {})
        return outcome

    def note(self, events: Sequence[Event]) -> None:
        """Keep what no command brought and no reply tells. Raises: JournalError, as `handle`."""
        if self.refusing is None:
            self._commit(events, [], {})

    def _command(self, ask: Ask, command: m.HallCommand, now: datetime, outcome: Outcome) -> m.AnyReply:
        if self.refusing is not None:
            return m.Refused(
                id=f"r-{command.id}"[:64], re=command.id, code=self.refusing, text="the journal's disk is nearly full"
            )
        events, reply = self._decide(command, ask.actor, now)
        outcome.events += events
        assert reply is not None  # the engine answers every command
        return reply

    def _fact(self, ask: Ask, fact: m.AnyFact, now: datetime, batch: _Batch) -> None:
        dev, marks, outcome = ask.actor.dev, batch.marks, batch.outcome
        if self.refusing is not None:
            return
        inc, upto = marks.get(dev) or self._heard.mark(dev)
        if inc != fact.inc:
            inc, upto = fact.inc, fact.sq - 1
        if fact.held is not None and fact.held > upto + 1:
            outcome.missed[dev] = outcome.missed.get(dev, 0) + fact.held - upto - 1
            upto = fact.held - 1
        if fact.sq == upto + 1:
            outcome.events += self._learned(ask, fact, now, batch)
            upto = fact.sq
        elif fact.sq <= upto:
            outcome.repeated += 1
        else:
            outcome.out_of_order += 1
        marks[dev] = (inc, upto)

    def _learned(self, ask: Ask, fact: m.AnyFact, now: datetime, batch: _Batch) -> Sequence[Event]:
        """What a fact changes that follows on the one before."""
        news = _news(fact)
        if news is None:
            return ()
        if isinstance(fact, _Press):
            if _key(ask) in batch.known:
                batch.outcome.repeated += 1
                return ()
            batch.keep(_key(ask), m.encode(m.Done(id=f"r-{fact.id}"[:64], re=fact.id)))
        return self._decide(news, ask.actor, now)[0]

    def _decide(
        self, what: m.HallCommand | News | Tick, actor: Actor, now: datetime
    ) -> tuple[Sequence[Event], m.AnyReply | None]:
        decided = decide(self.state, what, actor, now, self._verify, self._present)
        if isinstance(decided, m.Refused):
            return (), decided
        take(self.state, decided)
        self._named += decided.persons
        return decided.events, decided.reply

    def _commit(
        self, events: Sequence[Event], replies: Sequence[tuple[str, str]], marks: dict[str, tuple[str, int]]
    ) -> None:
        also = [self._heard.keep(marks)] if marks else []
        if self._named:
            also.append(self._persons.keep([image(person).values for person in self._named]))
            self._named.clear()
        if events or replies or marks:
            self.journal.commit(events, replies, also=_all(also) if also else None)


def _news(fact: m.AnyFact) -> News | None:
    """What a fact means to the hall; None: a box's fault, which is told in its health."""
    match fact:
        case m.PaperFact():
            return PaperKnown(fact.ticket, fact.paper)
        case m.AlarmFact():
            return Alarmed(fact.unit)
        case m.RatingFact():
            return Rated(fact.unit, fact.score)
        case m.PaymentFact() | m.CassetteFact() | m.BalanceFact() | m.CertificateFact():
            return fact
        case m.FaultFact():
            return None
        case _:
            assert_never(fact)


def _all(writes: Sequence[Also]) -> Also:
    return lambda connection: [write(connection) for write in writes]


COORDINATOR = Actor("coordinator", Role.COORDINATOR)


def _key(ask: Ask) -> str:
    return f"{ask.actor.dev}/{ask.message.id}"

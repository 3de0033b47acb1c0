"""What the hall must learn from a box: facts put into its outbox, published until they are acknowledged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from contract import messages as m
from contract.topics import UP_EV
from contract.words import Paper
from journal.drain import Drain
from journal.event import Event
from journal.journal import Journal
from journal.outbox import Fact, Outbox
from runtime.asker import new_id
from runtime.box import Box
from runtime.clock import utc_now

BATCH = 64


class Telling:
    """Facts are put from any thread; `tick`, `up`, `down` and `heard` belong to the link's thread."""

    def __init__(self, journal: Journal, now: Callable[[], datetime] = utc_now) -> None:
        self._outbox = Outbox(journal)
        self._drain = Drain(self._outbox.upto)
        self._now = now

    @property
    def depth(self) -> int:
        """How many wait for their acknowledgement."""
        return self._outbox.depth

    def put(self, fact: Mapping[str, object], key: str = "") -> None:
        """Remember a fact (its fields without the envelope); durable when this returns. `key`: its message id, "" for a new one."""
        self._outbox.put(self._body(fact, key))

    def paper(self, ticket: str, paper: Paper, job: str) -> None:
        """What became of a ticket's paper; durable when this returns."""
        self.put({"t": "paper", "ticket": ticket, "paper": paper, "job": job})

    def fault(self, fault: str, *, cleared: bool) -> None:
        """A fault came or went; durable when this returns."""
        self.put({"t": "fault", "fault": fault, "since": m.utc(self._now()), "cleared": cleared})

    def put_all(self, facts: Sequence[Mapping[str, object]], events: Sequence[Event]) -> None:
        """Remember facts in the same transaction as the box's own `events`; durable when this returns."""
        self._outbox.put_all([self._body(fact) for fact in facts], events)

    def up(self, now: float) -> None:
        """The link is up: everything unacknowledged goes out again."""
        self._drain.connected(now)

    def down(self) -> None:
        """The link is gone."""
        self._drain.disconnected()

    def heard(self, ack: m.Ack, now: float) -> None:
        """The hall has all facts up to `ack.upto`."""
        if self._outbox.acked(ack.inc, ack.upto):
            self._drain.acked(ack.upto, now)

    def tick(self, box: Box, now: float) -> None:
        """Publish what is due."""
        due = self._drain.due(self._outbox.last, now)
        for fact in self._outbox.pending(due.start - 1, min(len(due), BATCH)) if due else ():
            box.publish(UP_EV, _message(fact, self._outbox.upto + 1))
            self._drain.sent(fact.sq, now)
        box.outbox_depth = self.depth

    def _body(self, fact: Mapping[str, object], key: str = "") -> str:
        return json.dumps({"v": 1, "id": key or new_id("f"), "at": m.utc(self._now()), **fact})


def _message(fact: Fact, held: int) -> m.Message:
    body = json.loads(fact.body)
    return m.decode(json.dumps({**body, "inc": fact.inc, "ep": fact.ep, "sq": fact.sq, "held": held}).encode())

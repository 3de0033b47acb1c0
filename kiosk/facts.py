"""What the hall must learn from this box: papers and faults, kept in the outbox until they are acknowledged."""

from __future__ import annotations

from contract import messages as m
from contract.words import Paper
from journal.telling import Telling


class Facts(Telling):
    """A kiosk's facts, as `Telling` has them."""

    def paper(self, ticket: str, paper: Paper, job: str) -> None:
        """What became of a ticket's paper; durable when this returns."""
        self.put({"t": "paper", "ticket": ticket, "paper": paper, "job": job})

    def fault(self, fault: str, *, cleared: bool) -> None:
        """A fault came or went; durable when this returns."""
        self.put({"t": "fault", "fault": fault, "since": m.utc(self._now()), "cleared": cleared})

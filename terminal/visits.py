"""The question for a ticket that is open, durable before it is asked: a restart asks it again by the same id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from contract import messages as m
from contract.errors import ContractError
from journal.event import Event, Row, Scalar
from journal.journal import Journal, stamp
from terminal.state import Again


class Visits:
    """The table `visit` of the box's journal. `now`: the clock on the wall, aware. One thread uses it."""

    def __init__(self, journal: Journal, dev: str, now: Callable[[], datetime]) -> None:
        self._journal, self._dev, self._now = journal, dev, now
        self._open = {str(row["id"]) for row in journal.rows("visit", state="asked")}

    def asking(self, command: m.TicketIssue) -> None:
        """Remember the question; durable when this returns. One that is open is remembered already."""
        if command.id in self._open:
            return
        words = {"lang": command.lang, "service": command.service, "old": "", "command": m.encode(command).decode()}
        self._open.add(command.id)
        self._commit("visit.asked", {"id": command.id, "state": "asked", "at": stamp(self._now()), **words})

    def ended(self) -> None:
        """The visitor has gone: nothing is asked any more."""
        for visit in sorted(self._open):
            for row in self._journal.rows("visit", id=visit):
                self._commit("visit.ended", {**row, "state": "ended"})
        self._open.clear()

    def young(self, limit_s: float) -> Again | None:
        """The question to go on with; None: there is none, or nobody waits for its answer any more: then it is ended."""
        for row in self._journal.rows("visit", state="asked"):
            age = self._now() - datetime.fromisoformat(str(row["at"]))
            command = _command(str(row["command"]))
            if command is not None and timedelta() <= age <= timedelta(seconds=limit_s):
                return Again(command)
        self.ended()
        return None

    def _commit(self, kind: str, row: Mapping[str, Scalar]) -> None:
        event = Event(kind, stamp(self._now()), self._dev, cmd=str(row["id"]), rows=(Row("visit", row),))
        self._journal.commit([event])


def _command(text: str) -> m.TicketIssue | None:
    try:
        command = m.decode(text.encode())
    except ContractError:  # written by an older version that asked otherwise
        return None
    return command if isinstance(command, m.TicketIssue) else None

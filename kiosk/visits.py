"""The visitors' transactions that are open, durable before anything is asked: a restart goes on where the box stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from contract import messages as m
from contract.errors import ContractError
from journal.event import Event, Row, Scalar
from journal.journal import Journal
from kiosk.state import Ask, Asked, Resumed

RESUME_S = 120.0
"""Nobody stands before a kiosk that was away for longer: such a transaction is not asked again."""


class Visits:
    """The table `visit` of the box's journal. `now`: the clock on the wall, aware. One thread uses it."""

    def __init__(self, journal: Journal, dev: str, now: Callable[[], datetime]) -> None:
        self._journal, self._dev, self._now = journal, dev, now

    def asking(self, ask: Ask) -> None:
        """Remember the question; durable when this returns."""
        self._save("visit.asked", ask.visit, "asked", ask)

    def ended(self, visit: str) -> None:
        """The transaction needs no more asking."""
        for row in self._journal.rows("visit", id=visit):
            self._commit("visit.ended", visit, {**row, "state": "ended"})

    def open(self) -> Resumed | None:
        """The transaction to go on with, None when there is none that is young enough; older ones are ended."""
        found = None
        for row in self._journal.rows("visit", state="asked"):
            age = self._now() - datetime.fromisoformat(str(row["at"]))
            resumed = _resumed(row) if timedelta() <= age <= timedelta(seconds=RESUME_S) else None
            if resumed is None:
                self.ended(str(row["id"]))
            else:
                found = resumed
        return found

    def _save(self, kind: str, visit: str, state: str, ask: Ask) -> None:
        row = {
            "id": visit, "state": state, "command": m.encode(ask.command).decode(), "lang": ask.lang, "service": ask.service,
            "old": ask.old, "at": m.utc(self._now()),
        }  # fmt: skip
        self._commit(kind, visit, row)

    def _commit(self, kind: str, visit: str, row: Mapping[str, Scalar]) -> None:
        event = Event(kind, m.utc(self._now()), self._dev, cmd=visit, rows=(Row("visit", row),))
        self._journal.commit([event])


def _resumed(row: Mapping[str, Scalar]) -> Resumed | None:
    try:
        command = m.decode(str(row["command"]).encode())
    except ContractError:  # written by an older version that asked otherwise
        return None
    if not isinstance(command, Asked):
        return None
    return Resumed(str(row["id"]), command, str(row["lang"]), str(row["service"]), str(row["old"]))

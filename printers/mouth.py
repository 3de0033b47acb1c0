"""A presenter's mouth: whether the paper that was held out was taken, or taken back. Pure."""

from __future__ import annotations

from enum import StrEnum

from printers.session import Session

ANSWER_S = 1.0


class Mouth(StrEnum):
    """What became of the paper that a presenter holds out."""

    WAITING = "waiting"
    """It hangs out of the printer."""
    TAKEN = "taken"
    RETRACTED = "retracted"
    """Nobody took it: the printer pulled it in again."""


class MouthWatch:
    """Follows one printer's mouth by its full status; the count of retracts tells why it is empty."""

    def __init__(self) -> None:
        self._waiting = False
        self._retracts = 0
        self._asked_at: float | None = None

    def look(self, session: Session, now: float) -> Mouth | None:
        """What is new, None when nothing is."""
        if session.model is None or not session.model.presenter or session.state is None:
            return None
        if self._asked_at is not None:
            return self._emptied(session, now)
        waiting = session.state.mouth
        if waiting == self._waiting:
            self._retracts = session.counters.get("ret", self._retracts)
            return None
        self._waiting = waiting
        if waiting:
            return Mouth.WAITING
        session.counters.pop("ret", None)
        session.count(now)
        self._asked_at = now
        return None

    def _emptied(self, session: Session, now: float) -> Mouth | None:
        told = session.counters.get("ret")
        if told is None and self._asked_at is not None and now - self._asked_at < ANSWER_S:
            return None
        self._asked_at = None
        before, self._retracts = self._retracts, self._retracts if told is None else told
        return Mouth.RETRACTED if self._retracts > before else Mouth.TAKEN

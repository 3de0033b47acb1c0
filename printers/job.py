"""One paper's life, as a table: what is known about it, and what may become known next. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from contract.errors import ViknoError
from contract.words import Paper


class JobState(StrEnum):
    """What is known about one print job; each step is durable before anything that follows from it."""

    NEW = "NEW"
    """Accepted; not a byte of it was sent."""
    SENT = "SENT"
    """Bytes may be on their way; written down before the first of them."""
    CONFIRMED = "CONFIRMED"
    """The printer proved in time that all of it is printed."""
    UNKNOWN = "UNKNOWN"
    """A fault came between sending and proof: there may be a paper, a half, or none."""
    CONFIRMED_LATE = "CONFIRMED_LATE"
    """The proof came after the fault; the paper is good."""
    UNPROVED = "UNPROVED"
    """Handed to a printer that can prove nothing: most likely on paper, and never known. The hall is told `unknown`."""
    VOIDED = "VOIDED"
    """Never sent, or cleared out of the printer: whatever was printed of it is dead."""


class JobError(ViknoError):
    """A job was moved against its table: a bug, not a device fault."""


_S = JobState
NEXT: dict[JobState, frozenset[JobState]] = {
    _S.NEW: frozenset({_S.SENT, _S.VOIDED}),
    _S.SENT: frozenset({_S.CONFIRMED, _S.UNKNOWN, _S.UNPROVED}),
    _S.UNKNOWN: frozenset({_S.CONFIRMED_LATE, _S.VOIDED}),
    _S.CONFIRMED: frozenset(),
    _S.CONFIRMED_LATE: frozenset(),
    _S.UNPROVED: frozenset(),
    _S.VOIDED: frozenset(),
}
OPEN = frozenset(state for state, then in NEXT.items() if then)

_PAPER: dict[JobState, Paper | None] = {
    _S.NEW: None,
    _S.SENT: Paper.SENT,
    _S.CONFIRMED: Paper.CONFIRMED,
    _S.UNKNOWN: Paper.UNKNOWN,
    _S.CONFIRMED_LATE: Paper.CONFIRMED,
    _S.UNPROVED: Paper.UNKNOWN,
    _S.VOIDED: Paper.VOID,
}


@dataclass(frozen=True, slots=True)
class Job:
    """One print job. `ticket`: None where the paper is no ticket; `cmd`: the visitor's transaction; `hash`: SHA-256 of the
    bytes, hex; times are aware UTC, None while not reached; `note`: why it ended as it did, for staff, in English.
    """

    id: str
    ticket: str | None
    kind: str
    cmd: str
    hash: str
    at_new: datetime
    state: JobState = JobState.NEW
    at_sent: datetime | None = None
    at_end: datetime | None = None
    note: str | None = None

    @property
    def mark(self) -> bytes:
        """The four characters by which the printer names this job in its proof (see `process_mark`)."""
        return process_mark(self.id)

    @property
    def paper(self) -> Paper | None:
        """The same in the hall's words; None while nothing was sent."""
        return _PAPER[self.state]

    def moved(self, state: JobState, at: datetime, note: str | None = None) -> Job:
        """The job one step on. Raises: JobError: the table has no such step."""
        if state not in NEXT[self.state]:
            raise JobError(f"job {self.id}: {self.state} → {state}: allowed {sorted(NEXT[self.state]) or 'nothing'}")
        sent = at if state is JobState.SENT else self.at_sent
        end = None if state in OPEN else at
        return replace(self, state=state, at_sent=sent, at_end=end, note=note or self.note)


def process_mark(job_id: str) -> bytes:
    """Four printable characters for `GS ( H` function 48, made from the job's id: the same after a restart.

    Two of the few jobs that are open together share a mark once in 81 million.
    """
    number = int.from_bytes(sha256(job_id.encode()).digest()[:8], "big")
    return bytes(0x20 + number // 95**place % 95 for place in range(4))

"""The job on its way and those in doubt: what has to be said to the printer so that each ends in a truth. Pure but for its port.

One paper at a time. A fault while one is on its way makes it UNKNOWN, and from then on not a byte of it is sent. A printer that
can purge is told to forget; one that cannot is asked, once it goes again, for a sign that it has come to the end of what it
holds. Either answer ends the doubt: if the proof came before, the paper is good, else it is dead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from printers.band import BAND_ROWS
from printers.commands import CLEAR, CUT, ORDER, START, padding
from printers.job import Job, JobState
from printers.model import CLONE, Model, Proof
from printers.session import Session
from printers.status import STOPS

CLEAR_AGAIN_S = 1.0
PROOF_S = 3.0
PATIENCE = 3
"""So often a printer nobody knows is told to forget before it is taken for one that cannot."""
BY_ORDER = "proved by order only"


class Papers:
    """`keep` makes a job's step durable and tells it; `utc` is the clock on the wall. One connection after the other."""

    def __init__(self, keep: Callable[[Job], None], utc: Callable[[], datetime], model: Model | None) -> None:
        """`model`: None as long as the printer has not said who it is."""
        self._keep, self._utc = keep, utc
        self.current: Job | None = None
        self.unknown: dict[bytes, Job] = {}
        self.model = model
        self._deadline = 0.0
        self._reached_at: float | None = None
        self._places: deque[tuple[bytes | None, int]] = deque()
        """Whose place was asked for (None: the end of all that the printer holds), and where in the bytes the question ends."""
        self._clear_at = 0.0
        self._clears = 0
        self._emptied_at: float | None = None

    def settle_last_run(self, left: list[Job]) -> None:
        """Take over what an earlier run left open."""
        for job in left:
            match job.state:
                case JobState.NEW:
                    self.move(job, JobState.VOIDED, "never sent: the box was restarted")
                case JobState.SENT:
                    self.unknown[job.mark] = self.move(job, JobState.UNKNOWN, "the box was restarted")
                case _:
                    self.unknown[job.mark] = job

    def connected(self, session: Session, now: float, *, strange: bool = False) -> None:
        """A new line: what was asked on the old one will not be answered here. `strange`: somebody else used the printer."""
        self._places.clear()
        self._reached_at = None
        self._clear_at, self._clears = now, 0
        if self.unknown:
            return
        purges = self.model is not None and self.model.purge
        session.identify(now, b"" if not strange else CLEAR if purges else _out_of_picture(self.model or CLONE))

    def begin(self, job: Job, data: bytes, session: Session, now: float, takes_s: float) -> None:
        """Send a NEW job; `takes_s`: line and mechanics together."""
        self.current = self.move(job, JobState.SENT)
        session.put(data, now)
        self._reached_at = None
        self._deadline = now + PROOF_S + takes_s
        if self.model is not None and self.model.proof is Proof.ORDER:
            self._places.append((job.mark, session.end))

    def printed(self, mark: bytes) -> bool:
        """The proof named `mark`; False when nobody waits for it."""
        if self.current is not None and self.current.mark == mark:
            job, self.current = self.current, None
            self.move(job, JobState.CONFIRMED)
        elif mark in self.unknown:
            self.move(self.unknown.pop(mark), JobState.CONFIRMED_LATE)
        else:
            return False
        return True

    def reached(self, session: Session, now: float) -> None:
        """`GS r` was answered: the oldest place that was asked for is reached.

        An answer before the question is out belongs to somebody who had the printer before.
        """
        if not self._places or not session.out(self._places[0][1]):
            return
        mark, _ = self._places.popleft()
        if mark is None:
            self._emptied(session, now)
        elif self.current is not None and self.current.mark == mark:
            self._reached_at = now
            session.ask_now(now)
        elif mark in self.unknown:
            self.move(self.unknown.pop(mark), JobState.CONFIRMED_LATE, BY_ORDER)

    def cleared(self, session: Session, now: float) -> None:
        """The purge was answered."""
        if self.unknown and self._emptied_at is None:
            session.put(CUT, now)  # a half paper must not hang on to the next one
        self._emptied(session, now)

    def _emptied(self, session: Session, now: float) -> None:
        """The printer holds nothing any more: what is not proved by now never will be.

        The papers die when the printer has said once more how it is: whoever hears of a dead paper asks at once whether there is
        paper for the next, and the last status may be from before the new roll.
        """
        if self.unknown:
            self._emptied_at = now if self._emptied_at is None else self._emptied_at
            session.ask_now(now)
        session.identify(now)

    def _bury(self, session: Session, emptied_at: float, now: float) -> None:
        if session.state is None or session.state.at <= emptied_at:
            session.ask(now)
            return
        self._emptied_at = None
        for mark in list(self.unknown):
            self.move(self.unknown.pop(mark), JobState.VOIDED)

    def doubt(self, note: str) -> bool:
        """The paper on its way can no longer be trusted; True when there was one."""
        if self.current is None:
            return False
        job, self.current = self.current, None
        self.unknown[job.mark] = job
        self.unknown[job.mark] = self.move(job, JobState.UNKNOWN, note)
        self._clear_at, self._clears = 0.0, 0
        return True

    def watch(self, session: Session, now: float) -> str | None:
        """End the paper on its way where its fate is known; else why it cannot be trusted any more, None while it can."""
        if self.current is None:
            return None
        state = session.state
        if state is not None and state.fault in STOPS:
            return f"stopped while printing: {state.fault}"
        if self._reached_at is not None and state is not None and state.ready and state.at > self._reached_at:
            job, self.current = self.current, None
            self.move(job, JobState.CONFIRMED, BY_ORDER)
            return None
        if self.model is not None and self.model.proof is Proof.NONE and not session.outgoing:
            job, self.current = self.current, None
            self.move(job, JobState.UNPROVED, "this printer can prove nothing")
            return None
        return "no proof in time" if now >= self._deadline else None

    def resolve(self, session: Session, now: float) -> None:
        """Say what ends the doubt, when it is time to say it (again)."""
        if self._emptied_at is not None:
            self._bury(session, self._emptied_at, now)
            return
        if not self.unknown or now < self._clear_at or session.probing:
            return
        self._clear_at = now + CLEAR_AGAIN_S
        if self.model is None and self._clears >= PATIENCE and session.state is not None and session.state.ready:
            session.identify(now, _out_of_picture(CLONE))
        elif self.model is None or self.model.purge:
            self._clears += 1
            session.clear(now)
        elif not self._ending and session.state is not None and session.state.ready and not session.outgoing:
            session.put(_out_of_picture(self.model) + CUT + ORDER, now)
            self._places.append((None, session.end))

    @property
    def _ending(self) -> bool:
        """Whether the printer was asked for the end of all that it holds."""
        return any(mark is None for mark, _ in self._places)

    def move(self, job: Job, state: JobState, note: str | None = None) -> Job:
        """One step on, durable and told."""
        moved = job.moved(state, self._utc(), note)
        self._keep(moved)
        return moved


def _out_of_picture(model: Model) -> bytes:
    """Ends the picture in whose middle a sender may have stopped."""
    return padding(model.width_dots, BAND_ROWS) + START

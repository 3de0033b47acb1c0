"""The printer for A4 sheets: takes PDFs, hands one after the other to a queue, and says of each what is certain.

A queue says `completed` when it gave its last byte away: never a proof that a paper lies in the tray, so such a job is UNPROVED. A
sheet shows personal data: what cannot be printed now is cancelled at once, so that it does not come out when somebody else stands there.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from types import TracebackType

import structlog

from contract.errors import TransientDeviceError
from contract.hints import HINTS
from printers.ipp import ENDED, JobWord
from printers.job import Job, JobState
from printers.printer import QUEUE_JOBS, About
from printers.spool import RefusedError, Spool, Standing
from printers.status import PrinterState
from printers.store import JobStore
from runtime.clock import utc_now
from runtime.supervise import crash

KIND = "certificate"
"""Of the jobs that are this printer's, as in its store."""
PATIENCE_S = 60.0
"""Longer no paper is waited for: it is cancelled."""
ARRIVED_S = 3.0
"""So long a queue is asked for a paper whose answer was lost."""
_LOOK_S = 1.0
_WATCH_S = 0.25
_STALE_S = 3 * _LOOK_S
_TICK_S = 0.2


@dataclass(frozen=True, slots=True)
class _Order:
    job_id: str
    cmd: str
    pdf: bytes = field(repr=False)


@dataclass(slots=True)
class _Paper:
    """The one on its way. `number`: at the queue, None while the queue has not said it; `until`: patience ends."""

    job: Job
    number: int | None
    until: float


class SheetPrinter:
    """Owns one queue and its thread; the same manners as `printers.printer.TicketPrinter`.

    Each step of a job is in `store` before anything follows from it, then told to `on_job` on the printer's thread. A job of an
    earlier run, and one that a fault, a refusal or the end of patience stopped, is cancelled at the queue and VOIDED; until the queue
    said so it is UNKNOWN, and the printer `printer_settling`. PDFs are in memory only.
    """

    def __init__(
        self,
        url: str,
        store: JobStore,
        on_job: Callable[[Job], object],
        on_state: Callable[[PrinterState], object] = lambda _state: None,
        *,
        device_id: str,
        kind: str = KIND,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
        utc: Callable[[], datetime] = utc_now,
    ) -> None:
        """`store`: its open jobs are those of `kind`. Raises: ContractError: see `printers.spool.Spool`."""
        self._spool = Spool(url, device_id)
        self._store, self._on_job, self._on_state = store, on_job, on_state
        self._device_id, self._kind, self._patience_s, self._clock, self._utc = device_id, kind, patience_s, clock, utc
        self._log = structlog.get_logger(__name__).bind(device=device_id)
        self._orders: queue.Queue[_Order] = queue.Queue(QUEUE_JOBS)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=crash(self._run), name=f"printer-{device_id}", daemon=True)
        self._state = PrinterState("device_missing")
        self._model = ""
        self._look_at = self._resolve_at = 0.0
        self._paper: _Paper | None = None
        self._doubtful: dict[str, Job] = {}

    def __enter__(self) -> SheetPrinter:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.stop(_STALE_S)

    def start(self) -> None:
        """Settle what an earlier run left open, then take orders."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Stop within `timeout_s`; twice is fine. What is open then is void with the next start."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def ready(self) -> PrinterState:
        """Whether a sheet can be printed now, a few seconds old at most. Callable from any thread."""
        state = self._state
        return state if self._clock() - state.at <= _STALE_S else PrinterState("device_missing")

    def about(self) -> About:
        """What stands behind the queue, as the queue says."""
        return About(self._model, "", {})

    def print(self, job_id: str, pdf: bytes, *, cmd: str) -> None:
        """Print the sheets as job `job_id`; returns at once, the rest is told to `on_job`.

        Asking again by the same id prints nothing and tells the job's state again. VOIDED unsent where the queue is not ready.
        Raises: TransientDeviceError: too many are waiting already.
        """
        try:
            self._orders.put_nowait(_Order(job_id, cmd, pdf))
        except queue.Full as exc:
            raise TransientDeviceError(self._device_id, "printer_settling", HINTS["printer_settling"].step) from exc

    # -- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        for job in self._store.load_open():
            if job.state is JobState.NEW:
                self._move(job, JobState.VOIDED, "never sent: the box was restarted")
            else:
                self._doubt(job, "the box was restarted")
        while not self._stopping.is_set():
            self._look()
            self._resolve()
            if self._paper is not None:
                self._watch(self._paper)
                self._stopping.wait(_WATCH_S)
            else:
                self._take()

    def _look(self) -> None:
        now = self._clock()
        if now < self._look_at:
            return
        try:
            found = self._spool.standing()
        except TransientDeviceError as exc:
            found = Standing("device_missing", self._model)
            if self._state.fault != "device_missing":
                self._log.warning("sheets.lost", why=exc.hint)
        self._model = found.model
        settling = "printer_settling" if self._doubtful else None
        self._tell_state(PrinterState(found.fault or settling, found.paper_low, self._clock()))
        self._look_at = self._clock() + (_WATCH_S if self._paper or self._doubtful else _LOOK_S)

    def _tell_state(self, state: PrinterState) -> None:
        before, self._state = self._state, state
        if (before.fault, before.paper_low) != (state.fault, state.paper_low):
            self._on_state(state)

    def _take(self) -> None:
        try:
            order = self._orders.get(timeout=_TICK_S)
        except queue.Empty:
            return
        known = self._store.get(order.job_id)
        if known is not None:
            self._on_job(known)
            return
        self._look_at = 0.0
        self._look()  # the state now, not that of a second ago
        self._begin(order)

    def _begin(self, order: _Order) -> None:
        job = Job(order.job_id, None, self._kind, order.cmd, sha256(order.pdf).hexdigest(), self._utc())
        self._tell(job)
        if self._state.fault is not None:
            self._move(job, JobState.VOIDED, f"never sent: {self._state.fault}")
            return
        job = self._move(job, JobState.SENT)
        number: int | None = None
        until = self._clock() + self._patience_s
        try:
            number = self._spool.send(job.id, order.pdf)
        except RefusedError as exc:
            self._move(self._move(job, JobState.UNKNOWN, exc.hint), JobState.VOIDED, exc.hint)
            return
        except TransientDeviceError:
            self._log.warning("sheets.answer_lost", job=job.id)
            until = min(until, self._clock() + ARRIVED_S)
        self._paper = _Paper(job, number, until)
        self._look_at = 0.0

    def _watch(self, paper: _Paper) -> None:
        """One look at the paper on its way; it ends, is given up, or goes on."""
        word, gone = None, False
        with suppress(TransientDeviceError):
            word = self._word(paper)
            gone = word is None and paper.number is not None
        if word is JobWord.COMPLETED or gone:
            self._paper = None
            said = "does not know it any more" if gone else "says completed, which proves no paper"
            self._move(paper.job, JobState.UNPROVED, f"the queue {said}")
        elif word in ENDED:
            self._give_up(paper, "the queue ended it")
        elif self._state.fault not in {None, "device_missing"}:
            self._give_up(paper, f"stopped while printing: {self._state.fault}")
        elif self._clock() >= paper.until:
            self._give_up(paper, "no end in time")

    def _word(self, paper: _Paper) -> JobWord | None:
        if paper.number is None:
            paper.number = self._spool.find(paper.job.id)
            if paper.number is None:
                return None
            paper.until = self._clock() + self._patience_s
        return self._spool.word(paper.number)

    def _give_up(self, paper: _Paper, why: str) -> None:
        self._paper = None
        self._doubt(paper.job, why)
        self._resolve_at = 0.0
        self._look_at = 0.0

    def _doubt(self, job: Job, why: str) -> None:
        self._doubtful[job.id] = job
        self._tell_state(replace(self._state, fault=self._state.fault or "printer_settling"))
        if job.state is JobState.SENT:
            self._doubtful[job.id] = self._move(job, JobState.UNKNOWN, why)

    def _resolve(self) -> None:
        """Have the queue forget what is in doubt: then it is void."""
        if not self._doubtful or self._clock() < self._resolve_at:
            return
        self._resolve_at = self._clock() + 1.0
        for job in list(self._doubtful.values()):
            try:
                if not self._forgotten(job.id):
                    continue
            except TransientDeviceError:
                return
            del self._doubtful[job.id]
            self._look_at = 0.0
            self._look()  # who hears of a dead paper asks at once whether another can be printed
            self._move(job, JobState.VOIDED)

    def _forgotten(self, job_id: str) -> bool:
        number = self._spool.find(job_id)
        if number is None:
            return True
        self._spool.cancel(number)
        return self._spool.word(number) in {None, *ENDED}

    def _move(self, job: Job, state: JobState, note: str | None = None) -> Job:
        moved = job.moved(state, self._utc(), note)
        self._tell(moved)
        return moved

    def _tell(self, job: Job) -> None:
        self._store.save(job)
        self._on_job(job)

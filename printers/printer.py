"""A ticket printer: takes one job after the other, and says of each what is certain about its paper."""

from __future__ import annotations

import queue
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType

import structlog

from contract.errors import ContractError, TransientDeviceError
from contract.hints import HINTS
from printers.commands import WATCH
from printers.document import TicketDoc
from printers.escpos import Coder
from printers.job import Job, JobState, process_mark
from printers.layout import render
from printers.link import Link, check_url, open_link
from printers.replies import Cleared, Printed
from printers.session import Session
from printers.status import PrinterState
from printers.store import JobStore
from runtime.clock import utc_now
from runtime.supervise import crash

CONNECT_S = 1.0
RETRY_S = 1.0
CLEAR_AGAIN_S = 1.0
PROOF_S = 3.0
RATE_BYTES_S = 50_000
QUEUE_JOBS = 8
_TICK_S = 0.25
_STOPS = frozenset({"cutter_error", "cover_open", "printer_error", "paper_out"})


@dataclass(frozen=True, slots=True)
class _Order:
    job_id: str
    ticket: str | None
    cmd: str
    doc: TicketDoc


class TicketPrinter:
    """Owns one printer and its thread.

    One paper at a time, none ever sent twice. Each step of a job is in `store` before anything follows from it, then told
    to `on_job`, when `ready` already knows the fault behind it; changes of the printer's state, at first `device_missing`,
    go to `on_state`. Both are called on the printer's thread and must not block.
    A fault while a paper is out for printing makes it UNKNOWN and has the printer forget what it holds: then the proof has
    come before (CONFIRMED_LATE), or the job is VOIDED and the caller asks for a new label.
    If `store` fails the process ends (`runtime.supervise.crash`): what cannot be remembered is not printed.
    """

    def __init__(
        self,
        url: str,
        store: JobStore,
        on_job: Callable[[Job], object],
        on_state: Callable[[PrinterState], object],
        *,
        device_id: str,
        cache: Path,
        clock: Callable[[], float] = time.monotonic,
        utc: Callable[[], datetime] = utc_now,
    ) -> None:
        """`url` as in `printers.link.open_link`; `cache`: see `printers.escpos.Coder`. Raises: ContractError: a bad URL."""
        check_url(url)
        self._url, self._store, self._on_job, self._on_state = url, store, on_job, on_state
        self._device_id, self._cache, self._clock, self._utc = device_id, cache, clock, utc
        self._log = structlog.get_logger(__name__).bind(device=device_id)
        self._orders: queue.Queue[_Order] = queue.Queue(QUEUE_JOBS)
        self._bell_in, self._bell_out = socket.socketpair()
        self._bell_in.settimeout(0)
        self._bell_out.settimeout(0)
        self._stop_at: float | None = None
        self._thread = threading.Thread(target=crash(self._run), name=f"printer-{device_id}", daemon=True)
        self._state = PrinterState("device_missing")
        self._link: Link | None = None
        self._session = Session(clock())
        self._retry_at = 0.0
        self._lost_at: float | None = None
        self._current: Job | None = None
        self._deadline = 0.0
        self._unknown: dict[bytes, Job] = {}
        self._clear_at = 0.0

    def __enter__(self) -> TicketPrinter:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.stop(PROOF_S)

    def start(self) -> None:
        """Settle what an earlier run left open, then connect, and keep connected."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Stop within `timeout_s`, waiting that long for a paper on its way; twice is fine. A job still open then is settled
        by the next start.
        """
        if self._stop_at is None:
            self._stop_at = self._clock() + timeout_s
            self._wake()
        if self._thread.ident is not None:
            self._thread.join(timeout_s + CONNECT_S)
        self._bell_in.close()
        self._bell_out.close()

    def ready(self) -> PrinterState:
        """The printer's state, at most two seconds old: ask before a number is used. Callable from any thread."""
        return self._state.aged(self._clock())

    def print(self, job_id: str, doc: TicketDoc, *, ticket: str | None, cmd: str) -> None:
        """Print `doc` as job `job_id`; returns at once, the rest is told to `on_job`.

        Asking again by the same id prints nothing and tells the job's state again. When the printer is not ready at the
        job's turn, or `doc` would be too long, it is VOIDED unsent.
        Raises: TransientDeviceError: too many jobs are waiting already, or the printer was stopped.
        """
        if self._stop_at is not None:
            raise TransientDeviceError(
                self._device_id, "device_missing", "this printer was stopped: start the box again"
            )
        try:
            self._orders.put_nowait(_Order(job_id, ticket, cmd, doc))
        except queue.Full as exc:
            raise TransientDeviceError(self._device_id, "printer_settling", HINTS["printer_settling"].step) from exc
        self._wake()

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # full of rings: it is awake
            self._bell_out.send(b"\0")

    def _run(self) -> None:
        try:
            self._coder = Coder(self._cache)
            self._settle_last_run()
            while not self._stopping():
                self._turn()
        finally:
            self._drop_link()

    def _stopping(self) -> bool:
        if self._stop_at is None:
            return False
        return self._current is None or self._clock() >= self._stop_at

    def _turn(self) -> None:
        now = self._clock()
        if self._link is None and now >= self._retry_at:
            self._connect()
        self._take_order()
        self._converse()
        self._watch()
        self._publish()

    # -- the wire ---------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        try:
            self._link = open_link(self._url, self._device_id, CONNECT_S)
        except TransientDeviceError:
            self._mark_lost()
            return
        self._session = Session(self._clock())
        self._clear_at = 0.0
        if not self._unknown:
            self._session.put(WATCH, self._clock())
        if self._lost_at is not None:
            self._log.info("printer.back", after_s=round(self._clock() - self._lost_at, 1))
            self._lost_at = None

    def _mark_lost(self) -> None:
        now = self._clock()
        self._retry_at = now + RETRY_S
        if self._lost_at is None:
            self._lost_at = now
            self._log.warning("printer.lost", url=self._url)

    def _drop_link(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _lose(self) -> None:
        self._drop_link()
        self._mark_lost()
        if self._current is not None:
            self._doubt("the connection to the printer was lost")

    def _converse(self) -> None:
        """Wait for the printer, an order or the next tick, whichever is first; then read and write what can be."""
        now = self._clock()
        if self._link is not None:
            self._session.ask(now)
        poll = select.poll()
        poll.register(self._bell_in, select.POLLIN)
        if self._link is not None:
            poll.register(self._link.fileno(), select.POLLIN | (select.POLLOUT if self._session.outgoing else 0))
        events = dict(poll.poll(_TICK_S * 1000))
        if self._bell_in.fileno() in events:
            self._bell_in.recv(64)
        if self._link is not None and self._link.fileno() in events:
            self._exchange(self._link)

    def _exchange(self, link: Link) -> None:
        try:
            heard = link.read()
            if self._session.outgoing:
                self._session.sent(link.write(self._session.outgoing), self._clock())
        except TransientDeviceError:
            self._lose()
            return
        for news in self._session.receive(heard, self._clock()):
            match news:
                case Printed(mark):
                    self._printed(mark)
                case Cleared():
                    self._cleared()

    # -- jobs -------------------------------------------------------------------------------------------------------

    def _take_order(self) -> None:
        while self._current is None and self._stop_at is None:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return
            known = self._store.get(order.job_id)
            if known is not None:
                self._on_job(known)
            else:
                self._begin(order)

    def _begin(self, order: _Order) -> None:
        data, fault = self._bytes_of(order)
        job = Job(order.job_id, order.ticket, "ticket", order.cmd, sha256(data).hexdigest(), self._utc())
        self._keep(job)
        fault = fault or self._state.aged(self._clock()).fault
        if fault is not None:
            self._move(job, JobState.VOIDED, f"never sent: {fault}")
            return
        self._current = self._move(job, JobState.SENT)
        self._session.put(data, self._clock())
        self._deadline = self._clock() + PROOF_S + len(data) / RATE_BYTES_S

    def _bytes_of(self, order: _Order) -> tuple[bytes, str | None]:
        """The job's bytes; none, and the reason, where the document cannot become paper."""
        try:
            return self._coder.job(render(order.doc), process_mark(order.job_id)), None
        except ContractError as exc:
            return b"", str(exc)

    def _printed(self, mark: bytes) -> None:
        if self._current is not None and self._current.mark == mark:
            job, self._current = self._current, None
            self._move(job, JobState.CONFIRMED)
        elif mark in self._unknown:
            self._move(self._unknown.pop(mark), JobState.CONFIRMED_LATE)
        else:
            self._log.warning("printer.stray_proof")

    def _doubt(self, note: str) -> None:
        """The paper on its way can no longer be trusted: never again a byte of it."""
        if self._current is None:
            return
        job, self._current = self._current, None
        self._unknown[job.mark] = job
        self._unknown[job.mark] = self._move(job, JobState.UNKNOWN, note)
        if self._session.outgoing:  # the printer takes no more: a new line is the way past its full buffer
            self._drop_link()
        self._clear_at = 0.0

    def _cleared(self) -> None:
        """The printer holds nothing any more: what is not proved by now never will be."""
        half = self._coder.cut if self._unknown else b""  # a half paper must not hang on to the next one
        for mark in list(self._unknown):
            self._move(self._unknown.pop(mark), JobState.VOIDED)
        self._session.put(half + WATCH, self._clock())

    def _settle_last_run(self) -> None:
        for job in self._store.load_open():
            match job.state:
                case JobState.NEW:
                    self._move(job, JobState.VOIDED, "never sent: the box was restarted")
                case JobState.SENT:
                    self._unknown[job.mark] = self._move(job, JobState.UNKNOWN, "the box was restarted")
                case _:
                    self._unknown[job.mark] = job

    def _watch(self) -> None:
        now = self._clock()
        if self._link is not None and self._session.silent(now):
            self._lose()
        fault = self._session.state.fault if self._session.state else None
        if self._current is not None and fault in _STOPS:
            self._doubt(f"stopped while printing: {fault}")
        if self._current is not None and now >= self._deadline:
            self._doubt("no proof in time")
        if self._unknown and self._link is not None and now >= self._clear_at:
            self._session.clear(now)
            self._clear_at = now + CLEAR_AGAIN_S

    def _move(self, job: Job, state: JobState, note: str | None = None) -> Job:
        moved = job.moved(state, self._utc(), note)
        self._keep(moved)
        self._log.info("printer.job", job=job.id, state=state, note=note)
        return moved

    def _keep(self, job: Job) -> None:
        self._store.save(job)
        self._publish()  # whoever hears of the job asks `ready` next, and must not be told of the time before the fault
        self._on_job(job)

    def _publish(self) -> None:
        now = self._clock()
        state = self._session.state if self._link is not None else None
        if state is None and self._lost_at is None:
            return  # a new line is being opened; what was known ages meanwhile
        if state is None:
            state = PrinterState("device_missing", self._state.paper_low, now)
        elif self._unknown and state.ready:
            state = PrinterState("printer_settling", state.paper_low, state.at)
        before, self._state = self._state, state
        if (before.fault, before.paper_low) != (state.fault, state.paper_low):
            self._on_state(state)

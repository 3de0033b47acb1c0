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
from types import TracebackType
from typing import Protocol

import structlog

from contract.errors import ContractError, TransientDeviceError
from contract.hints import HINTS
from printers import escpos
from printers.document import Doc
from printers.job import Job, JobState, process_mark
from printers.layout import render
from printers.link import Link, check_url, open_link
from printers.loan import Lender
from printers.model import CLONE, Model, by_name
from printers.mouth import Mouth, MouthWatch
from printers.papers import PROOF_S, Papers
from printers.replies import Cleared, Printed
from printers.roll import Roll
from printers.session import Session
from printers.status import PrinterState
from printers.store import JobStore
from runtime.clock import utc_now
from runtime.supervise import crash

CONNECT_S = 1.0
RETRY_S = 1.0
QUEUE_JOBS = 8
ROLL_MM = 80_000.0
NEAR_END_MM = 3_000.0
_TICK_S = 0.25
_PACE_S = 0.02
_CUT_S = 0.5


@dataclass(frozen=True, slots=True)
class Setting:
    """What a technician says of a printer. `model`: the name of a row of `printers.model`, "" to ask the printer itself; `roll_mm`,
    `near_end_mm`: a full roll, and what is left when the sensor says low; `retract_s`: a presenter takes the paper back after
    so long, 0: never; `lend`: host:port where a neighbour's box may use this printer, "" for nowhere.
    """

    model: str = ""
    roll_mm: float = ROLL_MM
    near_end_mm: float = NEAR_END_MM
    retract_s: int = 0
    lend: str = ""

    def __post_init__(self) -> None:
        if self.model and by_name(self.model) is None:
            raise ContractError(f"printer: model {self.model!r}: not in the table of printers/model.py")


@dataclass(frozen=True, slots=True)
class _Order:
    job_id: str
    ticket: str | None
    cmd: str
    doc: Doc


class Printer(Protocol):
    """What kiosk and terminal need of a printer."""

    def start(self) -> None: ...
    def stop(self, timeout_s: float) -> None: ...
    def ready(self) -> PrinterState: ...
    def print(self, job_id: str, doc: Doc, *, ticket: str | None, cmd: str) -> None: ...
    def about(self) -> About: ...


@dataclass(frozen=True, slots=True)
class About:
    """What a technician wants to know: the model ("" while unknown), its firmware, and figures with their unit in the name."""

    model: str
    version: str
    figures: dict[str, float]


class TicketPrinter:
    """Owns one printer and its thread.

    One paper at a time, none ever sent twice. Each step of a job is in `store` before anything follows from it, then told
    to `on_job`, when `ready` already knows the fault behind it; changes of the printer's state, at first `device_missing`,
    go to `on_state`; what becomes of a paper in a presenter's mouth goes to `on_mouth`. All are called on the printer's thread and
    must not block.
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
        setting: Setting = Setting(),
        on_mouth: Callable[[Mouth], object] = lambda _mouth: None,
        kind: str = "ticket",
        clock: Callable[[], float] = time.monotonic,
        utc: Callable[[], datetime] = utc_now,
    ) -> None:
        """`url` as in `printers.link.open_link`; `kind`: of the jobs that are this printer's, as in `store`.

        Raises: ContractError: a bad URL, or a door for borrowers that cannot be opened.
        """
        check_url(url)
        self._kind = kind
        self._url, self._store, self._on_job, self._on_state, self._on_mouth = url, store, on_job, on_state, on_mouth
        self._device_id, self._clock, self._utc = device_id, clock, utc
        self._setting = setting
        self._log = structlog.get_logger(__name__).bind(device=device_id)
        self._orders: queue.Queue[_Order] = queue.Queue(QUEUE_JOBS)
        self._bell_in, self._bell_out = socket.socketpair()
        self._bell_in.settimeout(0)
        self._bell_out.settimeout(0)
        self._stop_at: float | None = None
        self._thread = threading.Thread(target=crash(self._run), name=f"printer-{device_id}", daemon=True)
        self._state = PrinterState("device_missing")
        self._link: Link | None = None
        self._named = by_name(setting.model) if setting.model else None
        self._session = Session(clock())
        self._papers = Papers(self._keep, utc, self._named)
        self._lender = Lender(setting.lend) if setting.lend else None
        self._lent = False
        self._mouth = MouthWatch()
        self._roll = Roll(setting.roll_mm)
        self._version = ""
        self._retracted = 0
        self._retry_at = 0.0
        self._lost_at: float | None = None

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

    def about(self) -> About:
        """Model, firmware and what is left of the paper. Callable from any thread."""
        model = self._papers.model
        roll = self._roll
        figures: dict[str, float] = {"paper_left_mm": round(roll.left_mm), "tickets_left": roll.tickets_left}
        if model is not None and model.presenter:
            figures["retracted"] = self._retracted
        return About(model.name if model else "", self._version, {**figures, "strays": self._session.strays})

    def print(self, job_id: str, doc: Doc, *, ticket: str | None, cmd: str) -> None:
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
            self._roll = self._store.load_roll() or self._roll
            self._papers.settle_last_run(self._store.load_open())
            while not self._stopping():
                self._turn()
        finally:
            self._drop_link()
            if self._lender is not None:
                self._lender.close()

    def _stopping(self) -> bool:
        if self._stop_at is None:
            return False
        return self._papers.current is None or self._clock() >= self._stop_at

    def _turn(self) -> None:
        now = self._clock()
        if self._link is None and now >= self._retry_at:
            self._connect()
        if self._lender is not None and self._lender.borrowed:
            self._lend(self._lender)
            return
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
        now = self._clock()
        self._session = Session(now, self._link.lag_s, self._named)
        self._papers.connected(self._session, now, strange=self._lent)
        self._lent = False
        if self._lost_at is not None:
            self._log.info("printer.back", after_s=round(now - self._lost_at, 1))
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
        self._doubt("the connection to the printer was lost")

    def _converse(self) -> None:
        """Wait for the printer, an order or the next tick, whichever is first; then read and write what can be."""
        now = self._clock()
        if self._link is not None:
            self._session.ask(now)
        poll = select.poll()
        poll.register(self._bell_in, select.POLLIN)
        wait_s = _TICK_S
        if self._link is not None:
            wants = bool(self._session.outgoing)
            poll.register(self._link.fileno(), select.POLLIN | (select.POLLOUT if wants and self._link.room else 0))
            wait_s = _TICK_S if self._link.room or not wants else _PACE_S
        if self._lender is not None and self._free():
            poll.register(self._lender.door(), select.POLLIN)
        events = dict(poll.poll(wait_s * 1000))
        if self._lender is not None and self._lender.door() in events:
            self._lender.admit(now)
            return
        if self._bell_in.fileno() in events:
            self._bell_in.recv(64)
        if self._link is not None:
            self._exchange(self._link if self._link.fileno() in events else None)

    def _exchange(self, link: Link | None) -> None:
        heard = b""
        try:
            if link is not None:
                heard = link.read()
                if self._session.outgoing and link.room:
                    self._session.sent(link.write(self._session.outgoing), self._clock())
        except TransientDeviceError:
            self._lose()
            return
        now = self._clock()
        for news in self._session.receive(heard, now):
            match news:
                case Printed(mark):
                    if not self._papers.printed(mark):
                        self._log.warning("printer.stray_proof")
                case Cleared():
                    self._papers.cleared(self._session, now)
                case _:
                    self._papers.reached(self._session, now)

    # -- a neighbour ------------------------------------------------------------------------------------------------

    @property
    def lends_at(self) -> int:
        """The port where a neighbour finds this printer, 0 for none."""
        return self._lender.port if self._lender is not None else 0

    def _free(self) -> bool:
        """Nothing of this box is on the printer or waits for it, and it could print."""
        idle = self._papers.current is None and not self._papers.unknown and self._orders.empty()
        return idle and self._link is not None and not self._session.outgoing and self._state.aged(self._clock()).ready

    def _lend(self, lender: Lender) -> None:
        """A neighbour has the printer; afterwards the line is made anew, and what was left on it cleared."""
        now = self._clock()
        if not self._lent:
            self._lent = True
            self._log.info("printer.lent")
            self._publish()
        try:
            if self._link is not None and self._stop_at is None:
                lender.pass_on(self._link, now, _TICK_S)
            else:
                lender.end()
        except TransientDeviceError:
            lender.end()
        if not lender.borrowed:
            self._drop_link()
            self._log.info("printer.returned")

    # -- jobs -------------------------------------------------------------------------------------------------------

    def _take_order(self) -> None:
        while self._papers.current is None and self._stop_at is None and not self._returning():
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return
            known = self._store.get(order.job_id)
            if known is not None:
                self._on_job(known)
            else:
                self._begin(order)

    def _returning(self) -> bool:
        """The printer was lent and does not speak yet: an order waits for it."""
        return (
            self._state.fault == "printer_lent" and self._link is not None and not self._session.silent(self._clock())
        )

    def _begin(self, order: _Order) -> None:
        model, link = self._papers.model or CLONE, self._link
        data, mm, fault = self._bytes_of(order, model)
        job = Job(order.job_id, order.ticket, self._kind, order.cmd, sha256(data).hexdigest(), self._utc())
        self._keep(job)
        fault = fault or self._state.aged(self._clock()).fault or ("device_missing" if link is None else None)
        if fault is not None or link is None:
            self._papers.move(job, JobState.VOIDED, f"never sent: {fault}")
            return
        self._roll = self._roll.printed(mm)
        takes_s = len(data) / link.rate_bytes_s + mm / model.speed_mm_s + _CUT_S
        self._papers.begin(job, data, self._session, self._clock(), takes_s)

    def _bytes_of(self, order: _Order, model: Model) -> tuple[bytes, float, str | None]:
        """The job's bytes and its length in mm; none, and the reason, where the document cannot become paper."""
        slow = self._link is not None and self._link.slow
        try:
            picture = render(order.doc, model.picture_dots, coarse=slow)
        except ContractError as exc:
            return b"", 0.0, str(exc)
        mark = process_mark(order.job_id)
        data = escpos.job(picture, mark, model, banded=slow, retract_s=self._setting.retract_s)
        return data, picture.height / model.dots_per_mm + model.cutter_mm, None

    def _doubt(self, note: str) -> None:
        """The paper on its way can no longer be trusted: never again a byte of it."""
        if self._papers.doubt(note) and self._session.outgoing and self._link is not None:
            self._retry_at = self._clock() + self._link.rest_s
            self._drop_link()  # the printer takes no more: a new line is the way past its full buffer

    def _watch(self) -> None:
        now = self._clock()
        if self._link is not None and self._session.silent(now):
            self._lose()
        if note := self._papers.watch(self._session, now):
            self._doubt(note)
        if self._link is None:
            return
        self._identified()
        self._papers.resolve(self._session, now)
        if mouth := self._mouth.look(self._session, now):
            self._log.info("printer.mouth", mouth=mouth)
            self._retracted += mouth is Mouth.RETRACTED
            self._on_mouth(mouth)

    def _identified(self) -> None:
        """The table's row of the printer on this line."""
        found = self._session.model
        if found is None:
            return
        if found != self._papers.model:
            self._log.info("printer.model", model=found.name, proof=found.proof)
        self._papers.model = found
        self._version = self._session.version or self._version

    def _keep(self, job: Job) -> None:
        self._store.save(job, self._roll)
        self._log.info("printer.job", job=job.id, state=job.state, note=job.note)
        self._publish()  # whoever hears of the job asks `ready` next, and must not be told of the time before the fault
        self._on_job(job)

    # -- state ------------------------------------------------------------------------------------------------------

    def _publish(self) -> None:
        state = self._known()
        if state is None:
            return
        before, self._state = self._state, state
        self._measure(before, state)
        if (before.fault, before.paper_low, before.mouth) != (state.fault, state.paper_low, state.mouth):
            self._on_state(state)

    def _known(self) -> PrinterState | None:
        """What to tell; None: a new line is being opened, or the printer has not said yet who it is."""
        now = self._clock()
        if self._lent:
            return PrinterState("printer_lent", self._state.paper_low, now)
        state = self._session.state if self._link is not None else None
        if state is None and self._lost_at is None:
            return None
        if state is None:
            return PrinterState("device_missing", self._state.paper_low, now)
        model = self._session.model
        if not state.ready:
            return state
        if self._papers.unknown:
            return PrinterState("printer_settling", state.paper_low, state.at)
        if model is None:
            return None
        return state if model.supported else PrinterState("printer_unsupported", state.paper_low, state.at)

    def _measure(self, before: PrinterState, state: PrinterState) -> None:
        """What the sensors and the printer itself say about the roll."""
        roll, setting = self._roll, self._setting
        if state.fault == "device_missing":
            return
        left_cm = self._session.counters.pop("cm", None)
        if left_cm is not None:
            roll = roll.measured(left_cm * 10)
        elif (before.fault == "paper_out" and state.fault != "paper_out") or (before.paper_low and not state.paper_low):
            roll = roll.replaced(setting.roll_mm)
        elif state.paper_low and not before.paper_low:
            roll = roll.near_end(setting.near_end_mm)
        if roll is not self._roll:
            self._roll = roll
            self._store.save_roll(roll)

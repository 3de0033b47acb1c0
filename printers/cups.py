"""The last resort: a queue of CUPS. It takes papers and can confirm none."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import structlog

from contract.errors import ContractError, TransientDeviceError
from contract.hints import HINTS
from printers import escpos
from printers.document import Doc
from printers.job import Job, JobState, process_mark
from printers.layout import render
from printers.link import check_url
from printers.model import MUTE, by_name
from printers.printer import QUEUE_JOBS, About, Setting
from printers.status import PrinterState
from printers.store import JobStore
from runtime.clock import utc_now
from runtime.supervise import crash

LP_S = 5.0
"""So long `lp` and `lpstat` may take; longer is a queue that does not answer."""
ASK_S = 5.0


class CupsPrinter:
    """Hands each paper to `lp -d QUEUE -o raw` and says UNPROVED of it: CUPS tells that it has the bytes, not that they are on paper.

    The same face as `printers.printer.TicketPrinter`. Ready as long as `lpstat -a` says that the queue takes jobs.
    """

    def __init__(
        self,
        url: str,
        store: JobStore,
        on_job: Callable[[Job], object],
        on_state: Callable[[PrinterState], object],
        *,
        device_id: str,
        setting: Setting,
        utc: Callable[[], datetime] = utc_now,
    ) -> None:
        """`url`: cups://queue. Raises: ContractError: another URL."""
        self._queue = check_url(url).name
        self._store, self._on_job, self._on_state, self._utc = store, on_job, on_state, utc
        self._device_id = device_id
        self._model = replace(by_name(setting.model) or MUTE, proof=MUTE.proof, presenter=False)
        self._log = structlog.get_logger(__name__).bind(device=device_id)
        self._orders: queue.Queue[tuple[str, Doc, str | None, str]] = queue.Queue(QUEUE_JOBS)
        self._state = PrinterState("device_missing")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=crash(self._run), name=f"printer-{device_id}", daemon=True)

    def start(self) -> None:
        """Settle what an earlier run left open, then take orders."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Stop within `timeout_s`; twice is fine."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def ready(self) -> PrinterState:
        """Whether the queue takes jobs, as it said last."""
        return self._state

    def about(self) -> About:
        """The queue; CUPS counts no paper."""
        return About(f"CUPS queue {self._queue}, proves nothing", "", {})

    def print(self, job_id: str, doc: Doc, *, ticket: str | None, cmd: str) -> None:
        """As `TicketPrinter.print`. Raises: TransientDeviceError: too many jobs are waiting."""
        try:
            self._orders.put_nowait((job_id, doc, ticket, cmd))
        except queue.Full as exc:
            raise TransientDeviceError(self._device_id, "printer_settling", HINTS["printer_settling"].step) from exc

    def _run(self) -> None:
        for job in self._store.load_open():
            sent = job.state is not JobState.NEW
            if job.state is JobState.SENT:
                job = self._move(job, JobState.UNKNOWN, "the box was restarted")
            self._move(job, JobState.VOIDED, None if sent else "never sent: the box was restarted")
        ask_at = 0.0
        while not self._stopping.is_set():
            if time.monotonic() >= ask_at:
                self._look()
                ask_at = time.monotonic() + ASK_S
            try:
                order = self._orders.get(timeout=0.25)
            except queue.Empty:
                continue
            self._print(*order)

    def _look(self) -> None:
        said = self._command("lpstat", "-a", self._queue)
        before = self._state
        self._state = PrinterState(None if said is not None else "device_missing", at=time.monotonic())
        if before.fault != self._state.fault:
            self._on_state(self._state)

    def _print(self, job_id: str, doc: Doc, ticket: str | None, cmd: str) -> None:
        known = self._store.get(job_id)
        if known is not None:
            self._on_job(known)
            return
        data, fault = b"", self._state.fault
        try:
            data = escpos.job(render(doc, self._model.picture_dots), process_mark(job_id), self._model)
        except ContractError as exc:
            fault = str(exc)
        job = Job(job_id, ticket, "ticket", cmd, sha256(data).hexdigest(), self._utc())
        self._tell(job)
        if fault is not None:
            self._move(job, JobState.VOIDED, f"never sent: {fault}")
            return
        job = self._move(job, JobState.SENT)
        took = self._command("lp", "-d", self._queue, "-o", "raw", "-t", job_id, data=data) is not None
        self._move(job, JobState.UNPROVED, "CUPS can prove nothing" if took else "CUPS did not say that it took it")

    def _command(self, *words: str, data: bytes = b"") -> str | None:
        """What a command of CUPS said, None when it failed or did not answer in time."""
        try:
            done = subprocess.run(words, input=data, capture_output=True, timeout=LP_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as exc:
            self._log.warning("cups.failed", command=words[0], fault=str(exc))
            return None
        return done.stdout.decode(errors="replace") if done.returncode == 0 else None

    def _move(self, job: Job, state: JobState, note: str | None = None) -> Job:
        moved = job.moved(state, self._utc(), note)
        self._tell(moved)
        return moved

    def _tell(self, job: Job) -> None:
        self._store.save(job)
        self._on_job(job)

"""Wiring: registers, the door for terminals, and the box that tells the hall how they are."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from contract import messages as m
from contract.words import Role
from registers.config import Options, RegisterSection
from registers.enquiry import Enquiries
from registers.register import Register
from registers.remote import RemoteRegister, load_key
from registers.server import Server
from registers.sql import SqlRegister
from runtime import https
from runtime.box import Box, Occurrence
from runtime.supervise import crash

CHECK_S = 15.0
TELL_S = 1.0
FAULTS = ("register_away", "register_refused", "register_faulty")


class Connector:
    """The connector as a running box. A context manager; `stop` may be called twice.

    Raises: ConfigError: a file, an address or a register's URL cannot be used.
    """

    def __init__(self, options: Options) -> None:
        broker = options.broker
        self._stopping = threading.Event()
        with ExitStack() as stack:
            registers = {section.name: open_register(section) for section in options.registers}
            for register in registers.values():
                stack.callback(register.close)
            self._kinds = {name: register.kind for name, register in registers.items()}
            answers: dict[str, Register] = {what: registers[s.name] for s in options.registers for what in s.answers}
            self.enquiries = Enquiries(answers, frozenset(options.listen.allow), options.listen.per_minute)
            self._allowed = options.listen.allow
            self.box = Box(broker.broker(), Role.REGISTER, [], self._heard)
            context = https.server_context(broker.ca, broker.cert, broker.key)
            self.server = Server((options.listen.address, options.listen.port), context, self.enquiries.answer)
            stack.callback(self.server.stop)
            self._closing = stack.pop_all()
        self.box.start()
        self._thread = threading.Thread(target=crash(self._watch), name="register-watch", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ends its threads, the door and the registers' connections."""
        self._stopping.set()
        self._thread.join(timeout_s)
        self._closing.close()
        self.box.stop(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _watch(self) -> None:
        """What questions meet is told within a second; registers that nobody asks are asked now and then."""
        checked = -CHECK_S
        while not self._stopping.is_set():
            if time.monotonic() - checked >= CHECK_S:
                self.enquiries.check()
                checked = time.monotonic()
            self._tell()
            self._stopping.wait(TELL_S)

    def _tell(self) -> None:
        for name, told in self.enquiries.standing.items():
            for fault in FAULTS:
                if fault == told.fault:
                    self.box.troubles.raise_(fault, name)
                else:
                    self.box.troubles.clear(fault, name)
            figures = {"asked": float(told.asked), "failed": float(told.failed), "answer_ms": told.took_ms}
            self.box.units[name] = m.UnitHealth(kind="register", model=self._kinds[name], figures=figures)
        hasty = self.enquiries.hasty()
        for terminal in self._allowed:
            change = self.box.troubles.raise_ if terminal in hasty else self.box.troubles.clear
            change("register_limit", terminal)
        self.box.dropped.update(self.server.refused)

    def _heard(self, _occurrence: Occurrence) -> None:
        """Nothing of the hall changes what a connector does."""


def open_register(section: RegisterSection) -> Register:
    """The register of a section; no question is asked yet. Raises: ConfigError."""
    if section.sign_key is None:
        return SqlRegister(section.name, section.url, section.timeout_s)
    return RemoteRegister(
        section.name, section.url, sign=load_key(section.sign_key), keyid=section.key_id, ca=section.ca,
        timeout_s=section.timeout_s,
    )  # fmt: skip

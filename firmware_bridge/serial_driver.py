"""A serial port with pads on it, opened again whenever it comes back."""

from __future__ import annotations

import select
import socket
import termios
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from random import randint
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import structlog

from contract.errors import ContractError, TransientDeviceError
from contract.hints import HINTS
from firmware_bridge.frames import MAX_ADDRESS, Decoder, Pattern, Result
from firmware_bridge.host import Output, PadHost, Send
from firmware_bridge.press import Press
from runtime.supervise import crash

if TYPE_CHECKING:
    from serial import Serial

BAUD = 115200
WRITE_S = 0.5
AGAIN_S = 0.5
CHUNK = 4096

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PortState:
    """The port was opened, or is gone. Told once each."""

    url: str
    here: bool


@dataclass(frozen=True, slots=True)
class SerialUrl:
    """`serial:///dev/ttyACM0?baud=115200` (one pad), `serial:///dev/ttyUSB0?pads=1-8,12` (a bus), or a bare path."""

    device: str
    baud: int = BAUD
    pads: tuple[int, ...] = ()

    @classmethod
    def parse(cls, url: str) -> SerialUrl:
        """Raises: ContractError: not such an address; the text says what is allowed."""
        parts = urlsplit(url)
        if parts.scheme not in ("", "serial") or parts.netloc or not parts.path.startswith("/"):
            raise ContractError(f"{url!r}: a serial port reads serial:///dev/…?baud=115200&pads=1-8")
        try:
            options = parse_qs(parts.query, strict_parsing=bool(parts.query), keep_blank_values=True)
            baud = int(options.pop("baud", [str(BAUD)])[-1])
            pads = _addresses(options.pop("pads", [""])[-1])
        except ValueError as exc:
            raise ContractError(f"{url!r}: {exc}") from exc
        if options:
            raise ContractError(f"{url!r}: unknown {', '.join(options)}; allowed: baud, pads")
        return cls(parts.path, baud, pads)


class SerialDriver:
    """One port, one thread. `deliver` is called on that thread with everything the pads tell, never with `Send`."""

    def __init__(
        self, url: str, deliver: Callable[[Output | PortState], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Raises: ContractError: `url` is no serial address."""
        self.url = url
        self._port = SerialUrl.parse(url)
        self._host = PadHost(self._port.pads, baud=self._port.baud, first_ping=randint(1, 0xFFFF))
        self._deliver, self._clock = deliver, clock
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._woken, self._wake = socket.socketpair()
        self._wake.settimeout(0)
        self._thread = threading.Thread(target=crash(self._run), name=f"pads {self._port.device}", daemon=True)

    def __enter__(self) -> SerialDriver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop the thread and free the port. Raises: TimeoutError: it did not stop in time."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._rouse()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise TimeoutError(f"{self._thread.name} did not stop within {timeout_s} s")
        self._woken.close()
        self._wake.close()

    @property
    def dropped(self) -> dict[str, int]:
        """Frames dropped since the start, by cause."""
        with self._lock:
            return dict(self._host.dropped)

    def know(self, uids: Collection[str]) -> None:
        """See `PadHost.know`; any thread."""
        self._tell(lambda host: host.know(uids))

    def lamp(self, uid: str, pattern: Pattern) -> None:
        """See `PadHost.lamp`; any thread."""
        self._tell(lambda host: host.lamp(uid, pattern))

    def flash(self, uid: str, pattern: Pattern, tenths: int) -> None:
        """See `PadHost.flash`; any thread."""
        self._tell(lambda host: host.flash(uid, pattern, tenths))

    def text(self, uid: str, text: str) -> None:
        """See `PadHost.text`; any thread."""
        self._tell(lambda host: host.text(uid, text))

    def done(self, press: Press, result: Result) -> None:
        """See `PadHost.done`; any thread."""
        self._tell(lambda host: host.done(press, result))

    # --- the thread

    def _tell(self, act: Callable[[PadHost], None]) -> None:
        with self._lock:
            act(self._host)
        self._rouse()

    def _rouse(self) -> None:
        try:
            self._wake.send(b"\0")
        except BlockingIOError:
            pass  # as many wake-ups as the pipe holds are waiting already
        except OSError:
            if not self._stopping.is_set():
                raise

    def _run(self) -> None:
        told: bool | None = None
        while not self._stopping.is_set():
            try:
                with self._opened() as serial:
                    log.info("pad_port.here", url=self.url)
                    self._deliver(PortState(self.url, here=True))
                    told = True
                    self._pump(serial)
            except (OSError, termios.error, TransientDeviceError) as exc:
                with self._lock:
                    gone = self._host.close()
                self._give(gone)
                if told is not False:
                    log.warning("pad_port.lost", url=self.url, fault="device_missing", error=str(exc))
                    self._deliver(PortState(self.url, here=False))
                    told = False
                self._stopping.wait(AGAIN_S)

    def _opened(self) -> Serial:
        from serial import Serial, SerialException

        try:
            serial = Serial(self._port.device, self._port.baud, timeout=0, write_timeout=WRITE_S, exclusive=True)
            # What was said before now has lost its age.
            serial.reset_input_buffer()
        except SerialException as exc:
            raise TransientDeviceError(self.url, "device_missing", HINTS["device_missing"].step) from exc
        return serial

    def _pump(self, serial: Serial) -> None:
        decoder = Decoder()
        # A leading delimiter ends the half frame an earlier session may have left in the pad.
        serial.write(b"\0")
        self._act(serial, lambda host: host.open(self._clock()))
        while not self._stopping.is_set():
            with self._lock:
                wait_s = self._host.next_s() - self._clock()
            ready, _, _ = select.select([serial.fileno(), self._woken.fileno()], [], [], max(0.0, wait_s))
            if self._woken.fileno() in ready:
                self._woken.recv(CHUNK)
            if serial.fileno() in ready:
                for item in decoder.feed(serial.read(CHUNK)):
                    self._act(serial, partial(PadHost.hear, item=item, now=self._clock()))
            self._act(serial, lambda host: host.tick(self._clock()))

    def _act(self, serial: Serial, act: Callable[[PadHost], list[Output]]) -> None:
        with self._lock:
            outputs = act(self._host)
        for output in outputs:
            if isinstance(output, Send):
                serial.write(output.data)
        self._give(outputs)

    def _give(self, outputs: list[Output]) -> None:
        for output in outputs:
            if not isinstance(output, Send):
                self._deliver(output)


def _addresses(text: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found += range(max(int(first), 0), min(int(last or first), MAX_ADDRESS + 1) + 1)
    if any(not 1 <= address <= MAX_ADDRESS for address in found) or len(set(found)) != len(found):
        raise ValueError(f"pads={text}: different addresses from 1 to {MAX_ADDRESS}, like 1-8,12")
    return tuple(found)

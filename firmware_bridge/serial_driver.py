"""A serial port with pads on it, opened again whenever it comes back."""

from __future__ import annotations

import select
import socket
import termios
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from random import randint
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import structlog

from contract import messages as m
from contract.errors import ContractError, TransientDeviceError
from contract.hints import HINTS
from firmware_bridge.bus import ADAPTER_S, REPLY_S, Bus
from firmware_bridge.figures import units
from firmware_bridge.frames import MAX_ADDRESS, Pattern, Result, Setting
from firmware_bridge.host import Output, PadHost, Send
from firmware_bridge.image import Image
from firmware_bridge.press import Press
from runtime.supervise import crash

if TYPE_CHECKING:
    from serial import Serial

BAUD = 115200
BUS_BAUDS = (9600, 19200, 38400, 57600, 115200)
MOST_PADS = 64
ANSWER_MS = round(1000 * (REPLY_S + ADAPTER_S))
WRITE_S = 0.5
AGAIN_S = 0.5
IDLE_S = 1.0
CHUNK = 4096

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PortState:
    """The port was opened, or is gone. Told once each."""

    url: str
    here: bool


@dataclass(frozen=True, slots=True)
class SerialUrl:
    """`serial:///dev/ttyACM0?baud=115200` (one pad), `serial:///dev/ttyUSB0?pads=1-32` (a bus and its addresses), or a bare path.

    `answer_ms`: how long a pad's answer may take on a bus, with what the adapter holds back. `rts`: the port switches the
    RS-485 driver by RTS; without it the adapter does so by itself.
    """

    device: str
    baud: int = BAUD
    pads: tuple[int, ...] = ()
    answer_ms: int = ANSWER_MS
    rts: bool = False

    @classmethod
    def parse(cls, url: str) -> SerialUrl:
        """Raises: ContractError: not such an address; the text says what is allowed."""
        parts = urlsplit(url)
        if parts.scheme not in ("", "serial") or parts.netloc or not parts.path.startswith("/"):
            raise ContractError(f"{url!r}: a serial port reads serial:///dev/…?baud=115200&pads=1-8")
        try:
            options = parse_qs(parts.query, strict_parsing=bool(parts.query), keep_blank_values=True)
            said = {name: values[-1] for name, values in options.items()}
            baud, pads = int(said.pop("baud", BAUD)), _addresses(said.pop("pads", ""))
            answer_ms, rts = int(said.pop("answer_ms", ANSWER_MS)), said.pop("rts", "0")
        except ValueError as exc:
            raise ContractError(f"{url!r}: {exc}") from exc
        if said:
            raise ContractError(f"{url!r}: unknown {', '.join(said)}; allowed: baud, pads, answer_ms, rts")
        if pads and baud not in BUS_BAUDS:
            raise ContractError(f"{url!r}: baud of a bus: allowed: {', '.join(map(str, BUS_BAUDS))}")
        if not 5 <= answer_ms <= 200 or rts not in ("0", "1"):
            raise ContractError(f"{url!r}: allowed: answer_ms 5 to 200, rts 0 or 1")
        return cls(parts.path, baud, pads, answer_ms, rts == "1")


class SerialDriver:
    """One port, one thread. `deliver` is called on that thread with everything the pads tell, never with `Send`."""

    def __init__(
        self,
        url: str,
        deliver: Callable[[Output | PortState], None],
        *,
        settings: Mapping[Setting, int] | None = None,
        image: Image | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`settings`: of every pad; `image`: see `PadHost`, a pad alone on its line only.

        Raises: ContractError: `url` is no serial address.
        """
        self.url = url
        self._port = SerialUrl.parse(url)
        self._host = _host(self._port, settings or {}, image)
        self._deliver, self._clock = deliver, clock
        self._lock = threading.Lock()
        self._stopping, self._again = threading.Event(), threading.Event()
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
        self.look()
        self._rouse()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise TimeoutError(f"{self._thread.name} did not stop within {timeout_s} s")
        self._woken.close()
        self._wake.close()

    def look(self) -> None:
        """A device was plugged in: try the port now and not with the next turn; any thread."""
        self._again.set()

    @property
    def dropped(self) -> dict[str, int]:
        """Frames dropped since the start, by cause."""
        with self._lock:
            return dict(self._host.dropped)

    @property
    def units(self) -> dict[str, m.UnitHealth]:
        """The pads that are there, and the bus."""
        with self._lock:
            return units(self._host, self._port.device)

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
                self._again.wait(AGAIN_S)
                self._again.clear()

    def _opened(self) -> Serial:
        from serial import Serial, SerialException

        try:
            serial = Serial(self._port.device, self._port.baud, timeout=0, write_timeout=WRITE_S, exclusive=True)
            if self._port.rts:
                self._drive_by_rts(serial)
            # What was said before now has lost its age.
            serial.reset_input_buffer()
        except (SerialException, ValueError) as exc:
            raise TransientDeviceError(self.url, "device_missing", HINTS["device_missing"].step) from exc
        return serial

    def _drive_by_rts(self, serial: Serial) -> None:
        from serial.rs485 import RS485Settings

        try:
            serial.rs485_mode = RS485Settings()
        except ValueError:
            serial.close()
            raise

    def _pump(self, serial: Serial) -> None:
        # A leading delimiter ends the half frame an earlier session may have left in the pad.
        serial.write(b"\0")
        self._act(serial, lambda host: host.open(self._clock()))
        while not self._stopping.is_set():
            with self._lock:
                wait_s = self._host.next_s() - self._clock()
            ready, _, _ = select.select([serial.fileno(), self._woken.fileno()], [], [], max(0.0, min(wait_s, IDLE_S)))
            if self._woken.fileno() in ready:
                self._woken.recv(CHUNK)
            if serial.fileno() in ready:
                data = serial.read(CHUNK)
                self._act(serial, lambda host: host.feed(data, self._clock()))  # noqa: B023 - called at once
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


def _host(port: SerialUrl, settings: Mapping[Setting, int], image: Image | None) -> PadHost:
    """One pad or many."""
    first_ping = randint(1, 0xFFFF)
    if not port.pads:
        return PadHost(first_ping=first_ping, settings=settings, image=image)
    return Bus(port.pads, baud=port.baud, answer_s=port.answer_ms / 1000, first_ping=first_ping, settings=settings)


def _addresses(text: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found += range(max(int(first), 0), min(int(last or first), MAX_ADDRESS + 1) + 1)
    if any(not 1 <= address <= MAX_ADDRESS for address in found) or len(set(found)) != len(found):
        raise ValueError(f"pads={text}: different addresses from 1 to {MAX_ADDRESS}, like 1-8,12")
    if len(found) > MOST_PADS:
        raise ValueError(f"pads={text}: at most {MOST_PADS} on one line")
    return tuple(found)

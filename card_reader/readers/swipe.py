"""An MRZ reader on a serial line: one thread that listens, lines that are wiped. Never as a keyboard: zones would land in other windows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import structlog

from card_reader.readers.frame import Format, FrameReader, Swipe
from contract.errors import ContractError
from runtime.supervise import crash

log = structlog.get_logger(__name__)
FRAME_S = 2.0
"""A frame that takes longer is cut off."""
PAUSE_S = 0.3
AGAIN_S = 1.0


def address(url: str) -> tuple[str, int, Format]:
    """Device, baud and frame of `serial:///dev/ttyACM0?baud=9600&frame=desko`. Raises: ContractError: it is no such address."""
    parts, options = urlsplit(url), parse_qs(urlsplit(url).query)
    try:
        baud, form = int(options.get("baud", ["9600"])[0]), Format(options.get("frame", [""])[0])
    except ValueError as exc:
        raise ContractError(f"{url}: baud=NUMBER and frame={'|'.join(Format)}") from exc
    if parts.scheme != "serial" or not parts.path:
        raise ContractError(f"{url}: serial:///dev/…")
    return parts.path, baud, form


class SwipeReader:
    """The reader at an `address`; `heard` is called in its thread. A context manager; comes back after unplugging.

    Raises: ContractError: the address is no such address.
    """

    def __init__(self, url: str, heard: Callable[[Swipe], None]) -> None:
        self._path, self._baud, self._form = address(url)
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=crash(self._run), name="mrz-swipe", daemon=True)
        self.connected = False
        self.dropped = 0

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """True when the thread has ended. Twice is fine."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        import serial

        while not self._stopping.is_set():
            try:
                with serial.Serial(self._path, self._baud, timeout=PAUSE_S) as line:
                    self._say(connected=True)
                    self._listen(line)
            except (OSError, serial.SerialException):
                self._say(connected=False)
                self._stopping.wait(AGAIN_S)

    def _listen(self, line: Any) -> None:
        frames, began = FrameReader(self._form), 0.0
        while not self._stopping.is_set():
            data = line.read(1) or b""
            data += line.read(line.in_waiting) if data else b""
            now = time.monotonic()
            began = began or now
            swipes = frames.feed(data)
            if not data or now - began > FRAME_S:
                swipes += [swipe for swipe in [frames.pause()] if swipe is not None]
                began = 0.0
            self.dropped += frames.dropped
            frames.dropped = 0
            for swipe in swipes:
                began = 0.0
                self._heard(swipe)

    def _say(self, *, connected: bool) -> None:
        if connected != self.connected:
            self.connected = connected
            log.info("mrz_reader.back" if connected else "mrz_reader.lost", device=self._path)

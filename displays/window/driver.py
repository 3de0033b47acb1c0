"""The port every window display driver fits, and the loop that keeps one display true over a cable that comes and goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from contract.errors import TransientDeviceError
from displays.window.model import BLANK, Shown
from runtime.supervise import Troubles, crash

REFRESH_S = 5.0
"""The truth is written again this often: a display that lost its own power is empty and cannot tell, and a cable that was
pulled out is noticed."""
RETRY_S = (0.2, 5.0)


class Driver(Protocol):
    """An open display. `show` raises TransientDeviceError when the device does not take it."""

    def show(self, shown: Shown) -> None: ...


class Display:
    """One display and its thread. `open_driver()` gives an open driver or raises TransientDeviceError."""

    def __init__(
        self, unit: str, port: str, open_driver: Callable[[], AbstractContextManager[Driver]], troubles: Troubles
    ) -> None:
        self.unit, self.port = unit, port
        self._open, self._troubles = open_driver, troubles
        self._wanted = BLANK
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def want(self, shown: Shown) -> None:
        """From now on the display is to show this; from any thread, never blocks on the device."""
        with self._changed:
            if shown != self._wanted:
                self._wanted = shown
                self._changed.notify()

    def start(self) -> None:
        """Run until `stop`."""
        self._thread = threading.Thread(target=crash(self._run), name=f"display-{self.unit}", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 3.0) -> None:
        """Blank the display, close its port, end the thread; may be called twice."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None

    def _run(self) -> None:
        pause_s = RETRY_S[0]
        while not self._stopping:
            try:
                with self._open() as driver:
                    pause_s = RETRY_S[0]
                    self._keep_true(driver)
            except TransientDeviceError as exc:
                self._troubles.raise_(exc.fault, self.port)
                self._wait(pause_s)
                pause_s = min(RETRY_S[1], pause_s * 2)

    def _keep_true(self, driver: Driver) -> None:
        while not self._stopping:
            with self._changed:
                wanted = self._wanted
            driver.show(wanted)
            self._troubles.clear("device_missing", self.port)
            self._wait(REFRESH_S, unless=wanted)
        driver.show(BLANK)

    def _wait(self, timeout_s: float, unless: Shown | None = None) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or (unless is not None and self._wanted != unless), timeout_s)

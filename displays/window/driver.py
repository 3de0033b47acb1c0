"""The loop that keeps the displays of one port true over a cable that comes and goes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping

from contract.errors import TransientDeviceError
from contract.messages import UnitHealth
from displays.window.kind import Driver, Kind
from displays.window.model import BLANK, Sign
from displays.window.port import Port
from runtime.supervise import Troubles, crash

REFRESH_S = 5.0
"""The truth is written again this often: a display that lost its own power is empty and cannot tell, and a cable that was
pulled out is noticed."""
RETRY_S = (0.2, 5.0)
FAULTS = ("device_missing", "display_wrong")


class Cable:
    """One port with its displays, and the thread that writes to it. `addresses`: unit → address."""

    def __init__(self, url: str, kind: Kind, addresses: Mapping[str, int], troubles: Troubles) -> None:
        self.url, self.kind = url, kind
        self.opened = 0
        self._addresses, self._troubles = dict(addresses), troubles
        self._wanted = dict.fromkeys(self._addresses, BLANK)
        self._wrong = dict.fromkeys(self._addresses, 0)
        self._news: set[str] = set()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def units(self) -> dict[str, UnitHealth]:
        """What stands behind the box here. `opened`: how often the port was; `wrong`: readings back that were not as written."""
        return {
            unit: UnitHealth(kind="display", model=self.kind.model, figures={"opened": self.opened, "wrong": wrong})
            for unit, wrong in self._wrong.items()
        }

    def want(self, unit: str, sign: Sign) -> None:
        """From now on the display is to show this; from any thread, never blocks on the device."""
        with self._changed:
            if sign != self._wanted[unit]:
                self._wanted[unit] = sign
                self._news.add(unit)
                self._changed.notify()

    def start(self) -> None:
        """Run until `stop`."""
        self._thread = threading.Thread(target=crash(self._run), name=f"display-{self.url}", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 3.0) -> None:
        """Blank the displays, close the port, end the thread; may be called twice."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None

    # --- in the cable's thread -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        pause_s = RETRY_S[0]
        while not self._stopping:
            try:
                with Port(self.url, self.kind.baud) as port:
                    pause_s = RETRY_S[0]
                    self.opened += 1
                    self._keep_true(port)
            except TransientDeviceError as exc:
                for unit in self._addresses:
                    self._troubles.raise_(exc.fault, unit)
                self._pause(pause_s)
                pause_s = min(RETRY_S[1], pause_s * 2)

    def _keep_true(self, port: Port) -> None:
        drivers = {unit: self.kind.make(port, address) for unit, address in self._addresses.items()}
        while not self._stopping:
            for unit, driver in drivers.items():
                driver.show(self._wish(unit))
            self._until_refresh(port, drivers, deque(drivers))
        for driver in drivers.values():
            driver.show(BLANK)

    def _until_refresh(self, port: Port, drivers: Mapping[str, Driver], unchecked: deque[str]) -> None:
        """Write what is new at once; between the news read the displays back, one by one: a silent one costs the others little."""
        while not self._stopping:
            if self._news:
                for unit in self._newest():
                    drivers[unit].show(self._wish(unit))
                    unchecked.append(unit)
            elif unchecked:
                unit = unchecked.popleft()
                self._check(unit, port, drivers[unit])
            elif not self._news_within(REFRESH_S):
                return

    def _check(self, unit: str, port: Port, driver: Driver) -> None:
        """Note whether a display shows what was written last; it is written again by the next refresh."""
        try:
            driver.check(self._wanted[unit])
        except TransientDeviceError as exc:
            if port.lost:
                raise
            self._note(unit, exc.fault)
        else:
            self._note(unit, "")

    def _note(self, unit: str, fault: str) -> None:
        if fault == "display_wrong":
            self._wrong[unit] += 1
        for known in FAULTS:
            if known == fault:
                self._troubles.raise_(known, unit)
            else:
                self._troubles.clear(known, unit)

    def _newest(self) -> tuple[str, ...]:
        with self._changed:
            return tuple(self._news)

    def _wish(self, unit: str) -> Sign:
        with self._changed:
            self._news.discard(unit)
            return self._wanted[unit]

    def _news_within(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._stopping or bool(self._news), timeout_s)

    def _pause(self, timeout_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, timeout_s)

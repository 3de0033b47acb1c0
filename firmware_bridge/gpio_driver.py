"""Buttons and lamps wired to the Pi itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from contract import messages as m
from contract.errors import PermanentDeviceError
from firmware_bridge.debounce import Contact
from firmware_bridge.frames import Key, Pattern, Result
from firmware_bridge.host import Presence, Pressed
from firmware_bridge.press import Press
from runtime.supervise import crash

SAMPLE_S = 0.002
IDLE_S = 1.0

BLINK_S: dict[Pattern, tuple[float, float]] = {
    Pattern.SLOW: (0.5, 0.5),
    Pattern.FAST: (0.2, 0.2),
    Pattern.UNKNOWN: (0.1, 1.9),
}
"""Lit and dark seconds, as pads do it (PROTOCOL.md §7)."""


@dataclass(frozen=True, slots=True)
class ButtonUnit:
    """The buttons of one window: GPIO number of each key (to ground), and of the lamp, None without one."""

    uid: str
    keys: Mapping[Key, int]
    lamp: int | None = None


class ButtonDriver:
    """All buttons of this Pi, one thread. `deliver` is called on it, once per press.

    Edges only wake the thread; levels are then sampled every 2 ms until they are stable, because software edge
    debouncing loses presses (gpiozero issues 550 and 1039).
    """

    def __init__(
        self,
        units: Sequence[ButtonUnit],
        boot: int,
        deliver: Callable[[Pressed | Presence], None],
        *,
        factory: Any,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`factory`: gpiozero's pins (`gpio.pins`). Raises: PermanentDeviceError: a pin is taken."""
        self._boot, self._deliver, self._clock = boot, deliver, clock
        self._seq: dict[str, int] = {}
        self._stopping = threading.Event()
        self._edge = threading.Event()
        self._closing = ExitStack()
        self._keys: list[tuple[str, Key, Any, Contact]] = []
        self._lamps: dict[str, Any] = {}
        self._wanted: dict[str, Pattern] = {}
        self._flashes: dict[str, tuple[Pattern, float]] = {}
        self._shown: dict[str, Pattern] = {}
        self._lock = threading.Lock()
        self._wire(units, factory)
        self._thread = threading.Thread(target=crash(self._run), name="buttons", daemon=True)

    def __enter__(self) -> ButtonDriver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop the thread and free the pins; twice is fine. Raises: TimeoutError: it did not stop in time."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._edge.set()
            if self._thread.ident is not None:
                self._thread.join(timeout_s)
            if self._thread.is_alive():
                raise TimeoutError(f"{self._thread.name} did not stop within {timeout_s} s")
        self._closing.close()

    @property
    def dropped(self) -> dict[str, int]:
        """Nothing is ever dropped here; there for the likeness with `SerialDriver`."""
        return {}

    @property
    def units(self) -> dict[str, m.UnitHealth]:
        """The buttons of each window."""
        wired = dict.fromkeys((uid for uid, *_ in self._keys), 0)
        for uid, *_ in self._keys:
            wired[uid] += 1
        return {
            uid: m.UnitHealth(kind="buttons", model=f"{keys} keys", figures={"presses": self._seq.get(uid, 0)})
            for uid, keys in wired.items()
        }

    def know(self, uids: Collection[str]) -> None:
        """Buttons are bound by their wiring; a unit the hall does not know is refused by the coordinator."""

    def lamp(self, uid: str, pattern: Pattern) -> None:
        """What the unit's lamp shall show from now on; any thread."""
        with self._lock:
            self._wanted[uid] = pattern
        self._edge.set()

    def flash(self, uid: str, pattern: Pattern, tenths: int) -> None:
        """Show `pattern` for `tenths` x 100 ms; any thread."""
        if uid not in self._lamps:
            return
        with self._lock:
            self._flashes[uid] = (pattern, self._clock() + tenths / 10)
        self._edge.set()

    def text(self, uid: str, text: str) -> None:
        """Buttons have no display."""

    def done(self, press: Press, result: Result) -> None:
        """The hall has decided `press`: a refused or expired one is shown for 1.5 s."""
        if result is not Result.DONE:
            self.flash(press.uid, Pattern.FAST, 15)

    # --- the thread

    def _wire(self, units: Sequence[ButtonUnit], factory: Any) -> None:
        from gpiozero import LED, DigitalInputDevice, GPIOZeroError

        try:
            for unit in units:
                for key, pin in unit.keys.items():
                    button = DigitalInputDevice(pin, pull_up=True, bounce_time=None, pin_factory=factory)
                    self._closing.callback(button.close)
                    button.when_activated = button.when_deactivated = self._edge.set
                    self._keys.append((unit.uid, key, button, Contact(down=button.is_active)))
                if unit.lamp is not None:
                    self._lamps[unit.uid] = LED(unit.lamp, pin_factory=factory)
                    self._closing.callback(self._lamps[unit.uid].close)
                    self._wanted[unit.uid] = Pattern.UNKNOWN
        except GPIOZeroError as exc:
            self._closing.close()
            raise PermanentDeviceError("gpio", "gpio_missing", str(exc)) from exc

    def _run(self) -> None:
        for uid in dict.fromkeys(uid for uid, *_ in self._keys):
            self._deliver(Presence(uid, here=True))
        while not self._stopping.is_set():
            self._light()
            settled = all(contact.settled for *_, contact in self._keys)
            self._edge.wait(self._calm_s() if settled else SAMPLE_S)
            self._edge.clear()
            self._feel()

    def _feel(self) -> None:
        for uid, key, button, contact in self._keys:
            if contact.sample(down=button.is_active, now=self._clock()):
                self._seq[uid] = self._seq.get(uid, 0) % 0xFFFF + 1
                self._deliver(Pressed(Press(uid, self._boot, self._seq[uid], key, 0.0)))

    def _calm_s(self) -> float:
        with self._lock:
            ends = [end for _, end in self._flashes.values()]
        return max(0.0, min([IDLE_S, *(end - self._clock() for end in ends)]))

    def _light(self) -> None:
        now = self._clock()
        with self._lock:
            self._flashes = {uid: flash for uid, flash in self._flashes.items() if flash[1] > now}
            wanted = self._wanted | {uid: pattern for uid, (pattern, _) in self._flashes.items()}
        for uid, lamp in self._lamps.items():
            if self._shown.get(uid) is not wanted[uid]:
                self._shown[uid] = wanted[uid]
                _show(lamp, wanted[uid])


def _show(lamp: Any, pattern: Pattern) -> None:
    if pattern in BLINK_S:
        lit_s, dark_s = BLINK_S[pattern]
        lamp.blink(lit_s, dark_s)
    elif pattern is Pattern.STEADY:
        lamp.on()
    else:
        lamp.off()

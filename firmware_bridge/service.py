"""The bridge: presses become commands, replies become acknowledgements, the hall's view becomes lamps. Wiring only."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, assert_never

import structlog

from contract import messages as m
from contract import topics
from contract.errors import ConfigError
from contract.words import Light, Role
from firmware_bridge.boots import next_boot
from firmware_bridge.config import BridgeConfig
from firmware_bridge.frames import Pattern, Result
from firmware_bridge.gpio_driver import ButtonDriver
from firmware_bridge.host import Expired, Output, PadFault, Presence, Pressed, Send
from firmware_bridge.model import command, pattern
from firmware_bridge.press import PRESS_LIFE_S, Press, command_id
from firmware_bridge.serial_driver import PortState, SerialDriver
from runtime.asker import Answer, Unanswered
from runtime.box import Box, Heard, Occurrence
from runtime.freshness import Age

log = structlog.get_logger(__name__)

APPEAR_S = 5.0
"""A pad that was just bound or restarted has so long to say who it is."""
PAD_FAULTS = frozenset({"pad_unknown", "firmware_mismatch"})


class Driver(Protocol):
    """What the bridge needs of pads and of buttons alike; each call from any thread."""

    @property
    def dropped(self) -> dict[str, int]: ...
    def know(self, uids: Collection[str]) -> None: ...
    def lamp(self, uid: str, pattern: Pattern) -> None: ...
    def flash(self, uid: str, pattern: Pattern, tenths: int) -> None: ...
    def text(self, uid: str, text: str) -> None: ...
    def done(self, press: Press, result: Result) -> None: ...
    def __enter__(self) -> Any: ...
    def __exit__(self, *_: object) -> None: ...


@dataclass(slots=True)
class _Asked:
    """The last press of a unit; a unit has one on its way at a time. `result` None: no answer yet."""

    id: str
    result: Result | None = None


class Bridge:
    """One box with pads and buttons. A context manager; `__exit__` says goodbye to the broker."""

    def __init__(self, config: BridgeConfig, *, factory: Any = None) -> None:
        """`factory`: gpiozero's pins, None for the Pi's own.

        Raises: PermanentDeviceError: buttons without GPIO. ConfigError: the count of starts cannot be kept.
        """
        self.box = Box(config.broker.broker(), Role.BRIDGE, [topics.DOWN_VIEW], self._heard, tick=self._tick)
        self._drivers: list[Driver] = [SerialDriver(url, self._told) for url in config.ports]
        if config.buttons and config.boots:
            self._drivers.append(self._buttons(config, config.boots, factory))
        self._asked: dict[str, _Asked] = {}
        self._asked_lock = threading.Lock()
        self._view: m.WindowsView | None = None
        self._fresh = False
        self._here: frozenset[str] = frozenset()
        self._missing: frozenset[str] = frozenset()
        self._bound_at_s = 0.0
        self._stack = ExitStack()

    def __enter__(self) -> Bridge:
        for driver in self._drivers:
            self._stack.enter_context(driver)
        self._stack.callback(self.box.stop)
        self.box.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _buttons(self, config: BridgeConfig, boots: Path, factory: Any) -> ButtonDriver:
        try:
            boot = next_boot(boots)
        except OSError as exc:
            raise ConfigError(boots, None, "boots", exc.strerror, "a file that can be written") from exc
        return ButtonDriver([section.wiring() for section in config.buttons], boot, self._told, factory=factory)

    # --- in the drivers' threads

    def _told(self, output: Output | PortState) -> None:
        match output:
            case Pressed(press):
                self._pressed(press)
            case Expired(press):
                log.info("press.expired", id=command_id(press), age_s=round(press.age_s, 1))
            case Presence(uid, here):
                self._present(uid, here)
            case PadFault(uid, fault, text):
                self._fault(uid, fault, text)
            case PortState(url, here):
                (self.box.troubles.clear if here else self.box.troubles.raise_)("device_missing", url)
            case Send():
                raise TypeError("a driver sends its bytes itself")

    def _pressed(self, press: Press) -> None:
        key = command_id(press)
        with self._asked_lock:
            asked = self._asked.get(press.uid)
            if asked is None or asked.id != key:
                asked, new = _Asked(key), True
                self._asked[press.uid] = asked
            else:
                new = False
        if new:
            self._ask(press)
        elif asked.result is not None:
            self._done(press, asked.result)

    def _ask(self, press: Press) -> None:
        asking = command(press, self._light(press.uid))
        log.info("press", id=asking.id, key=press.key.name.lower(), t=asking.t, age_s=round(press.age_s, 3))
        self.box.ask(asking, partial(self._answered, press), life_s=max(0.0, PRESS_LIFE_S - press.age_s))

    def _present(self, uid: str, here: bool) -> None:
        (log.info if here else log.warning)("pad.here" if here else "pad.lost", pad=uid)
        # A new set each time: the link's thread reads it meanwhile.
        self._here = self._here | {uid} if here else self._here - {uid}

    def _fault(self, uid: str, fault: str | None, text: str) -> None:
        for other in PAD_FAULTS - {fault}:
            self.box.troubles.clear(other, uid)
        if fault is not None and self.box.troubles.raise_(fault, uid):
            log.warning("pad.fault", pad=uid, fault=fault, text=text)

    # --- in the link's thread

    def _answered(self, press: Press, answer: Answer) -> None:
        match answer:
            case m.Refused():
                result = Result.REFUSED
                log.info("press.refused", id=answer.re, code=answer.code, text=answer.text)
            case Unanswered():
                result = Result.EXPIRED
                log.warning("press.unanswered", id=answer.re)
            case m.Reply():
                result = Result.DONE
            case _:
                assert_never(answer)
        with self._asked_lock:
            asked = self._asked.get(press.uid)
            if asked is not None and asked.id == command_id(press):
                asked.result = result
        self._done(press, result)

    def _heard(self, occurrence: Occurrence) -> None:
        if not isinstance(occurrence, Heard):
            return
        match occurrence.message:
            case m.WindowsView() as view:
                self._bind(view)
                self._show()
            case m.Heartbeat():
                self._refresh(time.monotonic())
            case m.Identify(seconds=seconds):
                self._identify(seconds)
            case _:
                self.box.count_drop("not for a bridge")

    def _bind(self, view: m.WindowsView) -> None:
        if self._view is None or self._view.units.keys() != view.units.keys():
            self._bound_at_s = time.monotonic()
        self._view = view
        for driver in self._drivers:
            driver.know(view.units)

    def _tick(self, now: float) -> None:
        self._refresh(now)
        self._miss(now)
        dropped: Counter[str] = Counter()
        for driver in self._drivers:
            dropped.update(driver.dropped)
        self.box.dropped.update({f"pad frame: {cause}": number for cause, number in dropped.items()})

    def _refresh(self, now: float) -> None:
        fresh = self.box.freshness.age(now) is Age.FRESH
        if fresh != self._fresh:
            self._fresh = fresh
            log.info("lamps.fresh" if fresh else "lamps.unknown")
            self._show()

    def _miss(self, now: float) -> None:
        """A bound unit that is not there is a trouble, also one that never was."""
        if self._view is None or now - self._bound_at_s < APPEAR_S:
            return
        missing = frozenset(self._view.units) - self._here
        for uid in missing - self._missing:
            self.box.troubles.raise_("device_missing", uid)
        for uid in self._missing - missing:
            self.box.troubles.clear("device_missing", uid)
        self._missing = missing

    def _show(self) -> None:
        for uid in self._view.units if self._view else ():
            view = self._view.units[uid] if self._fresh and self._view else None
            for driver in self._drivers:
                driver.lamp(uid, pattern(view.light if view else None))
                driver.text(uid, (view.label if view else None) or "")

    def _identify(self, seconds: float) -> None:
        for uid in self._view.units if self._view else ():
            for driver in self._drivers:
                driver.flash(uid, Pattern.FAST, min(255, round(seconds * 10)))

    def _done(self, press: Press, result: Result) -> None:
        for driver in self._drivers:
            driver.done(press, result)

    def _light(self, uid: str) -> Light | None:
        view = self._view.units.get(uid) if self._view else None
        return view.light if view else None

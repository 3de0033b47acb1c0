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
from contract.errors import ConfigError, PermanentDeviceError
from contract.words import Light, Role
from firmware_bridge.boots import next_boot
from firmware_bridge.config import BridgeConfig
from firmware_bridge.fixture import Fixtures
from firmware_bridge.frames import Pattern, Result
from firmware_bridge.gpio_driver import ButtonDriver
from firmware_bridge.host import Expired, Output, PadFault, Presence, Pressed, Send
from firmware_bridge.model import command, fact, pattern
from firmware_bridge.press import FACTS, PRESS_LIFE_S, Press, command_id
from firmware_bridge.serial_driver import PortState, SerialDriver
from firmware_bridge.shipped import shipped
from journal.journal import Journal
from journal.schema import BOX
from journal.telling import Telling
from runtime import gpio
from runtime.asker import Answer, Unanswered
from runtime.box import Box, Heard, LinkDown, LinkUp, Occurrence
from runtime.clock import utc_now
from runtime.freshness import Age

log = structlog.get_logger(__name__)

APPEAR_S = 5.0
"""A pad that was just bound or restarted has so long to say who it is."""
HELP_S = 180.0
"""A call for help is shown for so long."""
OWN_LIGHT = frozenset({"pad-window", "buttons", "pad-display"})
"""Kinds of units whose lamp is the window's; the others have one for themselves."""


class Driver(Protocol):
    """What the bridge needs of pads and of buttons alike; each call from any thread."""

    @property
    def dropped(self) -> dict[str, int]: ...
    @property
    def units(self) -> dict[str, m.UnitHealth]: ...
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
        """`factory`: gpiozero's pins, None for the Pi's own; without them it goes on with its pads and says `gpio_missing`.

        Raises: ConfigError: the count of starts cannot be kept. JournalError: the journal cannot be used.
        """
        broker = config.broker.broker()
        config.data.mkdir(parents=True, exist_ok=True)
        self._stack = ExitStack()
        self._journal = Journal.open(config.data / "bridge.db", broker.hall, BOX, utc_now)
        self._stack.callback(self._journal.close)
        self._facts = Telling(self._journal)
        self.box = Box(
            broker, Role.BRIDGE, [topics.DOWN_VIEW, topics.DOWN_ACK], self._heard, inc=self._journal.inc,
            ep=self._journal.ep, tick=self._tick,
        )  # fmt: skip
        settings = config.pad.settings()
        image = shipped() if config.pad.renew else None
        self._drivers: list[Driver] = [
            SerialDriver(url, self._told, settings=settings, image=image) for url in config.ports
        ]
        self._fixtures: Fixtures | None = None
        if config.pinned:
            self._wire(config, factory)
        self._told_facts: dict[str, str] = {}
        self._helping: dict[str, float] = {}
        self._asked: dict[str, _Asked] = {}
        self._asked_lock = threading.Lock()
        self._view: m.WindowsView | None = None
        self._fresh = False
        self._here: frozenset[str] = frozenset()
        self._missing: frozenset[str] = frozenset()
        self._bound_at_s = 0.0

    def __enter__(self) -> Bridge:
        for driver in self._drivers:
            self._stack.enter_context(driver)
        self._stack.callback(self.box.stop)
        self.box.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _wire(self, config: BridgeConfig, factory: Any) -> None:
        """Take the pins; without them the box goes on and says so."""
        boot = _boot(config.data / "boots")
        try:
            pins = factory or gpio.pins()
            self._stack.callback(pins.close)
            stacks, doors = [s.wiring() for s in config.stacks], [d.wiring() for d in config.doors]
            self._fixtures = self._stack.enter_context(Fixtures(stacks, doors, pins))
            if config.buttons:
                wired = [section.wiring() for section in config.buttons]
                self._drivers.append(ButtonDriver(wired, boot, self._told, factory=pins))
        except PermanentDeviceError as exc:
            self.box.troubles.raise_("gpio_missing")
            log.warning("gpio.missing", error=str(exc))

    # --- in the drivers' threads

    def _told(self, output: Output | PortState) -> None:
        match output:
            case Pressed(press) if press.key in FACTS:
                self._tell(press)
            case Pressed(press):
                self._pressed(press)
            case Expired(press):
                log.info("press.expired", id=command_id(press), age_s=round(press.age_s, 1))
            case Presence(uid, here):
                self._present(uid, here)
            case PadFault():
                self._fault(output)
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

    def _tell(self, press: Press) -> None:
        """A press that asks for nothing: done when it is on our disk, or shown."""
        key, told = command_id(press), fact(press)
        if self._told_facts.get(press.uid) != key:
            log.info("press", id=key, key=press.key.name.lower(), age_s=round(press.age_s, 3))
            if told is None:
                self._help(press.uid)
            else:
                self._facts.put(told, key)
            self._told_facts[press.uid] = key
        self._done(press, Result.DONE)
        self.box.link.wake()

    def _help(self, uid: str) -> None:
        self._helping[uid] = time.monotonic() + HELP_S
        self.box.troubles.raise_("assistance", uid)
        self._show()

    def _ask(self, press: Press) -> None:
        asking = command(press, self._light(press.uid))
        log.info("press", id=asking.id, key=press.key.name.lower(), t=asking.t, age_s=round(press.age_s, 3))
        self.box.ask(asking, partial(self._answered, press), life_s=max(0.0, PRESS_LIFE_S - press.age_s))

    def _present(self, uid: str, here: bool) -> None:
        (log.info if here else log.warning)("pad.here" if here else "pad.lost", pad=uid)
        # A new set each time: the link's thread reads it meanwhile.
        self._here = self._here | {uid} if here else self._here - {uid}
        self._show()

    def _fault(self, told: PadFault) -> None:
        if told.over:
            self.box.troubles.clear(told.fault, told.uid)
        elif self.box.troubles.raise_(told.fault, told.uid):
            log.warning("pad.fault", pad=told.uid, fault=told.fault, text=told.text)

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
        match occurrence:
            case LinkUp():
                self._facts.up(time.monotonic())
            case LinkDown():
                self._facts.down()
            case Heard(message=message):
                self._heard_message(message)

    def _heard_message(self, message: m.AnyMessage) -> None:
        match message:
            case m.Ack() as ack:
                self._facts.heard(ack, time.monotonic())
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
        self._facts.tick(self.box, now)
        self._refresh(now)
        self._miss(now)
        self._watch(now)
        self.box.units = {uid: unit for driver in self._drivers for uid, unit in driver.units.items()}
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
        stacks = self._fixtures.units if self._fixtures else frozenset()
        missing = frozenset(self._view.units) - self._here - stacks
        for uid in missing - self._missing:
            self.box.troubles.raise_("device_missing", uid)
        for uid in self._missing - missing:
            self.box.troubles.clear("device_missing", uid)
        self._missing = missing

    def _watch(self, now: float) -> None:
        """Doors, and calls for help that are over."""
        for name, is_open in self._fixtures.doors(now).items() if self._fixtures else ():
            (self.box.troubles.raise_ if is_open else self.box.troubles.clear)("door_open", name)
        for uid in [uid for uid, ends_s in list(self._helping.items()) if now >= ends_s]:
            self._helping.pop(uid, None)
            self.box.troubles.clear("assistance", uid)
            self._show()

    def _show(self) -> None:
        kinds = {uid: unit.kind for driver in self._drivers for uid, unit in driver.units.items()}
        units = self._view.units if self._view else {}
        for uid, unit in units.items():
            view = unit if self._fresh else None
            for driver in self._drivers:
                driver.lamp(uid, self._lamp(uid, kinds.get(uid, ""), view))
                driver.text(uid, (view.label if view else None) or "")
            if self._fixtures:
                self._fixtures.show(uid, view.light if view else None)
        for uid in self._helping.keys() - units.keys():
            for driver in self._drivers:
                driver.lamp(uid, Pattern.STEADY)

    def _lamp(self, uid: str, kind: str, view: m.WindowView | None) -> Pattern:
        if uid in self._helping:
            return Pattern.STEADY
        if view is not None and kind and kind not in OWN_LIGHT:
            return Pattern.OFF
        return pattern(view.light if view else None)

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


def _boot(file: Path) -> int:
    try:
        return next_boot(file)
    except OSError as exc:
        raise ConfigError(file, None, "data", exc.strerror or "", "a folder that can be written") from exc

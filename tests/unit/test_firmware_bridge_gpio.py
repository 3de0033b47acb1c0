"""Pi buttons: the wiring, on gpiozero's own stand-in for a board; the debouncing has its own tests."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from contract.errors import PermanentDeviceError
from contract.words import Light
from firmware_bridge.boots import next_boot
from firmware_bridge.config import BridgeConfig
from firmware_bridge.fixture import Door, Fixtures, Stack
from firmware_bridge.frames import Key, Pattern, Result
from firmware_bridge.gpio_driver import ButtonDriver, ButtonUnit
from firmware_bridge.host import Output, Presence, Pressed
from firmware_bridge.press import command_id
from firmware_bridge.service import HELP_S, Bridge
from runtime import gpio
from runtime.config import read
from tests.until import until

UNIT = ButtonUnit("desk-3", {Key.NEXT: 17, Key.NO_SHOW: 27}, 24)


class Board:
    """Pins, the driver on them, and a clock that stands while `stopped` is set."""

    def __init__(self) -> None:
        self.factory = MockFactory()
        self.heard: list[Output] = []
        self.stopped: float | None = None
        self.driver = ButtonDriver([UNIT], 5, self.heard.append, factory=self.factory, clock=self._clock)

    def _clock(self) -> float:
        stopped = self.stopped
        return time.monotonic() if stopped is None else stopped

    def press(self, pin: int) -> None:
        """A finger on the key at `pin` until the press has come."""
        before = len(self.presses())
        self.factory.pin(pin).drive_low()
        until(lambda: len(self.presses()) > before)
        self.factory.pin(pin).drive_high()

    def at_rest(self) -> bool:
        return all(contact.settled for *_, contact in self.driver._keys)

    def presses(self) -> list[tuple[str, int]]:
        return [(command_id(o.press), o.press.key) for o in list(self.heard) if isinstance(o, Pressed)]


def test_each_key_gives_its_press_once() -> None:
    board = Board()
    with board.driver:
        board.press(17)
        board.press(27)
        until(board.at_rest)
    assert board.presses() == [("pad-desk-3-5-1", Key.NEXT), ("pad-desk-3-5-2", Key.NO_SHOW)]
    assert Presence("desk-3", here=True) in board.heard


def test_spike_is_no_press() -> None:
    board = Board()
    with board.driver:
        board.stopped = time.monotonic()  # else a machine that stops us in the middle of a spike makes a finger of it
        for _ in range(20):
            board.factory.pin(17).drive_low()
            until(lambda: not board.at_rest())
            board.factory.pin(17).drive_high()
            until(board.at_rest)
        board.stopped = None
        board.press(27)
    assert board.presses() == [("pad-desk-3-5-1", Key.NO_SHOW)]


def test_lamp_shows_the_halls_truth_and_a_refusal_first() -> None:
    board = Board()
    lamp = board.factory.pin(24)
    with board.driver:
        board.driver.lamp("desk-3", Pattern.STEADY)
        until(lambda: lamp.state)
        board.press(17)
        press = next(o.press for o in board.heard if isinstance(o, Pressed))
        before = len(lamp.states)
        board.stopped = time.monotonic()
        board.driver.done(press, Result.REFUSED)
        until(lambda: len(lamp.states) > before + 4)
        board.stopped = None
        board.driver.lamp("desk-3", Pattern.OFF)
        until(lambda: board.driver._shown["desk-3"] is Pattern.OFF)
        until(lambda: not lamp.state)


def test_machine_without_gpio_is_told_loudly_also_where_others_would_fall_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lgpio", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    with pytest.raises(PermanentDeviceError, match="lgpio") as told:
        gpio.pins()
    assert told.value.fault == "gpio_missing"


def bridge_config(folder: Path, pins: str) -> BridgeConfig:
    file = folder / "bridge.toml"
    broker = "".join(f'{name} = "/none"\n' for name in ("ca", "cert", "key"))
    file.write_text(f'data = "{folder}/data"\n[broker]\nhall = "demo"\ndev = "bridge-1"\n{broker}{pins}')
    return read(file, BridgeConfig)


def test_bridge_without_gpio_goes_on_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lgpio", None)
    bridge = Bridge(bridge_config(tmp_path, '[[doors]]\nname = "cabinet"\npin = 21\n'))
    try:
        assert set(bridge.box.troubles.open) == {"gpio_missing"}
    finally:
        bridge._stack.close()
        bridge.box.stop()


def test_help_button_calls_a_person_and_lights_its_lamp(tmp_path: Path) -> None:
    factory = MockFactory()
    told = bridge_config(tmp_path, '[[buttons]]\nunit = "entrance"\nhelp = 5\nlamp = 6\n')
    with Bridge(told, factory=factory) as bridge:
        until(lambda: bridge._here)
        factory.pin(5).drive_low()
        until(lambda: "assistance:entrance" in bridge.box.troubles.open)
        until(lambda: factory.pin(6).state)
        factory.pin(5).drive_high()
        bridge._watch(time.monotonic() + HELP_S + 1)
        assert "assistance:entrance" not in bridge.box.troubles.open


def test_silent_alarm_of_a_button_is_in_the_outbox_once(tmp_path: Path) -> None:
    told = bridge_config(tmp_path, '[[buttons]]\nunit = "desk-3"\nalarm = 5\n')
    factory = MockFactory()
    with Bridge(told, factory=factory) as bridge:
        until(lambda: bridge._here)
        factory.pin(5).drive_low()
        until(lambda: bridge._facts.depth == 1)


def test_stack_shows_the_light_of_its_window_and_is_dark_when_nothing_is_known() -> None:
    factory = MockFactory()
    pins = {"green": 12, "yellow": 16, "red": 20}
    with Fixtures([Stack("stack-3", pins)], [], factory) as fixtures:
        shown = {}
        for light in (*Light, None):
            fixtures.show("stack-3", light)
            shown[light] = [colour for colour, pin in pins.items() if factory.pin(pin).state]
        fixtures.show("other", Light.FREE)
    assert shown == {
        Light.FREE: ["green"], Light.ARMED: ["green"], Light.CALLED: ["yellow"], Light.SERVING: ["red"],
        Light.PAUSED: [], Light.CLOSED: [], None: [],
    }  # fmt: skip


def test_door_is_open_after_a_second_and_closed_at_once() -> None:
    factory = MockFactory()
    with Fixtures([], [Door("cabinet", 21)], factory) as fixtures:
        switch = factory.pin(21)
        switch.drive_low()
        assert fixtures.doors(10.0) == {"cabinet": False}
        switch.drive_high()
        assert [fixtures.doors(now)["cabinet"] for now in (11.0, 11.9, 12.0)] == [False, False, True]
        switch.drive_low()
        assert fixtures.doors(12.1) == {"cabinet": False}


def test_pin_that_is_taken_leaves_none_held() -> None:
    factory = MockFactory()
    with pytest.raises(PermanentDeviceError, match="21"):
        Fixtures([Stack("s", {"green": 21})], [Door("cabinet", 21)], factory)
    Fixtures([], [Door("cabinet", 21)], factory).close()


def test_pin_used_twice_is_told_and_frees_the_others() -> None:
    factory = MockFactory()
    with pytest.raises(PermanentDeviceError, match="17"):
        ButtonDriver([UNIT, ButtonUnit("desk-4", {Key.NEXT: 17})], 1, print, factory=factory)
    with ButtonDriver([UNIT], 1, lambda _: None, factory=factory) as driver:
        driver.close()
        driver.close()


def test_starts_are_counted_durably_and_never_guessed(tmp_path: Path) -> None:
    file = tmp_path / "boots"
    first = next_boot(file)
    assert [next_boot(file), next_boot(file)] == [(first + 1) & 0xFFFFFFFF, (first + 2) & 0xFFFFFFFF]
    file.write_text("damaged")
    assert next_boot(file) == int(file.read_text())
    with pytest.raises(OSError, match="boots"):
        next_boot(tmp_path / "none" / "boots")

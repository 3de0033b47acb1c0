"""Pi buttons: the wiring, on gpiozero's own stand-in for a board; the debouncing has its own tests."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from contract.errors import PermanentDeviceError
from firmware_bridge.boots import next_boot
from firmware_bridge.frames import Key, Pattern, Result
from firmware_bridge.gpio_driver import ButtonDriver, ButtonUnit
from firmware_bridge.host import Output, Presence, Pressed
from firmware_bridge.press import command_id
from tests.wire.pad_bench import until

UNIT = ButtonUnit("desk-3", {Key.NEXT: 17, Key.NO_SHOW: 27}, 24)


class Board:
    def __init__(self) -> None:
        self.factory = MockFactory()
        self.heard: list[Output] = []
        self.driver = ButtonDriver([UNIT], 5, self.heard.append, factory=self.factory)

    def hold(self, pin: int, seconds: float) -> None:
        """A finger on the key at `pin` for at least so long."""
        ends = time.monotonic() + seconds
        self.factory.pin(pin).drive_low()
        until(lambda: time.monotonic() > ends)
        self.factory.pin(pin).drive_high()

    def presses(self) -> list[tuple[str, int]]:
        return [(command_id(o.press), o.press.key) for o in list(self.heard) if isinstance(o, Pressed)]


def test_each_key_gives_its_press_once() -> None:
    board = Board()
    with board.driver:
        board.hold(17, 0.1)
        until(lambda: len(board.presses()) == 1)
        board.hold(27, 0.1)
        until(lambda: len(board.presses()) == 2)
    assert board.presses() == [("pad-desk-3-5-1", Key.NEXT), ("pad-desk-3-5-2", Key.NO_SHOW)]
    assert Presence("desk-3", here=True) in board.heard


def test_spike_is_no_press() -> None:
    board = Board()
    with board.driver:
        for _ in range(20):
            board.factory.pin(17).drive_low()
            board.factory.pin(17).drive_high()
        board.hold(27, 0.1)
        until(board.presses)
    assert board.presses() == [("pad-desk-3-5-1", Key.NO_SHOW)]


def test_lamp_shows_the_halls_truth_and_a_refusal_first() -> None:
    board = Board()
    lamp = board.factory.pin(24)
    with board.driver:
        board.driver.lamp("desk-3", Pattern.STEADY)
        until(lambda: lamp.state)
        board.hold(17, 0.1)
        until(board.presses)
        press = next(o.press for o in board.heard if isinstance(o, Pressed))
        before = len(lamp.states)
        board.driver.done(press, Result.REFUSED)
        until(lambda: len(lamp.states) > before + 4)
        board.driver.lamp("desk-3", Pattern.OFF)
        until(lambda: board.driver._shown["desk-3"] is Pattern.OFF)
        until(lambda: not lamp.state)


def test_machine_without_gpio_is_told_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lgpio", None)
    with pytest.raises(PermanentDeviceError, match="lgpio"):
        ButtonDriver([UNIT], 1, print)


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

"""The lamp at a printer's mouth, on gpiozero's own stand-in for a board."""

from __future__ import annotations

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory

from contract.errors import PermanentDeviceError
from printers.mouth_light import MouthLight


@pytest.mark.parametrize("active_low", [False, True])
def test_lamp_is_dark_until_it_shines_and_dark_when_closed(active_low: bool) -> None:
    factory = MockFactory()
    pin = factory.pin(17)
    with MouthLight(17, active_low=active_low, factory=factory) as light:
        assert pin.state is active_low
        for lit in (True, True, False, True):
            light.shine(lit)
            assert (light.lit, pin.state) == (lit, lit is not active_low)
    light.close()
    # The last level while it was an output: the relay falls off before the pin is given back.
    assert [state.state for state in pin.states][-1] is active_low
    assert pin.function == "input"
    with LED(17, pin_factory=factory):
        pass


def test_switching_to_what_it_is_moves_nothing() -> None:
    factory = MockFactory()
    with MouthLight(17, factory=factory) as light:
        light.shine(True)
        before = len(factory.pin(17).states)
        light.shine(True)
        assert len(factory.pin(17).states) == before


def test_pin_that_is_taken_and_a_machine_without_pins_are_told_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    factory = MockFactory()
    with LED(17, pin_factory=factory), pytest.raises(PermanentDeviceError, match="gpio_missing"):
        MouthLight(17, factory=factory)
    monkeypatch.setitem(__import__("sys").modules, "lgpio", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    with pytest.raises(PermanentDeviceError, match="lgpio"):
        MouthLight(17)

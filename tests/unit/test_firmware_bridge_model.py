"""What a press asks for, what a lamp shows, and the bridge's file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contract import messages as m
from contract.errors import ConfigError
from contract.words import Light
from firmware_bridge.config import BridgeConfig
from firmware_bridge.frames import Key, Pattern
from firmware_bridge.model import command, fact, pattern
from firmware_bridge.press import FACTS, Press
from runtime.config import read

README = Path(__file__).parents[2] / "firmware_bridge/README.md"


def press(key: Key, age_s: float = 0.1) -> Press:
    return Press("e6614103e7452d2f", 7, 3, key, age_s)


@pytest.mark.parametrize(
    ("key", "light", "t"),
    [
        (Key.NEXT, Light.FREE, "call.next"),
        (Key.RECALL, Light.CALLED, "call.recall"),
        (Key.START_FINISH, Light.CALLED, "call.start"),
        (Key.START_FINISH, Light.SERVING, "call.finish"),
        (Key.START_FINISH, None, "call.start"),
        (Key.NO_SHOW, Light.CALLED, "call.no_show"),
        (Key.BREAK, Light.FREE, "window.pause"),
        (Key.BREAK, Light.PAUSED, "window.open"),
        (Key.CLOSE, Light.FREE, "window.close"),
    ],
)
def test_key_asks_for_its_verb_at_its_unit(key: Key, light: Light | None, t: str) -> None:
    asked = command(press(key), light)
    assert (asked.t, asked.unit, asked.window, asked.id) == (t, "e6614103e7452d2f", None, "pad-e6614103e7452d2f-7-3")


@pytest.mark.parametrize("key", sorted(FACTS))
def test_what_only_tells_something_is_never_a_command(key: Key) -> None:
    with pytest.raises(ValueError, match="asks for nothing"):
        command(press(key), Light.FREE)
    told = fact(press(key))
    assert (told is None) == (key is Key.HELP)
    if told is not None:
        assert isinstance(m.decode(m.encode(envelope(told))), m.AlarmFact | m.RatingFact)


def envelope(told: dict[str, object]) -> m.Message:
    body = {"id": "pad-e6614103e7452d2f-7-3", "inc": "i", "ep": 1, "sq": 1, **told}
    return (m.AlarmFact if told["t"] == "alarm" else m.RatingFact).model_validate(body)


def test_same_press_is_asked_with_the_same_bytes() -> None:
    first = m.encode(command(press(Key.NEXT, 0.1), Light.FREE))
    assert first == m.encode(command(press(Key.NEXT, 9.0), Light.CALLED))


def test_lamp_is_lit_for_a_visitor_only() -> None:
    shown = {light: pattern(light) for light in [*Light, None]}
    assert [light for light, lamp in shown.items() if lamp is Pattern.STEADY] == [Light.CALLED, Light.SERVING]
    assert (shown[Light.ARMED], shown[None], shown[Light.FREE]) == (Pattern.SLOW, Pattern.UNKNOWN, Pattern.OFF)


def test_configuration_of_the_readme_is_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README.read_text(), re.DOTALL)
    file = tmp_path / "bridge.toml"
    file.write_text(block)
    config = read(file, BridgeConfig)
    assert len(config.ports) == 2
    assert config.buttons[0].wiring().keys == {Key.NEXT: 17, Key.RECALL: 27, Key.START_FINISH: 22, Key.NO_SHOW: 23}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('ports = ["serial:///dev/a?pads=0-3"]', "addresses from 1 to 247"),
        ('ports = ["serial:///dev/a", "/dev/a"]', "a port stands twice"),
        ("ports = []", "give ports, buttons, stacks or doors"),
        ('prots = ["/dev/a"]', "there is no such key"),
    ],
)
def test_bad_configuration_is_named(tmp_path: Path, line: str, fault: str) -> None:
    (block,) = re.findall(r"(\[broker\].*?\n)\n", README.read_text(), re.DOTALL)
    file = tmp_path / "bridge.toml"
    file.write_text(f"data = '/var'\n{line}\n{block}")
    with pytest.raises(ConfigError, match=fault):
        read(file, BridgeConfig)

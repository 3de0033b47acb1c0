"""The kiosk's README says what the topic table says, and its configuration can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contract.errors import ConfigError
from contract.topics import TOPICS
from contract.words import Role
from kiosk.config import Options
from runtime import config

README = (Path(__file__).parents[2] / "kiosk" / "README.md").read_text(encoding="utf-8")


def listed(heading: str) -> set[str]:
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^- `([a-z/]+)`", section, re.MULTILINE))


def test_hears_and_says_are_the_tables() -> None:
    assert listed("Hears") == {topic.name for topic in TOPICS if Role.KIOSK in topic.hears}
    assert listed("Says") == {topic.name for topic in TOPICS if Role.KIOSK in topic.says}


def example() -> str:
    return README.split("```toml\n")[1].split("```")[0]


def test_the_readmes_configuration_is_read(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(example(), encoding="utf-8")
    options = config.read(file, Options)
    assert (options.broker.dev, options.screen.input, options.screen.fullscreen) == ("kiosk-1", "sdl", True)


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("rotation = 0", "rotation = 45", r"kiosk.toml:\d+: screen.rotation: 45"),
        ("url = ", "uri = ", r"printer.url: None: this key must be given"),
        ("fullscreen = true", "full = true", r"kiosk.toml:\d+: screen.full: True: there is no such key"),
        ("width = 1080", "width = 10", r"kiosk.toml:\d+: screen.width: 10"),
    ],
)
def test_a_wrong_configuration_names_its_line(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(example().replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        config.read(file, Options)

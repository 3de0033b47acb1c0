"""Every process folder's README: its *Hears* and *Says* are the topic table's, its configuration blocks are what the code takes."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from contract.topics import TOPICS
from contract.words import Role
from runtime import config

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Room:
    """A process folder: its roles, and the models its TOML blocks are read by, in the order of the blocks."""

    name: str
    roles: tuple[Role, ...]
    models: tuple[str, ...]

    @property
    def readme(self) -> str:
        return (ROOT / self.name / "README.md").read_text("utf-8")

    @property
    def blocks(self) -> list[str]:
        return re.findall(r"```toml\n(.*?)```", self.readme, re.DOTALL)


KNOWN = (
    Room("coordinator", (Role.COORDINATOR,), ("coordinator.config.Options",)),
    Room("kiosk", (Role.KIOSK,), ("kiosk.config.Options",)),
    Room(
        "displays",
        (Role.DISPLAY, Role.BOARD, Role.VOICE),
        ("displays.window.config.Options", "displays.board.config.Options", "displays.voice.config.Options"),
    ),
    Room("firmware_bridge", (Role.BRIDGE,), ("firmware_bridge.config.BridgeConfig",)),
    Room("consoles", (Role.CONSOLE,), ("consoles.config.Options",)),
    Room("terminal", (Role.TERMINAL,), ("terminal.config.Options",)),
    Room("registers", (Role.REGISTER,), ("registers.config.Options",)),
    Room("card_reader", (Role.READER,), ("card_reader.config.Options",)),
)
ROOMS = [room for room in KNOWN if (ROOT / room.name / "README.md").exists()]
SPOKEN = [(room, role) for room in ROOMS for role in room.roles]
rooms = pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.name))
spoken = pytest.mark.parametrize(("room", "role"), SPOKEN, ids=[f"{room.name}-{role}" for room, role in SPOKEN])


def listed(room: Room, role: Role, heading: str) -> list[str]:
    """The topics in a list; where a folder has several roles, in the part headed by (`role`):."""
    section = re.split(rf"\n## \*?{heading}\*?\n", room.readme)[1].split("\n## ")[0]
    if len(room.roles) > 1:
        parts = re.split(r"\(`(\w+)`\):", section)
        section = parts[parts.index(role.value) + 1]
    return re.findall(r"^- `?([a-z/]+)`?", section, re.MULTILINE)


def test_every_process_of_the_product_is_looked_at() -> None:
    packages = [folder for folder in ROOT.iterdir() if (folder / "__init__.py").exists()]
    processes = {p.name for p in packages if any((m.parent / "service.py").exists() for m in p.glob("**/__main__.py"))}
    assert processes <= {room.name for room in KNOWN}
    assert {"coordinator", "displays", "firmware_bridge"} <= {room.name for room in ROOMS}


@spoken
def test_hears_is_what_the_topic_table_lets_it_hear(room: Room, role: Role) -> None:
    told = listed(room, role, "Hears")
    assert sorted(told) == sorted(topic.name for topic in TOPICS if role in topic.hears)


@spoken
def test_says_is_what_the_topic_table_lets_it_say(room: Room, role: Role) -> None:
    told = listed(room, role, "Says")
    assert sorted(told) == sorted(topic.name for topic in TOPICS if role in topic.says)


@rooms
def test_every_block_is_a_configuration_the_code_takes(room: Room, tmp_path: Path) -> None:
    blocks = room.blocks
    assert len(blocks) >= len(room.models)
    for number, block in enumerate(blocks):
        module, _, name = room.models[min(number, len(room.models) - 1)].rpartition(".")
        file = tmp_path / f"{number}.toml"
        file.write_text(block, encoding="utf-8")
        config.read(file, getattr(importlib.import_module(module), name))

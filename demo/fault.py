"""Faults of the demo's devices, made at the other end of their wires."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.layout import ACCEPTOR, BOARD, CARD_TERMINAL, KIOSKS, TERMINAL, VOICE, display
from demo.process import DemoError, Processes

ANSWER_S = 5.0
_PRINTER: dict[str, dict[str, Any]] = {
    "paper": {"do": "paper", "value": "out"},
    "cover": {"do": "cover", "open": True},
    "cutter": {"do": "cutter", "jam": True},
}
_DEVICES = (CARD_TERMINAL, ACCEPTOR)


@dataclass(frozen=True, slots=True)
class Wires:
    """Where simulators take orders: `ports`: TCP, of printers by the box that prints, of the terminal's devices by name; the others
    are sockets and, of the speaker, a file with a word."""

    ports: Mapping[str, int]
    displays: Path
    pads: Path
    speaker: Path


def named(text: str, uids: Mapping[str, str], *, terminal: bool = False) -> list[str]:
    """The faults of `WHAT@WHERE,…`; `uids`: window → its pad's; `terminal`: the hall has one.

    Raises: DemoError: one that cannot be made here.
    """
    names, allowed = [name for name in text.split(",") if name], _allowed(uids, terminal=terminal)
    for name in names:
        if name not in allowed:
            raise DemoError(f"--fault {name}: allowed: {', '.join(allowed)}")
    return names


def make(name: str, wires: Wires, uids: Mapping[str, str], processes: Processes) -> None:
    """Make one of `named`. Raises: DemoError: the simulator refuses."""
    what, _, where = name.partition("@")
    match what:
        case "unplug" if where.startswith("pad-"):
            _order(_unix(wires.pads), {"do": "unplug", "pad": uids[where.removeprefix("pad-")]})
        case "unplug" if where in _DEVICES:
            _order(_tcp(wires.ports[where]), {"do": "power", "on": False})
        case "unplug":
            _order(_unix(wires.displays), {"unplug": where})
        case "busy":
            wires.speaker.write_text(what, encoding="utf-8")
        case "dead":
            processes.children["board"].restart = False
            processes.children["board"].kill()
        case _:
            _order(_tcp(wires.ports[where]), _PRINTER[what])


def _allowed(uids: Mapping[str, str], *, terminal: bool) -> list[str]:
    units = [unit for window in uids for unit in (f"pad-{window}", display(window))]
    return [
        *(f"{what}@{box}" for what in _PRINTER for box in (*KIOSKS, *((TERMINAL,) if terminal else ()))),
        *(f"unplug@{unit}" for unit in (*units, *(_DEVICES if terminal else ()))),
        f"busy@{VOICE}",
        f"dead@{BOARD}",
    ]


def _tcp(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), ANSWER_S)


def _unix(path: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(ANSWER_S)
    link.connect(str(path))
    return link


def _order(link: socket.socket, order: dict[str, Any]) -> None:
    with link, link.makefile() as answers:
        link.sendall(json.dumps(order).encode() + b"\n")
        answer = json.loads(answers.readline() or "{}")
    if "error" in answer or not answer:
        raise DemoError(f"{json.dumps(order)}: {answer.get('error', 'no answer')}")

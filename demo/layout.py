"""One hall laid out on this machine: its document with boxes, certificates, and a TOML file for every process."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from broker_config.broker import Broker
from contract import hall as hall_document
from contract.hall import Hall
from contract.hall_part import Box, Operator, Unit, Window
from contract.words import Role

KIOSKS = ("kiosk-1", "kiosk-2")
CARD_KIOSK = KIOSKS[0]
BOARD, DISPLAYS, VOICE, BRIDGE = "board-1", "displays-1", "voice-1", "bridge-1"
CONSOLE, DOCTOR, READER = "console-1", "doctor-1", "reader-1"
TERMINAL, CONNECTOR = "terminal-1", "register-1"
CARD_TERMINAL, ACCEPTOR = "pos-1", "cash-1"
"""The terminal's devices, as its configuration names them by default."""
PAD_KEYS = 4
BOOKINGS = 8
"""How many of the demo's visitors telephone for a time of their own."""
LEAD_S = 6.0
"""Seconds on the wall before the hall opens: processes start meanwhile."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Hall time of the demo: a weekday morning, `LEAD_S` on the wall before the doors open."""

    anchor: datetime
    wall_anchor: datetime
    speed: float

    def toml(self) -> str:
        """The coordinator's `[time]`."""
        return (
            f"[time]\nspeed = {self.speed}\nanchor = {self.anchor.isoformat()}\n"
            f"wall_anchor = {self.wall_anchor.isoformat()}\n"
        )


def furnished(hall: Hall, pads: Mapping[str, str], *, reader: bool, terminal: bool) -> Hall:
    """The hall with the demo's boxes. `pads`: window id → pad uid; `reader`: at the window of `card_window`; `terminal`:
    with the connector to registers."""
    at_window = (Unit(id="reader-at-window", window=card_window(hall)[0]),)
    boxes = (
        *(Box(id=kiosk, kind=Role.KIOSK) for kiosk in KIOSKS),
        Box(id=BOARD, kind=Role.BOARD),
        Box(id=DISPLAYS, kind=Role.DISPLAY, units=tuple(Unit(id=display(w.id), window=w.id) for w in hall.windows)),
        Box(id=VOICE, kind=Role.VOICE),
        Box(id=BRIDGE, kind=Role.BRIDGE, units=tuple(Unit(id=uid, window=w, keys=PAD_KEYS) for w, uid in pads.items())),
        Box(id=CONSOLE, kind=Role.CONSOLE),
        Box(id=DOCTOR, kind=Role.CONSOLE),
        *((Box(id=TERMINAL, kind=Role.TERMINAL), Box(id=CONNECTOR, kind=Role.REGISTER)) if terminal else ()),
        *((Box(id=READER, kind=Role.READER, units=at_window),) if reader else ()),
    )
    return hall_document.load(hall.model_copy(update={"boxes": boxes}).model_dump_json())


def card_window(hall: Hall) -> tuple[str, str]:
    """The window with the reader for ID cards, and a service group that is served nowhere else: who comes for it comes there."""
    served = Counter(group for window in hall.windows for group in window.groups)
    alone = ((w.id, group) for w in hall.windows for group in w.groups if served[group] == 1)
    return next(alone, (hall.windows[0].id, hall.windows[0].groups[0]))


def display(window: str) -> str:
    """Unit id of a window's display."""
    return f"display-{window}"


def pace(hall: Hall, speed: float, wall: datetime) -> Pace:
    """Hall time that reaches the first opening of the next working day `LEAD_S` after `wall`."""
    day = wall.date()
    opening = next(s for n in range(14) for s, _ in hall.spans(day + timedelta(days=n))[:1])
    return Pace(opening.astimezone(UTC) - timedelta(seconds=LEAD_S * speed), wall, speed)


@dataclass(slots=True)
class Layout:
    """The folder of a running demo."""

    folder: Path
    hall: Hall
    broker: Broker
    pace: Pace

    @property
    def journal(self) -> Path:
        """The hall's journal."""
        return self.folder / "coordinator" / "journal.db"

    def room(self, name: str) -> Path:
        """A process's own folder."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def coordinator(self) -> Path:
        """Write the hall document and the coordinator's file; returns the latter."""
        room = self.room("coordinator")
        document = room / "hall.json"
        document.write_text(self.hall.model_dump_json(indent=1), encoding="utf-8")
        head = f'hall = "{document}"\njournal = "{self.journal}"\n'
        return self._write("coordinator", head, self._broker("coordinator"), self.pace.toml())

    def box(self, dev: str, head: str, *tables: str) -> Path:
        """Write a box's file: `head` lines, the broker section, then `tables`."""
        return self._write(dev, head, self._broker(dev), *tables)

    def _write(self, name: str, *parts: str) -> Path:
        file = self.room(name) / f"{name}.toml"
        file.write_text("\n".join(parts), encoding="utf-8")
        return file

    def _broker(self, dev: str) -> str:
        files_of = self.broker.credentials(dev)
        return (
            f'[broker]\nhall = "{self.hall.id}"\ndev = "{dev}"\nhost = "{self.broker.host}"\nport = {self.broker.port}\n'
            f'ca = "{files_of.ca}"\ncert = "{files_of.cert}"\nkey = "{files_of.key}"\n'
        )


def operators_at(hall: Hall) -> dict[str, Operator]:
    """Window → who sits there in the demo; a window for which there is nobody is left out."""
    return {w.id: o for w, o in zip(hall.windows, hall.operators, strict=False)}


def left_free(hall: Hall, count: int) -> frozenset[str]:
    """`count` windows with an operator where a person may sit, those that most visitors come to; the hall's first is none of them."""
    there = operators_at(hall)
    others = [window for window in hall.windows[1:] if window.id in there]
    return frozenset(window.id for window in sorted(others, key=partial(share, hall), reverse=True)[:count])


def share(hall: Hall, window: Window) -> float:
    """Services that the window alone would serve: one of a group with three windows counts a third."""
    served = Counter(group for one in hall.windows for group in one.groups)
    return sum(1 / served[s.group] for s in hall.services if s.channel == "window" and s.group in window.groups)


def plan(
    layout: Layout, addresses: Mapping[str, object], pads: Mapping[str, str], seed: int, free: frozenset[str]
) -> str:
    """What simulated people need to know, as JSON for simulators/hall/; at windows of `free` none of them works."""
    hall = layout.hall
    operators = operators_at(hall)
    windows = [
        {
            "id": w.id,
            "number": w.number,
            "pad": pads[w.id],
            "display": display(w.id),
            "operator": operators[w.id].id,
            "pin": f"10{w.number:02d}",
            "worked": w.id not in free,
        }
        for w in hall.windows
        if w.id in operators
    ]
    services = [
        {"id": s.id, "group": s.group, "minutes": s.minutes_typical}
        for s in hall.services
        if s.channel == "window" and any(s.group in w.groups for w in hall.windows)
    ]
    # People arrive about as fast as all windows together can serve them, so that queues form and breathe.
    mean_min = sum(s.minutes_typical for s in hall.services) / len(hall.services)
    every_hall_s = 60 * (mean_min + 1.5) / len(hall.windows)
    return json.dumps(
        {
            "seed": seed,
            "speed": layout.pace.speed,
            "languages": list(hall.languages),
            "at_the_door": 6,
            "every_hall_s": every_hall_s,
            "no_show_share": 0.05,
            "bookings": BOOKINGS,
            "anchor": layout.pace.anchor.isoformat(),
            "wall_anchor": layout.pace.wall_anchor.isoformat(),
            "services": services,
            "windows": windows,
            **addresses,
        },
        indent=1,
    )

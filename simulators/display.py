"""Window displays at the far end of their serial cables: bytes in, cells, a picture and a ledger out.

    python -m simulators.display --dir DIR --display disp-1 --display disp-2=dm-d --display d3=ed400@bus:3 --display d4=ed400@bus:4

`ID[=KIND[@CABLE[:ADDRESS]]]`: a CD5220 on a cable of its own, unless said otherwise; kinds as in `display_glass.py`. Opens a
pseudo-terminal per cable, prints one JSON line `{"displays": {id: path}, "control": path, "ledger": path}` and runs until
SIGTERM or SIGINT. `path` stays the same when a cable is pulled out and plugged in.

    DIR/ID.tty        link to the display's port
    DIR/ID.png        what a person sees, at most `PICTURE_S` old
    DIR/ledger.jsonl  a line whenever a display changes: {"t": CLOCK_MONOTONIC, "display", "cells": [2 lines], "bright"}
    DIR/control.sock  one JSON request a line, one JSON answer a line:
                      {"read": ID} → {"cells": [...], "bright", "garbage", "plugged"}
                      {"unplug": ID}, {"plug": ID}: its cable; {"power_cycle": ID}
                      {"garble": ID}, {"noise": ID}: its cable; {"mute": ID}, {"lie": ID}: what it answers; {"mend": ID}: all of it
                      → {"done": true}

The ledger has each of these too: {"t", "display", "done": "unplug"}. It imports nothing of the product.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import selectors
import signal
import socket
import sys
import time
import tty
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from simulators.display_glass import GLASSES

PICTURE_S = 0.5
REQUEST_MAX = 4096
GARBLE = bytes((byte << 1 | 0x80) & 0xFF for byte in range(256))
"""Bytes at half the baud rate, roughly: bits run into each other."""
LIE = bytes.maketrans(b"0123456789 -", b"1234567890--")


class Display:
    """One display on a cable. `mute`: it answers nothing; `lies`: it answers what it does not show."""

    def __init__(self, name: str, kind: str, address: int, folder: Path) -> None:
        self.name, self.picture = name, folder / f"{name}.png"
        self.glass = GLASSES[kind](address)
        self.mute = self.lies = False
        self.last: tuple[list[str], int] | None = None
        self.drawn: tuple[list[str], int] | None = None

    def feed(self, data: bytes) -> bytes:
        """Bytes from the cable; what it puts on the cable."""
        answer = self.glass.feed(data, time.monotonic())
        if self.mute:
            return b""
        return answer.translate(LIE) if self.lies else answer

    @property
    def state(self) -> tuple[list[str], int]:
        return list(self.glass.rows), self.glass.bright


class Cable:
    """A port with its displays. While it is unplugged it does not exist.

    `garbled`: what passes is as another baud rate would make it; `noisy`: some bytes are lost and strange ones come.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.link = folder / f"{name}.tty"
        self.displays: list[Display] = []
        self.garbled = self.noisy = False
        self.master: int | None = None
        self._slave: int | None = None
        self._chance = random.Random(1)

    def plug(self) -> int:
        """Make the port; returns the descriptor of the displays' end. Our own hold on the other end keeps it from hanging up."""
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        new = self.link.with_suffix(".new")
        new.unlink(missing_ok=True)
        new.symlink_to(os.ttyname(self._slave))
        new.replace(self.link)
        return self.master

    def unplug(self) -> None:
        """Pull the cable out: whoever has the port open gets an error; the displays go dark."""
        self.link.unlink(missing_ok=True)
        for end in (self.master, self._slave):
            if end is not None:
                os.close(end)
        self.master = self._slave = None
        for display in self.displays:
            display.glass.power_on()

    def carry(self) -> None:
        """Take what was written to the port to the displays, and what they answer back."""
        if self.master is None:
            return
        with contextlib.suppress(BlockingIOError):
            data = self._worn(os.read(self.master, 4096))
            answers = [answer for display in self.displays if (answer := display.feed(data))]
            answer = b"".join(answers)
            if answer:  # several at once run into each other
                os.write(self.master, self._worn(answer if len(answers) == 1 else answer.translate(GARBLE)))

    def _worn(self, data: bytes) -> bytes:
        if self.garbled:
            data = data.translate(GARBLE)
        if self.noisy:
            kept = (bytes([byte]) for byte in data if self._chance.random() > 0.1)
            data = b"".join(byte + self._chance.randbytes(1) * (self._chance.random() < 0.05) for byte in kept)
        return data


class Bench:
    """All cables, the ledger and the control socket, in one thread."""

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.displays: dict[str, Display] = {}
        self.cables: dict[str, Cable] = {}
        self.cable_of: dict[str, Cable] = {}
        for word in words:
            self._hang_up(word)
        self._stopping = False
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._ledger = (folder / "ledger.jsonl").open("a", encoding="utf-8")
        self._picture_at = 0.0
        self._listener = _listen(folder / "control.sock")

    def run(self) -> None:
        """Until `stop`."""
        self._watch(self._listener, self._accept)
        self._watch(self._woken, lambda: None)
        for cable in self.cables.values():
            self._plug(cable)
        self._announce()
        while not self._stopping:
            for key, _ in self._selector.select(PICTURE_S):
                key.data()
            self._draw_changed()
        self._close()

    def _hang_up(self, word: str) -> None:
        name, _, place = word.partition("=")
        kind, _, place = place.partition("@")
        cable, _, address = place.partition(":")
        self.displays[name] = Display(name, kind or "cd5220", int(address or 0), self.folder)
        self.cable_of[name] = self.cables.setdefault(cable or name, Cable(cable or name, self.folder))
        self.cable_of[name].displays.append(self.displays[name])

    def stop(self) -> None:
        """End `run`; safe in a signal handler."""
        self._stopping = True
        self._wake.send(b"\0")

    def _announce(self) -> None:
        ports = {name: str(cable.link) for name, cable in self.cable_of.items()}
        names = {"control": str(self.folder / "control.sock"), "ledger": str(self.folder / "ledger.jsonl")}
        print(json.dumps({"displays": ports, **names}), flush=True)

    def _watch(self, source: int | socket.socket, act: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, act)

    def _plug(self, cable: Cable) -> None:
        self._watch(cable.plug(), lambda: self._arrived(cable))
        self._note(cable)

    def _unplug(self, cable: Cable) -> None:
        if cable.master is not None:
            self._selector.unregister(cable.master)
        cable.unplug()
        self._note(cable)

    def _arrived(self, cable: Cable) -> None:
        cable.carry()
        self._note(cable)

    def _note(self, cable: Cable) -> None:
        for display in cable.displays:
            if display.state != display.last:
                display.last = rows, bright = display.state
                self._record(display=display.name, cells=rows, bright=bright)

    def _record(self, **what: Any) -> None:
        self._ledger.write(json.dumps({"t": time.monotonic(), **what}) + "\n")
        self._ledger.flush()

    def _draw_changed(self) -> None:
        now = time.monotonic()
        for display in self.displays.values():
            display.glass.age(now)
        for cable in self.cables.values():
            self._note(cable)
        if now < self._picture_at:
            return
        self._picture_at = now + PICTURE_S
        for display in self.displays.values():
            if display.drawn != display.state:
                display.drawn = display.state
                draw(*display.state, display.picture)

    # --- control -------------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.settimeout(1.0)
        waiting = bytearray()
        self._watch(connection, lambda: self._hear(connection, waiting))

    def _hear(self, connection: socket.socket, waiting: bytearray) -> None:
        try:
            data = connection.recv(REQUEST_MAX)
            waiting += data
            while data and b"\n" in waiting:
                line, _, rest = bytes(waiting).partition(b"\n")
                waiting[:] = rest
                connection.sendall(json.dumps(self._answer(line)).encode() + b"\n")
        except OSError:
            data = b""
        if not data or len(waiting) > REQUEST_MAX:
            self._selector.unregister(connection)
            connection.close()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            ((verb, name),) = json.loads(line).items()
            display, cable = self.displays[name], self.cable_of[name]
        except (ValueError, AttributeError, KeyError, TypeError):
            return {"error": "one verb with the id of a display"}
        if verb == "read":
            rows, bright = display.state
            plugged = cable.master is not None
            return {"cells": rows, "bright": bright, "garbage": display.glass.garbage, "plugged": plugged}
        if not self._do(verb, display, cable):
            return {"error": f"{verb}: cannot be done"}
        self._record(display=name, done=verb)
        return {"done": True}

    def _do(self, verb: str, display: Display, cable: Cable) -> bool:
        match verb:
            case "unplug":
                self._unplug(cable)
            case "plug" if cable.master is None:
                self._plug(cable)
            case "power_cycle":
                display.glass.power_on()
                self._note(cable)
            case "garble":
                cable.garbled = True
            case "noise":
                cable.noisy = True
            case "mute":
                display.mute = True
            case "lie":
                display.lies = True
            case "mend":
                cable.garbled = cable.noisy = display.mute = display.lies = False
            case _:
                return False
        return True

    def _close(self) -> None:
        for cable in self.cables.values():
            cable.unplug()
        for end in (self._listener, self._wake, self._woken):
            end.close()
        (self.folder / "control.sock").unlink(missing_ok=True)
        self._selector.close()
        self._ledger.close()


def draw(rows: Sequence[str], bright: int, file: Path) -> None:
    """Paint the display as a PNG: blue-green dots on black glass, darker with less brightness."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=40)
    wide, high, edge = 28, 52, 16
    glass = Image.new("RGB", (wide * len(rows[0]) + 2 * edge, high * len(rows) + 2 * edge), (6, 12, 14))
    pen = ImageDraw.Draw(glass)
    colour = tuple(int(part * (0.25 + 0.75 * bright / 4)) for part in (90, 255, 215))
    for y, row in enumerate(rows):
        for x, character in enumerate(row):
            left, top = edge + x * wide, edge + y * high
            pen.rectangle((left, top, left + wide - 4, top + high - 4), fill=(10, 22, 24))
            pen.text((left + wide // 2 - 2, top + high // 2 - 2), character, fill=colour, font=font, anchor="mm")
    new = file.with_suffix(".new")
    glass.save(new, "PNG")
    new.replace(file)


def _listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)
    return listener


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(prog="simulators.display", description="simulated window displays")
    parser.add_argument("--dir", type=Path, required=True, help="folder for ports, pictures, ledger and control socket")
    parser.add_argument(
        "--display", action="append", required=True, metavar="ID[=KIND[@CABLE[:ADDRESS]]]", help="one display"
    )
    given = parser.parse_args(arguments)
    bench = Bench(given.dir, given.display)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: bench.stop())
    bench.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

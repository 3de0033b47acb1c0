"""A CashCode note acceptor (CCNET) on a pty, with a cassette that remembers every note.

    python -m simulators.ccnet --control-port 0 --out DIR

prints one line of JSON: its device path and control port. What lies in the cassette and what was given back is DIR/notes.jsonl, on
disk before it is told of; it outlives the program. Orders come through the control port, one JSON object a line, each answered with
the state:

    {"do": "insert", "kind": N}      a visitor puts a note in; taken only when the acceptor is enabled for it
    {"do": "cut_at", "step": N}      the power goes at the Nth step from now (a command read, a note moved, an answer sent)
    {"do": "cut_note", "place": "held|moving"}  it goes when the next note is to be stacked: before it moves, or on its way
    {"do": "power", "on": true} · {"do": "fault", "word": "jam|cheated|full|out|none"}
    {"do": "noise", "answers": N}    the next N answers have a wrong CRC · {"do": "deaf", "commands": N}
    {"do": "again", "kind": N}       says that such a note was stacked, without one · {"do": "state"}

An answer that was not acknowledged is said again. A held note is given back after HOLD_S.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tty
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulators.bank import Act, Power, PowerCutError, obeying, one_of, orders, power_orders, until_stopped

BILLS = ((1, 0), (2, 0), (5, 0), (1, 1), (2, 1), (5, 1), (1, 2), (2, 2), (5, 2), (1, 3))
"""Digit and power of ten of each kind: 1 to 1,000 hryvnias."""
HOLD_S = 10.0
MOVE_S = 0.004
FAULTS = {"jam": b"\x43", "cheated": b"\x45", "full": b"\x41", "out": b"\x42"}
POLYNOMIAL = 0x8408


def checksum(data: bytes) -> bytes:
    """CRC-16/KERMIT, low byte first, bit by bit from the right."""
    register = 0
    for byte in data:
        for bit in range(8):
            feedback = (register ^ byte >> bit) & 1
            register = register >> 1 ^ feedback * POLYNOMIAL
    return bytes((register & 0xFF, register >> 8))


class Acceptor:
    """The device between the line and the cassette."""

    def __init__(self, folder: Path, line: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / "notes.jsonl").open("a", encoding="utf-8")
        self._line = line
        self._bytes = bytearray()
        self.power = Power(self._dark)
        self.enabled = 0
        self.place = "none"  # of the note inside: none, escrow, stacking
        self.kind = 0
        self.word = b"\x10"
        self.said: bytes | None = None  # not yet acknowledged, and more than a mere state
        self.answered = b""
        self.fault = "none"
        self.noise = self.deaf = 0
        self.cut_note: str | None = None
        self._timer: asyncio.TimerHandle | None = None

    def state(self) -> dict[str, Any]:
        """What an order is answered with."""
        return {
            "powered": self.power.on, "word": self.word.hex(), "place": self.place, "enabled": self.enabled,
            "steps": self.power.steps, "cuts": self.power.cuts, "open": self.said is not None,
        }  # fmt: skip

    # -- the visitor and the power ----------------------------------------------------------------------------------

    def insert(self, kind: int) -> None:
        """A visitor puts a note in."""
        if not self.power.on or self.word != b"\x14" or not self.enabled >> kind & 1 or self.said:
            return
        self.place, self.kind = "escrow", kind
        self.word = bytes((0x80, kind))
        self._later(HOLD_S, self._give_back)

    def _dark(self) -> None:
        self._stop_timer()
        self._bytes.clear()

    def _switch(self, *, on: bool) -> None:
        was = self.power.on
        self.power.switch(on=on)
        if was or not on:
            return
        # A note on its way to the cassette when the power went lies in it; so does one whose word was never acknowledged.
        stacked = self.said is not None and self.said[0] == 0x81
        word = b"\x12" if stacked or self.place == "stacking" else b"\x11" if self.place == "escrow" else b"\x10"
        if self.place == "stacking":
            self._in_cassette()
        self.word, self.enabled = word, 0

    def _later(self, seconds: float, act: Any) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._alive, act)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _alive(self, act: Any) -> None:
        with suppress(PowerCutError):
            act()

    def _write(self, event: str) -> None:
        self._file.write(json.dumps({"event": event, "kind": self.kind}) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    # -- the note ---------------------------------------------------------------------------------------------------

    def _give_back(self) -> None:
        if self.place != "escrow":
            return
        self._write("returned")
        self.place = "none"
        self._rest()
        self.said = bytes((0x82, self.kind))
        self.power.step()

    def _stack(self) -> None:
        if self.place != "escrow":
            return
        cut, self.cut_note = self.cut_note, None
        if cut is not None:
            self.power.cut_in = 1
        if cut == "held":
            self.power.step()
        self.place, self.word = "stacking", b"\x17"
        self._later(MOVE_S, self._stacked)
        self.power.step()

    def _stacked(self) -> None:
        self._in_cassette()
        self.power.step()

    def _in_cassette(self) -> None:
        self._write("cassette")
        self.place = "none"
        self._rest()
        self.said = bytes((0x81, self.kind))

    # -- the line ---------------------------------------------------------------------------------------------------

    def readable(self) -> None:
        """The line has bytes."""
        with suppress(OSError, PowerCutError):
            data = os.read(self._line, 4096)
            if not self.power.on:
                return
            self._bytes += data
            while (frame := self._frame()) is not None:
                if frame and self.deaf:
                    self.deaf -= 1
                elif frame:
                    self.power.step()
                    self._obey(frame[3], frame[4:-2])

    def _frame(self) -> bytes | None:
        if len(self._bytes) < 6:
            return None
        length = self._bytes[2]
        if self._bytes[0] != 2 or not 6 <= length <= 250:
            del self._bytes[0]
            return b""
        if len(self._bytes) < length:
            return None
        frame = bytes(self._bytes[:length])
        del self._bytes[:length]
        return frame if checksum(frame[:-2]) == frame[-2:] else b""

    def _obey(self, command: int, data: bytes) -> None:
        match command:
            case 0x00:
                if self.answered == self.said:  # not a word that came up since the last answer
                    self.said = None
            case 0x30:
                self._reset()
                self._answer(b"\x00")
            case 0x33:
                self._answer(FAULTS.get(self.fault) or self._poll())
            case 0x34:
                self.enabled = int.from_bytes(data[:3], "big")
                if self.word in {b"\x14", b"\x19"}:
                    self.word = b"\x14" if self.enabled else b"\x19"
                self._answer(b"\x00")
            case 0x35 | 0x36:
                possible = self.place == "escrow"
                if possible:
                    self._stop_timer()
                    self._stack() if command == 0x35 else self._later(MOVE_S, self._give_back)
                self._answer(b"\x00" if possible else b"\x30")
            case 0x41:
                table = b"".join(bytes((digit, *b"UKR", power)) for digit, power in BILLS)
                self._answer(table.ljust(120, b"\0"))
            case 0xFF:
                pass
            case _:
                self._answer(b"\x30")

    def _poll(self) -> bytes:
        if self.word[0] in {0x10, 0x11, 0x12}:
            return self.word
        return self.said or self.word

    def _reset(self) -> None:
        self.enabled = 0
        self.word = b"\x13"
        self._later(MOVE_S, self._give_back if self.place == "escrow" else self._rest)

    def _rest(self) -> None:
        self.word = b"\x14" if self.enabled else b"\x19"

    def _answer(self, payload: bytes) -> None:
        self.answered = payload
        frame = bytes((2, 3, len(payload) + 5)) + payload
        tail = checksum(frame)
        if self.noise:
            self.noise -= 1
            tail = bytes((tail[0] ^ 0x55, tail[1]))
        os.write(self._line, frame + tail)
        self.power.step()

    # -- orders -----------------------------------------------------------------------------------------------------

    def acts(self) -> dict[str, Act]:
        """Orders of an acceptor; `power` is its own: with a note inside, getting it back means more."""
        return {
            "insert": lambda order: self.insert(int(order["kind"])),
            "power": lambda order: self._switch(on=bool(order["on"])),
            "cut_note": lambda order: setattr(self, "cut_note", one_of(order["place"], {"held", "moving"})),
            "fault": lambda order: setattr(self, "fault", one_of(order["word"], {"none", *FAULTS})),
            "noise": lambda order: setattr(self, "noise", int(order["answers"])),
            "deaf": lambda order: setattr(self, "deaf", int(order["commands"])),
            "again": lambda order: self._say_again(int(order["kind"])),
        }

    def _say_again(self, kind: int) -> None:
        self.kind = kind
        self.said = bytes((0x81, kind))


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    line, device = os.openpty()
    tty.setraw(line)
    tty.setraw(device)  # held open, so that the line lives while nobody has it
    acceptor = Acceptor(options.out, line)
    asyncio.get_running_loop().add_reader(line, acceptor.readable)
    ear = obeying(acceptor.state, power_orders(acceptor.power), acceptor.acts())
    control = await orders(ear, options.control_port)
    facts = {"device": os.ttyname(device), "control_port": control.sockets[0].getsockname()[1]}
    print(json.dumps(facts), flush=True)
    await until_stopped()


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="simulators.ccnet", description="a CCNET note acceptor on a pty")
    parser.add_argument("--control-port", type=int, default=0, help="TCP port for orders, 0: a free one")
    parser.add_argument("--out", type=Path, required=True, help="folder for what the cassette remembers")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

"""Pads on one RS-485 line: real firmware and light ones by another author, collisions in bit-times, and a ledger of what happened.

    python -m simulators.pad_bus --dir DIR --pads 31 --real 1 [--fixed UID=5 …] [--ledger FILE] [--control unix:PATH | tcp:PORT]

DIR/bus is a link to the pty in which the bridge plugs. A frame is on the line for as long as its bits take at --baud; two that overlap
come out as other bytes. The first lines of output say for each pad its uid and whether it runs the firmware, as JSON. Commands and
ledger are those of `simulators/pad.py`, and
    {"do": "unplug" | "replug"}                        without "pad": the bridge's adapter is pulled, and plugged in again
    {"do": "twin", "pad": UID, "address": 5}           a light pad is switched on with an address of its own, perhaps another's
    {"do": "meddle", "pad": UID, "address": 5}         a light pad that is in order answers that address's polls, too; 0: no more
    {"do": "say", "hex": "…", "times": 1}              bytes on the line from nowhere
    {"do": "cycle"}                                    → the longest wait of any pad from poll to poll in bit-times since the last asking:
                                                         bytes, 10 bit-times at each change of speaker, and the slots of FIND
A light pad's ledger has press, hello, event, ack, lamp, text as a real one's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import struct
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators import pad_frame as f
from simulators.pad import KINDS, PATTERNS, RESULTS, Ledger, Loop, Pad, Pty, Splitter, interpreter, run
from simulators.pad_frame import Said

BITS_PER_BYTE = 10
TURN_BITS = 10
DEBOUNCE_S = 0.015
LONELY_S = 3.0
NO_ADDRESS = 254
UNKNOWN, WELCOME, QUARANTINE = "unknown", "welcome", "quarantine"


@dataclass(slots=True, eq=False)
class Airing:
    """Bytes on the line: who says them, until when, and whether another spoke meanwhile."""

    speaker: object
    data: bytes
    ends_s: float
    damaged: bool = False


class Light:
    """A pad that is not the firmware: keys are pressed by command, its lamp and text are noted."""

    def __init__(self, bus: PadBus, uid: str, address: int, keys: int, kind: str) -> None:
        self.bus, self.uid, self.keys, self.kind = bus, uid, keys, kind
        self.boot = bus.random.getrandbits(32)
        self.first_address = address
        self.drop_acks = self.corrupt = 0.0
        self.meddles_with = 0
        self._presses = 0
        self.power(on=True)

    def power(self, *, on: bool) -> None:
        """Switched off, or on: it starts anew."""
        self.plugged = on
        self.boot = (self.boot + 1) & 0xFFFFFFFF
        self.address, self.state = self.first_address, UNKNOWN
        self._seq, self._ping, self._heard_s = 0, 0, 0.0
        self._waiting: deque[tuple[int, int, float]] = deque()
        self._lamp, self._text, self._times = 4, b"", [15, 20]

    def press(self, key: int, hold_s: float, also: int | None = None) -> None:
        """A finger; how long it stays, and a second one, mean nothing here."""
        del hold_s, also
        self._presses += 1
        self.bus.ledger.note(self.uid, "press", key=key, n=self._presses)
        code = {"rating": 17 + key, "help": 5}.get(self.kind, key)
        self.bus.loop.after(DEBOUNCE_S, lambda: self._settle(code, time.monotonic() - DEBOUNCE_S))

    def _settle(self, code: int, landed_s: float) -> None:
        if self.plugged and len(self._waiting) < 16:
            self._seq = self._seq % 0xFFFF + 1
            self._waiting.append((self._seq, code, landed_s))

    def hear_host(self, said: Said) -> None:
        """A whole frame of the bridge, as it came out of the line."""
        if not self.plugged or said.type & 0x80 or self.bus.random.random() * 100 < self.corrupt:
            return
        now = time.monotonic()
        if self.state != UNKNOWN and now - self._heard_s > LONELY_S:
            self.state = UNKNOWN
        if said.address == f.EVERYBODY:
            self._hear_all(said)
        elif said.address == self.address or said.address == self.meddles_with:
            if said.address == self.address:
                self._heard_s = now
            self._hear(said)

    def _hear_all(self, said: Said) -> None:
        if said.type == f.WHO:
            self.state = UNKNOWN
        elif said.type == f.FIND and self.state == UNKNOWN:
            depth, prefix, slots, slot_ms = struct.unpack("<B8sBB", said.payload)
            mine, wanted = (int.from_bytes(uid, "big") >> (64 - depth) for uid in (bytes.fromhex(self.uid), prefix))
            if mine == wanted:
                self._ping = said.seq
                slot = self.bus.random.randrange(slots)
                self.bus.loop.after(slot * slot_ms / 1000, self._say_hello)
        elif said.type == f.ASSIGN and said.payload[:12] == bytes.fromhex(self.uid) + struct.pack("<I", self.boot):
            self.address, self.state, self._ping = said.payload[12], UNKNOWN, said.seq
            self._heard_s = time.monotonic()
            self._say_hello()

    def _hear(self, said: Said) -> None:
        if said.type == f.WHO:
            self.state, self._ping = UNKNOWN, said.seq
            self._say_hello()
        elif said.type == f.WELCOME:
            uid, boot, verdict, _ = struct.unpack("<8sIBB", said.payload)
            if (uid.hex(), boot) == (self.uid, self.boot):
                self.state = QUARANTINE if verdict else WELCOME
                if verdict:
                    self._waiting.clear()
                self._show()
        elif self.state != UNKNOWN:
            self._hear_known(said)

    def _hear_known(self, said: Said) -> None:
        match said.type:
            case f.PING | f.POLL if self.state == QUARANTINE:
                self._ping = said.seq
                if said.type == f.PING:
                    self._say_hello()
            case f.PING | f.POLL:
                self._ping = said.seq
                self._answer(said)
            case f.ACK:
                self._ack(said)
            case f.LED if said.payload[1] == 0:
                self._lamp = said.payload[0]
                self._show()
            case f.TEXT:
                self._text = said.payload
                self.bus.ledger.note(self.uid, "text", text=said.payload.decode())
            case f.CONFIG:
                key, value = struct.unpack("<BH", said.payload)
                self._times[key - 1] = value // (1 if key == 1 else 100)

    def _answer(self, said: Said) -> None:
        if self._waiting:
            seq, code, landed_s = self._waiting[0]
            age_ms = min(0xFFFF, round((time.monotonic() - landed_s) * 1000))
            self.bus.ledger.note(self.uid, "event", boot=self.boot, seq=seq, key=code, age_ms=age_ms)
            self._say(f.EVENT, seq, struct.pack("<IBHH", self.boot, code, age_ms, self._ping))
        elif said.type == f.PING:
            crc = f.crc16(self._text)
            self._say(f.PONG, said.seq, struct.pack("<BBHHHIBB", 0, self._lamp, crc, 0, 0, 1, *self._times))
        else:
            self._say(f.IDLE, said.seq, b"")

    def _ack(self, said: Said) -> None:
        boot, result = struct.unpack("<IB", said.payload)
        heard = self.bus.random.random() * 100 >= self.drop_acks
        self.bus.ledger.note(self.uid, "ack", boot=boot, seq=said.seq, result=RESULTS[result], heard=heard)
        if heard and self._waiting and (boot, said.seq) == (self.boot, self._waiting[0][0]):
            self._waiting.popleft()

    def _show(self) -> None:
        pattern = PATTERNS[self._lamp] if self.state == WELCOME else self.state
        self.bus.ledger.note(self.uid, "lamp", pattern=pattern)

    def _say_hello(self) -> None:
        self.bus.ledger.note(self.uid, "hello", boot=self.boot)
        display = self.kind == "display"
        who = struct.pack("<B8sI", 2, bytes.fromhex(self.uid), self.boot)
        self._say(f.HELLO, self._ping, who + bytes([2, 0, 0, self.keys, display, KINDS.index(self.kind)]))

    def _say(self, kind: int, seq: int, payload: bytes) -> None:
        data = f.encode(Said(self.address, kind, seq, payload))
        self.bus.loop.after(
            TURN_BITS / self.bus.baud, lambda: self.bus.speak(self, self.bus.damage(data, self.corrupt))
        )


class Judge:
    """How long pads wait for their poll, in bit-times of what is on the line; knows nothing of what the bridge means to do."""

    def __init__(self, baud: int) -> None:
        self.longest = 0.0
        self._baud = baud
        self._bits = 0.0
        self._last: object = None
        self._slots_until_s = 0.0
        self._polled: dict[int, float] = {}

    def hear(self, speaker: object, data: bytes) -> None:
        """Bytes that came out of the line."""
        if time.monotonic() < self._slots_until_s and speaker is not None:
            return
        said = f.decode(data) if speaker is None else None
        if speaker is not self._last:
            self._bits += TURN_BITS
        self._last = speaker
        if said and said.type in (f.PING, f.POLL):
            self.longest = max(self.longest, self._bits - self._polled.get(said.address, self._bits))
            self._polled[said.address] = self._bits
        self._bits += BITS_PER_BYTE * len(data)
        if said and said.type == f.FIND:
            slots_s = said.payload[9] * said.payload[10] / 1000
            self._slots_until_s = time.monotonic() + slots_s
            self._bits += slots_s * self._baud

    def asked(self) -> float:
        """The longest since this was asked last."""
        longest, self.longest = self.longest, 0.0
        self._polled.clear()
        return longest


class PadBus:
    """The line and everything on it."""

    def __init__(self, options: argparse.Namespace, ledger: Ledger) -> None:
        self.loop, self.random, self.ledger = Loop(), random.Random(options.seed), ledger
        self.folder, self.baud = Path(options.dir).absolute(), options.baud
        self.interpreter, self.interpreter_name = interpreter(options.interpreter)
        self.judge = Judge(options.baud)
        fixed = dict(part.split("=") for part in options.fixed)
        made = [f"{self.random.getrandbits(64):016x}" for _ in range(options.pads + options.real - len(fixed))]
        uids = [*(options.uid or ()), *fixed, *made][: options.pads + options.real]
        self.pads: dict[str, Pad | Light] = {}
        for number, uid in enumerate(uids):
            address = int(fixed.get(uid, NO_ADDRESS))
            maker = Pad if number < options.real else Light
            self.pads[uid] = maker(self, uid, address, options.keys, options.kind)
        self._link = self.folder / "bus"
        self._pty: Pty | None = None
        self._spoken = Splitter()
        self._free_s = 0.0
        self._air: list[Airing] = []

    def open(self) -> None:
        self.plug()
        for pad in self.pads.values():
            if isinstance(pad, Pad):
                pad.start()
            about = {"pad": pad.uid, "port": str(self._link), "firmware": isinstance(pad, Pad)}
            print(json.dumps(about), flush=True)

    def close(self) -> None:
        for pad in self.pads.values():
            if isinstance(pad, Pad):
                pad.close()
        self.unplug()

    def plug(self) -> None:
        """The bridge's adapter, at a new device each time."""
        if self._pty is None:
            self._pty = Pty()
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self._pty.path)
            self._spoken = Splitter()
            self.loop.watch(self._pty.near, self._hear_bridge)

    def unplug(self) -> None:
        """The adapter is pulled."""
        pty, self._pty = self._pty, None
        if pty:
            self._link.unlink(missing_ok=True)
            self.loop.forget(pty.near)
            pty.close()

    # --- the line

    def _hear_bridge(self) -> None:
        assert self._pty
        for frame in self._spoken.feed(self._pty.read()):
            # The adapter sends one byte after the other at the line's pace.
            starts_s = max(time.monotonic(), self._free_s)
            self._free_s = starts_s + self._takes_s(frame)
            self.loop.after(starts_s - time.monotonic(), lambda frame=frame: self.speak(None, frame))  # type: ignore[misc]

    def carry(self, speaker: Pad, data: bytes) -> None:
        """The firmware speaks."""
        self.speak(speaker, data)

    def speak(self, speaker: object, data: bytes) -> None:
        """Bytes begin to be on the line; None: the bridge's."""
        now = time.monotonic()
        airing = Airing(speaker, data, now + self._takes_s(data))
        for other in self._air:
            if other.speaker is not speaker:
                other.damaged = airing.damaged = True
        self._air.append(airing)
        self.loop.after(airing.ends_s - now, lambda: self._over(airing))

    def _over(self, airing: Airing) -> None:
        self._air.remove(airing)
        data = self.random.randbytes(len(airing.data)) if airing.damaged else airing.data
        if airing.damaged:
            self.ledger.note("bus", "collision", bytes=len(data))
        self.judge.hear(airing.speaker, data)
        if airing.speaker is None:
            said = f.decode(data)
            for pad in self.pads.values():
                if isinstance(pad, Pad):
                    pad.hear_host(data)
                elif said is not None:
                    pad.hear_host(said)
        elif self._pty:
            self._pty.write(data)

    def _takes_s(self, data: bytes) -> float:
        return float(BITS_PER_BYTE * len(data) / self.baud)

    def damage(self, frame: bytes, percent: float) -> bytes:
        """The frame, in `percent` of all cases with one byte changed."""
        if self.random.random() * 100 >= percent:
            return frame
        damaged = bytearray(frame)
        damaged[self.random.randrange(len(frame))] ^= self.random.randint(1, 255)
        return bytes(damaged)

    # --- commands

    def obey(self, line: bytes) -> dict[str, object]:
        """Do one command. A bad one changes nothing."""
        try:
            command = json.loads(line)
            if "pad" not in command and command["do"] in ("unplug", "replug", "say", "cycle"):
                return {"ok": True, **self._obey_line(command)}
            for pad in [self.pads[command["pad"]]] if "pad" in command else list(self.pads.values()):
                self._obey(pad, command)
        except (ValueError, TypeError, LookupError) as exc:
            return {"error": f"{type(exc).__name__}: {exc}"}
        return {"ok": True}

    def _obey_line(self, command: dict[str, Any]) -> dict[str, object]:
        match command["do"]:
            case "unplug":
                self.unplug()
            case "replug":
                self.plug()
            case "say":
                self.speak(self, bytes.fromhex(command["hex"]) * int(command.get("times", 1)))
            case "cycle":
                return {"longest_bits": self.judge.asked()}
        self.ledger.note("bus", command["do"])
        return {}

    def _obey(self, pad: Pad | Light, command: dict[str, Any]) -> None:
        match command["do"], pad:
            case "press", _:
                pad.press(int(command.get("key", 0)) % max(1, pad.keys), float(command.get("hold_s", 0.12)))
                return
            case "wire", _:
                pad.drop_acks, pad.corrupt = (float(command.get(name, 0)) for name in ("drop_acks", "corrupt"))
            case "unplug" | "replug" as what, Light():
                pad.power(on=what == "replug")
            case "unplug" | "replug" as what, Pad():
                (pad.start if what == "replug" else pad.stop)()
            case "twin", Light():
                pad.first_address = int(command["address"])
                pad.power(on=True)
            case "meddle", Light():
                pad.meddles_with = int(command["address"])
            case other, _:
                raise ValueError(f"do: {other!r}: press, wire, unplug, replug, twin, meddle, say, cycle")
        self.ledger.note(pad.uid, command["do"])


def main() -> None:
    """The command."""
    options = parser().parse_args()
    Path(options.dir).mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(Path(options.ledger).open("a", encoding="utf-8")) if options.ledger else None
        bus = PadBus(options, Ledger(file))
        stack.callback(bus.close)
        bus.open()
        run(bus, options.control, stack)


def parser() -> argparse.ArgumentParser:
    """Its options."""
    parser = argparse.ArgumentParser(
        prog="python -m simulators.pad_bus", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--dir", required=True, help="where the port and boot counters are kept")
    parser.add_argument("--pads", type=int, default=4, help="how many light ones")
    parser.add_argument("--real", type=int, default=0, help="how many that run the firmware")
    parser.add_argument("--uid", action="append", help="uids of the first pads; the others' are made up")
    parser.add_argument(
        "--fixed", action="append", default=[], metavar="UID=ADDRESS", help="a pad with a fixed address"
    )
    parser.add_argument("--keys", type=int, default=4, choices=range(9), help="keys on each pad")
    parser.add_argument("--kind", default="window", choices=KINDS, help="what the pads are for")
    parser.add_argument("--baud", type=int, default=115200, help="pace of the line")
    parser.add_argument("--ledger", help="file the ledger is added to")
    parser.add_argument("--control", help="unix:PATH or tcp:PORT (0: any) instead of stdin")
    parser.add_argument("--seed", type=int, default=1, help="of uids, slots and faults")
    parser.add_argument("--interpreter", choices=("micropython", "cpython"), help="which runs the firmware")
    return parser


if __name__ == "__main__":
    main()

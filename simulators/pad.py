"""Button pads at the other end of the wire: the real firmware, a bouncing finger, a bad cable, and a ledger of what happened.

    python -m simulators.pad --dir DIR --pads 4 [--keys N] [--kind K] [--ledger FILE] [--control unix:PATH | tcp:PORT]

Each pad is a process that runs `firmware_bridge/firmware/main.py`, under MicroPython's unix port where it is installed, else under
CPython. Its line ends in a pty; DIR/<uid> is a link to it that outlives unplugging. The first lines of output say for each pad its
uid, port and interpreter, as JSON. Several pads on one line: `simulators/pad_bus.py`.

Commands, one JSON object a line, on stdin or on the control socket (the answer is one line, {"ok": true} or {"error": "..."}):
    {"do": "press", "pad": UID, "key": 0}                  a finger, with bounce; "hold_s" 0.08 unless told; "with": another key, together
    {"do": "wire", "pad": UID, "drop_acks": 30, "corrupt": 20}   percent of ACKs lost, of frames with a byte changed, both ways
    {"do": "unplug" | "replug" | "restart", "pad": UID}    the line is cut (the pad keeps its power); mended; the pad is power-cycled
    {"do": "say", "pad": UID, "hex": "…", "times": 1}      these bytes come from the pad's line
Without "pad" all pads are meant. It ends on SIGTERM, and when stdin ends if commands come from there.

The ledger has one JSON object a line: `at` (monotonic seconds), `pad`, `what`, and
    start {boot_file, interpreter} · press {key, n} the finger lands · lamp {pattern} the pad shows · text {text}
    hello {boot} · event {boot, seq, key, age_ms} the pad said it · ack {boot, seq, result, heard} the bridge said it, and whether it passed
    unplug · replug · restart · wire {drop_acks, corrupt} · overrun {bytes} nobody read the port
    again {code} the firmware ended to be started anew, as other firmware or once more
    died {code} · trouble {text} the firmware ended by itself; its last words
Events and acks are read off the cable by a decoder of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import json
import os
import random
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, TextIO

FIRMWARE = Path(__file__).parents[1] / "firmware_bridge" / "firmware" / "main.py"
PATTERNS = ("off", "steady", "slow", "fast", "unknown", "pending", "not_taken", "quarantine")
KINDS = ("window", "rating", "help", "display")
RESULTS = ("done", "refused", "expired")
LONGEST_LINE = 4096
STARTS_ANEW = 3
"""Exit code of a firmware process where a microcontroller would reset itself."""
APART_MS = 40
"""A finger is not faster than this after another."""
BOUNCE_MS = 5


class Ledger:
    """What happened, one JSON line each, written at once."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    def note(self, pad: str, what: str, **facts: object) -> None:
        if self._file:
            print(json.dumps({"at": time.monotonic(), "pad": pad, "what": what, **facts}), file=self._file, flush=True)


class Loop:
    """One thread: readable file descriptors and timers."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self.ended = False

    def watch(self, fd: int, ready: Callable[[], None]) -> None:
        self._selector.register(fd, selectors.EVENT_READ, ready)

    def forget(self, fd: int) -> None:
        self._selector.unregister(fd)

    def after(self, delay_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (time.monotonic() + delay_s, next(self._order), act))

    def run(self) -> None:
        while not self.ended:
            wait_s = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else 0.5
            for key, _ in self._selector.select(min(wait_s, 0.5)):
                # A handler before this one may have closed it.
                if self._selector.get_map().get(key.fd) is key:
                    key.data()
            while not self.ended and self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()


class Pty:
    """A pty that stays open when nobody is at its far end."""

    def __init__(self) -> None:
        self.near, self.far = os.openpty()
        tty.setraw(self.far)
        os.set_blocking(self.near, False)
        self.path = os.ttyname(self.far)

    def read(self) -> bytes:
        try:
            return os.read(self.near, 4096)
        except OSError:
            return b""

    def write(self, data: bytes) -> int:
        """How many bytes were taken: a line nobody reads loses the rest, as a cable does."""
        try:
            return os.write(self.near, data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        os.close(self.near)
        os.close(self.far)


class Splitter:
    """Bytes → frames with their delimiter, still coded."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[bytes]:
        *whole, self._held = (self._held + data).split(b"\0")
        frames = [piece + b"\0" for piece in whole]
        if len(self._held) > LONGEST_LINE:
            frames, self._held = [*frames, self._held], b""
        return frames


def sniff(coded: bytes) -> tuple[int, int, int, bytes] | None:
    """(address, type, seq, payload) of a frame on the cable, its check unread; None when it is too damaged to tell."""
    raw = bytearray()
    rest = coded[:-1]
    while rest:
        run, rest = rest[1 : rest[0]], rest[rest[0] :]
        raw += run + (b"\0" if rest else b"")
    if len(raw) < 6:
        return None
    address, kind, seq = struct.unpack_from("<BBH", raw)
    return address, kind, seq, bytes(raw[4:-2])


class Pad:
    """One pad: its process, its cable and its faults."""

    def __init__(self, hall: Cable, uid: str, address: int, keys: int, kind: str = "window") -> None:
        self.hall, self.uid, self.address, self.keys, self.kind = hall, uid, address, keys, kind
        self.plugged = True
        self.drop_acks = self.corrupt = 0.0
        self._presses = 0
        self._free_s = 0.0
        self._line = Pty()
        self._spoken = Splitter()
        self._told = b""
        self._process: subprocess.Popen[bytes] | None = None
        hall.loop.watch(self._line.near, self._hear)

    def start(self) -> None:
        boot_file = self.hall.folder / f"{self.uid}.boots"
        display, kind = str(int(self.kind == "display")), str(KINDS.index(self.kind))
        told = (self._line.path, self.uid, str(boot_file), str(self.address), str(self.keys), display, kind)
        self._process = subprocess.Popen(
            [*self.hall.interpreter, str(FIRMWARE), *told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        assert self._process.stdout
        self.hall.loop.watch(self._process.stdout.fileno(), self._watch)
        self.hall.ledger.note(self.uid, "start", interpreter=self.hall.interpreter_name, boot_file=boot_file.name)

    def stop(self) -> None:
        """Power off."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        assert process.stdout
        self.hall.loop.forget(process.stdout.fileno())
        process.kill()
        process.wait(5)
        process.stdin.close()
        process.stdout.close()
        termios.tcflush(self._line.far, termios.TCIOFLUSH)
        self._told, self._spoken = b"", Splitter()

    def close(self) -> None:
        self.stop()
        self.hall.loop.forget(self._line.near)
        self._line.close()

    def say(self, data: bytes) -> None:
        """Bytes that the pad never said come from its line."""
        self.hall.carry(self, data)

    def press(self, key: int, hold_s: float, also: int | None = None) -> None:
        """A finger lands on `key` and leaves after `hold_s`; the contact bounces up to 5 ms at both ends.

        It lands when the one before has left. `also`: another finger lands on this key 40 ms later.
        """
        keys = [key] if also is None else [key, also]
        lands_s = max(time.monotonic(), self._free_s)
        self._free_s = lands_s + hold_s + 2 * len(keys) * APART_MS / 1000
        self.hall.loop.after(lands_s - time.monotonic(), lambda: self._land(keys, round(1000 * hold_s)))

    def _land(self, keys: list[int], hold_ms: int) -> None:
        for key in keys:
            self._presses += 1
            self.hall.ledger.note(self.uid, "press", key=key, n=self._presses)
        if self._process and self._process.stdin:
            # In one piece: how long each level lasts must not hang on when this process gets the processor.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(b"".join(b"%02X%04X" % level for level in self._levels(keys, hold_ms)))

    def _levels(self, keys: list[int], hold_ms: int) -> Iterator[tuple[int, int]]:
        """Which keys are down, as a mask, and for how many ms: one after the other lands, and leaves."""
        down = 0
        for turn, key in enumerate([*keys, *keys], 1):
            before, down = down, down ^ 1 << key
            yield from self._bounce(before, down)
            yield down, hold_ms if turn == len(keys) else APART_MS

    def _bounce(self, before: int, after: int) -> Iterator[tuple[int, int]]:
        moments = sorted(self.hall.random.randint(0, BOUNCE_MS) for _ in range(2 * self.hall.random.randint(0, 3)))
        for turn, (at, until) in enumerate(pairwise([*moments, BOUNCE_MS])):
            yield before if turn % 2 else after, until - at

    def hear_host(self, frame: bytes) -> None:
        """A coded frame from the bridge passes the cable to the pad."""
        passed = self._cable(frame)
        seen = sniff(frame)
        if seen and seen[1] == 0x09 and len(seen[3]) == 13 and seen[3][:8].hex() == self.uid:
            self.address = seen[3][12]
        if seen and seen[0] == self.address and seen[1] == 0x04 and len(seen[3]) == 5:
            if self.hall.random.random() * 100 < self.drop_acks:
                passed = b""
            boot, result = struct.unpack("<IB", seen[3])
            name = RESULTS[result] if result < len(RESULTS) else result
            self.hall.ledger.note(self.uid, "ack", boot=boot, seq=seen[2], result=name, heard=passed == frame)
        self.hear_line(passed)

    def hear_line(self, data: bytes) -> None:
        if data and self.plugged:
            self._line.write(data)

    def _watch(self) -> None:
        """What the pad's own face shows."""
        assert self._process
        assert self._process.stdout
        data = os.read(self._process.stdout.fileno(), 4096)
        if not data:
            self._ended(self._process.wait(5))
            return
        *lines, self._told = (self._told + data).split(b"\n")
        for line in lines:
            self._face(line)

    def _ended(self, code: int) -> None:
        self.hall.ledger.note(self.uid, "again" if code == STARTS_ANEW else "died", code=code)
        self.stop()
        if code == STARTS_ANEW:
            self.start()

    def _face(self, line: bytes) -> None:
        try:
            shown = json.loads(line)
        except ValueError:
            # A traceback: the firmware is about to die.
            self.hall.ledger.note(self.uid, "trouble", text=line.decode(errors="replace"))
            return
        if "lamp" in shown:
            self.hall.ledger.note(self.uid, "lamp", pattern=PATTERNS[shown["lamp"]])
        else:
            self.hall.ledger.note(self.uid, "text", text=shown["text"])

    def _hear(self) -> None:
        for frame in self._spoken.feed(self._line.read()):
            self._note(sniff(frame))
            if self.plugged:
                self.hall.carry(self, self._cable(frame))

    def _note(self, seen: tuple[int, int, int, bytes] | None) -> None:
        if seen and seen[1] == 0x81 and len(seen[3]) >= 18:
            self.hall.ledger.note(self.uid, "hello", boot=struct.unpack_from("<I", seen[3], 9)[0])
        elif seen and seen[1] == 0x84 and len(seen[3]) == 9:
            boot, key, age_ms, _ = struct.unpack("<IBHH", seen[3])
            self.hall.ledger.note(self.uid, "event", boot=boot, seq=seen[2], key=key, age_ms=age_ms)

    def _cable(self, frame: bytes) -> bytes:
        if len(frame) < 2 or self.hall.random.random() * 100 >= self.corrupt:
            return frame
        damaged = bytearray(frame)
        damaged[self.hall.random.randrange(len(frame))] ^= self.hall.random.randint(1, 255)
        return bytes(damaged)


class Cable(Protocol):
    """What a pad needs of the simulator it stands in."""

    loop: Loop
    random: random.Random
    ledger: Ledger
    folder: Path
    interpreter: list[str]
    interpreter_name: str

    def carry(self, speaker: Pad, data: bytes) -> None:
        """What a pad says."""


class Port:
    """The far end of a cable: where the bridge plugs in."""

    def __init__(self, hall: Pads, link: Path, pad: Pad) -> None:
        self.hall, self.link, self.pad = hall, link, pad
        self._pty: Pty | None = None
        self._spoken = Splitter()

    def open(self) -> None:
        if self._pty:
            return
        self._pty = Pty()
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(self._pty.path)
        self.hall.loop.watch(self._pty.near, self._hear)

    def close(self) -> None:
        pty, self._pty = self._pty, None
        if pty:
            self.link.unlink(missing_ok=True)
            self.hall.loop.forget(pty.near)
            pty.close()

    def write(self, data: bytes) -> None:
        if self._pty and (lost := len(data) - self._pty.write(data)):
            self.hall.ledger.note(self.pad.uid, "overrun", bytes=lost)

    def _hear(self) -> None:
        assert self._pty
        for frame in self._spoken.feed(self._pty.read()):
            self.pad.hear_host(frame)


class Pads:
    """All pads of one simulator."""

    def __init__(self, options: argparse.Namespace, ledger: Ledger) -> None:
        self.loop = Loop()
        self.random = random.Random(options.seed)
        self.ledger, self.folder = ledger, Path(options.dir).absolute()
        self.interpreter, self.interpreter_name = interpreter(options.interpreter)
        uids = options.uid or [
            f"{0xE661410000000000 + options.seed * 256 + n:016x}" for n in range(1, options.pads + 1)
        ]
        self.pads = {uid: Pad(self, uid, 0, options.keys, options.kind) for uid in uids}
        self.ports = {uid: Port(self, self.folder / uid, pad) for uid, pad in self.pads.items()}

    def open(self) -> None:
        for port in self.ports.values():
            port.open()
        for pad in self.pads.values():
            pad.start()
            where = {"pad": pad.uid, "port": str(self.ports[pad.uid].link)}
            print(json.dumps({**where, "interpreter": self.interpreter_name}), flush=True)

    def close(self) -> None:
        for pad in self.pads.values():
            pad.close()
        for port in self.ports.values():
            port.close()

    def carry(self, speaker: Pad, data: bytes) -> None:
        """What a pad says reaches the bridge."""
        self.ports[speaker.uid].write(data)

    def obey(self, line: bytes) -> dict[str, object]:
        """Do one command. A bad one changes nothing."""
        try:
            command = json.loads(line)
            pads = [self.pads[command["pad"]]] if "pad" in command else list(self.pads.values())
            for pad in pads:
                self._obey(pad, command)
        except (ValueError, TypeError, LookupError) as exc:
            return {"error": f"{type(exc).__name__}: {exc}"}
        return {"ok": True}

    def _obey(self, pad: Pad, command: dict[str, Any]) -> None:
        match command["do"]:
            case "press":
                key, hold_s = int(command.get("key", 0)), float(command.get("hold_s", 0.08))
                also = command.get("with")
                if not (0 <= key < pad.keys and also in {None, *range(pad.keys)} - {key} and 0.03 <= hold_s <= 60):
                    raise ValueError(f"key and with 0 to {pad.keys - 1}, not the same, hold_s 0.03 to 60")
                pad.press(key, hold_s, also)
            case "wire":
                pad.drop_acks, pad.corrupt = _percent(command, "drop_acks"), _percent(command, "corrupt")
                self.ledger.note(pad.uid, "wire", drop_acks=pad.drop_acks, corrupt=pad.corrupt)
            case "unplug" | "replug" as what:
                pad.plugged = what == "replug"
                port = self.ports[pad.uid]
                (port.open if pad.plugged else port.close)()
                self.ledger.note(pad.uid, what)
            case "restart":
                self.ledger.note(pad.uid, "restart")
                pad.stop()
                pad.start()
            case "say":
                pad.say(bytes.fromhex(command["hex"]) * int(command.get("times", 1)))
            case other:
                raise ValueError(f"do: {other!r}: press, wire, unplug, replug, restart, say")


class Commanded(Protocol):
    """A simulator that takes commands."""

    loop: Loop

    def obey(self, line: bytes) -> dict[str, object]:
        """Do one command; the answer."""


class Commands:
    """Command lines from one file descriptor."""

    def __init__(self, pads: Commanded, fd: int, answer: Callable[[bytes], object], on_end: Callable[[], None]) -> None:
        self._pads, self._fd, self._answer, self._on_end = pads, fd, answer, on_end
        self._held = b""
        pads.loop.watch(fd, self._ready)

    def _ready(self) -> None:
        try:
            data = os.read(self._fd, 4096)
        except OSError:
            data = b""
        if not data or len(self._held) > 65536:
            self._pads.loop.forget(self._fd)
            self._on_end()
            return
        *lines, self._held = (self._held + data).split(b"\n")
        for line in filter(None, lines):
            with contextlib.suppress(OSError):
                self._answer(json.dumps(self._pads.obey(line)).encode() + b"\n")


def interpreter(wanted: str | None) -> tuple[list[str], str]:
    """The command that runs the firmware, and its name for the ledger."""
    beside = shutil.which("micropython", path=str(Path(sys.executable).parent)) or shutil.which("micropython")
    if wanted != "cpython" and beside:
        return [beside], "micropython"
    if wanted == "micropython":
        sys.exit("micropython is not installed here (x86-64 only): leave --interpreter away to run under CPython")
    return [sys.executable, "-u"], "cpython"


def main() -> None:
    """The command."""
    options = parser().parse_args()
    Path(options.dir).mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(Path(options.ledger).open("a", encoding="utf-8")) if options.ledger else None
        pads = Pads(options, Ledger(file))
        stack.callback(pads.close)
        pads.open()
        run(pads, options.control, stack)


def run(pads: Commanded, where: str | None, stack: contextlib.ExitStack) -> None:
    """Obey until SIGTERM, or until stdin ends where commands come from there."""

    def end(_number: int, _frame: FrameType | None) -> None:
        pads.loop.ended = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if where:
        stack.enter_context(control(pads, where))
    else:
        Commands(pads, 0, lambda answer: os.write(1, answer), lambda: setattr(pads.loop, "ended", True))
    pads.loop.run()


def _listening(path: Path) -> socket.socket:
    """A socket that has its name when it listens: whoever finds it may connect."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(new))
    listener.listen()
    new.replace(path)
    return listener


def control(pads: Commanded, where: str) -> socket.socket:
    """Listen for commanders; the address is printed when it is ready."""
    kind, _, rest = where.partition(":")
    if kind == "unix":
        listener = _listening(Path(rest))
    else:
        listener = socket.create_server(("127.0.0.1", int(rest)))
        where = f"tcp:{listener.getsockname()[1]}"

    def accept() -> None:
        commander, _ = listener.accept()
        commander.settimeout(1)
        Commands(pads, commander.fileno(), commander.sendall, commander.close)

    pads.loop.watch(listener.fileno(), accept)
    print(json.dumps({"control": where}), flush=True)
    return listener


def parser() -> argparse.ArgumentParser:
    """Its options."""
    parser = argparse.ArgumentParser(prog="python -m simulators.pad", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dir", required=True, help="where ports and boot counters are kept")
    parser.add_argument("--pads", type=int, default=1, help="how many, with made-up uids")
    parser.add_argument(
        "--uid", action="append", help="a pad with this uid (16 hex digits); as often as needed, instead of --pads"
    )
    parser.add_argument("--keys", type=int, default=4, choices=range(9), help="keys on each pad")
    parser.add_argument("--kind", default="window", choices=KINDS, help="what the pads are for")
    parser.add_argument("--ledger", help="file the ledger is added to")
    parser.add_argument("--control", help="unix:PATH or tcp:PORT (0: any) instead of stdin")
    parser.add_argument("--seed", type=int, default=1, help="of bounces and faults")
    parser.add_argument("--interpreter", choices=("micropython", "cpython"), help="which runs the firmware")
    return parser


def _percent(command: dict[str, Any], name: str) -> float:
    value = float(command.get(name, 0))
    if not 0 <= value <= 100:
        raise ValueError(f"{name}: {value}: 0 to 100")
    return value


if __name__ == "__main__":
    main()

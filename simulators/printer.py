"""An ESC/POS ticket printer on TCP, with paper one can look at.

    python -m simulators.printer --port 0 --control-port 0 --out DIR [--speed-model]

prints one line of JSON with its ports. Every paper that leaves the cutter becomes DIR/paper-0001.png (…-half.png where a
fault tore it), every event a line in DIR/ledger.jsonl, stamped with the monotonic clock. Faults come through the control
port, one JSON object a line; each is answered with the printer's state (see `Control`).

Behaviour after the Epson ESC/POS reference: real-time commands (DLE EOT, DLE DC4 function 8) are obeyed as they arrive,
wherever they stand, pictures included, and also while the printer is stopped or its 4 kB buffer is full; everything else
waits its turn, and nothing is taken from a full buffer. Data met by an empty roll is held and printed on the next one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import struct
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

BUFFER_BYTES = 4096
CHUNK_BYTES = 4096
DOTS_PER_MM = 8
CUTTER_MM = 12
LAST_GASP_S = 0.01  # between the last byte received and the end of the power
CLEAR = bytes.fromhex("10140801031401060208")
RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Speed:
    """Of the mechanics; None of them counts without --speed-model."""

    interface_bytes_s: float = 1_000_000.0
    paper_mm_s: float = 200.0
    cut_s: float = 0.3


@dataclass
class Sheet:
    """The paper in front of the cutter. `torn`: why it can no longer become a whole ticket."""

    rows: list[bytes] = field(default_factory=list)
    torn: str | None = None


class Ledger:
    """What happened here, in order; flushed line by line so that a reader may follow."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / "ledger.jsonl").open("a", encoding="utf-8")

    def write(self, event: str, **facts: object) -> None:
        self._file.write(json.dumps({"t": round(time.monotonic(), 6), "event": event, **facts}) + "\n")
        self._file.flush()


class Faults:
    """What is wrong with the printer just now, and its status bytes."""

    def __init__(self) -> None:
        self.paper = "ok"
        self.cover = False
        self.cutter = False

    @property
    def stopped(self) -> bool:
        return self.paper == "out" or self.cover or self.cutter

    def automatic(self) -> bytes:
        first = 0x10 | (0x08 if self.stopped else 0) | (0x20 if self.cover else 0)
        paper = {"ok": 0x00, "low": 0x03, "out": 0x0F}[self.paper]
        return bytes((first, 0x08 if self.cutter else 0, paper, 0))

    def real_time(self, n: int) -> bytes:
        bits = {
            1: 0x08 if self.stopped else 0,
            2: (0x04 if self.cover else 0) | (0x20 if self.paper == "out" else 0) | (0x40 if self.cutter else 0),
            3: 0x08 if self.cutter else 0,
            4: {"ok": 0x00, "low": 0x0C, "out": 0x6C}[self.paper],
        }
        return bytes((0x12 | bits[n],)) if n in bits else b""

    def in_order(self) -> bytes:
        return bytes(({"ok": 0x00, "low": 0x03, "out": 0x0C}[self.paper],))


class Printer:
    """The machine between the socket and the cutter."""

    def __init__(self, folder: Path, speed: Speed | None) -> None:
        self.folder, self.speed = folder, speed
        self.ledger = Ledger(folder)
        self.faults = Faults()
        self.powered = True
        self.clears = "always"
        self.papers = 0
        self.received = 0
        self.power_off_in: int | None = None
        self.paper_out_in: int | None = None
        self.on_power: Callable[[bool], None] = lambda _on: None
        self._sheet = Sheet()
        self._watch = 0
        self._tell_offline = False
        self._printed_until = 0.0
        self._writes: set[asyncio.Future[None]] = set()
        self._link: socket.socket | None = None
        self._frozen: socket.socket | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._buffer = bytearray()
        self._command = bytearray()
        self._changed = asyncio.Event()
        self._engine = asyncio.ensure_future(self._work())

    # -- the wire ---------------------------------------------------------------------------------------------------

    def connect(self, link: socket.socket) -> None:
        """One client at a time; a newcomer takes the line."""
        self.disconnect("another client")
        self._link = link
        self.ledger.write("connect")
        self._tasks = [asyncio.ensure_future(self._receive(link))]

    def disconnect(self, why: str) -> None:
        if self._link is None:
            return
        for task in self._tasks:
            task.cancel()
        with suppress(OSError):
            self._link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._link.close()
        self._link = None
        self._command.clear()
        self.ledger.write("disconnect", why=why)

    def freeze(self) -> None:
        """The network goes dark: this connection stays open and is never served again."""
        for task in self._tasks:
            task.cancel()
        self._frozen, self._link, self._tasks = self._link, None, []
        self.ledger.write("freeze")

    async def _receive(self, link: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                if len(self._buffer) >= BUFFER_BYTES:
                    if not self._peek(link):
                        await asyncio.sleep(0.005 if self.speed or self.faults.stopped else 0)
                    continue
                data = await loop.sock_recv(link, min(CHUNK_BYTES, BUFFER_BYTES - len(self._buffer)))
            except OSError:
                data = b""
            if not data:
                self.disconnect("client left")
                return
            if self.speed:
                await asyncio.sleep(len(data) / self.speed.interface_bytes_s)
            if self._arrived(data):
                await asyncio.sleep(LAST_GASP_S)
                self.power(on=False)
                return

    def _peek(self, link: socket.socket) -> bool:
        """With a full buffer only a real-time command that comes next is taken. True when there was one."""
        try:
            ahead = link.recv(len(CLEAR), socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        if not ahead:
            raise ConnectionError("client left")
        length = 3 if ahead[:2] == b"\x10\x04" and len(ahead) > 2 else len(CLEAR) if ahead == CLEAR else 0
        if length:
            self._real_time(link.recv(length))
        return bool(length)

    def _arrived(self, data: bytes) -> bool:
        """True when these were the last bytes before the power cut."""
        dies = self.power_off_in is not None and len(data) >= self.power_off_in
        if self.power_off_in is not None:
            data = data[: self.power_off_in]
            self.power_off_in -= len(data)
        self.received += len(data)
        self._store(data)
        self._changed.set()
        return dies

    def _store(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._command:
                self._buffer.append(data[at])
                self._command.append(data[at])
                at += 1
                self._try_command()
                continue
            start = data.find(b"\x10", at)
            end = len(data) if start < 0 else start + 1
            self._buffer += data[at:end]
            if start >= 0:
                self._command += b"\x10"
            at = end

    def _try_command(self) -> None:
        command = bytes(self._command)
        if (command[1:2] in {b"\x04", b"\x05"} and len(command) == 3) or command == CLEAR:
            self._command.clear()
            self._real_time(command)
        elif command[1:2] not in {b"\x04", b"\x05"} and not CLEAR.startswith(command):
            self._command[:] = b"\x10" if command[-1] == 0x10 else b""

    def _real_time(self, command: bytes) -> None:
        if command[1] == 0x04:
            self._say(self.faults.real_time(command[2]))
        elif command == CLEAR and (self.clears == "always" or (self.clears == "online" and not self.faults.stopped)):
            self.ledger.write("clear", bytes=len(self._buffer), rows=len(self._sheet.rows))
            self._forget("cleared")
            self._say(b"\x37\x25\x00")

    def _say(self, data: bytes) -> None:
        if self._link is not None and data:
            with suppress(OSError):
                self._link.send(data)

    # -- faults -----------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something about the paper or the cover is different: tell who watches, go on or stop."""
        self.ledger.write("state", **self.state())
        if self._watch:
            self._say(self.faults.automatic())
        if self._tell_offline and self.faults.stopped:
            self._say(b"\x37\x23\x40\x00")
        self._changed.set()

    def paper(self, value: str) -> None:
        if value not in {"ok", "low", "out"}:
            raise ValueError("paper: ok, low or out")
        was, self.faults.paper = self.faults.paper, value
        if was == "out" and value != "out" and self._sheet.rows:
            self._deliver("roll ended")
            self._sheet.torn = "began on another roll"
        self.changed()

    def power(self, *, on: bool) -> None:
        if on == self.powered:
            return
        self.powered = on
        self.ledger.write("power", on=on, received=self.received)
        if not on:
            if self._sheet.rows:
                self._deliver("power lost")
            self.disconnect("power")
            self._forget(None)
            self._watch, self._tell_offline, self.power_off_in = 0, False, None
        self.on_power(on)

    def state(self) -> dict[str, Any]:
        faults = self.faults
        return {
            "powered": self.powered,
            "connected": self._link is not None,
            "paper": faults.paper,
            "cover": faults.cover,
            "cutter": faults.cutter,
            "papers": self.papers,
            "rows": len(self._sheet.rows),
            "buffered": len(self._buffer),
            "received": self.received,
        }

    def _forget(self, torn: str | None) -> None:
        self._buffer.clear()
        self._command.clear()
        self._sheet.torn = torn if self._sheet.rows else None  # nothing in front of the cutter, nothing left to come
        self._engine.cancel()
        self._engine = asyncio.ensure_future(self._work())

    # -- the print engine -------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        single: dict[bytes, Callable[[], Coroutine[Any, Any, None]]] = {
            b"\x1b@": self._initialise,
            b"\x1da": self._automatic_status,
            b"\x1dv": self._raster,
            b"\x1dV": self._cut,
            b"\x1d(": self._extended,
            b"\x1dr": self._status,
            b"\x1dI": self._name,
            b"\x1bJ": self._feed_dots,
            b"\x1bd": self._feed_lines,
            b"\x10\x04": self._skip_one,
            b"\x10\x05": self._skip_one,
            b"\x10\x14": self._skip_control,
        }
        while True:
            first = await self._take(1)
            if first[0] not in {0x10, 0x1B, 0x1D}:
                self.ledger.write("unknown", hex=first.hex())
                continue
            head = first + await self._take(1)
            if head in single:
                await single[head]()
            else:
                self.ledger.write("unknown", hex=head.hex())

    async def _take(self, count: int) -> bytes:
        while len(self._buffer) < count or self.faults.stopped:
            self._changed.clear()
            await self._changed.wait()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._changed.set()
        return data

    async def _initialise(self) -> None:
        self._watch = 0
        self.ledger.write("start", received=self.received)

    async def _automatic_status(self) -> None:
        self._watch = (await self._take(1))[0]
        if self._watch:
            self._say(self.faults.automatic())

    async def _raster(self) -> None:
        _, _, width, rows = struct.unpack("<BBHH", await self._take(6))
        for _ in range(rows):
            await self._row(await self._take(width))

    async def _row(self, row: bytes) -> None:
        self._sheet.rows.append(row)
        if self.paper_out_in is not None:
            self.paper_out_in -= 1
            if self.paper_out_in <= 0:
                self.paper_out_in = None
                self.paper("out")
        if self.speed:
            await self._busy(1 / DOTS_PER_MM / self.speed.paper_mm_s)
        elif len(self._sheet.rows) % 64 == 0:
            await asyncio.sleep(0)  # faults and questions get their turn

    async def _busy(self, seconds: float) -> None:
        """Time passes in the mechanics; short spans are saved up, the event loop cannot sleep them."""
        now = time.monotonic()
        self._printed_until = max(self._printed_until, now) + seconds
        if self._printed_until - now > 0.005:
            await asyncio.sleep(self._printed_until - now)

    async def _feed_dots(self) -> None:
        await self._feed((await self._take(1))[0])

    async def _feed_lines(self) -> None:
        await self._feed((await self._take(1))[0] * 30)

    async def _feed(self, rows: int) -> None:
        for _ in range(rows if self._sheet.rows else 0):
            await self._row(b"")

    async def _cut(self) -> None:
        if (await self._take(1))[0] in {65, 66}:
            await self._take(1)
        if self.speed:
            await self._busy(self.speed.cut_s + CUTTER_MM / self.speed.paper_mm_s)
        while self.faults.stopped:
            self._changed.clear()
            await self._changed.wait()
        if self._sheet.rows:
            self._deliver(None)

    async def _extended(self) -> None:
        kind = await self._take(1)
        (length,) = struct.unpack("<H", await self._take(2))
        data = await self._take(min(length, BUFFER_BYTES))
        if kind == b"H" and data[:2] == b"00" and len(data) == 6:
            self.ledger.write("proof", mark=data[2:].decode("latin-1"))
            self._say(b"\x37\x22" + data[2:] + b"\x00")
        elif kind == b"H" and data[:2] == b"10" and len(data) == 3:
            self._tell_offline = data[2] in {1, 2, 49, 50}
        else:
            self.ledger.write("unknown", hex=(b"\x1d(" + kind + data[:8]).hex())

    async def _status(self) -> None:
        await self._take(1)
        self._say(self.faults.in_order())

    async def _name(self) -> None:
        n = (await self._take(1))[0]
        names = {65: b"Vikno sim 1", 66: b"VIKNO", 67: b"SIM-T", 68: b"00000001"}
        self._say(b"\x5f" + names[n] + b"\x00" if n in names else b"\x02")

    async def _skip_one(self) -> None:
        await self._take(1)

    async def _skip_control(self) -> None:
        function = await self._take(1)
        await self._take(len(CLEAR) - 3 if function == CLEAR[2:3] else 2)

    def _deliver(self, why: str | None) -> None:
        """The paper falls out; its picture is written beside the printer's own work."""
        sheet, self._sheet = self._sheet, Sheet()
        self.papers += 1
        torn = why or sheet.torn
        name = f"paper-{self.papers:04}{'-half' if torn else ''}.png"
        write = asyncio.get_running_loop().run_in_executor(None, self._picture, name, sheet.rows)
        facts = {"n": self.papers, "file": name, "rows": len(sheet.rows), "torn": torn, "received": self.received}
        cut_at = round(time.monotonic(), 6)
        write.add_done_callback(lambda _: self.ledger.write("paper", cut_at=cut_at, **facts))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    def _picture(self, name: str, rows: list[bytes]) -> None:
        width = max(len(row) for row in rows)
        dots = b"".join(row.ljust(width, b"\0") for row in rows)
        picture = Image.frombytes("1", (width * 8, len(rows)), dots).point(lambda dot: 0 if dot else 255)
        part = self.folder / f".{name}"
        picture.save(part, format="PNG", compress_level=1)
        part.rename(self.folder / name)


class Control:
    """One JSON object a line: {"do": …}; answered with the printer's state, or {"error": …}.

    paper {value: ok|low|out} · paper_out_at {rows} · cover {open} · cutter {jam} · power {on} · power_off_at {bytes}
    (counted from now) · clears {value: always|online|never} (whether DLE DC4 function 8 is obeyed) · freeze · state
    """

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(json.dumps(self._answer(line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            self._obey(json.loads(line))
        except (ValueError, KeyError, TypeError) as exc:
            return {"error": f"{type(exc).__name__}: {exc}"}
        return self._printer.state()

    def _obey(self, order: dict[str, Any]) -> None:
        printer = self._printer
        match order["do"]:
            case "paper":
                printer.paper(order["value"])
            case "paper_out_at":
                printer.paper_out_in = int(order["rows"])
            case "cover":
                printer.faults.cover = bool(order["open"])
                printer.changed()
            case "cutter":
                printer.faults.cutter = bool(order["jam"])
                printer.changed()
            case "power":
                printer.power(on=bool(order["on"]))
            case "power_off_at":
                printer.power_off_in = int(order["bytes"])
            case "clears" if order["value"] in {"always", "online", "never"}:
                printer.clears = order["value"]
            case "freeze":
                printer.freeze()
            case "state":
                pass
            case other:
                raise ValueError(f"do: {other!r}")


class Plug:
    """The printer's network socket: open while the printer has power, always on the same port."""

    def __init__(self, printer: Printer, port: int) -> None:
        self._printer = printer
        self.port = port
        self._accepting: asyncio.Task[None] | None = None
        self._listener: socket.socket | None = None
        printer.on_power = self.power
        self.power(on=True)

    def power(self, on: bool) -> None:
        if not on:
            if self._accepting is not None and self._listener is not None:
                self._accepting.cancel()
                self._listener.close()
            return
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._listener.bind(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._listener.listen()
        self._listener.settimeout(0)
        self._accepting = asyncio.ensure_future(self._accept(self._listener))

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            link, _ = await loop.sock_accept(listener)
            link.settimeout(0)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._printer.connect(link)


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    printer = Printer(options.out, Speed() if options.speed_model else None)
    plug = Plug(printer, options.port)
    control = await asyncio.start_server(Control(printer).serve, "127.0.0.1", options.control_port)
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    print(json.dumps({"port": plug.port, "control_port": control.sockets[0].getsockname()[1]}), flush=True)
    await stopped.wait()
    printer.disconnect("simulator stopped")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="simulators.printer", description="an ESC/POS ticket printer on TCP")
    parser.add_argument("--port", type=int, default=9100, help="TCP port of the printer, 0: a free one")
    parser.add_argument("--control-port", type=int, default=0, help="TCP port for faults, 0: a free one")
    parser.add_argument("--out", type=Path, required=True, help="folder for papers and ledger")
    parser.add_argument("--speed-model", action="store_true", help="take as long as a real printer")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

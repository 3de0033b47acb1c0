"""The machine between the wire and the cutter."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulators.printer.fault import Faults
from simulators.printer.kind import Kind
from simulators.printer.ledger import Ledger, digest, draw
from simulators.printer.wire import BUFFER_BYTES, Wire

CHUNK_BYTES = 4096
LAST_GASP_S = 0.01  # between the last byte received and the end of the power
INTERFACE_BYTES_S = 1_000_000.0
CLEAR = bytes.fromhex("10140801031401060208")
XON, XOFF = b"\x11", b"\x13"


def widened(row: bytes) -> bytes:
    """Each dot twice."""
    bits = f"{int.from_bytes(row, 'big'):0{len(row) * 8}b}"
    return int("".join(bit * 2 for bit in bits), 2).to_bytes(len(row) * 2, "big")


@dataclass
class Sheet:
    """The paper in front of the cutter. `torn`: why it can no longer become a whole ticket; `before`: what of the same ticket came
    out on the end of the roll before.
    """

    rows: list[bytes] = field(default_factory=list)
    torn: str | None = None
    before: list[bytes] = field(default_factory=list)


class Printer:
    """One printer of a kind. `timed`: as slow as a real one; `drawn`: papers become pictures; `roll_mm`: of paper, None: endless."""

    def __init__(
        self, folder: Path, kind: Kind, *, timed: bool = False, drawn: bool = True, roll_mm: float | None = None
    ) -> None:
        self.folder, self.kind, self.timed, self.drawn = folder, kind, timed, drawn
        self.ledger = Ledger(folder)
        self.faults = Faults()
        self.powered = True
        self.clears = "always" if kind.forgets else "never"
        self.papers = 0
        self.received = 0
        self.retracted = 0
        self.roll_mm, self.near_mm = roll_mm, 3000.0
        self.take_after_s: float | None = None
        self.power_off_in: int | None = None
        self.paper_out_in: int | None = None
        self.on_power: Callable[[bool], None] = lambda _on: None
        self._sheet = Sheet()
        self._watch = 0
        self._place = 0
        self._tell_offline = False
        self._printed_until = 0.0
        self._writes: set[asyncio.Future[None]] = set()
        self._wire: Wire | None = None
        self._frozen: Wire | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._held_back = False
        self._buffer = bytearray()
        self._command = bytearray()
        self._changed = asyncio.Event()
        self._mouth_timer: asyncio.TimerHandle | None = None
        self._engine = asyncio.ensure_future(self._work())

    # -- the wire ---------------------------------------------------------------------------------------------------

    def connect(self, wire: Wire) -> None:
        """One client at a time; a newcomer takes the line."""
        self.disconnect("another client")
        self._wire = wire
        self.ledger.write("connect")
        self._tasks = [asyncio.ensure_future(self._receive(wire))]

    def disconnect(self, why: str) -> None:
        if self._wire is None:
            return
        for task in self._tasks:
            task.cancel()
        self._wire.cut()
        self._wire = None
        self._held_back = False
        self._command.clear()
        self.ledger.write("disconnect", why=why)

    def freeze(self) -> None:
        """The network goes dark: this connection stays open and is never served again."""
        for task in self._tasks:
            task.cancel()
        self._frozen, self._wire, self._tasks = self._wire, None, []
        self.ledger.write("freeze")

    async def _receive(self, wire: Wire) -> None:
        while True:
            try:
                self._flow(wire)
                if len(self._buffer) >= BUFFER_BYTES:
                    if not self._peek(wire):
                        await asyncio.sleep(0.005 if self.timed or self.faults.stopped else 0)
                    continue
                data = await wire.take(min(CHUNK_BYTES, BUFFER_BYTES - len(self._buffer)))
            except OSError:
                data = b""
            if not data:
                self.disconnect("client left")
                return
            if self.timed:
                await asyncio.sleep(len(data) / INTERFACE_BYTES_S)
            if self._arrived(data):
                await asyncio.sleep(LAST_GASP_S)
                self.power(on=False)
                return

    def _flow(self, wire: Wire) -> None:
        """XOFF when the buffer is nearly full, XON when it is nearly empty."""
        full = len(self._buffer) > BUFFER_BYTES * (1 if self._held_back else 3) // 4
        if wire.flow and full != self._held_back:
            self._held_back = full
            wire.say(XOFF if full else XON)

    def _peek(self, wire: Wire) -> bool:
        """With a full buffer only a real-time command that comes next is taken. True when there was one."""
        ahead = wire.ahead(len(CLEAR))
        length = 3 if ahead[:2] == b"\x10\x04" and len(ahead) > 2 else len(CLEAR) if ahead == CLEAR else 0
        if length:
            self._real_time(wire.skip(length))
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
        if command[1:] == b"\x04\x14" and self.kind.presents:
            self._say(self.faults.full())
        elif command[1] == 0x04:
            self._say(self.faults.real_time(command[2]))
        elif command == CLEAR and (self.clears == "always" or (self.clears == "online" and not self.faults.stopped)):
            self.ledger.write("clear", bytes=len(self._buffer), rows=len(self._sheet.rows))
            self._forget("cleared")
            self._say(b"\x37\x25\x00")

    def _say(self, data: bytes) -> None:
        if self._wire is not None and data:
            self._wire.say(data)

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
            cleared = self._sheet.torn == "cleared"  # then nothing of it is left to come
            rows = self._sheet.before + self._sheet.rows
            self._deliver("roll ended")
            if not cleared:
                self._sheet = Sheet(torn="began on another roll", before=rows)
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

    def unplug(self) -> None:
        """The cable is pulled; the printer keeps its power and what it holds."""
        self.disconnect("unplugged")
        self.on_power(False)

    def plug(self) -> None:
        """The cable is back."""
        self.on_power(True)

    def take(self) -> None:
        """The visitor takes the paper out of the mouth."""
        self._empty_mouth("taken")

    def state(self) -> dict[str, Any]:
        faults = self.faults
        return {
            "powered": self.powered,
            "connected": self._wire is not None,
            "paper": faults.paper,
            "cover": faults.cover,
            "cutter": faults.cutter,
            "jam": faults.jam,
            "mouth": faults.mouth,
            "papers": self.papers,
            "rows": len(self._sheet.rows),
            "buffered": len(self._buffer),
            "received": self.received,
        }

    def _forget(self, torn: str | None) -> None:
        self._buffer.clear()
        self._command.clear()
        self._sheet.torn = torn if self._sheet.rows else None  # nothing in front of the cutter, nothing left to come
        self._sheet.before = []
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
            b"\x1dP": self._units,
            b"\x1b$": self._position,
            b"\x1bJ": self._feed_dots,
            b"\x1bd": self._feed_lines,
            b"\x10\x04": self._skip_one,
            b"\x10\x05": self._skip_one,
            b"\x10\x14": self._skip_control,
        }
        if self.kind.presents:
            single |= {b"\x1cP": self._present, b"\x1d\xe1": self._paper_left, b"\x1d\xe4": self._retracts}
        while True:
            first = await self._take(1)
            if first == b"\0":
                continue
            if first[0] not in {0x10, 0x1B, 0x1C, 0x1D}:
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
        self._watch = self._place = 0
        self.ledger.write("start", received=self.received)

    async def _automatic_status(self) -> None:
        mask = (await self._take(1))[0]
        self._watch = mask if self.kind.pushes else 0
        if self._watch:
            self._say(self.faults.automatic())

    async def _raster(self) -> None:
        _, size, width, rows = struct.unpack("<BBHH", await self._take(6))
        left, self._place = bytes(self._place // 8), 0
        for _ in range(rows):
            row = await self._take(width)
            row = left + (widened(row) if size & 1 else row)
            for _ in range(2 if size & 2 else 1):
                await self._row(row)

    async def _row(self, row: bytes) -> None:
        if not self._sheet.rows:
            self._empty_mouth("ejected")
        self._sheet.rows.append(row)
        self._unroll(1 / self.kind.dots_per_mm)
        if self.paper_out_in is not None:
            self.paper_out_in -= 1
            if self.paper_out_in <= 0:
                self.paper_out_in = None
                self.paper("out")
        if self.timed:
            await self._busy(1 / self.kind.dots_per_mm / self.kind.paper_mm_s)
        elif len(self._sheet.rows) % 64 == 0:
            await asyncio.sleep(0)  # faults and questions get their turn

    def _unroll(self, mm: float) -> None:
        if self.roll_mm is None:
            return
        self.roll_mm -= mm
        want = "out" if self.roll_mm <= 0 else "low" if self.roll_mm <= self.near_mm else "ok"
        if want != "ok" and want != self.faults.paper:
            self.paper(want)

    async def _busy(self, seconds: float) -> None:
        """Time passes in the mechanics; short spans are saved up, the event loop cannot sleep them."""
        now = time.monotonic()
        self._printed_until = max(self._printed_until, now) + seconds
        if self._printed_until - now > 0.005:
            await asyncio.sleep(self._printed_until - now)

    async def _position(self) -> None:
        (self._place,) = struct.unpack("<H", await self._take(2))

    async def _units(self) -> None:
        await self._take(2)

    async def _feed_dots(self) -> None:
        for _ in range((await self._take(1))[0]):
            await self._row(b"")

    async def _feed_lines(self) -> None:
        for _ in range((await self._take(1))[0] * 30 if self._sheet.rows else 0):
            await self._row(b"")

    async def _cut(self) -> None:
        if (await self._take(1))[0] in {65, 66}:
            await self._take(1)
        await self._knife()

    async def _knife(self) -> None:
        if self.timed:
            await self._busy(self.kind.cut_s + self.kind.cutter_mm / self.kind.paper_mm_s)
        while self.faults.stopped:
            self._changed.clear()
            await self._changed.wait()
        if self._sheet.rows:
            self._unroll(self.kind.cutter_mm)
            self._deliver(None)

    async def _extended(self) -> None:
        kind = await self._take(1)
        (length,) = struct.unpack("<H", await self._take(2))
        data = await self._take(min(length, BUFFER_BYTES))
        if kind == b"H" and data[:2] == b"00" and len(data) == 6 and self.kind.proves:
            self.ledger.write("proof", mark=data[2:].decode("latin-1"))
            self._say(b"\x37\x22" + data[2:] + b"\x00")
        elif kind == b"H" and data[:2] == b"10" and len(data) == 3 and self.kind.proves:
            self._tell_offline = data[2] in {1, 2, 49, 50}
        else:
            self.ledger.write("unknown", hex=(b"\x1d(" + kind + data[:8]).hex())

    async def _status(self) -> None:
        await self._take(1)
        if self.kind.orders:
            self._say(self.faults.in_order())

    async def _name(self) -> None:
        n = (await self._take(1))[0]
        texts = {65: self.kind.firmware, 66: "VIKNO", 67: self.kind.name, 68: "00000001"}
        if n == 1:
            self._say(self.kind.number)
        elif texts.get(n) and self.kind.name:
            self._say(b"\x5f" + texts[n].encode() + b"\x00")

    async def _skip_one(self) -> None:
        await self._take(1)

    async def _skip_control(self) -> None:
        function = await self._take(1)
        await self._take(len(CLEAR) - 3 if function == CLEAR[2:3] else 2)

    # -- the presenter ----------------------------------------------------------------------------------------------

    async def _present(self) -> None:
        _, _, then, seconds = await self._take(4)
        before = self.papers
        await self._knife()
        if self.papers == before:
            return
        self.faults.mouth = True
        self.ledger.write("mouth", state="presented", n=self.papers)
        after = {ord("R"): self._retract, ord("E"): lambda: self._empty_mouth("ejected")}.get(then)
        loop = asyncio.get_running_loop()
        if self.take_after_s is not None:
            self._mouth_timer = loop.call_later(self.take_after_s, self.take)
        elif seconds and after is not None:
            self._mouth_timer = loop.call_later(seconds, after)

    def _retract(self) -> None:
        self.retracted += self.faults.mouth
        self._empty_mouth("retracted")

    def _empty_mouth(self, how: str) -> None:
        if self._mouth_timer is not None:
            self._mouth_timer.cancel()
        if self.faults.mouth:
            self.faults.mouth = False
            self.ledger.write("mouth", state=how, n=self.papers)

    async def _paper_left(self) -> None:
        left = 8000.0 if self.roll_mm is None else max(self.roll_mm / 10, 0)
        self._say(f"{left:.0f}cm".encode())

    async def _retracts(self) -> None:
        self._say(f"{self.retracted}ret".encode())

    def _deliver(self, why: str | None) -> None:
        """The paper falls out; its picture is written beside the printer's own work."""
        sheet, self._sheet = self._sheet, Sheet()
        self.papers += 1
        torn = why or sheet.torn
        name = f"paper-{self.papers:04}{'-half' if torn else ''}.png"
        facts = {"n": self.papers, "file": name, "rows": len(sheet.rows), "torn": torn, "received": self.received}
        facts |= {"dots": digest(sheet.rows), "cut_at": round(time.monotonic(), 6)}
        if sheet.before:
            facts["pieces"] = digest(sheet.before + sheet.rows)
        if not self.drawn:
            self.ledger.write("paper", **facts)
            return
        write = asyncio.get_running_loop().run_in_executor(None, draw, self.folder / name, sheet.rows)
        write.add_done_callback(lambda _: self.ledger.write("paper", **facts))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def close(self) -> None:
        """Wait for the pictures."""
        self.disconnect("simulator stopped")
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._writes)

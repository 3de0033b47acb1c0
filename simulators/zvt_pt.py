"""A ZVT card terminal on TCP and on a serial line at once, with a bank behind it that remembers every sale.

    python -m simulators.zvt_pt --port 0 --control-port 0 --out DIR

prints one line of JSON: its TCP port, its serial device (a pty), its control port. What the bank knows is DIR/bank.jsonl. Orders come
through the control port, one JSON object a line, each answered with the state:

    {"do": "next", "outcome": "approve|decline|decline_receipt|partial", "hold_s": 0.0, "bytes": "whole|single", "stubborn": false}
                                     hold_s: so long a card is waited for; stubborn: it refuses to be stopped
    {"do": "profile", "no_answer": "keep|reverse", "mute": false, "last_only": false, "odd": false, "paper": true}
                                     no_answer: what it does when the till does not say whether the goods are issued · mute: it ends a look
                                     at the last receipt without telling one · last_only: a void is of the last sale, whatever number it
                                     was given · odd: fields and tags that no table has, a card's name in ISO 8859-1 · paper: it has some
    {"do": "serial", "nak": N, "bad": N}   refuse the next N frames · send the next N with a wrong sum, each again when refused
    {"do": "tid", "value": N}
    orders of `simulators.bank`: power, bank; a step is a command read, an operation kept, an answer sent

A sale that was begun goes on when the till is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulators.bank import Act, Bank, Power, PowerCutError, bank_orders, obeying, orders, power_orders, until_stopped

ANSWER_S = 0.3
"""Until the till must have said whether the goods are issued."""
REPEAT_S = 0.2
CURRENCY = bytes.fromhex("490980")
CARD = (
    bytes.fromhex("22f0f8400000eeeeee0002")
    + bytes.fromhex("0e3012")
    + b"\x23\xf0\xf8"
    + bytes.fromhex("4000000000000002")
)
NAME = b"\x8b\xf0\xf5VISA\x00"
ODD_NAME = b"\x8b\xf0\xf8" + "Crédit\0".encode("latin-1").ljust(8, b"\0")
ODD = b"\x06\x0a\x1f\x7f\x02\x01\x02\xdf\x5f\x02\x03\x04" + b"\xf3\x01\x02\x03"
"""A TLV container of tags that no table has, and behind it a field that none has either."""


def checksum(data: bytes) -> bytes:
    """CRC-16/KERMIT, low byte first, bit by bit from the right."""
    register = 0
    for byte in data:
        for bit in range(8):
            feedback = (register ^ byte >> bit) & 1
            register = register >> 1 ^ feedback * 0x8408
    return bytes((register & 0xFF, register >> 8))


def digits(number: int, size: int) -> bytes:
    """Packed digits."""
    return bytes.fromhex(str(number).zfill(size * 2))


def command(code: str, data: bytes = b"") -> bytes:
    """One APDU."""
    size = bytes((len(data),)) if len(data) < 255 else bytes((255, len(data) % 256, len(data) // 256))
    return bytes.fromhex(code) + size + data


class SerialFraming:
    """Frames of the serial line, with their acknowledgements."""

    def __init__(self, write: Callable[[bytes], None], heard: Callable[[bytes], None]) -> None:
        self._write, self._heard = write, heard
        self._bytes = bytearray()
        self.nak = self.bad = 0
        self._open: bytes | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tries = 0

    def send(self, apdu: bytes) -> None:
        """One frame, sent again until it is acknowledged."""
        self._open, self._tries = apdu, 3
        self._again()

    @property
    def quiet(self) -> bool:
        """Nothing of ours waits for its acknowledgement."""
        return self._open is None

    def reset(self) -> None:
        """Forget what was half read and half sent."""
        self._bytes.clear()
        self._stop()

    def feed(self, data: bytes) -> None:
        """Bytes of the till."""
        self._bytes += data
        while self._bytes:
            if self._bytes[0] in {0x06, 0x15}:
                refused = self._bytes.pop(0) == 0x15
                if refused and self._open is not None:
                    self._again()
                else:
                    self._stop()
            elif self._bytes[0] != 0x10:
                del self._bytes[0]
            elif not self._frame():
                return

    def _frame(self) -> bool:
        plain = bytearray()
        at = 2
        while at + 1 < len(self._bytes):
            if self._bytes[at] != 0x10:
                plain.append(self._bytes[at])
                at += 1
            elif self._bytes[at + 1] == 0x10:
                plain.append(0x10)
                at += 2
            else:
                if at + 4 > len(self._bytes):
                    return False
                sound = checksum(bytes(plain) + b"\x03") == bytes(self._bytes[at + 2 : at + 4])
                del self._bytes[: at + 4]
                self._take(bytes(plain), sound=sound)
                return True
        return False

    def _take(self, apdu: bytes, *, sound: bool) -> None:
        if self.nak or not sound:
            self.nak = max(0, self.nak - 1)
            self._write(b"\x15")
            return
        self._write(b"\x06")
        self._heard(apdu)

    def _again(self) -> None:
        self._cancel()
        if self._open is None or not self._tries:
            return
        self._tries -= 1
        tail = checksum(self._open + b"\x03")
        if self.bad:
            self.bad -= 1
            tail = bytes((tail[0] ^ 1, tail[1]))
        self._write(b"\x10\x02" + self._open.replace(b"\x10", b"\x10\x10") + b"\x10\x03" + tail)
        self._timer = asyncio.get_running_loop().call_later(REPEAT_S, self._again)

    def _stop(self) -> None:
        self._open = None
        self._cancel()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Terminal:
    """The device: one till at a time, one operation at a time."""

    def __init__(self, folder: Path, line: int) -> None:
        self.bank = Bank(folder)
        self.power = Power(self.dark)
        self.tid = 52500041
        self.outcome, self.hold_s, self.bytes, self.stubborn = "approve", 0.0, "whole", False
        self.no_answer, self.mute, self.last_only, self.odd, self.paper = "keep", False, False, False, True
        self.stopped = asyncio.Event()
        self.working = False
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._line = line
        self.serial = SerialFraming(lambda data: self._put(data), self.heard)
        self._writer: asyncio.StreamWriter | None = None
        self._by_tcp = True
        self._task: asyncio.Task[None] | None = None

    def state(self) -> dict[str, Any]:
        """What an order is answered with."""
        return {
            "powered": self.power.on, "working": self.working, "steps": self.power.steps, "operations": len(self.bank.all),
        }  # fmt: skip

    def dark(self) -> None:
        """The power is gone: lines, tasks, what was on the screen."""
        self.working = False
        self.serial.reset()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        if self._writer is not None:
            self._writer.transport.abort()

    # -- the wires --------------------------------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One TCP line; a newer one ends it."""
        if not self.power.on:
            writer.transport.abort()
            return
        if self._writer is not None:
            self._writer.transport.abort()
        self._writer, self._by_tcp = writer, True
        self.gone()
        with suppress(ConnectionError, PowerCutError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readexactly(3)
                size = head[2]
                if size == 255:
                    size = int.from_bytes(await reader.readexactly(2), "little")
                self.heard(head[:2] + b"\x00" + await reader.readexactly(size))
        writer.transport.abort()

    def readable(self) -> None:
        """The serial line has bytes."""
        with suppress(OSError, PowerCutError):
            data = os.read(self._line, 4096)
            if self.power.on:
                self._by_tcp = False
                self.serial.feed(data)

    def _put(self, data: bytes) -> None:
        for piece in [data[n : n + 1] for n in range(len(data))] if self.bytes == "single" else [data]:
            os.write(self._line, piece)

    def send(self, code: str, data: bytes = b"") -> None:
        """One APDU on the line that is in use."""
        apdu = command(code, data)
        if not self._by_tcp:
            self.serial.send(apdu)
        elif self._writer is not None:
            for piece in [apdu[n : n + 1] for n in range(len(apdu))] if self.bytes == "single" else [apdu]:
                if not self._writer.transport.is_closing():
                    self._writer.write(piece)
        self.power.step()

    def heard(self, apdu: bytes) -> None:
        """An APDU of the till; from the serial line with its length byte, which is not needed."""
        code, data = apdu[:2].hex(), apdu[3:]
        if code[:2] in {"80", "84"}:
            self.answers.put_nowait(apdu[:2])
            return
        self.power.step()
        if code == "06b0" and self.working:
            self.stopped.set()
            self.send("8483" if self.stubborn else "8000")
            return
        if self.working and code != "0501":
            self.send("849c")
            return
        self.send("8000")
        if code == "0501":
            self._later(self.status())
        elif code == "0600":
            self._later(self.end())
        elif code == "0620":
            self._later(self.history())
        elif code == "0610":
            self._later(self.totals())
        elif code == "0650":
            self.working = True
            self._later(self.end_of_day())
        elif code in {"0601", "0630"}:
            self.working = True
            self._later(self.operate(code, data))
        else:
            self._later(self.end("061e", b"\x83"))

    def _later(self, act: Any) -> None:
        async def run() -> None:
            with suppress(PowerCutError, ConnectionError):
                await act

        if self.working and self._task is not None and not self._task.done():
            self._others = asyncio.ensure_future(run())
        else:
            self._task = asyncio.ensure_future(run())

    def gone(self) -> None:
        """The till is another one now: whoever waits for the old one's word gets none."""
        while not self.answers.empty():
            self.answers.get_nowait()
        if self.working:
            self.answers.put_nowait(b"")

    async def answer(self) -> bytes:
        """What the till says to our word; nothing when it says nothing."""
        try:
            return await asyncio.wait_for(self.answers.get(), ANSWER_S)
        except TimeoutError:
            return b""

    # -- commands ---------------------------------------------------------------------------------------------------

    async def end(self, code: str = "060f", data: bytes = b"") -> None:
        """The last word of a command."""
        await self._settled()
        self.send(code, data)
        await self.answer()

    async def _settled(self) -> None:
        """On the serial line one frame at a time: the till acknowledges our 80 00 00 first."""
        for _ in range(200):
            if self._by_tcp or self.serial.quiet:
                return
            await asyncio.sleep(0.002)

    async def status(self) -> None:
        """05 01: what it does just now."""
        busy = self.working
        await self._settled()
        self.send("060f", b"\x9c" if busy else b"\x00" if self.paper else b"\xcc")
        if not busy:
            await self.answer()

    async def history(self) -> None:
        """06 20: the last receipt of the batch."""
        batch = self.bank.batch
        if not batch:
            await self.end("061e", b"\x64")
            return
        if not self.mute:
            await self._settled()
            self.send("040f", self.told(batch[-1]))
            await self.answer()
        await self.end()

    async def totals(self) -> None:
        """What stands in the batch, all of it on one kind of card."""
        said = self._sums()
        await self._settled()
        self.send("040f", said)
        await self.answer()
        await self.end()

    async def end_of_day(self) -> None:
        """06 50: what stands is settled, the batch is empty; it goes on when the till is gone."""
        try:
            if self.outcome == "decline":
                self.working = False
                await self.end("061e", b"\x78")
                return
            said = self._sums()
            self.bank.keep("close", 0)
            self.power.step()
            await self._settled()
            self.send("040f", said)
            await self.answer()
            self.working = False
            await self.end()
        finally:
            self.working = False

    def _sums(self) -> bytes:
        """A batch's total, all of it on one kind of card."""
        count, minor = self.bank.add_up()
        kinds = [(0, 0), (0, 0), (0, 0), (0, 0), (count, minor), (0, 0), (0, 0)]
        body = digits(1, 2) + digits(len(self.bank.batch), 2)
        body += b"".join(bytes((many % 256,)) + digits(total, 6) for many, total in kinds)
        return b"\x04" + digits(minor, 6) + b"\x60\xf0\xf5\xf3" + body

    async def operate(self, code: str, data: bytes) -> None:
        """A sale or a void to its end; goes on when the till is gone."""
        try:
            if await self._interrupted():
                self.working = False
                await self.end("061e", b"\x6c")
                return
            await self._settled()
            self.send("04ff", b"\x0a")
            await self.answer()
            line = self.sale(data) if code == "0601" else self.void(data)
            if line is None:
                self.working = False
                await self.end("061e", b"\x6c")
                return
            self.power.step()
            await self._settled()
            while not self.answers.empty():
                self.answers.get_nowait()
            self.send("040f", self.told(line))
            said = await self.answer()
            undo = said == b"\x84\x66" or (not said and self.no_answer == "reverse")
            if line["approved"] and line["type"] == "sale" and undo:
                self.bank.keep("void", line["minor"], of=line["number"])
            self.working = False
            await self.end(
                "060f" if line["approved"] and not undo else "061e", b"" if line["approved"] and not undo else b"\x6c"
            )
        finally:
            self.working = False

    async def _interrupted(self) -> bool:
        """Wait for the card; whether the till took the sale back meanwhile."""
        self.stopped.clear()
        if self.stubborn or not self.hold_s:
            await asyncio.sleep(self.hold_s)
            return False
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopped.wait(), self.hold_s)
        return self.stopped.is_set()

    def sale(self, data: bytes) -> dict[str, Any] | None:
        """What the bank makes of a sale; None: it declines without a receipt."""
        minor = int(data[1:7].hex())
        match self.outcome:
            case "decline":
                return None
            case "decline_receipt":
                return self.bank.keep("sale", minor, approved=False)
            case "partial":
                return self.bank.keep("sale", minor // 2)
        return self.bank.keep("sale", minor)

    def void(self, data: bytes) -> dict[str, Any] | None:
        """What the bank makes of a void; None: no such sale."""
        number = int(data[4:6].hex()) if not self.last_only else self.bank.batch[-1]["number"]
        sold = self.bank.sold(number)
        return None if sold is None else self.bank.keep("void", sold["minor"], of=number)

    def told(self, line: dict[str, Any]) -> bytes:
        """An operation as status information, with fields that no till may keep."""
        result = b"\x27" + (b"\x00" if line["approved"] else b"\x6c")
        fields = result + b"\x04" + digits(line["minor"], 6) + CURRENCY + b"\x0b" + digits(int(line["rrn"]), 3)
        fields += b"\x0c" + digits(120000, 3) + b"\x0d" + digits(317, 2) + b"\x29" + digits(self.tid, 4)
        fields += b"\x87" + digits(line["number"], 2) + b"\x8a\x0a" + (ODD_NAME if self.odd else NAME) + CARD
        return (
            fields + (b"\x37" + digits(line["of"], 3) if line["type"] == "void" else b"") + (ODD if self.odd else b"")
        )

    # -- orders -----------------------------------------------------------------------------------------------------

    def acts(self) -> dict[str, Act]:
        """Orders of this terminal alone."""
        return {
            "next": self._next,
            "profile": self._profile,
            "serial": self._noise,
            "tid": lambda order: setattr(self, "tid", int(order["value"])),
        }

    def _next(self, order: dict[str, Any]) -> None:
        self.outcome, self.bytes = order.get("outcome", "approve"), order.get("bytes", "whole")
        self.hold_s, self.stubborn = float(order.get("hold_s", 0.0)), bool(order.get("stubborn", False))

    def _profile(self, order: dict[str, Any]) -> None:
        self.no_answer, self.mute = order.get("no_answer", "keep"), bool(order.get("mute", False))
        self.last_only, self.odd = bool(order.get("last_only", False)), bool(order.get("odd", False))
        self.paper = bool(order.get("paper", True))

    def _noise(self, order: dict[str, Any]) -> None:
        self.serial.nak, self.serial.bad = int(order.get("nak", 0)), int(order.get("bad", 0))


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    line, device = os.openpty()
    tty.setraw(line)
    tty.setraw(device)  # held open, so that the line lives while nobody has it
    terminal = Terminal(options.out, line)
    asyncio.get_running_loop().add_reader(line, terminal.readable)
    server = await asyncio.start_server(terminal.serve, "127.0.0.1", options.port)
    ear = obeying(terminal.state, power_orders(terminal.power), bank_orders(terminal.bank), terminal.acts())
    control = await orders(ear, options.control_port)
    facts = {
        "port": server.sockets[0].getsockname()[1], "device": os.ttyname(device),
        "control_port": control.sockets[0].getsockname()[1],
    }  # fmt: skip
    print(json.dumps(facts), flush=True)
    await until_stopped()
    terminal.power.switch(on=False)
    await asyncio.sleep(0)  # the aborted line ends its reader


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="simulators.zvt_pt", description="a ZVT card terminal on TCP and a pty")
    parser.add_argument("--port", type=int, default=20007, help="TCP port of the terminal, 0: a free one")
    parser.add_argument("--control-port", type=int, default=0, help="TCP port for orders, 0: a free one")
    parser.add_argument("--out", type=Path, required=True, help="folder for the bank's memory")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

"""A card terminal that speaks PrivatBank's ECR JSON on TCP and on a serial line, with a bank behind it that remembers every sale.

    python -m simulators.privat_pos --port 0 --control-port 0 --out DIR

prints one line of JSON: its TCP port, its serial device (a pty), its control port. What the bank knows is DIR/bank.jsonl, one
line an operation, on disk before it is answered; it outlives the program. Orders come through the control port, one JSON object a
line, each answered with the state:

    {"do": "next", "outcome": "approve|decline|decline_receipt|partial|late|paper", "bytes": "whole|single|garbage", "hold_s": 0.0,
     "stubborn": false}            hold_s: so long a card is waited for; stubborn: it is authorising by then, an interruption is too late
    {"do": "cut_sale", "place": "asked|kept"}   the power goes in the next sale: before the bank has kept it, or after, unanswered
    {"do": "typo", "on": true}     writes names and words as older firmware does
    {"do": "busy", "count": N, "after": N} · {"do": "tid", "value": "…"}
    orders of `simulators.bank`: power, bank; a step is a request read, an operation kept, an answer sent

A sale that was begun goes on when the till is gone: the card is in the terminal, not in the till.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tty
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulators.bank import (
    Act,
    Bank,
    Power,
    PowerCutError,
    bank_orders,
    obeying,
    one_of,
    orders,
    power_orders,
    until_stopped,
)

END = b"\0"
LATE_S = 0.15
INTERRUPTED: tuple[dict[str, object], str, int] = ({"responseCode": "1001"}, "cancelled by user", 0)


class SerialWriter:
    """The serial line as what is written to; nobody hangs up there."""

    def __init__(self, line: int) -> None:
        self._line = line

    def write(self, data: bytes) -> None:
        """Out at once; what nobody has read for long is lost."""
        with suppress(BlockingIOError):
            os.write(self._line, data)

    async def drain(self) -> None:
        """Nothing waits."""


Till = asyncio.StreamWriter | SerialWriter


class Terminal:
    """The device: one till at a time, one operation at a time."""

    def __init__(self, folder: Path, line: int) -> None:
        self.bank = Bank(folder)
        self.tid = "S1A00001"
        self.power = Power(self.dark)
        self.outcome, self.bytes, self.hold_s = "approve", "whole", 0.0
        self.busy = self.busy_after = 0
        self.stubborn = self.typo = False
        self.cut_sale: str | None = None
        self.working = False
        self.stopped = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._serial_line, self._serial = line, SerialWriter(line)
        self._said = bytearray()
        self._tasks: set[asyncio.Task[None]] = set()

    def state(self) -> dict[str, Any]:
        """What an order is answered with."""
        return {
            "powered": self.power.on,
            "working": self.working,
            "steps": self.power.steps,
            "operations": len(self.bank.all),
        }

    def dark(self) -> None:
        """The power is gone: line, tasks, what was on the screen."""
        self.working = False
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self._said.clear()
        if self._writer is not None:
            self._writer.transport.abort()

    def readable(self) -> None:
        """The serial line has bytes."""
        with suppress(OSError):
            data = os.read(self._serial_line, 4096)
            self._said += data if self.power.on else b""
        while END in self._said:
            piece, _, rest = bytes(self._said).partition(END)
            self._said[:] = rest
            if piece:
                self._begin(self._heard(piece))

    async def _heard(self, piece: bytes) -> None:
        with suppress(PowerCutError):
            self.power.step()
            await self.hear(json.loads(piece), self._serial)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One line; a newer one ends it."""
        if not self.power.on:
            writer.transport.abort()
            return
        if self._writer is not None:
            self._writer.transport.abort()
        self._writer = writer
        with suppress(ConnectionError, PowerCutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                piece = (await reader.readuntil(END))[:-1]
                if piece:
                    self.power.step()
                    await self.hear(json.loads(piece), writer)
        writer.transport.abort()

    async def hear(self, said: dict[str, Any], writer: Till) -> None:
        """One request."""
        method, params = said["method"], said.get("params", {})
        if method == "ServiceMessage":
            await self.service(params["msgType"], writer)
        elif self.is_busy():
            await self.say(writer, "ServiceMessage", {"msgType": "deviceBusy"})
        elif method == "PingDevice":
            await self.say(writer, method, {"responseCode": "0000"})
        elif method == "GetReceiptInfo":
            await self.receipt(writer, params.get("invoiceNumber", ""))
        elif method in {"Purchase", "Withdrawal", "Refund", "Verify"}:
            self._begin(self.operate(method, params, writer))
            await asyncio.sleep(0)
        else:
            await self.say(writer, method, {"responseCode": "1000"}, error="unknown method")

    def _begin(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def is_busy(self) -> bool:
        """Whether an ordinary request is refused now."""
        if self.busy_after > 0:
            self.busy_after -= 1
            return self.working
        self.busy, ordered = max(0, self.busy - 1), self.busy > 0
        return ordered or self.working

    async def service(self, what: str, writer: Till) -> None:
        """A service message: taken at any time."""
        told: dict[str, object] = {"msgType": what}
        if what == "identify":
            told |= {"vendor": "SIM", "model": "P-1"}
        elif what == "getLastStatMsgCode":
            told |= {"LastStatMsgCode": "3" if self.working else "0"}
        elif what == "interrupt":
            self.stopped.set()
            told = {"msgType": " interruptTransmitted" if self.typo else "interruptTransmitted"}
        await self.say(writer, "ServiceMessage", told)

    async def receipt(self, writer: Till, number: str) -> None:
        """GetReceiptInfo: the last receipt of the batch, or the one with that number."""
        batch = self.bank.batch
        wanted = [line for line in batch if number in {"", "0", str(line["number"])}]
        if not wanted:
            await self.say(writer, "GetReceiptInfo", {"responseCode": "1000"}, error="no receipt")
        else:
            await self.say(writer, "GetReceiptInfo", self.told(wanted[-1]))

    def told(self, line: dict[str, Any]) -> dict[str, object]:
        """An operation as the protocol tells it, with fields that no till may keep."""
        kind = {"sale": "1", "refund": "2", "void": "3"}[line["type"]]
        undone = line["type"] == "sale" and self.bank.sold(line["number"]) is None
        status = "2" if not line["approved"] else "3" if undone else "1"
        return {
            "amount": f"{line['minor'] // 100}.{line['minor'] % 100:02}", "rrn": line["rrn"], "txnType": kind,
            "invoiceNumber": f"{line['number']:06}", "terminalId": self.tid, "trnStatus": status,
            "responseCode": "0000" if line["approved"] else "0005", "approvalCode": "A1B2C3", "paymentSystem": "VISA",
            "pan": "400000******0002", "cardHolderName": "TEST HOLDER", "cardExpiryDate": "1230",
            "track1": "B4000000000000002^TEST HOLDER^3012",
        }  # fmt: skip

    async def operate(self, method: str, params: dict[str, str], writer: Till) -> None:
        """An operation to its end; goes on when the till is gone."""
        self.working = True
        self.stopped.clear()
        try:
            interrupted = await self._interrupted()
            cut = self._cut(method)
            if cut == "asked":
                self.power.step()
            answer, error, late = INTERRUPTED if interrupted else self.decide(method, params)
            self.power.step()
            self.working = False
            with suppress(ConnectionError):
                await self.say(writer, method, answer, error)
            if late:
                await asyncio.sleep(LATE_S)
                self.bank.keep("sale", late)
        except PowerCutError:
            pass
        finally:
            self.working = False

    def _cut(self, method: str) -> str | None:
        """Where the power is to go in this operation; at the next step it does."""
        if method != "Purchase":
            return None
        cut, self.cut_sale = self.cut_sale, None
        if cut is not None:
            self.power.cut_in = 1
        return cut

    async def _interrupted(self) -> bool:
        """Wait for the card; whether the till took the sale back meanwhile."""
        if self.stubborn or not self.hold_s:
            await asyncio.sleep(self.hold_s)
            return False
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopped.wait(), self.hold_s)
        return self.stopped.is_set()

    def decide(self, method: str, params: dict[str, str]) -> tuple[dict[str, object], str, int]:
        """The answer, its error, and the minor units that will be taken all the same, a moment later."""
        if method == "Withdrawal":
            number = int(params["invoiceNumber"])
            sold = self.bank.sold(number)
            if sold is None:
                return {"responseCode": "1000"}, "nothing to void", 0
            return self.told(self.bank.keep("void", sold["minor"], of=number)), "", 0
        if method == "Verify":
            return self._verify()
        whole, _, part = params["amount"].partition(".")
        minor = int(whole) * 100 + int(part)
        if method == "Refund":
            return self._refund(params["rrn"], minor)
        if not {"discount", "merchantId", "facepay"} <= params.keys():
            return {"responseCode": "1000"}, "missing field", 0
        match self.outcome:
            case "decline" | "late":
                return {"responseCode": "1004"}, "no host", minor if self.outcome == "late" else 0
            case "paper":
                return {"responseCode": "1005"}, "no paper", 0
            case "decline_receipt":
                return self.told(self.bank.keep("sale", minor, approved=False)), "declined", 0
            case "partial":
                return {**self.told(self.bank.keep("sale", minor // 2)), "responseCode": "0010"}, "", 0
        return self.told(self.bank.keep("sale", minor)), "", 0

    def _verify(self) -> tuple[dict[str, object], str, int]:
        """The Z balance: a text for people, and the batch is empty."""
        if self.outcome == "decline":
            return {"receipt": "", "responseCode": "1004"}, "no host", 0
        if not self.bank.batch:
            return {"receipt": "", "responseCode": "0001"}, "log file is empty", 0
        count, minor = self.bank.add_up()
        self.bank.keep("close", 0)
        return {"receipt": f"Z {self.tid}: {count} / {minor // 100}.{minor % 100:02}", "responseCode": "0000"}, "", 0

    def _refund(self, rrn: str, minor: int) -> tuple[dict[str, object], str, int]:
        """A sale of any batch, found by its RRN."""
        sold = [
            line for line in self.bank.all if line["rrn"] == rrn and line["type"] == "sale" and line["minor"] == minor
        ]
        if not sold:
            return {"responseCode": "1000"}, "no such sale", 0
        return self.told(self.bank.keep("refund", minor)), "", 0

    async def say(self, writer: Till, method: str, params: Mapping[str, object], error: str = "") -> None:
        """One message, in the bytes that were ordered."""
        said = "errorDescritption" if self.typo else "errorDescription"
        body = {"method": method, "step": 0, "params": params, "error": bool(error), said: error}
        data = json.dumps(body).encode() + END
        if self.bytes == "garbage":
            data = END + b"{half" + END + data
        for piece in [data[n : n + 1] for n in range(len(data))] if self.bytes == "single" else [data]:
            writer.write(piece)
            await writer.drain()
        self.power.step()

    # -- orders -----------------------------------------------------------------------------------------------------

    def acts(self) -> dict[str, Act]:
        """Orders of this terminal alone."""
        return {
            "next": self._next,
            "cut_sale": lambda order: setattr(self, "cut_sale", one_of(order["place"], {"asked", "kept"})),
            "typo": lambda order: setattr(self, "typo", bool(order["on"])),
            "busy": self._be_busy,
            "tid": lambda order: setattr(self, "tid", str(order["value"])),
        }

    def _next(self, order: dict[str, Any]) -> None:
        self.outcome, self.bytes = order.get("outcome", "approve"), order.get("bytes", "whole")
        self.hold_s, self.stubborn = float(order.get("hold_s", 0.0)), bool(order.get("stubborn", False))

    def _be_busy(self, order: dict[str, Any]) -> None:
        self.busy, self.busy_after = int(order["count"]), int(order.get("after", 0))


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    line, device_line = os.openpty()
    tty.setraw(line)
    tty.setraw(device_line)  # held open, so that the line lives while nobody has it
    os.set_blocking(line, False)
    terminal = Terminal(options.out, line)
    asyncio.get_running_loop().add_reader(line, terminal.readable)
    device = await asyncio.start_server(terminal.serve, "127.0.0.1", options.port)
    ear = obeying(terminal.state, power_orders(terminal.power), bank_orders(terminal.bank), terminal.acts())
    control = await orders(ear, options.control_port)
    ports = {"port": device.sockets[0].getsockname()[1], "control_port": control.sockets[0].getsockname()[1]}
    ports |= {"device": os.ttyname(device_line)}
    print(json.dumps(ports), flush=True)
    await until_stopped()
    terminal.power.switch(on=False)
    await asyncio.sleep(0)  # the aborted line ends its reader


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="simulators.privat_pos", description="a card terminal, PrivatBank ECR JSON")
    parser.add_argument("--port", type=int, default=2000, help="TCP port of the terminal, 0: a free one")
    parser.add_argument("--control-port", type=int, default=0, help="TCP port for orders, 0: a free one")
    parser.add_argument("--out", type=Path, required=True, help="folder for the bank's memory")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

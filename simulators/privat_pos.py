"""A card terminal that speaks PrivatBank's ECR JSON on TCP, with a bank behind it that remembers every sale.

    python -m simulators.privat_pos --port 0 --control-port 0 --out DIR

prints one line of JSON with its ports. What the bank knows is DIR/bank.jsonl, one line an operation, on disk before it is
answered; it outlives the program. Orders come through the control port, one JSON object a line, each answered with the state:

    {"do": "next", "outcome": "approve|decline|decline_receipt|partial|late", "bytes": "whole|single|garbage", "hold_s": 0.0}
    {"do": "cut_at", "step": N}    the power goes at the Nth step from now (a request read, an operation kept, an answer sent)
    {"do": "power", "on": true} · {"do": "busy", "count": N, "after": N} · {"do": "foreign", "minor": N}
    {"do": "void_last"} · {"do": "close_batch"}
    {"do": "tid", "value": "…"} · {"do": "state"}

A sale that was begun goes on when the till is gone: the card is in the terminal, not in the till.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulators.bank import Bank, Power, PowerCutError, orders, until_stopped

END = b"\0"
LATE_S = 0.15


class Terminal:
    """The device: one till at a time, one operation at a time."""

    def __init__(self, folder: Path) -> None:
        self.bank = Bank(folder)
        self.tid = "S1A00001"
        self.power = Power(self.dark)
        self.outcome, self.bytes, self.hold_s = "approve", "whole", 0.0
        self.busy = self.busy_after = 0
        self.working = False
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def state(self) -> dict[str, Any]:
        return {
            "powered": self.power.on,
            "working": self.working,
            "steps": self.power.steps,
            "operations": len(self.bank.all),
        }

    def dark(self) -> None:
        self.working = False
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        if self._writer is not None:
            self._writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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

    async def hear(self, said: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        method, params = said["method"], said.get("params", {})
        if method == "ServiceMessage":
            await self.service(params["msgType"], writer)
        elif self.is_busy():
            await self.say(writer, "ServiceMessage", {"msgType": "deviceBusy"})
        elif method == "PingDevice":
            await self.say(writer, method, {"responseCode": "0000"})
        elif method == "GetReceiptInfo":
            await self.receipt(writer, params.get("invoiceNumber", ""))
        elif method in {"Purchase", "Withdrawal"}:
            task = asyncio.create_task(self.operate(method, params, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(0)
        else:
            await self.say(writer, method, {"responseCode": "1000"}, error="unknown method")

    def is_busy(self) -> bool:
        if self.busy_after > 0:
            self.busy_after -= 1
            return self.working
        self.busy, ordered = max(0, self.busy - 1), self.busy > 0
        return ordered or self.working

    async def service(self, what: str, writer: asyncio.StreamWriter) -> None:
        told: dict[str, object] = {"msgType": what}
        if what == "identify":
            told |= {"vendor": "SIM", "model": "P-1"}
        elif what == "getLastStatMsgCode":
            told |= {"LastStatMsgCode": "3" if self.working else "0"}
        await self.say(writer, "ServiceMessage", told)

    async def receipt(self, writer: asyncio.StreamWriter, number: str) -> None:
        batch = self.bank.batch
        wanted = [line for line in batch if number in {"", "0", str(line["number"])}]
        if not wanted:
            await self.say(writer, "GetReceiptInfo", {"responseCode": "1000"}, error="no receipt")
        else:
            await self.say(writer, "GetReceiptInfo", self.told(wanted[-1]))

    def told(self, line: dict[str, Any]) -> dict[str, object]:
        kind = {"sale": "1", "void": "3"}[line["type"]]
        undone = line["type"] == "sale" and self.bank.sold(line["number"]) is None
        status = "2" if not line["approved"] else "3" if undone else "1"
        return {
            "amount": f"{line['minor'] // 100}.{line['minor'] % 100:02}", "rrn": line["rrn"], "txnType": kind,
            "invoiceNumber": f"{line['number']:06}", "terminalId": self.tid, "trnStatus": status,
            "responseCode": "0000" if line["approved"] else "0005", "approvalCode": "A1B2C3", "paymentSystem": "VISA",
            "pan": "400000******0002", "cardHolderName": "TEST HOLDER", "cardExpiryDate": "1230",
            "track1": "B4000000000000002^TEST HOLDER^3012",
        }  # fmt: skip

    async def operate(self, method: str, params: dict[str, str], writer: asyncio.StreamWriter) -> None:
        self.working = True
        try:
            await asyncio.sleep(self.hold_s)
            answer, error, late = self.decide(method, params)
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

    def decide(self, method: str, params: dict[str, str]) -> tuple[dict[str, object], str, int]:
        """The answer, its error, and the minor units that will be taken all the same, a moment later."""
        if method == "Withdrawal":
            number = int(params["invoiceNumber"])
            sold = self.bank.sold(number)
            if sold is None:
                return {"responseCode": "1000"}, "nothing to void", 0
            return self.told(self.bank.keep("void", sold["minor"], of=number)), "", 0
        whole, _, part = params["amount"].partition(".")
        minor = int(whole) * 100 + int(part)
        if not {"discount", "merchantId", "facepay"} <= params.keys():
            return {"responseCode": "1000"}, "missing field", 0
        match self.outcome:
            case "decline" | "late":
                return {"responseCode": "1004"}, "no host", minor if self.outcome == "late" else 0
            case "decline_receipt":
                return self.told(self.bank.keep("sale", minor, approved=False)), "declined", 0
            case "partial":
                return {**self.told(self.bank.keep("sale", minor // 2)), "responseCode": "0010"}, "", 0
        return self.told(self.bank.keep("sale", minor)), "", 0

    async def say(self, writer: asyncio.StreamWriter, method: str, params: dict[str, object], error: str = "") -> None:
        body = {"method": method, "step": 0, "params": params, "error": bool(error), "errorDescription": error}
        data = json.dumps(body).encode() + END
        if self.bytes == "garbage":
            data = END + b"{half" + END + data
        for piece in [data[n : n + 1] for n in range(len(data))] if self.bytes == "single" else [data]:
            writer.write(piece)
            await writer.drain()
        self.power.step()

    # -- orders -----------------------------------------------------------------------------------------------------

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        match order["do"]:
            case "next":
                self.outcome = order.get("outcome", "approve")
                self.bytes = order.get("bytes", "whole")
                self.hold_s = float(order.get("hold_s", 0.0))
            case "cut_at":
                self.power.cut_in = int(order["step"])
            case "power":
                self.power.switch(on=bool(order["on"]))
            case "busy":
                self.busy, self.busy_after = int(order["count"]), int(order.get("after", 0))
            case "foreign":
                self.bank.keep("sale", int(order["minor"]))
            case "void_last":
                last = self.bank.batch[-1]
                self.bank.keep("void", last["minor"], of=last["number"])
            case "close_batch":
                self.bank.keep("close", 0)
            case "tid":
                self.tid = str(order["value"])
            case "state":
                pass
            case other:
                raise ValueError(f"do: {other!r}")
        return self.state()


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    terminal = Terminal(options.out)
    device = await asyncio.start_server(terminal.serve, "127.0.0.1", options.port)
    control = await orders(terminal.obey, options.control_port)
    ports = {"port": device.sockets[0].getsockname()[1], "control_port": control.sockets[0].getsockname()[1]}
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

"""A Kaspi Smart POS, local API v2, with a bank behind it that remembers every sale: HTTPS with a certificate made at start.

    python -m simulators.kaspi_pos --port 0 --control-port 0 --out DIR

prints one line of JSON: its ports and the SHA-256 of its certificate. What the bank knows is DIR/bank.jsonl, one line an operation, on
disk before it is told of; it outlives the program. Orders come through the control port, one JSON object a line, each answered with the
state:

    {"do": "next", "outcome": "approve|decline|unknown|lost", "hold_s": 0.0, "bytes": "whole|single|chunked", "method": "card|qr"}
                                   hold_s: so long a card is waited for · unknown: the bank's word is lost, and found when it is asked
                                   again · lost: it begins, and the line breaks before the word that it does
    {"do": "busy", "count": N}     so many beginnings are refused with 107 · {"do": "deaf", "count": N} so many requests get no answer
    {"do": "expire", "renewable": true}   permissions run out · {"do": "allow", "on": true} the operator says yes on the screen
    {"do": "forget"}               operations of before are not known any more (101)
    {"do": "tid", "value": "…"}
    orders of `simulators.bank`: power, bank; a step is a request read, an operation kept, an answer sent

A sale that was begun goes on when the till is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import hashlib
import json
import secrets
import ssl
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from simulators.bank import Act, Bank, Power, PowerCutError, bank_orders, obeying, orders, power_orders, until_stopped

SLOW_S = 5.0
"""A deaf terminal keeps the line so long."""
HOST_S = 0.02
"""Until the bank has answered."""


@dataclass
class Process:
    """One operation: `status` as the till is told it, `line` of the bank's ledger once there is one."""

    name: str
    kind: str
    minor: int
    of: int = 0
    status: str = "wait"
    line: dict[str, Any] | None = None


class Refusal(Exception):  # noqa: N818  a word of the protocol
    """`code` of the API."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(str(code))


class Terminal:
    """The device: one operation at a time, a connection for each request."""

    def __init__(self, folder: Path) -> None:
        self.bank = Bank(folder)
        self.power = Power(self.dark)
        self.tid = "10000010"
        self.outcome, self.bytes, self.method, self.hold_s = "approve", "whole", "card", 0.0
        self.busy = self.deaf = 0
        self.allowed = self.renewable = True
        self.access, self.refresh = secrets.token_hex(8), secrets.token_hex(8)
        self.processes: dict[str, Process] = {}
        self.running: Process | None = None
        self._lines: set[asyncio.StreamWriter] = set()
        self._task: asyncio.Task[None] | None = None

    def state(self) -> dict[str, Any]:
        """What an order is answered with."""
        return {
            "powered": self.power.on,
            "working": self.running is not None,
            "steps": self.power.steps,
            "operations": len(self.bank.all),
        }

    def dark(self) -> None:
        """The power is gone: lines, and what was on the screen. What the bank has of it is found when it is asked again."""
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        if self.running is not None:
            self.running.status = "unknown" if self.running.line else "fail"
            self.running = None
        for writer in self._lines:
            writer.transport.abort()

    # -- the wire ---------------------------------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        if not self.power.on:
            writer.transport.abort()
            return
        self._lines.add(writer)
        try:
            with suppress(ConnectionError, PowerCutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._one(reader, writer)
        finally:
            self._lines.discard(writer)
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        first, *lines = head.split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        target = urlsplit(first.split(" ")[1])
        self.power.step()
        if self.deaf:
            self.deaf -= 1
            await asyncio.sleep(SLOW_S)
            return
        try:
            told = {"statusCode": 0, "data": self.hear(target.path, dict(parse_qsl(target.query)), fields)}
        except Refusal as refusal:
            told = {"statusCode": refusal.code, "errorText": "refused", "data": None}
        if self.outcome == "lost" and target.path in {"/v2/payment", "/v2/refund"}:
            writer.transport.abort()
            return
        await self.say(writer, json.dumps(told).encode())
        self.power.step()

    async def say(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        """One answer, in the bytes that were ordered."""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        if self.bytes == "chunked":
            middle = len(body) // 2
            parts = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:middle], body[middle:]))
            data = head + b"Transfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"
        else:
            data = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        for piece in [data[at : at + 1] for at in range(len(data))] if self.bytes == "single" else [data]:
            writer.write(piece)
            await writer.drain()

    # -- the API ----------------------------------------------------------------------------------------------------

    def hear(self, path: str, words: dict[str, str], fields: dict[str, str]) -> dict[str, object]:
        """One request's data. Raises: Refusal."""
        if path == "/v2/register":
            return self._permit(wanted=self.allowed and bool(words.get("name")))
        if path == "/v2/revoke":
            return self._permit(wanted=self.renewable and words.get("refreshToken") == self.refresh)
        if fields.get("accesstoken") != self.access:
            raise Refusal(401)
        match path:
            case "/v2/deviceinfo":
                return {"posNum": "7", "serialNum": "SIM-K1", "terminalId": self.tid}
            case "/v2/payment":
                return self._begin(Process(secrets.token_hex(6), "sale", int(words["amount"]) * 100))
            case "/v2/refund":
                return self._begin(self._refund(words))
            case "/v2/status":
                return self.told(self._known(words))
            case "/v2/actualize":
                return self.told(self._asked_again(self._known(words)))
        raise Refusal(999)

    def _permit(self, *, wanted: bool) -> dict[str, object]:
        if not wanted:
            raise Refusal(403)
        self.access, self.refresh = secrets.token_hex(8), secrets.token_hex(8)
        return {"accessToken": self.access, "refreshToken": self.refresh, "expirationDate": "Jan 1, 2030 12:00:00"}

    def _refund(self, words: dict[str, str]) -> Process:
        minor = int(words["amount"]) * 100
        sold = [line for line in self.bank.all if line["type"] == "sale" and line["rrn"] == words["transactionId"]]
        if not sold or sold[0]["minor"] != minor or words["method"] not in {"qr", "card"}:
            raise Refusal(999)
        return Process(secrets.token_hex(6), "void", minor, of=sold[0]["number"])

    def _begin(self, process: Process) -> dict[str, object]:
        if self.running is not None or self.busy:
            self.busy = max(0, self.busy - 1)
            raise Refusal(107)
        if process.minor <= 0:
            raise Refusal(999)
        self.running = self.processes[process.name] = process
        self._task = asyncio.create_task(self._operate(process))
        return {"processId": process.name, "status": "wait"}

    def _known(self, words: dict[str, str]) -> Process:
        found = self.processes.get(words.get("processId", ""))
        if found is None:
            raise Refusal(101)
        return found

    def _asked_again(self, process: Process) -> Process:
        if process.status == "unknown":
            process.status = "success" if process.line and process.line["approved"] else "fail"
        return process

    async def _operate(self, process: Process) -> None:
        outcome = self.outcome if process.kind == "sale" else "approve"
        with suppress(PowerCutError):
            await asyncio.sleep(self.hold_s or HOST_S)
            if outcome != "decline":
                process.line = self.bank.keep(process.kind, process.minor, of=process.of)
            self.power.step()
            process.status = {"decline": "fail", "unknown": "unknown"}.get(outcome, "success")
            self.running = None

    def told(self, process: Process) -> dict[str, object]:
        """An operation as the protocol tells it, with fields that no till may keep."""
        data: dict[str, object] = {"processId": process.name, "status": process.status}
        if process.status == "wait":
            return data | {"subStatus": "WaitUser"}
        if process.status != "success" or process.line is None:
            return data | {"message": "refused"}
        cheque = {
            "method": self.method, "cardMask": "400000******0002", "clientName": "TEST HOLDER", "bin": "B4000000000000002",
            "amount": f"{process.minor // 100} ₸",
        }  # fmt: skip
        return data | {"transactionId": process.line["rrn"], "chequeInfo": cheque, "addInfo": {"ProductType": "Gold"}}

    # -- orders -----------------------------------------------------------------------------------------------------

    def acts(self) -> dict[str, Act]:
        """Orders of this terminal alone."""
        return {
            "next": self._next,
            "busy": lambda order: setattr(self, "busy", int(order["count"])),
            "deaf": lambda order: setattr(self, "deaf", int(order["count"])),
            "expire": self._expire,
            "allow": lambda order: setattr(self, "allowed", bool(order["on"])),
            "forget": lambda _: self.processes.clear(),
            "tid": lambda order: setattr(self, "tid", str(order["value"])),
        }

    def _next(self, order: dict[str, Any]) -> None:
        self.outcome, self.bytes = order.get("outcome", "approve"), order.get("bytes", "whole")
        self.hold_s, self.method = float(order.get("hold_s", 0.0)), order.get("method", "card")

    def _expire(self, order: dict[str, Any]) -> None:
        self.access, self.renewable = secrets.token_hex(8), bool(order.get("renewable", True))


def certificate() -> tuple[ssl.SSLContext, str]:
    """A context with a fresh self-signed certificate, and its SHA-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "smart-pos")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=30)).sign(key, hashes.SHA256())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(made.public_bytes(serialization.Encoding.PEM))
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        file.flush()
        context.load_cert_chain(file.name)
    return context, hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    terminal = Terminal(options.out)
    context, pin = certificate()
    device = await asyncio.start_server(terminal.serve, "127.0.0.1", options.port, ssl=context)
    ear = obeying(terminal.state, power_orders(terminal.power), bank_orders(terminal.bank), terminal.acts())
    control = await orders(ear, options.control_port)
    facts = {
        "port": device.sockets[0].getsockname()[1],
        "control_port": control.sockets[0].getsockname()[1],
        "pin": pin,
    }
    print(json.dumps(facts), flush=True)
    await until_stopped()
    terminal.power.switch(on=False)
    await asyncio.sleep(0)  # the aborted lines end their readers


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="simulators.kaspi_pos", description="a Kaspi Smart POS, local API v2")
    parser.add_argument("--port", type=int, default=8080, help="TCP port of the terminal, 0: a free one")
    parser.add_argument("--control-port", type=int, default=0, help="TCP port for orders, 0: a free one")
    parser.add_argument("--out", type=Path, required=True, help="folder for the bank's memory")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

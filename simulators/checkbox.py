"""A fiscal registrar's cloud, as far as the Checkbox SDK speaks to it: HTTP and JSON, a shift, receipts, a tax service behind.

    python -m simulators.checkbox --port 0 --control-port 0 --out DIR

prints one line of JSON with its ports. What it registered is DIR/receipts.jsonl, one line a receipt, on disk before it is
answered; it outlives the program. Orders come through the control port, one JSON object a line, each answered with the state:

    {"do": "away", "on": true}       every request is answered 503 · {"do": "hang_up", "on": true} every line is dropped
    {"do": "slow", "seconds": 0.3}   before each answer
    {"do": "lose", "count": N}       the next N receipts are registered, and the line is dropped instead of an answer
    {"do": "error", "count": N}      the next N receipts end in ERROR: their ids are spent
    {"do": "refuse", "count": N}     the next N receipts are refused as not well formed
    {"do": "garbage", "count": N}    the next N answers are no JSON
    {"do": "shift", "open": false}   as at midnight
    {"do": "sign_out"}               every session ends
    {"do": "tax_service", "on": false}  receipts get a number of the cloud's own, and are sent when it is back
    {"do": "state"}
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from simulators.bank import Act, obeying, orders, until_stopped

LICENCE, PIN = "test-licence", "4207"
MAX_BODY = 64 * 1024
Answer = tuple[int, Any]


class LineDroppedError(Exception):
    """The answer is not sent."""


class Cloud:
    """One organisation with one cash register and one cashier. One request at a time is thought about."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "receipts.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.receipts: dict[str, dict[str, Any]] = {line["id"]: line for line in map(json.loads, lines)}
        self._file = path.open("a", encoding="utf-8")
        self.lock = threading.Lock()
        self.tokens: set[str] = set()
        self.shift: dict[str, Any] | None = None
        self.shifts: dict[str, dict[str, Any]] = {}
        self.away = self.hang_up = False
        self.slow_s = 0.0
        self.tax_service = True
        self.left = dict.fromkeys(("lose", "error", "refuse", "garbage"), 0)
        self.asked = 0

    def take(self, what: str) -> bool:
        """Whether the next of these was ordered."""
        if self.left[what] == 0:
            return False
        self.left[what] -= 1
        return True

    def answer(self, method: str, path: str, token: str, licence: str, body: dict[str, Any]) -> Answer:
        """One request, of whoever has that token."""
        self.asked += 1
        if path == "cashier/signinPinCode":
            return self.sign_in(str(body.get("pin_code")))
        if token not in self.tokens:
            return 403, {"code": "base.credentials", "message": "Невірний токен доступу"}
        if licence != LICENCE:
            return 403, {"code": "base.license", "message": "Невірний ключ ліцензії"}
        match method, path.split("/"):
            case "GET", ["cashier", "me"]:
                return 200, {"id": "c-1", "full_name": "Test Cashier"}
            case "GET", ["cashier", "shift"]:
                return 200, self.shift
            case "GET", ["cash-registers", "info"]:
                return 200, {"id": "r-1", "fiscal_number": "TEST000001", "offline_mode": not self.tax_service}
            case _, ["shifts", *which]:
                return self.shift_asked(method, which)
            case "POST", ["receipts", "sell"]:
                return self.sell(body)
            case "GET", ["receipts", found] if found in self.receipts:
                return 200, self.settled(self.receipts[found])
        return 404, {"code": "base.not_found", "message": "Не знайдено"}

    def sign_in(self, pin: str) -> Answer:
        """A token for the cashier's PIN."""
        if pin != PIN:
            return 403, {"code": "base.credentials", "message": "Невірний пін-код"}
        token = secrets.token_hex(8)
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "bearer"}

    # -- the shift --------------------------------------------------------------------------------------------------

    def shift_asked(self, method: str, which: list[str]) -> Answer:
        """Open one, close it, the newest closed one, one by its id."""
        match method, which:
            case "POST", []:
                return self.open_shift()
            case "POST", ["close"]:
                return self.close_shift()
            case "GET", []:
                closed = [shift for shift in self.shifts.values() if shift["status"] == "CLOSED"]
                return 200, {"results": closed[::-1][:1], "meta": {"limit": 1, "offset": 0}}
            case "GET", [found] if found in self.shifts:
                return 200, self.shifts[found]
        return 404, {"code": "base.not_found", "message": "Не знайдено"}

    def open_shift(self) -> Answer:
        """It is open a moment after it was asked for, as a real one."""
        if self.shift is not None:
            return 400, {"code": "shift.already_opened", "message": "Зміну вже відкрито"}
        self.shift = {"id": secrets.token_hex(8), "serial": len(self.shifts) + 1, "status": "CREATED", "z_report": None}
        self.shifts[self.shift["id"]] = self.shift
        threading.Timer(0.02, self.shift.update, [{"status": "OPENED"}]).start()
        return 202, dict(self.shift)

    def close_shift(self) -> Answer:
        """The report of what was registered in it."""
        if self.shift is None:
            return 400, {"code": "shift.not_opened", "message": "Зміну не відкрито"}
        shift, self.shift = self.shift, None
        mine = [
            line for line in self.receipts.values() if line["shift"]["id"] == shift["id"] and line["status"] == "DONE"
        ]
        kinds = {"CASH": [0, 0], "CASHLESS": [0, 0]}
        for line in mine:
            kinds[line["payments"][0]["type"]][line["type"] == "RETURN"] += line["total_sum"]
        report = {
            "serial": 1000 + shift["serial"], "is_z_report": True,
            "sell_receipts_count": sum(line["type"] == "SELL" for line in mine),
            "return_receipts_count": sum(line["type"] == "RETURN" for line in mine),
            "payments": [{"type": kind, "sell_sum": sold, "return_sum": back} for kind, (sold, back) in kinds.items()],
        }  # fmt: skip
        shift.update(status="CLOSING", z_report=report)
        answer = dict(shift)
        shift["status"] = "CLOSED"
        return 202, answer

    # -- receipts ---------------------------------------------------------------------------------------------------

    def sell(self, body: dict[str, Any]) -> Answer:
        """A receipt for a sale or what is given back, once for an id."""
        if body["id"] in self.receipts:
            return 400, {"code": "receipt.already_exists", "message": "Вказаний id чеку вже існує"}
        if self.shift is None or self.shift["status"] != "OPENED":
            return 400, {"code": "shift.not_opened", "message": "Зміну не відкрито"}
        total = sum(good["good"]["price"] * good["quantity"] // 1000 for good in body["goods"])
        paid = sum(payment["value"] for payment in body["payments"])
        if self.take("refuse") or not body["goods"] or paid != total:
            fault = {"loc": ["body", "payments"], "msg": "sum of payments", "type": "value_error"}
            return 422, {"code": "validation.error", "message": "Validation error", "detail": [fault]}
        back = {good["is_return"] for good in body["goods"]} == {True}
        if back and body.get("related_receipt_id") not in self.receipts:
            return 400, {"code": "receipt.no_related", "message": "Не знайдено чек продажу"}
        line = {
            **body, "type": "RETURN" if back else "SELL", "serial": len(self.receipts) + 1, "total_sum": total,
            "shift": dict(self.shift), "status": "ERROR" if self.take("error") else "DONE", "fiscal_code": None,
            "is_created_offline": not self.tax_service, "is_sent_dps": False, "tax_url": None,
            "transaction": {"status": "DONE", "response_status": "OK", "response_error_message": None},
        }  # fmt: skip
        if line["status"] == "ERROR":
            words = {
                "status": "ERROR",
                "response_status": "ERROR_TAX",
                "response_error_message": "the tax service said no",
            }
            line["transaction"] = words
        else:
            line["fiscal_code"] = f"{'OFF' if not self.tax_service else 'TEST'}-{line['serial']:06}"
            line["tax_url"] = f"https://cabinet.tax.gov.ua/cashregs/check?id={line['fiscal_code']}&fn=TEST000001"
        self.keep(line)
        if self.take("lose"):
            raise LineDroppedError
        return 201, {**line, "status": "CREATED", "fiscal_code": None, "tax_url": None}

    def settled(self, line: dict[str, Any]) -> dict[str, Any]:
        """As it stands: what was made without the tax service is sent once it is back."""
        return {**line, "is_sent_dps": line["status"] == "DONE" and self.tax_service}

    def keep(self, line: dict[str, Any]) -> None:
        """On disk before it is answered."""
        self.receipts[line["id"]] = line
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    # -- orders -----------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """What an order is answered with."""
        return {"receipts": len(self.receipts), "asked": self.asked, "open": self.shift is not None}

    def acts(self) -> dict[str, Act]:
        """Orders of a registrar's cloud."""
        counted = {name: lambda order, name=name: self.left.update({name: int(order["count"])}) for name in self.left}
        return {
            "away": lambda order: setattr(self, "away", bool(order["on"])),
            "hang_up": lambda order: setattr(self, "hang_up", bool(order["on"])),
            "slow": lambda order: setattr(self, "slow_s", float(order["seconds"])),
            "shift": lambda order: setattr(self, "shift", self.shift if order["open"] else None),
            "sign_out": lambda _: self.tokens.clear(),
            "tax_service": lambda order: setattr(self, "tax_service", bool(order["on"])),
            **counted,
        }


class Server(ThreadingHTTPServer):
    """Bound to a port of its own choice where 0 is asked for."""

    daemon_threads = True

    def __init__(self, cloud: Cloud, port: int) -> None:
        self.cloud = cloud
        super().__init__(("127.0.0.1", port), Talk)


class Talk(BaseHTTPRequestHandler):
    """One line of a caller."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """See `talk`."""
        self.talk()

    def do_POST(self) -> None:
        """See `talk`."""
        self.talk()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
        """Nothing: the ledger tells."""

    def talk(self) -> None:
        """One request and its answer."""
        cloud, size = self.server.cloud, int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(min(size, MAX_BODY))
        if cloud.hang_up:
            self.close_connection = True
            return
        time.sleep(cloud.slow_s)
        if cloud.away:
            self.say(503, b"<html><title>503</title>Service Temporarily Unavailable</html>", "text/html")
            return
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        path = self.path.partition("?")[0].removeprefix("/api/v1/")
        with cloud.lock:
            try:
                body = json.loads(raw or b"{}")
                status, said = cloud.answer(self.command, path, token, self.headers.get("X-License-Key") or "", body)
            except LineDroppedError:
                self.close_connection = True
                return
            except (KeyError, TypeError, ValueError) as exc:
                status, said = 422, {"code": "validation.error", "message": str(exc), "detail": []}
            data = b'{"id": ' if cloud.take("garbage") else json.dumps(said).encode()
        self.say(status, data, "application/json")

    def say(self, status: int, data: bytes, kind: str) -> None:
        """One answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    cloud = Cloud(options.out)
    server = Server(cloud, options.port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    control = await orders(obeying(cloud.state, cloud.acts()), options.control_port)
    ports = {"port": server.server_port, "control_port": control.sockets[0].getsockname()[1]}
    print(json.dumps({**ports, "licence": LICENCE, "pin": PIN}), flush=True)
    await until_stopped()
    server.shutdown()
    server.server_close()


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="simulators.checkbox", description="a fiscal registrar's cloud, Checkbox")
    parser.add_argument("--port", type=int, default=8099, help="TCP port of the cloud, 0: a free one")
    parser.add_argument("--control-port", type=int, default=0, help="TCP port for orders, 0: a free one")
    parser.add_argument("--out", type=Path, required=True, help="folder for what it registered")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

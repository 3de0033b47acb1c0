"""A register of somebody else's: HTTPS and JSON, questions signed by ed25519 (RFC 9421), payments remembered on disk.

    python -m simulators.register --port 0 --control-port 0 --out DIR --trust KEYID=PUBLIC.pem

prints one line of JSON with its ports and the file of its certificate, made at start. Payments are DIR/payments.jsonl, one line each, on
disk before they are answered; they outlive the program. Orders come through the control port, one JSON object a line:

    {"do": "know", "number": "…", "person": {…}, "household": {…}, "dues": [{…}]}
    {"do": "list", "name": "streets", "revision": 1, "entries": [{…}]}
    {"do": "next", "fault": "silent|reset|lost|drip|garbage|truncated|huge|bad_json|wrong_type|other_person|error|forbidden|redirect",
     "count": N}
    {"do": "state"}

Whatever is asked must be signed by a key it trusts, over method, target, digest and date, not more than five minutes old, and never
twice by one nonce. What it refused and why is in the state.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import os
import re
import ssl
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import NameOID

from simulators.bank import orders, until_stopped

OLDEST_S = 300
NEEDED = {"@method", "@target-uri", "content-digest", "date"}
INPUT = re.compile(r'([a-z][a-z0-9_.*-]*)=(\(((?:"[^"]+" ?)*)\)((?:;[a-z]+=(?:[0-9]+|"[^"]*"))*))')
Reply = tuple[int, dict[str, Any] | None, dict[str, str]]


class RefusedError(Exception):
    """Why a question is not answered."""


class Doorman:
    """Looks at signatures. `keys`: key id → public key."""

    def __init__(self, keys: dict[str, Ed25519PublicKey]) -> None:
        self.keys = keys
        self._nonces: set[str] = set()

    def check(self, method: str, target: str, fields: dict[str, str], body: bytes) -> None:
        """Raises: RefusedError."""
        match = INPUT.fullmatch(fields.get("signature-input", ""))
        if match is None:
            raise RefusedError("unsigned")
        label, told, names, rest = match.groups()
        covered = re.findall(r'"([^"]+)"', names)
        facts = {k: v.strip('"') for k, v in re.findall(r';([a-z]+)=([0-9]+|"[^"]*")', rest)}
        if not set(covered) >= NEEDED:
            raise RefusedError("too little is signed")
        self._fresh(facts, fields)
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if fields.get("content-digest") != f"sha-256=:{digest}:":
            raise RefusedError("another body")
        own = {"@method": method, "@target-uri": f"https://{fields.get('host', '')}{target}"}
        lines = [f'"{name}": {own[name] if name in own else fields.get(name, "")}' for name in covered]
        self._verify(facts.get("keyid", ""), label, fields, "\n".join([*lines, f'"@signature-params": {told}']))
        if facts.get("nonce", "") in self._nonces or not facts.get("nonce"):
            raise RefusedError("seen before")
        self._nonces.add(facts["nonce"])

    def _fresh(self, facts: dict[str, str], fields: dict[str, str]) -> None:
        try:
            said = parsedate_to_datetime(fields["date"]).timestamp(), float(facts["created"])
        except (KeyError, ValueError) as exc:
            raise RefusedError("no date") from exc
        if max(abs(moment - time.time()) for moment in said) > OLDEST_S:
            raise RefusedError("too old")

    def _verify(self, keyid: str, label: str, fields: dict[str, str], base: str) -> None:
        sent = re.fullmatch(rf"{re.escape(label)}=:([A-Za-z0-9+/=]+):", fields.get("signature", ""))
        if sent is None or keyid not in self.keys:
            raise RefusedError("unknown key")
        try:
            self.keys[keyid].verify(base64.b64decode(sent[1]), base.encode())
        except InvalidSignature as exc:
            raise RefusedError("bad signature") from exc


class Registry:
    """What it knows, what was paid, and the faults to come."""

    def __init__(self, folder: Path, doorman: Doorman) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "payments.jsonl"
        kept = self._file.read_text("utf-8").splitlines() if self._file.exists() else []
        lines = list(map(json.loads, kept))
        self.payments = {f"{one['payment']}{'' if 'method' in one else ' returned'}": one for one in lines}
        self.doorman = doorman
        self.known: dict[str, dict[str, Any]] = {}
        self.lists: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []
        self.asked: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out one order."""
        match order["do"]:
            case "know":
                self.known[order["number"]] = order
            case "list":
                entries = order["entries"]
                self.lists[order["name"]] = {"name": order["name"], "revision": order["revision"], "entries": entries}
            case "next":
                self.faults += [order["fault"]] * order.get("count", 1)
            case "state":
                pass
            case other:
                raise ValueError(other)
        return {
            "asked": dict(self.asked),
            "refused": dict(self.refused),
            "payments": len(self.payments),
            "faults": self.faults,
        }

    def answer(self, method: str, target: str, fields: dict[str, str], body: bytes) -> Reply:
        """What is said to a question."""
        try:
            self.doorman.check(method, target, fields, body)
        except RefusedError as exc:
            self.refused[str(exc)] += 1
            return 401, {"fault": "not_allowed", "step": str(exc)}, {}
        what = target.rpartition("/1/")[2]
        self.asked[what] += 1
        if method == "GET" and what == "health":
            return 200, {"registers": {"itself": ""}}, {}
        if method == "GET" and what.startswith("directories/"):
            return self._list(what.partition("/")[2], fields.get("if-none-match", ""))
        return self._told(what, json.loads(body)) if method == "POST" else (404, {"fault": "unknown"}, {})

    def _list(self, name: str, etag: str) -> Reply:
        found = self.lists.get(name)
        if found is None:
            return 404, {"fault": "unknown"}, {}
        if etag == f'"{found["revision"]}"':
            return 304, None, {}
        return 200, found, {"ETag": f'"{found["revision"]}"'}

    def _told(self, what: str, question: dict[str, Any]) -> Reply:
        if what in ("paid", "returned"):
            return self._paid(question) if what == "paid" else self._returned(question)
        if what == "due":
            dues = [due for one in self.known.values() for due in self._open(one) if due["code"] == question["code"]]
            return 200, {"dues": dues}, {}
        one = self.known.get(question["number"])
        if what == "dues":
            return 200, {"dues": self._open(one) if one else []}, {}
        if one is None or what not in one:
            return 404, {"fault": "unknown"}, {}
        return 200, one[what], {}

    def _open(self, one: dict[str, Any]) -> list[dict[str, Any]]:
        names = {
            name
            for name in self.payments
            if f"{name} returned" not in self.payments and "method" in self.payments[name]
        }
        paid = {self.payments[name]["due"] for name in names}
        return [due for due in one.get("dues", []) if due["id"] not in paid]

    def _paid(self, question: dict[str, Any]) -> Reply:
        known = {due["id"] for one in self.known.values() for due in one.get("dues", [])}
        if question["due"] not in known:
            return 404, {"fault": "unknown"}, {}
        return self._kept(question["payment"], question)

    def _returned(self, question: dict[str, Any]) -> Reply:
        if question["payment"] not in self.payments:
            return 404, {"fault": "unknown"}, {}
        return self._kept(f"{question['payment']} returned", question)

    def _kept(self, name: str, question: dict[str, Any]) -> Reply:
        before = self.payments.get(name)
        if before is not None:
            return (200, {"again": True}, {}) if before == question else (400, {"fault": "bad_request"}, {})
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(question) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.payments[name] = question
        return 200, {}, {}


class Door:
    """HTTP by hand, one question a connection, with the faults that were ordered."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
            body = await reader.readexactly(int(fields.get("content-length", "0")))
            await self._reply(writer, method, target, fields, body)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    async def _reply(
        self, writer: asyncio.StreamWriter, method: str, target: str, fields: dict[str, str], body: bytes
    ) -> None:
        registry = self._registry
        fault = registry.faults.pop(0) if registry.faults else ""
        if fault == "reset":
            return
        if fault == "silent":
            await asyncio.sleep(60)
            return
        status, told, more = registry.answer(method, target, fields, body)
        if fault != "lost":
            for piece in said(status, told, more, fault):
                writer.write(piece)
                await writer.drain()
                if fault == "drip":
                    await asyncio.sleep(0.05)


def said(status: int, told: dict[str, Any] | None, more: dict[str, str], fault: str) -> list[bytes]:
    """The answer as pieces of bytes, spoilt by `fault`."""
    body = b"" if told is None else json.dumps(told).encode()
    match fault:
        case "garbage":
            return [os.urandom(200)]
        case "bad_json":
            body = body[:-1]
        case "wrong_type":
            body = b'{"number": 7, "names": [], "dues": {}, "again": "yes", "registers": 1, "members": 0}'
        case "other_person":
            body = json.dumps({**(told or {}), "number": "0000000000"}).encode()
        case "error":
            status, body = 500, b"<html>stack trace of somebody's program</html>"
        case "forbidden":
            status = 403
        case "redirect":
            status, more = 302, {"Location": "https://127.0.0.1:1/"}
    length = len(body) + 50 if fault == "truncated" else 10**9 if fault == "huge" else len(body)
    lines = {"Content-Length": str(length), "Content-Type": "application/json", **more}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n"
    whole = head.encode() + body
    if fault == "huge":
        return [head.encode(), *[b" " * 2**20] * 64]
    return [whole[n : n + 1] for n in range(len(whole))] if fault == "drip" else [whole]


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody's register")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    cert_file, key_file = folder / "register.crt", folder / "register.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file


def trusted(words: list[str]) -> dict[str, Ed25519PublicKey]:
    """KEYID=FILE … → public keys."""
    found = {}
    for word in words:
        name, _, file = word.partition("=")
        key = serialization.load_pem_public_key(Path(file).read_bytes())
        if not isinstance(key, Ed25519PublicKey):
            raise SystemExit(f"{file}: not an ed25519 public key")
        found[name] = key
    return found


async def run(options: argparse.Namespace) -> None:
    """Until it is stopped."""
    registry = Registry(options.out, Doorman(trusted(options.trust)))
    cert, key = certificate(options.out)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    door = await asyncio.start_server(Door(registry).serve, "127.0.0.1", options.port, ssl=context)
    control = await orders(registry.obey, options.control_port)
    ports = {
        "port": door.sockets[0].getsockname()[1],
        "control_port": control.sockets[0].getsockname()[1],
        "ca": str(cert),
    }
    print(json.dumps(ports), flush=True)
    await until_stopped()


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="simulators.register", description="a register of somebody else's")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="folder for its certificate and what was paid")
    parser.add_argument("--trust", action="append", default=[], help="KEYID=FILE: whose questions it answers")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

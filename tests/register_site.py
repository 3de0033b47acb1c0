"""A hall's connector for tests: an authority, a community of four invented people in SQLite, the door, and terminals' certificates."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import create_engine, insert

from broker_config.pki import Authority, Credentials
from contract import register as r
from registers.enquiry import Enquiries
from registers.register import Register
from registers.remote import RemoteRegister
from registers.schema import DUE, ENTRY, METADATA, PERSON
from registers.server import Server
from registers.sql import SqlRegister
from runtime import https
from terminal.register import RegisterClient

ROOT = Path(__file__).resolve().parents[1]
MOTHER, FATHER, CHILD, ALONE = "2920512346", "2851100017", "4170300029", "3100400018"
RECORD = "19791217-00012"
"""The mother's other number."""
ALL = ("person", "household", "dues", *r.DIRECTORIES)


def people() -> list[dict[str, Any]]:
    """A family at one address, and somebody without any."""
    home = {"settlement": "s1", "street": "st1", "house": "7", "flat": "12", "since": date(2012, 5, 4)}
    return [
        {"number": MOTHER, "other_number": RECORD, "name_uk": "Калинич Оксана Іванівна", "name_en": "Kalynych Oksana",
         "birth_date": date(1979, 12, 17), "spouse": FATHER, **home},
        {"number": FATHER, "name_uk": "Калинич Остап Юрійович", "name_en": "Kalynych Ostap", "birth_date": date(1978, 1, 26),
         "spouse": MOTHER, **home},
        {"number": CHILD, "name_uk": "Калинич Соломія Остапівна", "name_en": "Kalynych Solomiia", "birth_date": date(2014, 3, 8),
         "mother": MOTHER, "father": FATHER, **home},
        {"number": ALONE, "name_uk": "Верес Лесь Петрович", "name_en": "Veres Les", "birth_date": date(1984, 11, 18)},
    ]  # fmt: skip


def entries() -> list[dict[str, Any]]:
    """Two settlements, three streets, one of them renamed."""
    return [
        {"directory": "settlements", "id": "s1", "name_uk": "село Вербове", "name_en": "Verbove village", "was": ""},
        {"directory": "settlements", "id": "s2", "name_uk": "село Тихе", "name_en": "Tykhe village", "was": ""},
        {"directory": "streets", "id": "st1", "under": "s1", "name_uk": "вулиця Калинова", "name_en": "Kalynova Street",
         "was": "вулиця Жовтнева|Zhovtneva Street"},
        {"directory": "streets", "id": "st2", "under": "s1", "name_uk": "вулиця Шкільна", "name_en": "Shkilna Street", "was": ""},
        {"directory": "streets", "id": "st3", "under": "s2", "name_uk": "вулиця Шкільна", "name_en": "Shkilna Street", "was": ""},
    ]  # fmt: skip


def dues() -> list[dict[str, Any]]:
    """Two of the mother's, the later one listed first."""
    what = {"number": MOTHER, "currency": "UAH", "payee": "community"}
    return [
        {"id": "d2", "code": "V-2002", "name_uk": "Орендна плата", "amount_minor": 25000, "since": date(2026, 5, 1), **what},
        {"id": "d1", "code": "V-2001", "name_uk": "Податок на землю", "amount_minor": 10050, "since": date(2026, 2, 1),
         "until": date(2026, 12, 1), **what},
    ]  # fmt: skip


def fill(url: str) -> None:
    """Make the tables at `url` and put the community in."""
    engine = create_engine(url)
    METADATA.create_all(engine)
    with engine.begin() as db:
        for table, rows in ((ENTRY, entries()), (PERSON, people()), (DUE, dues())):
            for row in rows:
                db.execute(insert(table).values(**row))
    engine.dispose()


class Site:
    """The door on a free port; a context manager. `answers`: as `Enquiries` takes them, None: the community for everything."""

    def __init__(
        self, folder: Path, answers: dict[str, Register] | None = None, ask_s: float = 5.0, per_minute: int = 1000
    ) -> None:
        self.authority = Authority.create(folder / "pki")
        mine = self.authority.issue("register-1", ["127.0.0.1", "localhost"])
        self.url = f"sqlite:///{folder / 'community.db'}"
        fill(self.url)
        self.community = SqlRegister("community", self.url)
        self.enquiries = Enquiries(answers or dict.fromkeys(ALL, self.community), frozenset({"terminal-1"}), per_minute)
        context = https.server_context(mine.ca, mine.cert, mine.key)
        self.server = Server(("127.0.0.1", 0), context, self.enquiries.answer, ask_s)

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.server.port}"

    def client(self, dev: str = "terminal-1", timeout_s: float = 5.0) -> RegisterClient:
        return RegisterClient(self.address, self.credentials(dev), timeout_s)

    def credentials(self, dev: str = "terminal-1") -> Credentials:
        known = (self.authority.folder / "boxes" / dev).exists()
        return self.authority.credentials(dev) if known else self.authority.issue(dev)

    def raw(self, data: bytes, *, source: str = "127.0.0.1") -> bytes:
        """All that comes back for these bytes, said by a terminal without the product's care."""
        with self.wire(source) as wire:
            wire.sendall(data)
            return heard(wire)

    def wire(self, source: str = "127.0.0.1") -> ssl.SSLSocket:
        """A connection of terminal-1."""
        files = self.credentials()
        context = https.client_context(files.ca, files.cert, files.key)
        plain = socket.create_connection(("127.0.0.1", self.server.port), 5.0, source_address=(source, 0))
        try:
            return context.wrap_socket(plain, server_hostname="127.0.0.1")
        except OSError:
            plain.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.server.stop()
        self.community.close()


def heard(wire: ssl.SSLSocket) -> bytes:
    """Everything until the other side hangs up."""
    found = b""
    try:
        while piece := wire.recv(65536):
            found += piece
    except (ConnectionError, ssl.SSLError):
        return found
    return found


def fault(answer: bytes) -> str:
    """The word of contract in an answer as it came over the wire."""
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["fault"])


class Foreign:
    """Somebody else's register in a process of its own; a context manager. `key`: what it trusts by the name `hall-1`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.key = folder, Ed25519PrivateKey.generate()
        public, self.sign_key = folder / "hall-1.pub", folder / "hall-1.pem"
        public.write_bytes(self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        self.sign_key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        command = [sys.executable, "-m", "simulators.register", "--out", str(folder), "--trust", f"hall-1={public}"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        self.facts: dict[str, Any] = json.loads(self._process.stdout.readline())
        self._control = socket.create_connection(("127.0.0.1", self.facts["control_port"]), 5)
        self._answers = self._control.makefile("r")
        self.url = f"https://127.0.0.1:{self.facts['port']}/api"

    def register(self, **more: Any) -> RemoteRegister:
        """The connector's side of it."""
        given = {"sign": self.key.sign, "keyid": "hall-1", "ca": Path(self.facts["ca"]), "timeout_s": 3.0, **more}
        return RemoteRegister("dues", self.url, **given)

    def do(self, what: str, **facts: object) -> dict[str, Any]:
        """One order; the state after it."""
        self._control.sendall(json.dumps({"do": what, **facts}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self._answers.readline())
        assert "error" not in answer, answer
        return answer

    @property
    def payments(self) -> list[dict[str, Any]]:
        """What its own ledger says."""
        file = self.folder / "payments.jsonl"
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._answers.close()
        self._control.close()
        self._process.terminate()
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()

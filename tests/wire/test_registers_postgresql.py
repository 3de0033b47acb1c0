"""The SQL register on a real PostgreSQL, where one is installed with psycopg: the same answers, money once, away in time."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from contract import register as r
from contract.errors import TransientDeviceError
from registers.community.invented import community
from registers.community.load import load
from registers.community.table import TABLES
from registers.register import BadAnswerError
from registers.register_command import write
from registers.schema import METADATA
from registers.sql import SqlRegister, connect
from tests.register_site import CHILD, MOTHER, RECORD, fill
from tests.until import until

pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("psycopg") and shutil.which("initdb") and shutil.which("postgres")),
    reason="PostgreSQL or psycopg is not installed",
)
PAID = r.Paid(
    due="d1", payment="p-1", amount_minor=10050, currency="UAH", method="cash", at=datetime(2026, 11, 22, 9, tzinfo=UTC)
)


class Server:
    """A PostgreSQL of its own on a socket in a folder; as another user where the tests run as root, whom it refuses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            owner = pwd.getpwnam(self.user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self.run("initdb", "-D", str(folder / "data"), "-U", "vikno", "-A", "trust", "--no-sync")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://vikno@/postgres?host={self.folder}"

    def run(self, *command: str) -> None:
        subprocess.run(command, check=True, user=self.user, stdout=subprocess.DEVNULL, cwd=self.folder, timeout=60)

    def start(self) -> None:
        options = ("-k", str(self.folder), "-c", "listen_addresses=", "-c", "fsync=off")
        command = ["postgres", "-D", str(self.folder / "data"), *options]
        self.process = subprocess.Popen(command, user=self.user, stderr=subprocess.DEVNULL, cwd=self.folder)
        until(lambda: (self.folder / ".s.PGSQL.5432").exists(), "PostgreSQL did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(60)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:  # a socket's name has 108 bytes
        made = Server(Path(folder))
        made.start()
        yield made
        made.kill()


@pytest.fixture
def register(server: Server) -> Iterator[SqlRegister]:
    engine = create_engine(server.url.replace("postgresql:", "postgresql+psycopg:"))
    until(lambda: up(engine), "PostgreSQL does not answer")
    METADATA.drop_all(engine)
    engine.dispose()
    fill(server.url.replace("postgresql:", "postgresql+psycopg:"))
    made = SqlRegister("community", server.url, 2.0)
    yield made
    made.close()


def up(engine: object) -> bool:
    try:
        with engine.connect() as db:  # type: ignore[attr-defined]  # an Engine
            db.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001 - any refusal means not yet
        return False
    return True


def test_its_answers_are_those_of_sqlite(register: SqlRegister) -> None:
    assert register.kind == "postgresql"
    assert register.person(RECORD).names["uk"] == "Калинич Оксана Іванівна"
    assert [x.relation for x in register.household(CHILD).members] == ["self", "parent", "parent"]
    assert [due.code for due in register.dues(RECORD).dues] == ["V-2001", "V-2002"]
    streets = register.directory("streets")
    assert streets is not None
    assert register.directory("streets", streets.revision) is None


def test_one_payment_said_at_once_by_many_is_one(register: SqlRegister) -> None:
    told: list[bool] = []
    threads = [threading.Thread(target=lambda: told.append(register.paid(PAID).again)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(told) == [False] + [True] * 5
    assert register.due("V-2001").dues == ()


def test_a_community_is_imported_twice_and_once_there(register: SqlRegister, server: Server, tmp_path: Path) -> None:
    files = community("kz", 300, 5, date(2026, 11, 1))
    for table in TABLES:
        write(tmp_path / table.file, files[table.file])
    engine = connect("import", server.url, 5.0)
    for _ in range(2):
        assert load(tmp_path, engine, lambda *_: None).bad == []
    engine.dispose()
    assert register.person(files["persons.csv"][7]["number"]).names["kk"] == files["persons.csv"][7]["name_kk"]


def test_a_table_that_was_changed_is_said_and_a_server_that_is_gone_is_away(
    register: SqlRegister, server: Server
) -> None:
    engine = create_engine(server.url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as db:
        db.execute(text("ALTER TABLE person DROP COLUMN since"))
    engine.dispose()
    with pytest.raises(BadAnswerError):
        register.person(MOTHER)
    server.kill()
    began = time.monotonic()
    with pytest.raises(TransientDeviceError, match="register_away") as told:
        register.dues(MOTHER)
    assert time.monotonic() - began < 5
    assert MOTHER not in f"{told.value!r}{told.value.__cause__!r}"
    server.start()
    until(lambda: not raises(register), "it did not come back")


def raises(register: SqlRegister) -> bool:
    try:
        register.check()
    except TransientDeviceError:
        return True
    return False

"""`vikno account`: accounts from a shell, while the consoles run or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import vikno
from consoles.staff.staff import Staff
from runtime.clock import utc_now


def account(folder: Path, *words: str) -> int:
    return vikno.main(["account", "--data", str(folder), *words])


def test_a_locked_out_administrator_gets_in_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert account(tmp_path, "add", "olena", "Olena", "admin", "--operator", "op01") == 0
    once = capsys.readouterr().out.strip().removeprefix("one-time password: ")
    with Staff(tmp_path, utc_now) as running:
        assert running.accounts.signs_in("olena", once) is not None
        session = running.sessions.begin("olena", account="olena")
        assert account(tmp_path, "password", "olena") == 0
        again = capsys.readouterr().out.strip().removeprefix("one-time password: ")
        assert running.accounts.signs_in("olena", once) is None
        assert running.accounts.signs_in("olena", again) is not None
        assert running.sessions.get(session) is None
        assert account(tmp_path, "list") == 0
        assert capsys.readouterr().out.split()[:5] == ["olena", "admin", "one-time", "password", "op01"]
        now = datetime.now(UTC)
        rows = running.audit.find(now - timedelta(days=1), now + timedelta(days=1))
        assert [(row.did, row.what) for row in rows] == [
            ("vikno account password", "olena"),
            ("vikno account add", "olena"),
        ]
        assert rows[0].who.startswith("shell:")


def test_what_cannot_be_done_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert account(tmp_path, "list") == 2
    assert "the folder of consoles that have run" in capsys.readouterr().err
    account(tmp_path, "add", "olena", "Olena", "admin")
    for words, told in (
        (("disable", "olena"), "last administrator"), (("role", "olena", "manager"), "last administrator"),
        (("disable", "nobody"), "there is no account 'nobody'"), (("add", "olena", "Other", "lead"), "is taken"),
    ):  # fmt: skip
        assert account(tmp_path, *words) == 2
        assert told in capsys.readouterr().err
    assert account(tmp_path, "add", "taras", "Taras", "lead") == account(tmp_path, "disable", "taras") == 0
    assert account(tmp_path, "enable", "taras") == account(tmp_path, "role", "taras", "technician") == 0
    with Staff(tmp_path, utc_now) as staff:
        taras = staff.accounts.get("taras")
        assert taras is not None
        assert (taras.role, taras.disabled) == ("technician", False)

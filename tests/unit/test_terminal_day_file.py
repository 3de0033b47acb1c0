"""A day of a terminal's money as a file, read while the terminal holds its journal."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import vikno
from contract.errors import ContractError
from contract.words import PaymentState as State
from journal.journal import Journal
from journal.schema import BOX, MONEY
from runtime.clock import utc_now
from terminal import day_file
from terminal.money import Money
from terminal.payments.audit import Audit
from terminal.payments.book import Book
from terminal.payments.note import Note, NoteState
from terminal.payments.payment import Payment

DAY = date(2026, 11, 22)
KYIV = ZoneInfo("Europe/Kyiv")


def fill(journal: Journal) -> None:
    """Two payments, the later one on the next day in Kyiv; a note; a reason that a spreadsheet would take for a formula."""
    book = Book(journal, "terminal-1", lambda: datetime(2026, 11, 22, 9, tzinfo=UTC))
    for name, at in (("p-1", "2026-11-22T08:00:00.000Z"), ("p-2", "2026-11-22T22:30:00.000Z")):
        payment = Payment(name, f"o-{name}", "pos-1", Money(1235, "UAH"), "", at)
        book.save(payment)
        book.save(payment.moved(State.UNKNOWN, at, "=HYPERLINK(1)"))
    cassette = book.cassette("cash-1")
    book.put(Note("n-1", "cash-1", "o-3", 5, Money(5000, "UAH"), cassette, book.now(), NoteState.CREDITED))
    Audit(journal, book, "UAH").cassettes("cash-1", DAY)


def run(folder: Path, *words: str) -> int:
    return vikno.main(
        ["till", "export", "--data", str(folder), "--day", DAY.isoformat(), "--zone", "Europe/Kyiv", *words]
    )


def test_a_day_is_exported_while_the_terminal_holds_its_journal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal.open(tmp_path / "terminal.db", "hall-1", MONEY, utc_now) as journal:
        fill(journal)
        seq = journal.last_seq
        assert run(tmp_path, "--out", str(tmp_path / "day.json")) == 1
        assert run(tmp_path, "--out", str(tmp_path / "day.csv")) == 1
        assert journal.last_seq == seq
    said = json.loads((tmp_path / "day.json").read_text())
    assert [row["id"] for row in said["payment"]] == ["p-1"]
    assert (said["left"], said["balance"][0]["ours_minor"], said["note"][0]["state"]) == (["p-1"], 5000, "credited")
    lines = list(csv.DictReader(io.StringIO((tmp_path / "day.csv").read_text())))
    assert [(line["what"], line["id"], line["amount"]) for line in lines] == [
        ("payment", "p-1", "12.35"),
        ("note", "n-1", "50.00"),
        ("balance", "cash-1/cash-1-1", "50.00"),
    ]
    assert lines[0]["note"] == "'=HYPERLINK(1)"
    told = capsys.readouterr()
    assert "cash-1, cash: cash-1-1: not counted yet" in told.out
    assert "not reconciled: p-1" in told.err


def test_the_zone_decides_what_belongs_to_the_day(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "terminal.db", "hall-1", MONEY, utc_now) as journal:
        fill(journal)
    assert len(day_file.read(tmp_path / "terminal.db", DAY, UTC).found["payment"]) == 2
    assert len(day_file.read(tmp_path / "terminal.db", date(2026, 11, 23), KYIV).found["payment"]) == 1


@pytest.mark.parametrize(
    "words", [["--out", "day.xlsx"], ["--out", "day.csv", "--zone", "Mars/North"], ["--out", "/no/such/day.csv"]]
)
def test_words_that_mean_nothing_are_told_with_what_is_allowed(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal.open(tmp_path / "terminal.db", "hall-1", MONEY, utc_now):
        assert run(tmp_path, *words) == 2
    assert words[-1] in capsys.readouterr().err


def test_a_folder_without_a_terminals_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="there is no journal"):
        day_file.read(tmp_path / "terminal.db", DAY)
    Journal.open(tmp_path / "terminal.db", "kiosk-1", BOX, utc_now).close()
    with pytest.raises(ContractError, match="no journal of a terminal"):
        day_file.read(tmp_path / "terminal.db", DAY)

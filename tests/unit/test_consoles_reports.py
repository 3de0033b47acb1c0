"""Reports: figures folded from counts, names in the reader's language, files that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consoles.reports import reading
from consoles.reports.figure import Told, Took, Waited, lines
from consoles.reports.question import BY, Question, question
from consoles.reports.table import FIGURES, csv_text, report, xlsx
from contract import hall as document
from contract.errors import ContractError
from journal.database import snapshot
from journal.event import Event, Row, Scalar
from journal.journal import Journal
from journal.schema import HALL as TABLES
from look.texts import Texts

HALL = document.load(Path("coordinator/templates/ua-cnap.json").read_text("utf-8"))
EN, UK = Texts("en"), Texts("uk")
TODAY = date(2026, 3, 17)


def asked(by: str = "day", since: str = "2026-03-16", until: str = "2026-03-17") -> Question:
    return question({"by": by, "since": since, "until": until}, TODAY)


def leg(n: int, day: str, wait_min: float | None, service_min: float | None, **more: Scalar) -> Row:
    values: dict[str, Scalar] = {
        "ticket": f"t{n}", "n": 1, "day": day, "hour": 9, "service": "res-register", "service_group": "residence", "window": "W03",
        "operator": "op03", "outcome": "finished" if service_min is not None else "no_show",
        "wait_s": None if wait_min is None else wait_min * 60, "service_s": None if service_min is None else service_min * 60,
    }  # fmt: skip
    return Row("leg", {**values, **more})


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Six turns on two days: two late, one missed."""
    path = tmp_path / "journal.db"
    now = datetime(2026, 3, 17, 12, tzinfo=UTC)
    rows = (
        leg(1, "2026-03-16", 4.9, 10), leg(2, "2026-03-16", 30, 20, window="W01", operator="op01", hour=10),
        leg(3, "2026-03-17", 0, 5), leg(4, "2026-03-17", 20, 7, service="pass-abroad", service_group="passport"),
        leg(5, "2026-03-17", 12, None), leg(6, "2026-02-01", 99, 99),
    )  # fmt: skip
    with Journal.open(path, HALL.id, TABLES, lambda: now) as opened:
        opened.commit([Event("test", "2026-03-17T12:00:00.000Z", "test", None, {}, rows)])
    return path


def made(journal: Path, by: str, texts: Texts = EN):
    wanted = asked(by)
    with snapshot(journal) as connection:
        counted = lines(
            reading.waited(connection, HALL.id, wanted),
            reading.took(connection, HALL.id, wanted),
            reading.told(connection, HALL.id, wanted),
            20,
        )
    return report(wanted, counted, HALL, texts)


def test_the_days_asked_for_are_counted_and_no_others(journal: Path) -> None:
    found = made(journal, "day")
    assert [(line.name, line.figures) for line in found.lines] == [
        ("2026-03-16, Mon", (2, 2, 0, 4, 30, 0.5, 15.0, None)),
        ("2026-03-17, Tue", (3, 2, 1, 12, 20, 1 / 3, 6.0, None)),
    ]
    assert found.total.figures[:3] == (5, 4, 1)
    assert found.most == 3


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("weekday", ["понеділок", "вівторок"]),
        ("month", ["березень 2026"]),
        ("hour", ["9:00", "10:00"]),
        ("window", ["Вікно 1", "Вікно 3"]),
        ("service", ["Реєстрація місця проживання", "Паспорт для виїзду за кордон"]),
        ("service_group", ["Місце проживання", "Паспорт, ID‑картка"]),
        ("employer", None),
        ("operator", None),
    ],
)
def test_every_line_has_a_name_in_the_readers_language_in_the_documents_order(
    journal: Path, by: str, names: list[str] | None
) -> None:
    found = made(journal, by, UK)
    if names is not None:
        assert [line.name for line in found.lines] == names
    assert sum(int(line.figures[0] or 0) for line in found.lines) == 5
    assert {line.name for line in found.lines}.isdisjoint({*HALL.operator_by_id, *(e.id for e in HALL.employers)})


def test_percentiles_shares_and_told_waits() -> None:
    waited = [Waited("a", minute, "finished", 1) for minute in range(10)] + [Waited("a", None, "cancelled", 5)]
    told = [Told("a", "within", 6), Told("a", "sooner", 2), Told("a", "longer", 2)]
    line = lines(waited, [Took("a", 3, 2, 400.0)], told, 8)["a"]
    assert (line.turns, line.served, line.wait(0.5), line.wait(0.9)) == (15, 10, 4, 8)
    assert (line.late_share, line.kept_share) == (0.2, 0.8)
    assert line.service_min == pytest.approx(3.33, abs=0.01)


def test_what_is_not_known_stays_unknown() -> None:
    line = lines([Waited("a", None, "no_show", 1)], [], [], 20)["a"]
    assert (line.wait(0.5), line.late_share, line.kept_share, line.service_min) == (None, None, None, None)


@pytest.mark.parametrize(
    "fields",
    [{"by": "name"}, {"since": "yesterday"}, {"since": "2026-03-18"}, {"since": "1999-01-01"}, {"until": "2026-13-01"}],
)
def test_an_address_that_asks_for_nothing_sensible_is_refused_in_words(fields: dict[str, str]) -> None:
    with pytest.raises(ContractError):
        question(fields, TODAY)


def test_an_address_without_words_asks_for_the_last_four_weeks_by_day() -> None:
    assert question({}, TODAY) == Question("day", date(2026, 2, 18), TODAY)
    assert {question({"by": by}, TODAY).by for by in BY} == set(BY)


def test_files_hold_the_table_and_no_formula(journal: Path) -> None:
    said = HALL.model_dump_json(by_alias=True).replace(HALL.operators[2].name, '=HYPERLINK(\\"http://x\\")')
    hostile = document.load(said)
    wanted = asked("operator")
    with snapshot(journal) as connection:
        counted = lines(reading.waited(connection, HALL.id, wanted), reading.took(connection, HALL.id, wanted), [], 20)
    found = report(wanted, counted, hostile, EN)
    rows = list(csv.reader(io.StringIO(csv_text(found, EN))))
    assert len(rows[0]) == len(FIGURES) + 1
    assert '\'=HYPERLINK("http://x")' in [row[0] for row in rows]
    sheet = load_workbook(io.BytesIO(xlsx(found, EN))).active
    assert sheet is not None
    cells = {cell.value: cell.data_type for cell in sheet["A"]}
    assert cells['=HYPERLINK("http://x")'] == "s"
    assert [c.value for c in sheet[sheet.max_row]][1:4] == [5, 4, 1]

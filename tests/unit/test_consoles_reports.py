"""Reports: figures folded from counts, names in the reader's language, the same in every kind of file, whatever a name is."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from shutil import copyfile
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from bench import reports as million
from consoles.reports import csv_file, open_data, pdf_file, ticket, xlsx_file
from consoles.reports.chart import chart
from consoles.reports.figure import FIGURES, Counted, Line, percentile
from consoles.reports.question import BY, MOST_FIGURES, Enquiry, Period, Question, period, question
from consoles.reports.reading import Lines, StoppedError, counted, read
from consoles.reports.saved import SavedReports, standard
from consoles.reports.table import Report, report, written
from contract import hall as document
from contract.errors import ContractError
from contract.hall import Hall
from journal.database import snapshot
from journal.event import Event, Row, Scalar
from journal.journal import Journal
from journal.schema import HALL as TABLES
from look.texts import LANGUAGES, Texts

TEMPLATE = Path("coordinator/templates/ua-cnap.json").read_text("utf-8")
HALL = document.load(TEMPLATE)
EN, UK = Texts("en"), Texts("uk")
DAYS = Period(date(2026, 3, 16), date(2026, 3, 17))
TURNS = ("turns", "served", "missed", "wait_half", "wait_most", "promise", "service", "kept")
TOO_MANY = [*FIGURES][: MOST_FIGURES + 1]
HOSTILE = {
    "markup": '<script>alert("x")</script><b>&amp;',
    "formula": '=HYPERLINK("http://x","y")',
    "direction": "\u202eתור\u202c \u2066لا\u2069 متن",
    "long": "Д" * 10_000,
    "emoji": "🧾👩\u200d👧 Послуга \x07\ufffe",
}


def leg(n: int, day: str, wait_min: float | None, service_min: float | None, **more: Scalar) -> Row:
    values: dict[str, Scalar] = {
        "ticket": f"t{n}", "n": 1, "day": day, "hour": 9, "service": "res-register", "service_group": "residence", "window": "W03",
        "operator": "op03", "outcome": "finished" if service_min is not None else "no_show",
        "wait_s": None if wait_min is None else wait_min * 60, "service_s": None if service_min is None else service_min * 60,
    }  # fmt: skip
    return Row("leg", {**values, **more})


def paid(n: int, dev: str, state: str, minor: int, currency: str = "UAH") -> Row:
    at = "2026-03-17T09:00:00.000Z"
    return Row("payment", {
        "dev": dev, "id": f"p{n}", "day": "2026-03-17", "hour": 9, "device": "pos", "order_id": f"o{n}", "method": "card", "state": state,
        "amount_minor": minor, "captured_minor": minor, "currency": currency, "opened_at": at, "at": at, "why": "",
    })  # fmt: skip


def written_down(path: Path, *rows: Row) -> Path:
    """A journal that holds these rows."""
    with Journal.open(path, HALL.id, TABLES, lambda: datetime(2026, 3, 17, 12, tzinfo=UTC)) as opened:
        opened.commit([Event("test", "2026-03-17T12:00:00.000Z", "test", None, {}, rows)])
    return path


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six turns on three days: two late, one missed; payments, faults. Only read."""
    rows = (
        leg(1, "2026-03-16", 4.9, 10), leg(2, "2026-03-16", 30, 20, window="W01", operator="op01", hour=10),
        leg(3, "2026-03-17", 0, 5), leg(4, "2026-03-17", 20, 7, service="pass-abroad", service_group="passport"),
        leg(5, "2026-03-17", 12, None), leg(6, "2026-02-01", 99, 99),
        paid(1, "terminal-1", "approved", 4992), paid(2, "terminal-1", "reversed", 100), paid(3, "terminal-2", "unknown", 7),
        *(Row("fault", {"dev": "kiosk-1", "fault": f, "since": s, "day": "2026-03-17", "hour": 9, "ended_at": s, "lasted_s": n})
          for f, s, n in (("paper_out:roll", "a", 1800), ("paper_out", "b", 5400), ("away", "c", None))),
    )  # fmt: skip
    return written_down(tmp_path_factory.mktemp("reports") / "journal.db", *rows)


def asked(by: str = "day", *figures: str, then: str = "", **part: str) -> Enquiry:
    return Enquiry(Question(figures or TURNS, by, then, **part), DAYS)


def found(path: Path, enquiry: Enquiry, hall: Hall = HALL) -> Lines:
    return read(partial(snapshot, path), hall, enquiry, lambda _share: True)


def made(path: Path, enquiry: Enquiry, texts: Texts = EN, hall: Hall = HALL) -> Report:
    return report(enquiry, found(path, enquiry, hall), hall, texts)


# --- figures ---------------------------------------------------------------------------------------------------------------


def test_the_days_asked_for_are_counted_and_no_others(journal: Path) -> None:
    told = made(journal, asked())
    assert [(line.name, line.figures) for line in told.lines] == [
        ("2026-03-16, Mon", (2, 2, 0, 4, 30, 0.5, 15.0, None)),
        ("2026-03-17, Tue", (3, 2, 1, 12, 20, pytest.approx(2 / 3), 6.0, None)),
    ]
    assert told.total.figures[:3] == (5, 4, 1)


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
    told = made(journal, asked(by), UK)
    if names is not None:
        assert [line.name for line in told.lines] == names
    assert sum(int(line.figures[0] or 0) for line in told.lines) == 5
    assert {line.name for line in told.lines}.isdisjoint({*HALL.operator_by_id, *(e.id for e in HALL.employers)})


def test_how_turns_ended_is_told_in_the_halls_order_with_what_nobody_said(tmp_path: Path) -> None:
    turns = (
        leg(1, "2026-03-16", 1, 10, result="served"), leg(2, "2026-03-16", 2, 20, result="served"),
        leg(3, "2026-03-16", 3, 6, result="left"),
        leg(4, "2026-03-16", 4, 4, result="missing", outcome="parked"), leg(5, "2026-03-16", 5, None), leg(6, "2026-03-16", 6, 2),
        leg(7, "2026-03-17", 7, 8, outcome="transferred", window="W01"), leg(8, "2026-03-17", 8, 1, result="of-before"),
        leg(9, "2026-03-17", 9, None, outcome="cancelled"),
    )  # fmt: skip
    path = written_down(tmp_path / "j.db", *turns)
    told = made(path, asked("result", "turns", "served", "missed", "service"))
    assert [(line.name, line.figures) for line in told.lines] == [
        ("Served", (2, 2, 0, 15.0)), ("Documents are missing", (1, 1, 0, 4.0)), ("The visitor left", (1, 1, 0, 6.0)),
        ("Served, no result said", (1, 1, 0, 2.0)), ("Sent on to another window or service", (1, 1, 0, 8.0)),
        ("Did not come", (1, 0, 1, None)), ("Ticket cancelled at the window", (1, 0, 0, None)), ("of-before", (1, 1, 0, 1.0)),
    ]  # fmt: skip
    assert told.total.figures == (9, 7, 1, 7.3)  # 51 minutes of seven
    within = made(path, asked("window", "turns", then="result"))
    assert "Window 1 · Sent on to another window or service" in [line.name for line in within.lines]
    own = {"id": "missing", "names": dict.fromkeys(HALL.languages, "A paper was missing"), "parks": True}
    hall = document.load(json.dumps(json.loads(TEMPLATE) | {"results": [own]}))
    assert made(path, asked("result", "turns"), hall=hall).lines[0].name == "A paper was missing"
    assert made(path, asked("result", "tickets")).lines == ()


def test_a_line_may_stand_for_two_things(journal: Path) -> None:
    told = made(journal, asked("window", "turns", then="day"))
    assert [(line.name, line.figures[0]) for line in told.lines] == [
        ("Window 1 · 2026-03-16, Mon", 1), ("Window 3 · 2026-03-16, Mon", 1), ("Window 3 · 2026-03-17, Tue", 3),
    ]  # fmt: skip


def test_a_part_of_the_hall_is_its_service_groups(journal: Path) -> None:
    zone = HALL.group_by_id["passport"].zone
    with_zone = sum(1 for g in ("residence", "passport") if HALL.group_by_id[g].zone == zone)
    assert made(journal, asked("day", "turns", group="passport")).total.figures == (1,)
    assert made(journal, asked("day", "turns", group="residence")).total.figures == (4,)
    assert made(journal, asked("day", "turns", zone=zone)).total.figures == (5 if with_zone == 2 else 1,)
    assert made(journal, asked("day", "turns", group="gone")).lines == ()


def test_money_is_told_by_terminal_and_never_summed_over_currencies(journal: Path, tmp_path: Path) -> None:
    figures = ("taken", "given_back", "unclear")
    told = made(journal, asked("terminal", *figures))
    assert [(line.name, line.figures) for line in told.lines] == [
        ("terminal-1", (4992, 100, 0)),
        ("terminal-2", (0, 0, 1)),
    ]
    assert told.total.figures == (4992, 100, 1)
    assert (told.heads[1], written("taken", 4992, "en")) == ("Taken, UAH", "49.92")
    row = paid(4, "terminal-1", "approved", 300, "EUR")
    more = Path(copyfile(journal, tmp_path / "journal.db"))
    with Journal.open(more, HALL.id, TABLES, lambda: datetime(2026, 3, 17, 13, tzinfo=UTC)) as opened:
        opened.commit([Event("test", "2026-03-17T13:00:00.000Z", "test", None, {}, (row,))])
    mixed = made(more, asked("terminal", *figures))
    assert ("terminal-1 · EUR", (300, 0, 0)) in [(line.name, line.figures) for line in mixed.lines]
    assert mixed.total.figures == (None, None, 1)


def test_faults_and_their_hours_by_device_whatever_its_part(journal: Path) -> None:
    told = made(journal, asked("device", "faults", "fault_hours", then="fault"))
    assert [(line.name, line.figures) for line in told.lines] == [
        (f"kiosk-1 · {EN.get('hall.device_lost')}", (1, None)), ("kiosk-1 · paper_out", (2, 2.0)),
    ]  # fmt: skip


def test_percentiles_shares_and_told_waits() -> None:
    line = Line(8)
    for minute in range(10):
        line.count("wait", Counted(("a",), {"turns": 1, "served": 1}, minute))
    line.count("wait", Counted(("a",), {"turns": 5}, None))
    line.count("service", Counted(("a",), {"timed": 2, "service_s": 400.0}, 3))
    line.count("ticket", Counted(("a",), {"told": 10, "sooner": 2, "longer": 2, "rated": 4, "score": 18}))
    worth = {name: each.of(line) for name, each in FIGURES.items()}
    assert [worth[n] for n in ("turns", "served", "wait_half", "wait_most", "wait_longest", "promise")] == [
        15,
        10,
        4,
        8,
        9,
        0.8,
    ]
    assert [worth[n] for n in ("service", "service_most", "kept", "sooner", "longer", "score")] == [
        3.3,
        3,
        0.8,
        0.2,
        0.2,
        4.5,
    ]


def test_what_is_not_known_stays_unknown(journal: Path) -> None:
    empty = {name for name, each in FIGURES.items() if each.of(Line(20)) is None}
    assert empty >= {"wait_half", "wait_most", "wait_longest", "promise", "service", "kept", "came", "score"}
    assert percentile(Counter(), 0.5) is None
    assert all(line.figures == (1, None) for line in made(journal, asked("operator", "turns", "told")).lines[:1])
    assert written("promise", None, "uk") == "–"


def test_a_question_that_nobody_waits_for_is_given_up_between_two_pieces(journal: Path) -> None:
    shares: list[float] = []
    enquiry = Enquiry(Question(("turns",), "day"), Period(date(2026, 1, 1), date(2026, 3, 17)))

    def going(share: float) -> bool:
        shares.append(share)
        return len(shares) < 2

    with pytest.raises(StoppedError):
        read(partial(snapshot, journal), HALL, enquiry, going)
    assert shares == [pytest.approx(1 / 3), pytest.approx(2 / 3)]


# --- questions -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [{"by": "name"}, {"then": "day"}, {"figures": "pins"}, {"figures": "turns,turns"}, {"figures": ",".join(TOO_MANY)}],
)  # fmt: skip
def test_an_address_that_asks_for_nothing_sensible_is_refused_in_words(fields: dict[str, str]) -> None:
    with pytest.raises(ContractError):
        question(fields, fields.get("figures", "turns").split(","), None)


@pytest.mark.parametrize(
    "fields",
    [{"since": "yesterday"}, {"since": "2026-03-18"}, {"since": "1999-01-01"}, {"until": "2026-13-01"}, {"until": "0001-01-01"}],
)  # fmt: skip
def test_days_that_make_no_period_are_refused_in_words(fields: dict[str, str]) -> None:
    with pytest.raises(ContractError):
        period(fields, DAYS.until)


def test_an_address_changes_only_what_it_says_of_a_named_question() -> None:
    base = Question(("turns",), "window", "day", "residence")
    assert question({}, [], base) == base
    assert question({"by": "hour", "group": ""}, ["served"], base) == Question(("served",), "hour", "day")
    assert question({"by": "day"}, [], base) == Question(("turns",), "day", "window", "residence")
    assert period({}, DAYS.until, 28) == Period(date(2026, 2, 18), DAYS.until)


def test_pieces_are_all_the_days_once() -> None:
    whole = Period(date(2025, 12, 30), date(2026, 3, 17))
    pieces = whole.pieces(28)
    assert (pieces[0].since, pieces[-1].until) == (whole.since, whole.until)
    assert all((b.since - a.until).days == 1 for a, b in pairwise(pieces))


def test_every_hall_has_the_same_questions_with_words_in_every_language(journal: Path) -> None:
    assert len({one.key for one in standard()}) == len(standard()) >= 12
    for language in LANGUAGES:
        texts = Texts(language)
        for one in standard():
            assert texts.get(f"report.q_{one.key}")
            assert texts.get(f"report.q_{one.key}_what", limit=20)
        assert all(texts.get(f"report.{name}") for name in FIGURES)
        assert all(texts.get(f"report.by_{name}") for name in BY)
    for one in standard():
        assert len(made(journal, Enquiry(one.question, DAYS)).heads) == len(one.question.figures) + 1


def test_persons_have_no_picture_and_stand_in_the_documents_order(journal: Path) -> None:
    assert chart(made(journal, asked("operator", "turns")), "en") is None
    assert chart(made(journal, asked("day", "turns", then="operator")), "en") is None
    drawn = chart(made(journal, asked("day", "turns", "promise")), "en")
    assert drawn is not None
    assert [bar.late for bar in drawn.bars] == [False, True, False, True]
    assert drawn.bars[1].height == pytest.approx(drawn.bars[0].height / 2)


# --- files -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[*HOSTILE])
def hostile(request: pytest.FixtureRequest) -> tuple[str, Hall]:
    name = HOSTILE[request.param]
    first = HALL.services[0].model_copy(update={"names": dict.fromkeys(HALL.languages, name)})
    return name, HALL.model_copy(update={"services": (first, *HALL.services[1:])})


def rows_of(told: Report) -> Iterator[csv_file.Row]:
    yield told.heads
    yield from ((line.name, *line.figures) for line in (*told.lines, told.total))


def test_a_hostile_name_leaves_every_file_whole(journal: Path, hostile: tuple[str, Hall], tmp_path: Path) -> None:
    name, hall = hostile
    told = made(journal, asked("service", "turns", "promise"), hall=hall)
    text = b"".join(csv_file.pieces(rows_of(told))).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    assert [len(row) for row in table] == [3] * 4
    assert not table[1][0].startswith(("=", "+", "-", "@"))
    sheet = load_workbook(io.BytesIO(b"".join(xlsx_file.pieces(rows_of(told))))).active
    assert sheet is not None
    assert (sheet["A2"].data_type, sheet["B2"].value, sheet["B4"].value) == ("s", 4, 5)
    visible = [c for c in name if c.isprintable() and c != " "]
    assert set(visible) <= {*str(sheet["A2"].value), *" "}
    sheets = tmp_path / "report.pdf"
    sheets.write_bytes(pdf_file.pdf(told, pdf_file.Heading(name, name, name, "2026"), EN))
    text = subprocess.run(
        ["pdftotext", "-layout", sheets, "-"], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    assert "Page 1 of" in text
    assert "66.7 %" in text or "75.0 %" in text  # the figures of the line with that name
    drawn = chart(told, "en")
    assert drawn is not None
    assert max(len(word.text) for word in drawn.words) <= 30


def test_a_table_longer_than_a_sheet_goes_on_with_its_head_again() -> None:
    book = load_workbook(
        io.BytesIO(b"".join(xlsx_file.pieces([("a", "b"), *((n, f"x{n}") for n in range(7))], most_rows=4)))
    )
    assert [[tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book] == [
        [("a", "b"), (0, "x0"), (1, "x1"), (2, "x2")], [("a", "b"), (3, "x3"), (4, "x4"), (5, "x5")], [("a", "b"), (6, "x6")],
    ]  # fmt: skip


def test_shares_are_numbers_shown_in_percent() -> None:
    sheet = load_workbook(
        io.BytesIO(b"".join(xlsx_file.pieces([("a", "b"), ("x", 0.853), ("y", None)], shares=[1])))
    ).active
    assert sheet is not None
    assert [(c.value, c.number_format) for c in sheet["B"]] == [("b", "General"), (0.853, "0.0%"), (None, "General")]


def test_a_table_without_lines_is_a_book_too() -> None:
    assert [*load_workbook(io.BytesIO(b"".join(xlsx_file.pieces([("a",)])))).active.iter_rows(values_only=True)] == [
        ("a",)
    ]


def test_sheets_are_numbered_in_the_readers_language_and_say_what_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    million.fill(path, HALL, 2000)
    enquiry = Enquiry(Question(("turns", "promise"), "service", "hour"), million.period(2000))
    told = report(enquiry, found(path, enquiry), HALL, UK)
    sheets = tmp_path / "report.pdf"
    sheets.write_bytes(
        pdf_file.pdf(told, pdf_file.Heading("Зал «Вербова»", "Послуги", "По що приходять.", "17 березня"), UK)
    )
    text = subprocess.run(
        ["pdftotext", "-layout", sheets, "-"], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    pages = text.rstrip("\f").split("\f")
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"Сторінка {number} з {len(pages)}" in page
        assert "Зал «Вербова» · Послуги · 17 березня" in page
        assert "Обіцянки" in page  # the head of the table
    assert "Разом" in pages[-1]


def test_every_ticket_is_a_row_without_who_served_it(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    million.fill(path, HALL, 2500)
    rows = [tuple(row) for row in ticket.rows(partial(snapshot, path), HALL, million.period(2500))]
    assert (len(rows), rows[0]) == (2501, ticket.COLUMNS)
    assert [row[0] for row in rows[1:]] == sorted(str(row[0]) for row in rows[1:])
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["day"], first["label"], first["issued_at"]) == ("2026-03-15", "A0000", "2026-03-15 09:00:00")
    assert not {o.id for o in HALL.operators} & {cell for row in rows for cell in row}


# --- open data -------------------------------------------------------------------------------------------------------------


def test_open_data_leave_out_what_fewer_than_five_people_are_behind(tmp_path: Path) -> None:
    turns = [leg(n, "2026-03-16", 30 if n < 3 else 5, 10) for n in range(11)]  # three late of eleven
    turns += [leg(20 + n, "2026-03-16", 5, 10, hour=10) for n in range(5)]
    turns += [leg(30 + n, "2026-03-16", 5, 10, hour=11) for n in range(4)]
    path = written_down(tmp_path / "j.db", *turns)
    with ZipFile(io.BytesIO(b"".join(open_data.pieces(partial(snapshot, path), HALL, DAYS)))) as package:
        assert package.testzip() is None
        rows = list(csv.DictReader(io.StringIO(package.read("waits.csv").decode())))
        told = package.read("datapackage.json").decode()
    assert [(r["hour"], r["turns"], r["wait_half_min"], r["promise_kept"]) for r in rows] == [
        ("9", "11", "5", ""), ("10", "5", "5", "1.0"), ("11", "", "", ""),
    ]  # fmt: skip
    described = open_data.description(HALL, DAYS)
    assert [f["name"] for f in described["resources"][0]["schema"]["fields"]] == [*rows[0]]
    assert described["licenses"][0]["name"] == "CC-BY-4.0"
    assert '"CC-BY-4.0"' in told
    assert not any(o.name in told or o.id in {*row.values()} for o in HALL.operators for row in rows)


# --- saved questions -------------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Iterator[SavedReports]:
    store = SavedReports(tmp_path / "r.db", lambda: datetime(2026, 3, 17, tzinfo=UTC))
    yield store
    store.close()
    store.close()


def test_a_question_is_kept_once_by_its_key_and_changed_by_its_owner_only(saved: SavedReports, tmp_path: Path) -> None:
    asks = Question(("turns", "score"), "window", "day", "residence")
    for _ in range(2):
        saved.add("k1", "  Наші  вікна ", "op01", asks, 7)
    assert [(one.name, one.question, one.days) for one in saved.all()] == [("Наші вікна", asks, 7)]
    assert not saved.rename("k1", "other", "op02")
    saved.delete("k1", "op02")
    assert saved.rename("k1", "Вікна", "op01")
    again = SavedReports(tmp_path / "r.db", lambda: datetime(2026, 3, 17, tzinfo=UTC))
    assert again.get("k1") == saved.get("k1")
    again.close()
    saved.delete("k1", "op01")
    saved.delete("k1", "op01")
    assert (saved.all(), saved.get("k1")) == ([], None)
    assert saved.get("waits") in standard()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_that_nobody_can_read_is_refused(saved: SavedReports, name: str) -> None:
    with pytest.raises(ContractError):
        saved.add("k1", name, "op01", Question(("turns",), "day"), 7)


def test_what_this_version_cannot_ask_is_left_out(saved: SavedReports, tmp_path: Path) -> None:
    import sqlite3

    saved.add("k1", "good", "op01", Question(("turns",), "day"), 7)
    with sqlite3.connect(tmp_path / "r.db") as db:
        for key, words in (("k2", '{"figures": ["of tomorrow"], "by": "day"}'), ("k3", "no JSON"), ("k4", "[]")):
            db.execute("INSERT INTO saved_report VALUES (?, 'x', 'op01', ?, 7, '')", (key, words))
    db.close()
    assert [one.key for one in saved.all()] == ["k1"]


def test_the_measurement_of_reports_answers_every_standard_question_and_stays_small(tmp_path: Path) -> None:
    seconds, ratio, *growths = million.measure(tmp_path, HALL, 1200)
    assert (seconds.unit, seconds.limit, seconds.good) == ("s", 3.0, True)
    assert ratio.ratio == pytest.approx(seconds.value / ratio.limit)
    assert [one.name for one in growths] == ["growth making csv", "growth making xlsx", "growth making open data"]
    assert all(one.good for one in growths)


def test_counting_by_the_ticket_of_a_turn_counts_each_turn_once(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    million.fill(path, HALL, 1000)
    days = million.period(1000)
    with snapshot(path) as connection:
        by_group = list(counted(connection, HALL, Question(("turns",), "priority"), days, "wait"))
        by_day = list(counted(connection, HALL, Question(("turns",), "day"), days, "wait"))
    assert sum(one.counts["turns"] for one in by_group) == sum(one.counts["turns"] for one in by_day) > 900
    assert {one.key[0] for one in by_group} == {"", *(p.id for p in HALL.priority_groups)}

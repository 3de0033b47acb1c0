"""Standard reports over a million tickets, in seconds and against one plain pass over the same rows; memory while a file of them is made.

The journal is filled by SQL, not by events: only reports read it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from bench.rig import Figure
from consoles.reports import csv_file, open_data, ticket, xlsx_file
from consoles.reports.question import Enquiry, Period
from consoles.reports.reading import read
from consoles.reports.saved import Saved, standard
from consoles.reports.table import report
from contract.hall import Hall
from journal.database import snapshot
from journal.journal import Journal
from journal.schema import HALL
from look.texts import Texts

BUDGET_S = 3.0
BUDGET_RATIO = 15.0
"""Of the slowest standard report to reading the columns of the same rows once, in the order of the file, without any group."""
BUDGET_MIB = 24.0
"""What making the largest files may add to the process, whatever the number of rows."""
TICKETS, PER_DAY = 1_000_000, 1000
ROUNDS = 5
LAST_DAY = date(2026, 3, 17)
_KNUTH = 2654435761
"""Spreads the numbers of tickets over services, windows and minutes: the same journal each time."""


def measure(folder: Path, hall: Hall, tickets: int = TICKETS) -> list[Figure]:
    """The slowest standard report, its ratio, and the growth of the process while every ticket becomes a file.

    A spreadsheet of a quarter of them: packing takes its time, and memory does not know how long it will be.
    """
    path = folder / "reports.db"
    fill(path, hall, tickets)
    days = period(tickets)
    took = {one.key: _seconds(partial(_ask, path, hall, one, days)) for one in standard()}
    slowest = max(standard(), key=lambda one: took[one.key])
    scans, asks = zip(*(_pair(path, hall, slowest, days) for _ in range(ROUNDS)), strict=True)
    name, scan_s, slow_s = slowest.key, median(scans), median(asks)
    opened = partial(snapshot, path)
    files: dict[str, Callable[[], Iterator[bytes]]] = {
        "csv": lambda: csv_file.pieces(ticket.rows(opened, hall, days)),
        "xlsx": lambda: xlsx_file.pieces(ticket.rows(opened, hall, period(tickets // 4))),
        "open data": lambda: open_data.pieces(opened, hall, days),
    }
    note = f"{tickets} tickets in {(days.until - days.since).days + 1} days; slowest of {len(took)}: {name}"
    return [
        Figure("standard report", slow_s, "s", BUDGET_S, slow_s / BUDGET_S, 1.0, at_least=False, note=note),
        Figure("standard report / one pass", slow_s, "s", scan_s, slow_s / scan_s, BUDGET_RATIO, at_least=False, note=name),
        *(_growth(kind, make) for kind, make in files.items()),
    ]  # fmt: skip


def period(tickets: int) -> Period:
    """The days over which `fill` spreads them."""
    return Period(LAST_DAY - timedelta(days=max(0, (tickets - 1) // PER_DAY)), LAST_DAY)


def fill(path: Path, hall: Hall, tickets: int) -> None:
    """A journal of so many tickets of this hall, a turn each, with payments, bookings and faults: one for each hundred tickets."""
    with Journal.open(path, hall.id, HALL, lambda: datetime.now(UTC)):
        pass
    db = sqlite3.connect(path)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; CREATE TEMP TABLE one (kind, n, id, more)")
    db.create_function("spread", 2, lambda i, n: (i * _KNUTH >> 7) % n, deterministic=True)
    for kind, words in _words(hall).items():
        db.executemany("INSERT INTO one VALUES (?, ?, ?, ?)", [(kind, n, *word) for n, word in enumerate(words)])
    db.executescript("CREATE INDEX temp.one_of ON one (kind, n)")
    counts = {kind: len(words) for kind, words in _words(hall).items()}
    facts = {
        **counts,
        "hall": hall.id,
        "since": str(period(tickets).since),
        "tickets": tickets,
        "per_day": PER_DAY,
        "currency": hall.currency,
    }
    for statement in (_TICKETS, _LEGS, _BOOKINGS, _PAYMENTS, _FAULTS):
        db.execute(statement, facts)
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def _words(hall: Hall) -> dict[str, list[tuple[str, str]]]:
    return {
        "service": [(s.id, s.group) for s in hall.services],
        "window": [(w.id, "") for w in hall.windows],
        "operator": [(o.id, "") for o in hall.operators] or [("op01", "")],
        "priority": [(p.id, "") for p in hall.priority_groups] or [("none", "")],
        "lang": [(language, "") for language in hall.languages],
    }


def _pair(path: Path, hall: Hall, one: Saved, days: Period) -> tuple[float, float]:
    """One plain pass and one report, side by side: what else the machine does slows both."""
    return _seconds(partial(_scan, path, hall, days)), _seconds(partial(_ask, path, hall, one, days))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _ask(path: Path, hall: Hall, one: Saved, days: Period) -> None:
    """As the page does it, names and sums among it."""
    enquiry = Enquiry(one.question, days)
    report(enquiry, read(partial(snapshot, path), hall, enquiry, lambda _share: True), hall, Texts("uk"))


def _scan(path: Path, hall: Hall, days: Period) -> None:
    words = {"hall": hall.id, "since": str(days.since), "until": str(days.until)}
    with snapshot(path) as connection:
        connection.exec_driver_sql(
            "SELECT count(*), sum(wait_s), sum(service_s), max(outcome), max(service) FROM leg "
            "WHERE hall = :hall AND day BETWEEN :since AND :until", words,
        ).all()  # fmt: skip


def _growth(kind: str, make: Callable[[], Iterator[bytes]]) -> Figure:
    """How much larger the process is at the most while the file is made and thrown away."""
    sizes, over = [_rss_mib()], threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            sizes.append(_rss_mib())

    watching = threading.Thread(target=watch, name="watch")
    watching.start()
    try:
        began = time.perf_counter()
        size = sum(len(piece) for piece in make())
        took = time.perf_counter() - began
    finally:
        over.set()
        watching.join()
    grown = max(sizes) - sizes[0]
    note = f"{size / 2**20:.0f} MiB in {took:.0f} s"
    return Figure(f"growth making {kind}", grown, "MiB", BUDGET_MIB, grown / BUDGET_MIB, 1.0, at_least=False, note=note)


def _rss_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024


_NUMBERS = "WITH RECURSIVE number (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < :tickets{part})"
_AT = "strftime('%Y-%m-%dT%H:%M:%S.000Z', :since, '+' || (i / :per_day) || ' days', '+' || (25200 + i % :per_day * 32) || ' seconds'{more})"
_DAY = "date(:since, '+' || (i / :per_day) || ' days')"
_HOUR = "9 + i % :per_day * 9 / :per_day"
_WAIT = "CAST(spread(i, 1500) AS REAL) * spread(i, 7) / 4"
_TICKETS = f"""INSERT INTO ticket (hall, id, day, label, letter, number, visit, service, then_services, service_group, priority,
  priority_group, lang, kiosk, state, paper, issued_at, clock_at, ready_at, window, operator, called_at, started_at, ended_at, recalls, leg,
  hour, wait_s, service_s, told_low, told_high, told_kept, score)
{_NUMBERS.format(part="")}
SELECT :hall, 't' || i, {_DAY}, 'A' || printf('%04d', i % :per_day), 'A', i % :per_day, 't' || i, service.id, '[]', service.more,
  spread(i, 9) = 0, CASE WHEN spread(i, 9) = 0 THEN priority.id END, lang.id, 'kiosk-1',
  CASE spread(i, 19) WHEN 0 THEN 'cancelled' WHEN 1 THEN 'no_show' ELSE 'finished' END, 'confirmed', {_AT.format(more="")},
  {_AT.format(more="")}, {_AT.format(more="")}, window.id, operator.id, {_AT.format(more=f", '+' || ({_WAIT}) || ' seconds'")},
  NULL, {_AT.format(more=", '+1 hour'")}, 0, 1, {_HOUR}, {_WAIT}, 60.0 + spread(i, 1200), 10, 20,
  CASE spread(i, 10) WHEN 0 THEN 'sooner' WHEN 1 THEN 'longer' ELSE 'within' END, CASE WHEN spread(i, 5) = 0 THEN 1 + spread(i, 5) END
FROM number
  CROSS JOIN temp.one service ON service.kind = 'service' AND service.n = spread(i, :service)
  CROSS JOIN temp.one window ON window.kind = 'window' AND window.n = spread(i + 1, :window)
  CROSS JOIN temp.one operator ON operator.kind = 'operator' AND operator.n = spread(i + 1, :operator)
  CROSS JOIN temp.one priority ON priority.kind = 'priority' AND priority.n = spread(i, :priority)
  CROSS JOIN temp.one lang ON lang.kind = 'lang' AND lang.n = spread(i, :lang)"""  # noqa: S608 - our own words only
_LEGS = """INSERT INTO leg (hall, ticket, n, day, hour, service, service_group, window, operator, called_at, started_at, ended_at,
  wait_s, service_s, outcome, result)
SELECT hall, id, 1, day, hour, service, service_group, window, operator, called_at, called_at, ended_at,
  wait_s, CASE state WHEN 'finished' THEN service_s END, state,
  CASE WHEN state = 'finished' AND spread(number, 4) > 0 THEN 'served' WHEN state = 'finished' THEN 'refused' END
  FROM ticket WHERE state <> 'cancelled'"""
_BOOKINGS = f"""INSERT INTO booking (hall, id, code, day, start, minutes, service, then_services, lang, state, made_at, extra_s)
{_NUMBERS.format(part=" / 100")}
SELECT :hall, 'b' || i, i, date(:since, '+' || (i * 100 / :per_day) || ' days'), {_AT.format(more="")}, 15, service.id, '[]', 'uk',
  CASE i % 7 WHEN 0 THEN 'missed' WHEN 1 THEN 'cancelled' ELSE 'checked_in' END, {_AT.format(more="")}, 0
FROM number CROSS JOIN temp.one service ON service.kind = 'service' AND service.n = spread(i, :service)"""  # noqa: S608
_PAYMENTS = f"""INSERT INTO payment (hall, dev, id, day, hour, device, order_id, service, method, state, amount_minor, captured_minor,
  currency, opened_at, at, why)
{_NUMBERS.format(part=" / 100")}
SELECT :hall, 'terminal-' || (1 + i % 2), 'p' || i, date(:since, '+' || (i * 100 / :per_day) || ' days'), 9 + i % 9, 'pos', 'o' || i,
  service.id, CASE i % 3 WHEN 0 THEN 'cash' ELSE 'card' END, CASE i % 11 WHEN 0 THEN 'declined' WHEN 1 THEN 'reversed' ELSE 'approved' END,
  5000 + i % 900 * 100, CASE i % 11 WHEN 0 THEN 0 ELSE 5000 + i % 900 * 100 END, :currency, {_AT.format(more="")}, {_AT.format(more="")}, ''
FROM number CROSS JOIN temp.one service ON service.kind = 'service' AND service.n = spread(i, :service)"""  # noqa: S608
_FAULTS = f"""INSERT INTO fault (hall, dev, fault, since, day, hour, ended_at, lasted_s)
{_NUMBERS.format(part=" / 1000")}
SELECT :hall, CASE i % 3 WHEN 0 THEN 'kiosk-1' WHEN 1 THEN 'terminal-1' ELSE 'board-1' END,
  CASE i % 2 WHEN 0 THEN 'paper_out' ELSE 'away' END, 's' || i, date(:since, '+' || (i * 1000 / :per_day) || ' days'), 9 + i % 9,
  {_AT.format(more="")}, 300.0 + i % 40 * 60 FROM number"""  # noqa: S608

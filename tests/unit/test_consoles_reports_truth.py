"""Reports against the journal: a day served by the engine, its figures worked out by plain SQL from what the manager's page
says of them, and held against the files that people take away."""

from __future__ import annotations

import asyncio
import csv
import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest

from consoles.reports.figure import Value
from consoles.reports.question import Enquiry, Period, Question
from consoles.reports.reading import read
from consoles.reports.table import report
from contract import messages as m
from contract.hall import Hall
from contract.words import TicketState
from journal.database import snapshot
from journal.journal import Journal
from journal.schema import HALL
from look.texts import Texts
from tests import small_hall
from tests.reports_site import site
from tests.small_hall import CONSOLE, Play

DAY = "2026-03-17"
RULES = {"call.double_press_s": 0, "ticket.last_before_close_min": 0, "kpi.max_wait_min": 10}
SERVICES = ("advice", "intake", "birth", "loss", "passport")
RESULTS = ("served", "served", "served", "not_ours", "refused", None)
Cell = str | float | None
Ask = Callable[..., list[list[Cell]]]


class Served:
    """Visitors of all kinds, by a seed: on time, missed, parked, sent on, with a booking, of several services, left over."""

    def __init__(self, hall: Hall, seed: int) -> None:
        self.play, self.dice = Play(hall, "08:55"), Random(seed)
        places = (f"{9 + n // 4:02}:{n % 4 * 15:02}" for n in range(1, 10))
        self.codes = [one.code for clock in places if isinstance(one := self.play.book(clock), m.Booked)]
        self.play.at("09:00").open("W1", "W2", "W3", "W4")

    def run(self, steps: int) -> Play:
        """So many steps of a minute or two."""
        for _ in range(steps):
            self.play.wait(self.dice.uniform(20, 90)).tick()
            self._come()
            self._return()
            for window in ("W1", "W2", "W3", "W4"):
                self._work(window)
        return self.play

    def _come(self) -> None:
        if self.codes and self.dice.random() < 0.1:
            code = self.codes.pop(0)
            if self.dice.random() < 0.7 and isinstance(self.play.check_in(code), m.Refused):
                self.codes.insert(0, code)  # too early
        elif self.dice.random() < 0.6:
            then = ("intake",) if self.dice.random() < 0.15 else ()
            self.play.take(self.dice.choice(SERVICES), then=then)

    def _return(self) -> None:
        for ticket in list(self.play.state.tickets.values()):
            if ticket.state in (TicketState.PARKED, TicketState.NO_SHOW) and self.dice.random() < 0.08:
                self.play.do(m.TicketReturn(**self.play.id(), ticket=ticket.id), CONSOLE)

    def _work(self, window: str) -> None:
        ticket = self.play.state.ticket_at(window)
        if ticket is None:
            self.play.next(window)
        elif ticket.state is TicketState.CALLED:
            self.play.desk(m.CallNoShow if self.dice.random() < 0.12 else m.CallStart, window)
        elif self.dice.random() < 0.3:
            self._end(window)

    def _end(self, window: str) -> None:
        chance = self.dice.random()
        if chance < 0.1:
            self.play.desk(m.CallPark, window, result="missing")
        elif chance < 0.25:
            self.play.desk(m.CallTransfer, window, service="intake", first=chance < 0.18)
        else:
            self.play.desk(m.CallFinish, window, result=self.dice.choice(RESULTS))


def kept(play: Play, path: Path) -> Path:
    """The journal of what was played."""
    with Journal.open(path, play.hall.id, HALL, lambda: datetime.now(UTC)) as journal:
        journal.commit(play.events)
    return path


@pytest.fixture(scope="module")
def hall() -> Hall:
    return small_hall.hall(rules=RULES)


@pytest.fixture(scope="module")
def journal(hall: Hall, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole day, closed before everybody was served."""
    play = Served(hall, seed=3).run(150)
    play.at("16:55").do(m.HallClose(**play.id()), CONSOLE)
    return kept(play, tmp_path_factory.mktemp("served") / "journal.db")


@pytest.fixture(scope="module")
def told(hall: Hall, journal: Path) -> Iterator[Ask]:
    """The lines of a report's CSV as the manager gets it, numbers as numbers."""

    async def ask(**query: str) -> list[list[Cell]]:
        got = await reading.get("/reports/file.csv", lang="en", since=DAY, until=DAY, **query)
        rows = csv.reader(io.StringIO(got.content.decode("utf-8-sig")))
        return [[name, *(float(cell) if cell else None for cell in cells)] for name, *cells in list(rows)[1:]]

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        reading = runner.run(stack.enter_async_context(site(journal.parent, hall, journal)))
        yield lambda **query: runner.run(ask(**query))
        runner.run(stack.aclose())


def plain(journal: Path, query: str) -> list[list[Cell]]:
    """The same by SQL."""
    with sqlite3.connect(journal) as db:
        found = [list(row) for row in db.execute(query)]
    db.close()
    return found


TURN = """WITH turn AS (
  SELECT leg.*, CAST(max(0, round((julianday(leg.called_at) - julianday(CASE
    WHEN leg.n = 1 THEN max(ticket.issued_at, coalesce(booking.start, ''))
    ELSE coalesce((SELECT max(event.at) FROM event WHERE event.kind = 'ticket.returned'
      AND event.at BETWEEN before.ended_at AND leg.called_at
      AND json_extract(event.body, '$.facts.ticket') = leg.ticket), before.ended_at)
  END)) * 86400, 2)) / 60 AS INTEGER) AS waited
  FROM leg JOIN ticket ON ticket.id = leg.ticket
  LEFT JOIN booking ON booking.ticket = leg.ticket
  LEFT JOIN leg before ON before.ticket = leg.ticket AND before.n = leg.n - 1)
"""
"""Every turn with the whole minutes its visitor stood in line for it, from the times at which things happened."""


def waits(line: str, part: str) -> str:
    """Called, the promise, nine of ten: for each `part`, whose line is called `line`."""
    return f"""{TURN} SELECT {line}, count(*), round(avg(waited < 10), 4), min(waited) FILTER (WHERE place * 10 >= many * 9)
      FROM (SELECT *, row_number() OVER (PARTITION BY {part} ORDER BY waited) AS place, count(*) OVER (PARTITION BY {part}) AS many
        FROM turn)
      GROUP BY {part} ORDER BY {part}"""


def test_waits_and_the_promise_by_hour_are_what_the_times_of_the_journal_say(told: Ask, journal: Path) -> None:
    by_hour, whole = plain(journal, waits("hour || ':00'", "hour")), plain(journal, waits("'Total'", "day"))
    assert told(report="promise") == by_hour + whole
    assert len(by_hour) > 2
    assert 0 < float(whole[0][2] or 0) < 1


def test_the_longest_and_the_middle_wait_of_the_day_are_those_of_its_turns(told: Ask, journal: Path) -> None:
    day = f"""{TURN} SELECT count(*), min(waited) FILTER (WHERE place * 2 >= many), max(waited)
      FROM (SELECT *, row_number() OVER (ORDER BY waited) AS place, count(*) OVER () AS many FROM turn)"""
    lines = told(figures="turns,wait_half,wait_longest", by="day")
    assert [line[1:] for line in lines] == plain(journal, day) * 2
    assert plain(journal, "SELECT count(*) > 3 FROM event WHERE kind = 'ticket.returned'") == [[1]]


def test_minutes_at_each_window_are_from_start_to_end_of_who_was_there(told: Ask, journal: Path) -> None:
    by_window = """SELECT 'Window ' || substr(window, 2), count(*), sum(there), sum(outcome = 'no_show'),
      round(avg(CASE WHEN there THEN (julianday(ended_at) - julianday(coalesce(started_at, called_at))) * 1440 END), 1)
      FROM (SELECT *, outcome IN ('finished', 'transferred', 'parked') AS there FROM leg) GROUP BY window ORDER BY window"""
    got = told(figures="turns,served,missed,service", by="window")
    assert got[:-1] == plain(journal, by_window)
    assert len(got) == 5


def test_each_employers_turns_are_those_at_its_windows(told: Ask, journal: Path) -> None:
    by_employer = plain(journal, "SELECT window IN ('W2', 'W3') AS theirs, count(*) FROM leg GROUP BY theirs")
    got = told(figures="turns", by="employer")
    assert [line[1] for line in got] == [
        by_employer[0][1],
        by_employer[1][1],
        plain(journal, "SELECT count(*) FROM leg")[0][0],
    ]
    assert [line[0] for line in got] == ["Council", "Registry", "Total"]


def test_how_turns_ended_is_what_the_events_say_of_each_service(told: Ask, journal: Path) -> None:
    """Of what was told when it happened, not of the rows that reports count."""
    ends = """SELECT json_extract(event.body, '$.facts.result') AS said, event.kind, count(*) FROM event WHERE event.kind IN
      ('ticket.finished', 'ticket.transferred', 'ticket.parked', 'ticket.no_show') GROUP BY said, event.kind"""
    words = {
        "served": "Served", "missing": "Documents are missing", "not_ours": "Not our service", "refused": "Refused",
        "ticket.finished": "Served, no result said", "ticket.transferred": "Sent on to another window or service",
        "ticket.no_show": "Did not come",
    }  # fmt: skip
    counted = {words[str(said or kind)]: count for said, kind, count in plain(journal, ends)}
    got = told(figures="turns", by="result")
    at_window = plain(journal, "SELECT count(*) FROM leg WHERE outcome = 'cancelled'")[0][0]
    if at_window:
        counted["Ticket cancelled at the window"] = at_window
    assert {str(name): count for name, count in got[:-1]} == counted
    assert set(words.values()) <= {*counted}
    within = told(figures="turns", by="service", then="result")
    assert sum(float(line[1] or 0) for line in within[:-1]) == got[-1][1]


def test_who_left_without_service_is_a_share_of_the_tickets_that_are_over(told: Ask, journal: Path) -> None:
    """Issued: by the events; how each ended: the last that happened to it."""
    ended = """SELECT count(*), round(avg(kind <> 'ticket.finished'), 4) FROM (SELECT kind, max(seq) FROM event
      WHERE kind IN ('ticket.finished', 'ticket.cancelled', 'ticket.no_show') GROUP BY json_extract(body, '$.facts.ticket'))"""
    got = told(report="tickets")
    assert got[-1][1:] == plain(journal, ended)[0]
    assert [got[-1][1:2]] == plain(journal, "SELECT count(*) FROM event WHERE kind = 'ticket.issued'")
    assert 0 < float(got[-1][2] or 0) < 1


def test_who_came_as_booked_is_a_share_of_those_whose_time_is_over(told: Ask, journal: Path) -> None:
    booked = """SELECT count(*), round(1.0 * sum(state = 'checked_in') / sum(state IN ('checked_in', 'missed', 'lost')), 4),
      sum(state IN ('missed', 'lost')), sum(state = 'cancelled') FROM booking WHERE state <> 'moved'"""
    got = told(report="bookings")
    assert got[-1][1:] == plain(journal, booked)[0]
    assert all(got[-1][1:3])


# --- halls small enough to count by hand -----------------------------------------------------------------------------------

DAYS = ("turns", "wait_half", "wait_most", "wait_longest", "promise", "service", "tickets", "gone", "kept", "came")


def by_hand(play: Play, folder: Path, by: str = "day") -> dict[str, tuple[Value, ...]]:
    """Line → `DAYS` of the day that was played."""
    path, today = kept(play, folder / "journal.db"), play.hall.local(play.now).date()
    asked = Enquiry(Question(DAYS, by), Period(today, today))
    made = report(asked, read(partial(snapshot, path), play.hall, asked, lambda _share: True), play.hall, Texts("en"))
    return {line.name: line.figures for line in (*made.lines, made.total)}


def test_of_an_empty_hall_nothing_is_known_and_nothing_is_nought_of_nought(hall: Hall, tmp_path: Path) -> None:
    assert by_hand(Play(hall).open("W1"), tmp_path) == {"Total": (0, None, None, None, None, None, 0, None, None, None)}


def test_a_hall_with_one_visitor_tells_that_visit(hall: Hall, tmp_path: Path) -> None:
    play = Play(hall).open("W1")
    play.take()
    play.wait(299).next()
    play.wait(30).desk(m.CallStart)
    play.wait(615).desk(m.CallFinish)
    day = (1, 5, 5, 5, 1.0, 10.2, 1, 0.0, None, None)
    assert by_hand(play, tmp_path) == {"2026-03-17, Tue": day, "Total": day}


def test_a_day_in_progress_counts_only_what_is_over(hall: Hall, tmp_path: Path) -> None:
    """One served, one sent home by staff; one at the window and one in line, for 50 minutes, of whom nobody knows yet."""
    play = Play(hall).open("W1", "W2")
    for _ in range(4):
        play.take("intake")
    play.next("W1")
    play.wait(600).desk(m.CallFinish, "W1")
    play.of(m.TicketCancel, "A002")
    play.next("W1")
    play.wait(3000)
    assert by_hand(play, tmp_path)["Total"] == (1, 0, 0, 0, 1.0, 10.0, 4, 0.5, None, None)


def test_while_nobody_was_called_yet_a_share_is_not_nought(hall: Hall, tmp_path: Path) -> None:
    play = Play(hall).open("W1")
    play.take()
    play.take()
    assert by_hand(play.wait(900), tmp_path)["Total"] == (0, None, None, None, None, None, 2, None, None, None)


@pytest.mark.parametrize(("day", "hour"), [("2026-10-25", "3:00"), ("2026-03-29", "4:00")])
def test_a_night_on_which_the_clock_is_moved_makes_no_wait_longer_or_shorter(
    tmp_path: Path, day: str, hour: str
) -> None:
    """Taken ten minutes before 01:00 UTC, called ten minutes after; on the wall 03:50 to 03:10, and 02:50 to 04:10."""
    hall = small_hall.hall(rules=RULES, timezone="Europe/Kyiv", hours={"sun": ("00:00-12:00",)})
    play = Play(hall, "00:30", day).open("W1")
    play.now = datetime.fromisoformat(f"{day}T00:50:00+00:00")
    play.take()
    play.wait(1199).next()
    play.wait(3600).desk(m.CallFinish)
    found = by_hand(play, tmp_path, "hour")
    assert found["Total"] == (1, 20, 20, 20, 0.0, 60.0, 1, 0.0, None, None)
    assert found[hour][0] == 1

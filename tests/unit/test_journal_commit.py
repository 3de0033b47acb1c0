"""One transaction remembers: events, rows and replies, all or nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Dialect, create_mock_engine

from contract.errors import ContractError
from journal.errors import JournalError
from journal.event import Event, Row, Scalar
from journal.journal import Journal
from journal.project import _upsert
from journal.schema import BOX, HALL
from journal.verify import verify
from tests.journal_sample import HALL_ID, START, SampleDay, clock, opened


def test_events_get_numbers_without_a_gap_and_come_back_as_committed(tmp_path: Path) -> None:
    events = SampleDay(1).events(5)
    with opened(tmp_path / "hall.db") as journal:
        assert list(journal.commit(events[:2])) == [1, 2]
        assert list(journal.commit(events[2:])) == [3, 4, 5]
    with opened(tmp_path / "hall.db") as journal:
        assert journal.last_seq == 5
        assert [entry.event for entry in journal.events(0, 10)] == [_without_none(event) for event in events]
        assert [entry.seq for entry in journal.events(2, 2)] == [3, 4]


def _without_none(event: Event) -> Event:
    rows = (
        Row(row.table, {name: value for name, value in row.values.items() if value is not None}) for row in event.rows
    )
    return replace(event, rows=tuple(rows))


def test_rows_are_the_last_after_image_with_its_types(tmp_path: Path) -> None:
    window: dict[str, Scalar] = {
        "id": "W01",
        "number": 1,
        "state": "free",
        "armed": True,
        "since": "s",
        "operator": "op",
    }
    absent: dict[str, Scalar] = dict.fromkeys(("ticket", "last_call", "pause", "back_at"))
    later: dict[str, Scalar] = {"id": "W01", "number": 1, "state": "paused", "armed": False, "since": "t"}
    with opened(tmp_path / "hall.db") as journal:
        journal.commit([Event("window.opened", "2026-03-02T06:00:00.000Z", "op", rows=(Row("window", window),))])
        assert journal.rows("window") == [{**window, **absent}]
        journal.commit([Event("window.paused", "2026-03-02T06:01:00.000Z", "op", rows=(Row("window", later),))])
        assert journal.rows("window", id="W01") == [{**later, **absent, "operator": None}]
        assert journal.rows("window")[0]["armed"] is False


def test_rows_are_found_by_value_by_none_and_by_several_values(tmp_path: Path) -> None:
    with opened(tmp_path / "hall.db") as journal:
        journal.commit(SampleDay(3).events(40))
        every = journal.rows("ticket")
        live = [row for row in every if row["state"] in ("called", "waiting")]
        assert live
        assert journal.rows("ticket", state=("called", "waiting")) == live
        assert journal.rows("ticket", window=None) == [row for row in every if row["window"] is None]
        with pytest.raises(KeyError):
            journal.rows("ticket", colour="red")


def test_a_reply_is_found_by_its_command_until_it_is_pruned(tmp_path: Path) -> None:
    now = START
    with Journal.open(tmp_path / "hall.db", HALL_ID, HALL, lambda: now) as journal:
        journal.commit(replies=[("c1", '{"label":"A001"}')])
        now = START + timedelta(days=3)
        journal.commit(replies=[("c2", '{"refused":"closed"}')])
        assert journal.seen(["c1", "c3"]) == {"c1": '{"label":"A001"}'}
        assert journal.prune_seen(START + timedelta(days=1)) == 1
        assert journal.seen(["c1", "c2"]) == {"c2": '{"refused":"closed"}'}


def test_an_empty_commit_writes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "hall.db") as journal:
        assert list(journal.commit()) == []
        assert (journal.last_seq, journal.events(0, 5), journal.rows("ticket")) == (0, [], [])


_LEG_OF_NO_LENGTH = Row(
    "leg",
    {"ticket": "t", "n": 1, "day": "d", "hour": 9, "service": "s", "service_group": "g", "wait_s": float("-inf")},
)


@pytest.mark.parametrize(
    ("event", "word"),
    [
        (Event("", "t", "w"), "kind"),
        (Event("a.b", "t", "two\nlines"), "who"),
        (Event("a.b", "t", "w", cmd=""), "cmd"),
        (Event("a.b", "t", "w", facts={"x": float("nan")}), "JSON"),
        (Event("a.b", "t", "w", facts={"x": [1, {"y": float("inf")}]}), "JSON"),
        (Event("a.b", "t", "w", facts={"x": b"bytes"}), "JSON"),  # type: ignore[dict-item]
        (Event("a.b", "t", "w", facts={"x": [b"bytes"]}), "JSON"),  # type: ignore[list-item]
        (Event("a.b", "t", "w", rows=(Row("series", {"day": START.date(), "letter": "A", "next": 1}),)), "JSON"),  # type: ignore[dict-item]
        (Event("a.b", "t", "w", rows=(_LEG_OF_NO_LENGTH,)), "JSON"),
        (Event("a.b", "t", "w", facts={"x": "\ud800"}), "JSON"),
        (Event("a.b", "t", "w", rows=(Row("cmd_seen", {"id": "x"}),)), "allowed are day, window"),
        (Event("a.b", "t", "w", rows=(Row("window", {"id": "x", "colour": "red"}),)), "no column colour"),
        (Event("a.b", "t", "w", rows=(Row("window", {"id": "x", "hall": "other"}),)), "no column hall"),
        (Event("a.b", "t", "w", rows=(Row("series", {"day": "d", "letter": "A"}),)), "next must have a value"),
    ],
)
def test_a_malformed_event_is_refused_by_name_and_the_journal_goes_on(tmp_path: Path, event: Event, word: str) -> None:
    good = SampleDay(1).events(2)
    with opened(tmp_path / "hall.db") as journal:
        with pytest.raises(ContractError, match=word):
            journal.commit([good[0], event])
        assert list(journal.commit(good)) == [1, 2]
    assert verify(tmp_path / "hall.db", HALL_ID, HALL).ok


def _called(label: str) -> Event:
    ticket = SampleDay(0, label[0])._ticket(label, "called", "W01")
    return Event("ticket.called", "t", "W01", rows=(ticket,))


def test_a_second_live_ticket_at_a_window_is_kept_out_and_the_journal_stops(tmp_path: Path) -> None:
    with opened(tmp_path / "hall.db") as journal:
        journal.commit([_called("A001")], [("c1", "{}")])
        with pytest.raises(JournalError, match="UNIQUE"):
            journal.commit([_called("A002")], [("c2", "{}")])
        assert (journal.seen(["c2"]), journal.last_seq, len(journal.rows("ticket"))) == ({}, 1, 1)
        with pytest.raises(JournalError, match=r"commit refused: an earlier one failed.*restart"):
            journal.commit(SampleDay(1).events(1))
    with opened(tmp_path / "hall.db") as journal:
        assert list(journal.commit(SampleDay(1).events(1))) == [2]


def test_a_value_of_the_wrong_type_is_kept_out(tmp_path: Path) -> None:
    row = Row("series", {"day": "2026-03-02", "letter": "A", "next": "many"})
    with opened(tmp_path / "hall.db") as journal, pytest.raises(JournalError, match="INTEGER"):
        journal.commit([Event("a.b", "t", "w", rows=(row,))])


def test_what_belongs_to_the_transaction_fails_with_it(tmp_path: Path) -> None:
    def fail(_connection: Connection) -> None:
        raise RuntimeError("power")

    with opened(tmp_path / "hall.db") as journal:
        with pytest.raises(RuntimeError, match="power"):
            journal.commit(SampleDay(1).events(3), [("c1", "{}")], also=fail)
        assert (journal.events(0, 9), journal.rows("ticket"), journal.seen(["c1"])) == ([], [], {})


def test_threads_share_a_journal_without_a_gap(tmp_path: Path) -> None:
    with opened(tmp_path / "hall.db") as journal:
        days = [SampleDay(seed, letter).events(30) for seed, letter in enumerate("BCEH")]

        def work(events: list[Event]) -> None:
            for event in events:
                journal.commit([Event(event.kind, event.at, event.who, event.cmd, event.facts)])
                journal.rows("ticket")

        threads = [threading.Thread(target=work, args=(day,)) for day in days]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert journal.last_seq == 120
    assert verify(tmp_path / "hall.db", HALL_ID, HALL).events == 120


def test_the_same_upsert_is_said_in_the_words_of_postgresql() -> None:
    dialect: Dialect = create_mock_engine("postgresql://", lambda *_: None).dialect
    said = _upsert(HALL.table("series"), dialect)
    assert "ON CONFLICT (hall, day, letter) DO UPDATE SET next = excluded.next" in said


def test_a_box_keeps_no_replies(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "box.db", HALL_ID, BOX, clock) as journal:
        with pytest.raises(ContractError, match="box journal keeps no replies"):
            journal.commit(replies=[("c1", "{}")])
        with pytest.raises(ContractError, match="box journal keeps no replies"):
            journal.seen(["c1"])

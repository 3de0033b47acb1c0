"""Facts of a box: kept, sent in order, forgotten when the hall has them, and never before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import journal.outbox as room
from contract.errors import ContractError
from journal.drain import SILENCE_S, WINDOW, Drain
from journal.errors import JournalError, JournalFull
from journal.event import Event, Row
from journal.journal import Journal
from journal.outbox import Fact, Outbox
from journal.schema import BOX
from journal.verify import verify
from tests.journal_sample import HALL_ID, clock

JOB = {"id": "j1", "ticket": "t1", "kind": "ticket", "hash": "ab", "cmd": "c1", "at_new": "2026-03-02T06:00:00.000Z"}


def _box(path: Path) -> Journal:
    return Journal.open(path, HALL_ID, BOX, clock)


def _job(state: str) -> Event:
    return Event(f"job.{state.lower()}", JOB["at_new"], "kiosk-1", "c1", rows=(Row("job", {**JOB, "state": state}),))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A box's journal."""
    with _box(tmp_path / "box.db") as journal:
        yield journal


def test_a_fact_keeps_its_identity_over_restarts(tmp_path: Path) -> None:
    with _box(tmp_path / "box.db") as journal:
        first = Outbox(journal).put('{"t":"printed"}')
        assert first == Fact(journal.inc, 1, 1, '{"t":"printed"}')
    with _box(tmp_path / "box.db") as journal:
        outbox = Outbox(journal)
        second = outbox.put('{"t":"rated"}')
        assert (second.ep, second.sq) == (2, 2)
        assert outbox.pending(0, 10) == [first, second]


def test_a_fact_and_the_box_memory_of_it_are_one_commit(tmp_path: Path) -> None:
    with _box(tmp_path / "box.db") as journal:
        outbox = Outbox(journal)
        journal.commit([_job("SENT")])
        outbox.put('{"t":"printed"}', [_job("CONFIRMED")])
        assert [row["state"] for row in journal.rows("job")] == ["CONFIRMED"]
        bad = Event("job.odd", "t", "w", rows=(Row("job", {**JOB, "state": None}),))
        with pytest.raises(ContractError):
            outbox.put('{"t":"lost"}', [bad])
        assert (outbox.depth, outbox.last, len(outbox.pending(0, 9))) == (1, 1, 1)
    assert verify(tmp_path / "box.db", HALL_ID, BOX).ok


def test_numbers_go_on_after_everything_was_acknowledged(tmp_path: Path) -> None:
    with _box(tmp_path / "box.db") as journal:
        outbox = Outbox(journal)
        for n in range(5):
            outbox.put(f'{{"n":{n}}}')
        assert outbox.acked(journal.inc, 5)
        assert (outbox.depth, outbox.pending(0, 9)) == (0, [])
    with _box(tmp_path / "box.db") as journal:
        outbox = Outbox(journal)
        assert (outbox.upto, outbox.last, outbox.depth) == (5, 5, 0)
        assert outbox.put("{}").sq == 6


def test_only_an_acknowledgement_of_this_storage_and_of_what_was_put_forgets(journal: Journal) -> None:
    outbox = Outbox(journal)
    for _ in range(4):
        outbox.put("{}")
    assert outbox.acked(journal.inc, 2)
    for inc, upto in [("another", 4), (journal.inc, 2), (journal.inc, 1), (journal.inc, 5), (journal.inc, -1)]:
        assert not outbox.acked(inc, upto)
    assert [fact.sq for fact in outbox.pending(0, 9)] == [3, 4]


def test_a_batch_keeps_to_count_and_bytes_but_never_stalls(journal: Journal) -> None:
    outbox = Outbox(journal)
    for size in (10, 10, 100, 10):
        outbox.put("я" * (size // 2))
    assert [fact.sq for fact in outbox.pending(0, 2)] == [1, 2]
    assert [fact.sq for fact in outbox.pending(0, 9, max_bytes=20)] == [1, 2]
    assert [fact.sq for fact in outbox.pending(2, 9, max_bytes=20)] == [3]
    assert [fact.sq for fact in outbox.pending(3, 9, max_bytes=20)] == [4]


def test_an_outbox_has_bounds(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_DEPTH", 3)
    outbox = Outbox(journal)
    with pytest.raises(ContractError, match="32769 bytes: 32768 at most"):
        outbox.put("x" * 32_769)
    for _ in range(3):
        outbox.put("x" * 32_768)
    with pytest.raises(JournalFull, match="3 facts wait for the hall"):
        outbox.put("{}")
    assert outbox.acked(journal.inc, 1)
    assert outbox.put("{}").sq == 4


def test_a_failed_put_takes_no_number(tmp_path: Path) -> None:
    with _box(tmp_path / "box.db") as journal:
        outbox = Outbox(journal)
        outbox.put("{}")
        wrong = Event("job.odd", "t", "w", rows=(Row("job", {**JOB, "state": "NEW", "note": [1]}),))  # type: ignore[dict-item]
        with pytest.raises(JournalError):
            outbox.put("{}", [wrong])
        assert (outbox.last, outbox.depth) == (1, 1)
    with _box(tmp_path / "box.db") as journal:
        assert Outbox(journal).put("{}").sq == 2


def _send(drain: Drain, last: int, now: float) -> list[int]:
    due = drain.due(last, now)
    if due:
        drain.sent(due[-1], now)
    return list(due)


def test_nothing_is_sent_without_a_link_and_everything_once_with_one() -> None:
    drain = Drain(upto=3)
    assert _send(drain, 6, 0.0) == []
    drain.connected(1.0)
    assert _send(drain, 6, 1.0) == [4, 5, 6]
    assert _send(drain, 6, 1.1) == []
    assert _send(drain, 7, 1.2) == [7]
    drain.disconnected()
    assert _send(drain, 8, 100.0) == []


def test_at_most_a_window_is_under_way() -> None:
    drain = Drain(upto=0)
    drain.connected(0.0)
    assert _send(drain, 1000, 0.0) == list(range(1, WINDOW + 1))
    drain.acked(10, 0.5)
    assert _send(drain, 1000, 0.5) == list(range(WINDOW + 1, WINDOW + 11))


def test_a_new_link_and_silence_begin_again_behind_the_acknowledged() -> None:
    drain = Drain(upto=0)
    drain.connected(0.0)
    _send(drain, 5, 0.0)
    drain.acked(2, 1.0)
    drain.connected(2.0)
    assert _send(drain, 5, 2.0) == [3, 4, 5]
    assert _send(drain, 5, 2.0 + SILENCE_S - 0.1) == []
    assert _send(drain, 5, 2.0 + SILENCE_S) == [3, 4, 5]
    drain.acked(4, 8.0)
    assert _send(drain, 5, 8.0 + SILENCE_S - 0.1) == []
    assert _send(drain, 5, 8.0 + SILENCE_S) == [5]


def test_an_idle_hour_is_no_silence_and_an_old_acknowledgement_changes_nothing() -> None:
    drain = Drain(upto=0)
    drain.connected(0.0)
    _send(drain, 2, 0.0)
    drain.acked(2, 0.1)
    assert _send(drain, 3, 3600.0) == [3]
    assert _send(drain, 3, 3600.1) == []
    drain.acked(1, 3600.2)
    assert (drain.upto, _send(drain, 3, 3601.0)) == (2, [])


@pytest.mark.parametrize("seed", range(5))
def test_a_line_that_loses_facts_and_acknowledgements_delivers_all_in_order(journal: Journal, seed: int) -> None:
    chance, outbox, now = random.Random(seed), Outbox(journal), 0.0
    drain, received = Drain(outbox.upto), [0]
    drain.connected(now)
    for round_ in range(2000):
        now += chance.uniform(0.0, 3.0)
        if round_ < 60:
            outbox.put(f'{{"n":{round_ + 1}}}')
        if chance.random() < 0.1:
            drain.connected(now)
        due = drain.due(outbox.last, now)
        for fact in outbox.pending(due.start - 1, min(len(due), 7)) if due else []:
            if chance.random() < 0.7 and fact.sq == received[-1] + 1:
                received.append(fact.sq)
            drain.sent(fact.sq, now)
        if chance.random() < 0.5 and outbox.acked(journal.inc, received[-1]):
            drain.acked(outbox.upto, now)
        if round_ > 60 and outbox.depth == 0:
            break
    assert (received, outbox.depth) == (list(range(61)), 0)

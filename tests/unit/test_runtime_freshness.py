"""A retained copy proves nothing about now; only a live heartbeat does."""

from __future__ import annotations

from datetime import UTC, date, datetime

from contract import messages as m
from contract.words import HallState
from runtime.freshness import Age, Freshness, Revisions


def beat(*, lost: bool = False) -> m.Heartbeat:
    return m.Heartbeat(
        id="b", state=HallState.OPEN, day=date(2026, 3, 2), now=datetime(2026, 3, 2, 8, tzinfo=UTC), speed=1.0, ep=1,
        revision=1, lost=lost,
    )  # fmt: skip


def snapshot(ep: int, rev: int) -> m.KioskView:
    return m.KioskView(id="v", ep=ep, rev=rev, state=HallState.OPEN, taking=True)


def test_retained_heartbeat_leaves_the_truth_unconfirmed() -> None:
    fresh = Freshness(started=0.0)
    fresh.heard(beat(), retained=True, now=1.0)
    assert fresh.last == beat()
    assert fresh.age(1.0) is Age.STALE


def test_live_heartbeat_makes_it_fresh_for_ten_seconds() -> None:
    fresh = Freshness(started=0.0)
    fresh.heard(beat(), retained=False, now=100.0)
    assert [fresh.age(t) for t in (100.0, 109.9, 110.0, 159.9, 160.0)] == [
        Age.FRESH, Age.FRESH, Age.STALE, Age.STALE, Age.DARK,
    ]  # fmt: skip


def test_last_will_makes_it_stale_at_once() -> None:
    fresh = Freshness(started=0.0)
    fresh.heard(beat(), retained=False, now=100.0)
    fresh.heard(beat(lost=True), retained=False, now=101.0)
    assert fresh.age(101.0) is not Age.FRESH


def test_nothing_heard_ever_turns_dark() -> None:
    fresh = Freshness(started=5.0)
    assert fresh.age(5.0) is Age.STALE
    assert fresh.age(65.0) is Age.DARK


def test_lower_revision_of_the_same_epoch_is_old() -> None:
    revisions = Revisions()
    assert revisions.newer("t", snapshot(1, 5))
    assert not revisions.newer("t", snapshot(1, 4))
    assert revisions.newer("t", snapshot(1, 5)), "the same again is no harm"
    assert revisions.newer("t", snapshot(2, 1)), "a new coordinator counts from the start"
    assert not revisions.newer("t", snapshot(1, 9)), "a late message of the earlier one"
    assert revisions.newer("other", snapshot(1, 1))

"""The first policy: priority level, then the oldest clock; only heads are looked at."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import pytest

from contract import messages as m
from contract.words import Paper, TicketState
from coordinator import policy
from coordinator.line import Line
from coordinator.record import Place, Ticket
from tests.small_hall import Play, hall


@pytest.fixture
def play() -> Play:
    return Play(hall()).open("W1", "W2", "W3", "W4")


def choose(play: Play, window: str = "W1") -> policy.Decision:
    decision = policy.choose(play.state, window, play.now)
    assert decision is not None
    return decision


def test_nobody_waiting_is_none(play: Play) -> None:
    assert policy.choose(play.state, "W1", play.now) is None
    play.take("birth")
    assert policy.choose(play.state, "W1", play.now) is None


def test_levels_go_before_clocks(play: Play) -> None:
    for group in (None, "parent", "veteran", None, "parent", "veteran"):
        play.take(priority_group=group)
    order = [play.wait(100).next().label for _ in range(6)]
    assert order == ["A003", "A006", "A002", "A005", "A001", "A004"]


def test_oldest_clock_goes_first_over_all_services_of_the_window(play: Play) -> None:
    for service in ("birth", "intake", "advice", "loss"):
        play.take(service)
    assert [play.wait(100).next("W2").label for _ in range(4)] == ["B001", "A001", "A002", "B002"]


def test_ties_of_the_clock_go_by_number_then_id(play: Play) -> None:
    for service in ("loss", "advice", "birth", "intake"):
        play.ask(service, paper=False)
    labels = [play.wait(100).next("W2").label for _ in range(4)]
    assert labels == ["A001", "B001", "A002", "B002"]


def test_issued_ticket_is_not_chosen(play: Play) -> None:
    play.ask()
    assert policy.choose(play.state, "W1", play.now) is None


def test_decision_tells_terms_and_runner_up(play: Play) -> None:
    play.take()
    play.take(priority_group="veteran")
    play.take()
    decision = choose(play.wait(17 * 60))
    assert decision.ticket.label == "A002"
    assert decision.facts == {"wait_s": 1022.0, "target_s": 1200.0, "priority": 1, "only_window": None}
    assert decision.runner_up is not None
    assert decision.runner_up[0].label == "A001"
    assert decision.score > decision.runner_up[1]
    assert decision.reason == "waited 17 of 20 min; priority group veteran goes first"


def test_runner_up_may_stand_in_the_same_line(play: Play) -> None:
    play.take()
    play.take()
    runner_up = choose(play).runner_up
    assert runner_up is not None
    assert runner_up[0].label == "A002"


def test_runner_up_is_called_when_the_chosen_one_goes(play: Play) -> None:
    for group in (None, "parent", None):
        play.take(priority_group=group)
    runner_up = choose(play).runner_up
    assert runner_up is not None
    play.of(m.TicketCancel, choose(play).ticket.label)
    assert choose(play).ticket == runner_up[0]


@pytest.mark.parametrize(("groups", "words"), [
    ((None,), "nobody else waits for this window"),
    ((None, None), "longest of all this window may call"),
    ((None, "parent"), "priority group parent goes first"),
])  # fmt: skip
def test_reason_names_the_term_that_decided(play: Play, groups: tuple[str | None, ...], words: str) -> None:
    for group in groups:
        play.take(priority_group=group)
    assert choose(play).reason.endswith(words)


def waiting(n: int) -> Ticket:
    """The n-th of many waiting tickets, spread over the services and levels."""
    service, group = (("advice", "general"), ("intake", "general"), ("birth", "acts"), ("loss", "acts"))[n % 4]
    clock = datetime(2026, 3, 17, 3, 0, tzinfo=UTC) + timedelta(seconds=n)
    return Ticket(
        id=f"260317-A{n:05d}", day=date(2026, 3, 17), label=f"A{n:05d}", letter="A", number=n, visit=f"v{n}", service=service,
        then_services=(), service_group=group, priority=n % 3, lang="en", state=TicketState.WAITING, paper=Paper.CONFIRMED,
        issued_at=clock, clock_at=clock, ready_at=clock, hour=9,
    )  # fmt: skip


def test_choice_looks_only_at_heads(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(10_000):
        play.state.put(waiting(n).as_row())
    looked: list[int] = []
    front = Line.front

    def counted(self: Line, n: int, skip: Collection[str] = ()) -> list[Place]:
        found = front(self, n, skip)
        looked.append(len(found))
        return found

    monkeypatch.setattr(Line, "front", counted)
    assert choose(play, "W2").ticket.number == 1
    services, levels = len(play.state.can(play.window("W2"))), 3
    assert len(play.state.in_state(TicketState.WAITING)) == 10_000
    assert len(looked) <= services * levels
    assert sum(looked) <= 2 * services * levels


@pytest.mark.parametrize("window", ["W1", "W2", "W3", "W4"])
def test_choice_is_the_best_of_all_that_wait(play: Play, window: str) -> None:
    for n in range(200):
        play.state.put(waiting(n * 7 % 200).as_row())
    mine = play.state.can(play.window(window))
    best = min((t for t in play.state.tickets.values() if t.service in mine), key=lambda t: (t.rank, t.place))
    assert choose(play, window).ticket == best

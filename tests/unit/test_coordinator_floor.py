"""Lines and windows as routing sees them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from coordinator.floor import Desk, Floor, Work
from coordinator.line import BOOKED, ORDINARY, Lines, Waiting

WORKS = {"a": Work(10.0, group="x"), "b": Work(5.0, group="y")}


def one(clock: float, number: int = 1, service: str = "a", rank: int = ORDINARY, **more: str | bool) -> Waiting:
    return Waiting(clock, number, f"t{number}", service, rank, **more)  # type: ignore[arg-type]


def desk(name: str, can: str, primary: str | None = None, **more: object) -> Desk:
    return Desk(name, frozenset(can), frozenset(can if primary is None else primary), **more)  # type: ignore[arg-type]


def test_line_keeps_places_in_order_however_they_join() -> None:
    places = [one(n // 3, n) for n in range(30)]
    lines = Lines()
    for place in random.Random(1).sample(places, 30):
        lines.join(place)
    assert list(lines) == places == list(Lines(reversed(places)))
    assert [lines.before(place, "a") for place in places] == list(range(30))
    for place in places[::2]:
        lines.leave(place)
    assert list(lines) == places[1::2]
    assert lines.counts == {"a": 15}
    with pytest.raises(KeyError):
        lines.leave(places[0])


def test_service_without_a_line_is_not_counted() -> None:
    lines = Lines([one(1)])
    lines.leave(one(1))
    assert lines.counts == {}
    assert lines.oldest("a") is None
    with pytest.raises(KeyError, match="t1"):
        lines.leave(one(1))


def test_heads_are_the_first_of_every_rank() -> None:
    lines = Lines([one(3, 1), one(2, 2), one(5, 3, rank=1), one(4, 4, rank=BOOKED), one(1, 5, "b")])
    assert {h.number for h in lines.heads("a", "W1")} == {2, 3, 4}
    assert lines.oldest("a") == one(2, 2)


def test_who_waits_for_one_window_is_a_head_there_only_and_never_passes_an_older_one() -> None:
    sent = one(2, 1, only_window="W1")
    older = one(1, 2)
    lines = Lines([sent])
    assert list(lines.heads("a", "W1")) == [sent]
    assert list(lines.heads("a", "W2")) == []
    lines.join(older)
    assert list(lines.heads("a", "W1")) == [older]


def test_higher_levels_are_all_before_and_everybody_else_by_the_clock() -> None:
    lines = Lines([one(1, 1), one(9, 2, rank=1), one(2, 3), one(0, 4, rank=BOOKED)])
    assert lines.before(one(2, 3), "a") == 3
    assert lines.before(one(1, 9, rank=BOOKED), "a") == 3
    assert lines.before(one(0, 9, rank=1), "a") == 0


def test_window_is_able_while_it_is_open() -> None:
    floor = Floor(WORKS, [desk("W2", "ab"), desk("W1", "a")])
    assert floor.able == {"a": ["W1", "W2"], "b": ["W2"]}
    floor.put(replace(floor.desks["W2"], open=False))
    assert floor.able == {"a": ["W1"], "b": []}
    floor.put(desk("W2", "b"))
    assert floor.able == {"a": ["W1"], "b": ["W2"]}


def test_work_takes_longer_outside_the_profile_and_after_another_group() -> None:
    window = desk("W1", "ab", "a", last_group="x")
    floor = Floor(WORKS, [window], outside_factor=1.2, switch_min=0.5)
    assert floor.minutes(window, "a") == 10.0
    assert floor.minutes(window, "b") == 6.5
    assert floor.minutes(replace(window, last_group=None), "b") == 6.0


def test_copy_changes_by_itself() -> None:
    floor = Floor(WORKS, [desk("W1", "a")], [one(1)])
    other = floor.copy()
    other.lines.leave(one(1))
    other.put(desk("W1", "b"))
    assert list(floor.lines) == [one(1)]
    assert floor.able["a"] == ["W1"]
    assert other.able["a"] == []

"""The line of announcements: order, replacement, age, bound."""

from hypothesis import given
from hypothesis import strategies as st

from displays.voice.queue import WAITING_MAX, Item, Queue


def item(what, *names, priority=5, until=100.0):
    return Item(what, frozenset(names or {what}), priority, until)


def line(queue, now=0.0):
    said = []
    while (found := queue.take(now)[0]) is not None:
        said.append(found.what)
    return said


def test_equals_are_said_in_the_order_they_came():
    queue = Queue[str]()
    for name in "abc":
        assert queue.put(item(name)) == []
    assert len(queue) == 3
    assert line(queue) == ["a", "b", "c"]


def test_higher_priority_goes_first_and_lower_last():
    queue = Queue[str]()
    for name, priority in (("a", 5), ("text", 0), ("b", 5), ("alarm", 9), ("c", 5)):
        queue.put(item(name, priority=priority))
    assert line(queue) == ["alarm", "a", "b", "c", "text"]


def test_a_repeat_that_waits_is_said_once_in_the_first_ones_place():
    queue = Queue[str]()
    first, other, repeat = item("a1", "A"), item("b"), item("a2", "A")
    queue.put(first)
    queue.put(other)
    assert queue.put(repeat) == [first]
    assert line(queue) == ["a2", "b"]


def test_one_that_shares_names_with_two_replaces_both():
    queue = Queue[str]()
    for one in (item("a", "A", "w1"), item("x"), item("b", "B", "w2")):
        queue.put(one)
    assert [gone.what for gone in queue.put(item("c", "A", "w2"))] == ["a", "b"]
    assert line(queue) == ["c", "x"]


def test_what_is_too_old_is_told_and_never_said():
    queue = Queue[str]()
    for name, until in (("a", 1.0), ("b", 3.0), ("c", 2.0)):
        queue.put(item(name, until=until))
    found, late = queue.take(2.0)
    assert (found, [x.what for x in late]) == (item("b", until=3.0), ["a"])
    assert queue.take(2.5) == (None, [item("c", until=2.0)])
    assert len(queue) == 0


def test_a_full_line_drops_who_would_be_last():
    queue = Queue[str]()
    for number in range(WAITING_MAX):
        assert queue.put(item(str(number))) == []
    assert [x.what for x in queue.put(item("more"))] == ["more"]
    assert [x.what for x in queue.put(item("alarm", priority=9))] == [str(WAITING_MAX - 1)]
    assert len(queue) == WAITING_MAX


puts = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.floats(0, 10)), max_size=30)


@given(puts, st.floats(0, 10))
def test_everything_put_is_said_replaced_or_late_exactly_once(asked, now):
    queue, gone = Queue[int](), []
    for order, (name, priority, until) in enumerate(asked):
        gone += queue.put(Item(order, frozenset({str(name)}), priority, until))
    said = []
    while True:
        found, late = queue.take(now)
        gone += late
        if found is None:
            break
        said.append(found)
    assert sorted(x.what for x in said + gone) == list(range(len(asked)))
    assert [x.priority for x in said] == sorted((x.priority for x in said), reverse=True)
    assert all(x.until >= now for x in said)

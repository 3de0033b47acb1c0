"""Bouncing contacts, random ones too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.debounce import STABLE_S, Contact

bounces = st.lists(st.floats(0.0001, 0.014), max_size=20).filter(lambda lengths: sum(lengths) < STABLE_S)
"""How long each false level lasts, seconds; contacts come to rest within what counts as stable."""


def presses(changes: list[tuple[float, bool]], step_s: float) -> list[float]:
    """When a contact that changes at these moments is pressed, sampled every `step_s`."""
    contact = Contact(down=False)
    found, level, now = [], False, 0.0
    left = list(changes)
    while now < (changes[-1][0] if changes else 0) + 0.1:
        while left and left[0][0] <= now:
            level = left.pop(0)[1]
        if contact.sample(down=level, now=now):
            found.append(now)
        now += step_s
    return found


def train(began: float, lengths: list[float], *, down: bool) -> list[tuple[float, bool]]:
    """A level that settles at `down` after bouncing back and forth."""
    changes, at = [(began, down)], began
    for length in lengths[: len(lengths) // 2 * 2]:
        at += length
        changes.append((at, not changes[-1][1]))
    return changes


@given(bounces, bounces, st.sampled_from([0.001, 0.002, 0.0037]))
def test_any_bouncing_press_and_release_is_exactly_one_press(
    first: list[float], last: list[float], step_s: float
) -> None:
    down = train(0.01, first, down=True)
    up = train(down[-1][0] + 0.05, last, down=False)
    (pressed,) = presses(down + up, step_s)
    assert down[0][0] + STABLE_S <= pressed <= down[-1][0] + STABLE_S + 2 * step_s


@given(st.lists(st.tuples(st.floats(0.0001, 0.0149), st.floats(0.0011, 0.05)), max_size=20))
def test_spikes_shorter_than_stable_are_no_press(spikes: list[tuple[float, float]]) -> None:
    # Gaps are longer than the sampling step: what happens between two samples nobody can see.
    changes, at = [], 0.0
    for down_s, up_s in spikes:
        changes += [(at := at + up_s, True), (at := at + down_s, False)]
    assert presses(changes, 0.001) == []


def test_key_held_at_the_start_is_no_press() -> None:
    contact = Contact(down=True)
    assert not any(contact.sample(down=True, now=ms / 1000) for ms in range(1000))


def test_settled_only_when_nothing_more_can_come() -> None:
    contact = Contact(down=False)
    told = [contact.settled]
    for now in (0.0, 0.01, 0.02):
        contact.sample(down=True, now=now)
        told.append(contact.settled)
    assert told == [True, False, False, True]

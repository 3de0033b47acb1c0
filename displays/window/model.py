"""What a window display shows: the window's view and the age of the truth → two lines of 20 ASCII characters. Pure.

The signs, the same in every language, because a display of this kind has no Kazakh or Ukrainian letters:

    called    upper `> A012 <`    serving  upper `A012`    free, armed  upper empty
    paused    upper `| |`         closed   upper `- - -`   lower line: the window's number, always
    stale     as above, dimmed, with `?` in both upper corners         dark  nothing at all
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from contract import messages as m
from contract.words import Light
from runtime.freshness import Age, Freshness

CELLS = 20
LABEL_MAX = CELLS - len("?> ") * 2
"""A longer label is not shortened, which would make it another label: it is shown as `?`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of a display: two lines of exactly `CELLS` printable ASCII characters; `dim`: at its lowest brightness."""

    upper: str
    lower: str
    dim: bool = False


BLANK = Shown(" " * CELLS, " " * CELLS)


class Model:
    """The displays of one box. `started`: the monotonic moment from which the hall has been listened to."""

    def __init__(self, units: Iterable[str], started: float) -> None:
        self.units = tuple(units)
        self._freshness = Freshness(started)
        self._views: dict[str, m.WindowView] = {}
        self._identify_until = float("-inf")

    def heard(self, message: m.AnyMessage, *, retained: bool, now: float) -> None:
        """Take in a message of the hall; those that are not for a display change nothing."""
        match message:
            case m.Heartbeat():
                self._freshness.heard(message, retained=retained, now=now)
            case m.WindowsView():
                self._views = dict(message.units)
            case m.Identify():
                self._identify_until = now + message.seconds
            case _:
                pass

    def shown(self, unit: str, now: float) -> Shown:
        """What the display of `unit` is to show at `now`."""
        if now < self._identify_until:
            return Shown(_centred(unit), BLANK.lower)
        return shown(self._views.get(unit), self._freshness.age(now))


def shown(view: m.WindowView | None, age: Age) -> Shown:
    """The picture of one window; `view` None: nothing is known of it."""
    if age is Age.DARK:
        return BLANK
    upper = _centred(_sign(view)) if view else BLANK.upper
    lower = _centred(str(view.number)) if view else BLANK.lower
    if age is Age.STALE:
        return Shown(f"?{upper[1:-1]}?", lower, dim=True)
    return Shown(upper, lower)


def _sign(view: m.WindowView) -> str:
    match view.light:
        case Light.CALLED:
            return f"> {_label(view.label)} <"
        case Light.SERVING:
            return _label(view.label)
        case Light.FREE | Light.ARMED:
            return ""
        case Light.PAUSED:
            return "| |"
        case Light.CLOSED:
            return "- - -"
        case _:
            assert_never(view.light)


def _label(label: str | None) -> str:
    return label if label and len(label) <= LABEL_MAX else "?"


def drawable(text: str) -> bool:
    """Whether the display has every character of `text`."""
    return text.isascii() and text.isprintable()


def _centred(text: str) -> str:
    return "".join(c if drawable(c) else "?" for c in text)[:CELLS].center(CELLS)

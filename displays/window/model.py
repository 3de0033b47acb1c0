"""What a window display says: the window's view and the age of the truth → a sign, whatever kind of display draws it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contract import messages as m
from contract.words import Light
from runtime.freshness import Age, Freshness


@dataclass(frozen=True, slots=True)
class Sign:
    """What is to be read. `light` None: nothing. `number`: the window's, None where it is not known. `old`: may be over by now.

    `training`: nothing of it is real.
    `identify`: the unit's id while somebody looks for it, "" otherwise; `flash` then changes every second.
    """

    light: Light | None = None
    label: str = ""
    number: int | None = None
    old: bool = False
    training: bool = False
    identify: str = ""
    flash: bool = False


BLANK = Sign()


class Model:
    """The displays of one box. `started`: the monotonic moment from which the hall has been listened to."""

    def __init__(self, units: Iterable[str], started: float) -> None:
        self.units = tuple(units)
        self._freshness = Freshness(started)
        self._views: dict[str, m.WindowView] = {}
        self._training = False
        self._identify_until = float("-inf")

    def heard(self, message: m.AnyMessage, *, retained: bool, now: float) -> None:
        """Take in a message of the hall; those that are not for a display change nothing."""
        match message:
            case m.Heartbeat():
                self._freshness.heard(message, retained=retained, now=now)
            case m.WindowsView():
                self._views, self._training = dict(message.units), message.training
            case m.Identify():
                self._identify_until = now + message.seconds
            case _:
                pass

    def sign(self, unit: str, now: float) -> Sign:
        """What the display of `unit` is to say at `now`."""
        view = self._views.get(unit)
        if now < self._identify_until:
            number = view.number if view else None
            return Sign(number=number, identify=unit, flash=int(now) % 2 == 0, training=self._training)
        return sign(view, self._freshness.age(now), training=self._training)


def sign(view: m.WindowView | None, age: Age, *, training: bool = False) -> Sign:
    """The sign of one window; `view` None: nothing is known of it."""
    if age is Age.DARK or view is None:
        return BLANK
    return Sign(view.light, view.label or "", view.number, old=age is Age.STALE, training=training)

"""What happens at any touch screen, whichever room it belongs to: plain values. Pure.

Times are monotonic wire seconds; `key` is the id under which something was asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from contract import messages as m
from contract.hall import Hall


@dataclass(frozen=True, slots=True)
class Touch:
    """A control was pressed and released inside. `token`: fresh random text, the id of whatever begins here."""

    key: str = field(repr=False)
    token: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A checked hall document arrived."""

    hall: Hall


@dataclass(frozen=True, slots=True)
class Viewed:
    """What tickets can be taken now."""

    view: m.KioskView


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat of the hall; `live`: not a retained copy."""

    beat: m.Heartbeat
    live: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """The broker was reached or lost."""

    up: bool


@dataclass(frozen=True, slots=True)
class Identify:
    """Somebody asks which box this is: it shows its `id` for `seconds`, where no visitor is."""

    id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hall has not answered the question `key` for two seconds; it is being asked again."""

    key: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The hall answered the question `key`; None: its time is over, and whether it was done is unknown."""

    key: str
    answer: m.AnyReply | None


@dataclass(frozen=True, slots=True)
class MouthSaid:
    """Whether a paper hangs out of the printer and waits to be taken."""

    waiting: bool


@dataclass(frozen=True, slots=True)
class CardsSaid:
    """Whether a card can be read here, and its zone swiped."""

    ready: bool
    swipe: bool = False


@dataclass(frozen=True, slots=True)
class CardSwiped:
    """A zone was swiped: its fields as they are typed (`glass.card.ZONE`), none where they do not hold. `token`: as of a touch."""

    token: str
    typed: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardStep:
    """The read `key` has come to `step`, and through a share `done` of a file (`card_reader.outcome`)."""

    key: str
    step: str
    done: float


@dataclass(frozen=True, slots=True)
class CardFailed:
    """The read `key` gave nothing; `code` of `card_reader.errors`."""

    key: str
    code: str

"""What a judged day leaves: the ledger of calls, what came of every leg, what was told, the windows' minutes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Call:
    """One line of the ledger: who was called where, and what came of it."""

    at: float
    window: str
    ticket: int
    leg: int
    service: str
    outcome: str
    """served · gone (left without a word) · absent (first call)"""
    until: float
    wait: float
    passed_older: bool
    switched: bool
    primary: bool


@dataclass(frozen=True)
class Leg:
    """What came of one visitor in one line. `wait` is None for who was lost; `counted` is False for who was absent at the first call."""

    ticket: int
    leg: int
    cls: str
    service: str
    clock: float
    wait: float | None
    counted: bool


@dataclass(frozen=True)
class Promise:
    """What was told at issue, what the usual formula would have told, and what it was."""

    ticket: int
    told: tuple[float, float, float] | None
    usual: float
    wait: float


@dataclass
class Verdict:
    """The whole of one judged day."""

    legs: list[Leg] = field(default_factory=list)
    ledger: list[Call] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    open_min: dict[str, float] = field(default_factory=dict)
    busy_min: dict[str, float] = field(default_factory=dict)
    reserve_used: float = 0.0
    refused: int = 0
    """Recommendations that could not be followed."""

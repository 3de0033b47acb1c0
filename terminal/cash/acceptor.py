"""The port to a note acceptor: what it says, and what it can be told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from terminal.money import Money


class Word(StrEnum):
    """What an acceptor says it is doing."""

    POWER_UP = "power_up"
    """It has just got its power, with or without a note inside: it waits for a reset."""
    STARTING = "starting"
    IDLE = "idle"
    """It takes notes of the kinds it was told to."""
    DISABLED = "disabled"
    """It takes none."""
    MOVING = "moving"
    """A note is on its way in, or back out, or was refused; also: busy, paused."""
    STACKING = "stacking"
    """A note is on its way into the cassette."""
    ESCROW = "escrow"
    """A note of `kind` is held, and waits for a decision."""
    STACKED = "stacked"
    """A note of `kind` lies in the cassette: the only word that is worth money."""
    RETURNED = "returned"
    """The visitor has the note of `kind` back."""
    CASSETTE_FULL = "cassette_full"
    CASSETTE_OUT = "cassette_out"
    JAM = "acceptor_jam"
    CHEATED = "acceptor_cheated"
    FAILURE = "acceptor_failure"
    OTHER = "other"
    """A word that the protocol's table does not have: nothing follows from it."""


FAULTS = {Word.CASSETTE_FULL, Word.CASSETTE_OUT, Word.JAM, Word.CHEATED, Word.FAILURE}
"""Words that end a session; each is a key of `contract.hints`."""


@dataclass(frozen=True, slots=True)
class Status:
    """`kind`: the note's place in the bill table, or the code of a failure; None where there is none."""

    word: Word
    kind: int | None = None


class BillAcceptor(Protocol):
    """One acceptor on its line. Each call raises TransientDeviceError where nobody answers."""

    def open(self) -> Mapping[int, Money]:
        """Make a fresh line; the bill table: kind → what a note of it is worth, foreign currencies left out."""

    def poll(self) -> Status:
        """What it does. It says the same again until `ack`."""

    def ack(self) -> None:
        """What was said last is remembered: the acceptor may forget it."""

    def accept(self, kinds: frozenset[int]) -> None:
        """From now on take notes of these kinds, each into escrow; none: take nothing."""

    def stack(self) -> None:
        """Put the held note into the cassette."""

    def give_back(self) -> None:
        """Give the held note back."""

    def reset(self) -> None:
        """Begin anew; a note inside is given back, or told of as stacked."""

    def close(self) -> None:
        """Give the line up; twice is fine."""

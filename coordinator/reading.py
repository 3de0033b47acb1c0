"""Reads of ID cards that go on at windows: who asked, which reader reads, and when one is over. Nothing of them is remembered. Pure.

The words themselves pass through as they came; what is sealed in them cannot be read here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract import messages as m
from contract.hall import Hall
from contract.words import Refusal, Role
from coordinator.draft import Actor
from coordinator.state import HallDay

LIFE_S = 120.0
"""A swipe and a card are waited for half a minute each, three times at most; nothing is passed on later, wire seconds."""


@dataclass(frozen=True, slots=True)
class Read:
    """One read. `ticket`: of the visitor whose card it is; `until`: monotonic wire time."""

    id: str
    window: str
    operator: str
    ticket: str
    console: str
    reader: str
    until: float


class Reads:
    """At most one read a window. `present`: whether a box is connected now."""

    def __init__(self, hall: Hall, present: Callable[[str], bool]) -> None:
        self.follow(hall)
        self._present = present
        self._open: dict[str, Read] = {}
        self._last: dict[str, str] = {}

    def follow(self, hall: Hall) -> None:
        """Another document: reads that go on go on."""
        self._readers = {unit.window: box.id for box in hall.boxes if box.kind is Role.READER for unit in box.units}
        self._allowed = frozenset(hall.rule("card.prefill_fields"))

    def begin(self, state: HallDay, command: m.CardRead, actor: Actor, now: float) -> Read | m.Refused:
        """The read that may begin, or why none may; one that goes on at the window must be ended first (`at`). Asked again: the same."""
        if (known := self._open.get(command.window)) is not None and known.id == command.id:
            return known
        why = self._why_not(state, command, actor)
        if why is not None:
            at = state.windows.get(command.window)
            facts = {"window": str(at.number)} if at is not None else {}
            return m.Refused(id=command.id, re=command.id, code=why[0], text=why[1], facts=facts)
        ticket = state.window(command.window).ticket
        assert ticket is not None  # else it is refused
        reader = self._readers[command.window]
        read = Read(command.id, command.window, command.operator, ticket, actor.dev, reader, now + LIFE_S)
        self._open[command.window] = read
        self._last[command.window] = read.id
        return read

    def at(self, window: str) -> Read | None:
        """The read that goes on at a window."""
        return self._open.get(window)

    def heard(self, dev: str, said: m.AnyCardWord) -> str | None:
        """The box that a word of `dev` is for; None: it is nobody's, or not for `dev` to say. After its last word a read is over."""
        read = next((r for r in self._open.values() if r.id == said.re), None)
        if read is None:
            return None
        if isinstance(said, m.CardForget):
            if dev != read.console:
                return None
            del self._open[read.window]
            return read.reader
        if dev != read.reader:
            return None
        if isinstance(said, m.CardFields | m.CardFailed):
            del self._open[read.window]
        return read.console

    def over(self, state: HallDay, now: float) -> list[Read]:
        """The reads whose visitor or operator has gone from the window, or whose time is up; they are open no more."""
        gone = [read for read in self._open.values() if now >= read.until or not _still(state, read)]
        for read in gone:
            del self._open[read.window]
        return gone

    def _why_not(self, state: HallDay, command: m.CardRead, actor: Actor) -> tuple[Refusal, str] | None:
        window = state.windows.get(command.window)
        reader = self._readers.get(command.window)
        if actor.role is not Role.CONSOLE:
            return Refusal.NOT_ALLOWED, f"a {actor.role} may not do this"
        if window is None:
            return Refusal.UNKNOWN_WINDOW, f"{command.window} is not a window of this hall"
        if window.operator != command.operator:
            return Refusal.NOT_YOURS, f"{command.operator} is not logged in at {command.window}"
        if state.ticket_at(command.window) is None:
            return Refusal.NOTHING_CALLED, "nobody is at the window whose card it could be"
        if reader is None:
            return Refusal.UNKNOWN_DEVICE, f"{command.window} has no reader"
        if not self._present(reader):
            return Refusal.DEVICE_AWAY, f"{reader} is not connected"
        if self._last.get(command.window) == command.id:
            return Refusal.EXPIRED, "this read is over"
        if not self._allowed.issuperset(command.fields):
            return Refusal.NOT_ALLOWED, "card.prefill_fields does not have all of these fields"
        return None


def _still(state: HallDay, read: Read) -> bool:
    window = state.window(read.window)
    return window.ticket == read.ticket and window.operator == read.operator

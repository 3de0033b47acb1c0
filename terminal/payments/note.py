"""One banknote's life, as a table. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from terminal.money import Money
from terminal.payments.payment import PaymentError


class NoteState(StrEnum):
    """What is certain about a note; each step is durable before anything that follows from it."""

    STACKING = "stacking"
    """Written down; the acceptor may have been told to take it."""
    CREDITED = "credited"
    """The acceptor said that it lies in the cassette."""
    RETURNED = "returned"
    """The acceptor said that the visitor has it back."""
    DOUBT = "doubt"
    """Nobody knows where it is: the cassette must be counted."""
    UNEXPLAINED = "unexplained"
    """It lies in the cassette and belongs to no session."""


_S = NoteState
NEXT: dict[NoteState, frozenset[NoteState]] = {
    _S.STACKING: frozenset({_S.CREDITED, _S.RETURNED, _S.DOUBT}),
    _S.DOUBT: frozenset({_S.CREDITED, _S.RETURNED}),
    _S.CREDITED: frozenset(),
    _S.RETURNED: frozenset(),
    _S.UNEXPLAINED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Note:
    """`kind`: its place in the acceptor's bill table; `order`: whose it is, "" for nobody's."""

    id: str
    device: str
    order: str
    kind: int
    value: Money
    cassette: str
    at: str
    state: NoteState = NoteState.STACKING

    def moved(self, state: NoteState, at: str) -> Note:
        """One step on. Raises: PaymentError: the table has no such step."""
        if state not in NEXT[self.state]:
            raise PaymentError(
                f"note {self.id}: {self.state} → {state}: allowed {sorted(NEXT[self.state]) or 'nothing'}"
            )
        return replace(self, state=state, at=at)

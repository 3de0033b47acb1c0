"""One card payment's life, as a table: what is known about the money, and what may become known next. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from contract.errors import ViknoError
from contract.words import PaymentState as State
from terminal.money import Money

_S = State
NEXT: dict[State, frozenset[State]] = {
    _S.INTENT: frozenset({_S.APPROVED, _S.DECLINED, _S.NOT_PERFORMED, _S.UNKNOWN, _S.REVERSING}),
    _S.UNKNOWN: frozenset({_S.APPROVED, _S.DECLINED, _S.NOT_PERFORMED, _S.REVERSING}),
    _S.APPROVED: frozenset({_S.REVERSING}),
    _S.DECLINED: frozenset({_S.UNKNOWN}),  # a success that comes after the no
    _S.NOT_PERFORMED: frozenset({_S.UNKNOWN}),
    _S.REVERSING: frozenset({_S.REVERSED, _S.APPROVED, _S.REVERSAL_UNKNOWN}),
    _S.REVERSAL_UNKNOWN: frozenset({_S.REVERSED, _S.APPROVED}),
    _S.REVERSED: frozenset(),
}
"""state → states that may follow. INTENT → REVERSING: a part was approved, and a part pays no fee."""

OPEN = frozenset({_S.INTENT, _S.REVERSING})
"""Something is going on with the terminal; after a restart: nobody knows how it ended."""
DOUBTFUL = frozenset({_S.UNKNOWN, _S.REVERSAL_UNKNOWN})
"""The terminal takes no new card sale while it has one of these."""
LIVE = OPEN | DOUBTFUL | {_S.APPROVED}
"""At most one payment of an order is in one of these."""


class PaymentError(ViknoError):
    """A payment was moved against its table: a bug, not a device fault."""


class Slip(StrEnum):
    """The visitor's receipt: an axis of its own. No paper never gives money back by itself."""

    NONE = "none"
    OWED = "owed"
    PRINTED = "printed"


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay an order by card. `device`: the terminal's id here; `tid`: its own name, "" where not known.

    `watermark`: mark of the terminal's last receipt before what goes on now, the sale or its reversal, "" for an empty batch; of a terminal
    that names operations: the reversal's name. `receipt`, `mark`: of ours, "" until known;
    `captured_minor`: what was taken, less than the amount where only a part was approved; `note`: for staff, in English.
    """

    id: str
    order: str
    device: str
    amount: Money
    watermark: str
    opened_at: str
    state: State = State.INTENT
    tid: str = ""
    receipt: str = ""
    mark: str = ""
    rrn: str = ""
    approval: str = ""
    pan: str = ""
    brand: str = ""
    captured_minor: int = 0
    slip: Slip = Slip.NONE
    ended_at: str | None = None
    note: str = ""

    def moved(self, state: State, at: str, note: str = "") -> Payment:
        """One step on. Raises: PaymentError: the table has no such step."""
        if state not in NEXT[self.state]:
            raise PaymentError(
                f"payment {self.id}: {self.state} → {state}: allowed {sorted(NEXT[self.state]) or 'nothing'}"
            )
        slip = Slip.OWED if state is State.APPROVED and self.slip is Slip.NONE else self.slip
        ended = None if state in OPEN | DOUBTFUL else at
        return replace(self, state=state, ended_at=ended, note=note, slip=slip)

"""What somebody pays for at a terminal, as a table: open until it is paid or given up. Pure.

Who pays is not in it: a service, or the registers' own id of a due, an amount and its payee.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from terminal.money import Money
from terminal.payments.payment import PaymentError, Slip


class OrderState(StrEnum):
    """What is certain about an order; each step is durable before anything that follows from it."""

    OPEN = "open"
    """Written down; somebody may be paying."""
    PAID = "paid"
    """All of it is with us, by one way."""
    ABANDONED = "abandoned"
    """Given up before it was paid; notes that lie inside are owed by a claim."""


class Told(StrEnum):
    """Whether the register knows that its due is paid."""

    NONE = "none"
    """There is nothing to tell: a service's own fee, or not paid."""
    OWED = "owed"
    TOLD = "told"
    BACK_OWED = "back_owed"
    """The payment was given back: it must hear that, and before it of the payment itself."""
    BACK = "back"
    """It knows that its due is open again."""


_S = OrderState
NEXT: dict[OrderState, frozenset[OrderState]] = {
    _S.OPEN: frozenset({_S.PAID, _S.ABANDONED}),
    _S.ABANDONED: frozenset({_S.PAID}),  # a card's success that came late, or staff decided so
    _S.PAID: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Order:
    """`service`: of the hall document, "" for a due; `due`: the register's id of it, "" for a service's own fee.

    `method`: card or cash, "" while unpaid; `payment`: the payment that paid it, of cash the order itself; `slip`: its receipt;
    `code`: by which that is printed again; `lang`: of the papers.
    """

    id: str
    service: str
    due: str
    payee: str
    lang: str
    amount: Money
    code: str
    at: str
    state: OrderState = OrderState.OPEN
    method: str = ""
    payment: str = ""
    told: Told = Told.NONE
    slip: Slip = Slip.NONE
    ended_at: str | None = None

    def paid(self, method: str, payment: str, at: str) -> Order:
        """All of it is with us: the receipt is owed, and the register must hear of its due. One that was paid stays as it is."""
        if self.state is _S.PAID:
            return self
        told = Told.OWED if self.due else Told.NONE
        return replace(self._moved(_S.PAID, at), method=method, payment=payment, told=told, slip=Slip.OWED)

    def given_back(self) -> Order:
        """Its payment was given back: the register must hear that, where it has to do with it."""
        return self if self.told is Told.NONE else replace(self, told=Told.BACK_OWED)

    def abandoned(self, at: str) -> Order:
        """Nobody pays it any more. One that has ended stays as it is."""
        if self.state is not _S.OPEN:
            return self
        return self._moved(_S.ABANDONED, at)

    def _moved(self, state: OrderState, at: str) -> Order:
        """One step on. Raises: PaymentError: the table has no such step."""
        if state not in NEXT[self.state]:
            raise PaymentError(
                f"order {self.id}: {self.state} → {state}: allowed {sorted(NEXT[self.state]) or 'nothing'}"
            )
        return replace(self, state=state, ended_at=at)

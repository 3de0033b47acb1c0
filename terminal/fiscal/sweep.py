"""What the tax service was never told, although money moved: the power went between the money and its fiscal book."""

from __future__ import annotations

from contract.words import PaymentState
from terminal.fiscal.book import FiscalBook
from terminal.fiscal.registrar import FiscalKind
from terminal.payments.book import Book
from terminal.payments.order import Order, OrderState


def unsold(book: Book, fiscal: FiscalBook) -> list[Order]:
    """Paid orders of whose payment nothing is owed or registered, oldest first. A payment given back since counts too: both are told."""
    paid = book.orders(state=OrderState.PAID.value)
    missing = set(fiscal.missing(order.payment for order in paid))
    return [order for order in paid if order.payment in missing]


def unreturned(book: Book, fiscal: FiscalBook) -> list[str]:
    """Payments that were given back, and whose sale is owed or registered, but not its return."""
    paid = [order.payment for order in book.orders(state=OrderState.PAID.value, method="card")]
    missing = fiscal.missing(paid, FiscalKind.REFUND)
    found = [book.payment(name) for name in missing if fiscal.entry(name) is not None]
    return [payment.id for payment in found if payment is not None and payment.state is PaymentState.REVERSED]

"""An order that was paid, as the tax service is told of it. Pure."""

from __future__ import annotations

from terminal.fiscal.registrar import Line, Sale
from terminal.payments.order import Order
from terminal.payments.payment import Payment

DUE = "due"
"""The code of what the registers said is owed: it has no service."""


def sold(order: Order, payment: Payment | None, name: str) -> Sale:
    """`payment`: the card's, None for notes; `name`: what was paid for, as it stands on the receipt."""
    line = Line(order.service or DUE, name, order.amount)
    if payment is None:
        return Sale(order.payment, "cash", (line,))
    return Sale(order.payment, "card", (line,), payment.tid, payment.pan, payment.brand, payment.approval, payment.rrn)

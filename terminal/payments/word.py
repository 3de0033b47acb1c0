"""Money in the hall's words: payments and cassettes as facts (`contract/messages/money.py`), without their envelope. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from contract.words import PaymentState as State
from terminal.payments.note import Note, NoteState
from terminal.payments.order import Order, OrderState
from terminal.payments.payment import Payment

_WHY = 200
_NOTES = 32


def by_card(payment: Payment, service: str, who: str) -> Mapping[str, object]:
    """A card payment's newest step; `who`: the person behind it, "" for none."""
    return {
        "t": "payment", "payment": payment.id, "order": payment.order, "service": service or None, "device": payment.device,
        "method": "card", "state": payment.state.value, "amount_minor": payment.amount.minor,
        "captured_minor": payment.captured_minor, "currency": payment.amount.currency, "opened_at": payment.opened_at,
        "by": who or None, "why": payment.note[:_WHY],
    }  # fmt: skip


def by_cash(order: Order, device: str, credit_minor: int, why: str = "") -> Mapping[str, object]:
    """An order that notes paid, or were put in for and did not pay: then it is `not_performed`, and the credit is owed."""
    paid = order.state is OrderState.PAID
    return {
        "t": "payment", "payment": order.id, "order": order.id, "service": order.service or None, "device": device,
        "method": "cash", "state": State.APPROVED.value if paid else State.NOT_PERFORMED.value,
        "amount_minor": order.amount.minor, "captured_minor": credit_minor, "currency": order.amount.currency,
        "opened_at": order.at, "why": why[:_WHY],
    }  # fmt: skip


def cassette(
    device: str, name: str, since: str, notes: Sequence[Note], currency: str, *, collected: bool = False
) -> Mapping[str, object]:
    """What lies in a cassette by the books."""
    states = Counter(note.state for note in notes)
    inside = {NoteState.CREDITED, NoteState.UNEXPLAINED}
    counted = Counter(str(note.value.minor) for note in notes if note.state in inside)
    return {
        "t": "cassette", "device": device, "cassette": name, "since": since, "notes": dict(counted.most_common(_NOTES)),
        "nobodys": states[NoteState.UNEXPLAINED], "doubtful": states[NoteState.DOUBT], "currency": currency,
        "collected": collected,
    }  # fmt: skip

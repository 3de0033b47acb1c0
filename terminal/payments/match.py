"""What a terminal's last receipt proves about a payment whose answer was lost (watermark matching). Pure.

Sound only where nobody else sells on that terminal: one connection, one payment at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contract.words import PaymentState as State
from terminal.payments.payment import Payment
from terminal.pos.terminal import Kind, Receipt


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state`: what is certain now, UNKNOWN or REVERSAL_UNKNOWN where a person must look, REVERSING where a part was taken, which pays
    no fee. `why`: for staff, in English.
    """

    state: State
    why: str
    receipt: Receipt | None = None


def sale(payment: Payment, found: Receipt | None, *, just_now: bool = True) -> Verdict:
    """What became of the sale, by the newest receipt of a terminal that does nothing just now (None: an empty batch).

    `just_now`: it was begun by this run of the program. Else a batch that is empty as before proves nothing: it may have held the sale,
    and have been closed since.
    """
    if found is None:
        if payment.watermark or not just_now:
            return Verdict(
                State.UNKNOWN, "the batch was closed meanwhile, or may have been: look at the terminal's report"
            )
        return Verdict(State.NOT_PERFORMED, "the terminal's batch is empty, as before")
    if found.mark == payment.watermark:
        return Verdict(State.NOT_PERFORMED, f"the terminal's last receipt is still {found.number}")
    if _given_back(payment, found):
        return Verdict(State.NOT_PERFORMED, f"the terminal gave receipt {found.number} back by itself", found)
    if payment.mark == found.mark and found.approved and found.amount < payment.amount:
        return Verdict(State.REVERSING, f"only {found.amount} of {payment.amount} was approved", found)
    doubt = _doubt(payment, found)
    if doubt:
        return Verdict(State.UNKNOWN, doubt, found)
    if not found.approved:
        return Verdict(State.DECLINED, f"receipt {found.number} is a decline", found)
    return Verdict(State.APPROVED, f"receipt {found.number} is this sale", found)


def _given_back(payment: Payment, found: Receipt) -> bool:
    """Whether since the watermark there was only a void of our amount, or a sale and its void: a terminal that missed our answer undoes
    the sale. Some number both, some the void alone.
    """
    before = payment.watermark.partition("/")[0] or "0"
    next_one = before.isdigit() and found.number.isdigit() and 1 <= int(found.number) - int(before) <= 2
    same = found.amount == payment.amount and (not payment.tid or found.tid == payment.tid)
    return next_one and same and found.approved and found.kind is Kind.VOID


def _doubt(payment: Payment, found: Receipt) -> str:
    """Why a new receipt cannot be taken for this sale's; "" where it can."""
    if payment.tid and found.tid and found.tid != payment.tid:
        return f"another terminal answers: {found.tid}, the sale was made on {payment.tid}"
    if found.kind is not Kind.SALE:
        return f"the last receipt {found.number} is no sale but a {found.kind}"
    if found.amount != payment.amount:
        return f"the last receipt {found.number} is over {found.amount}"
    before, now = payment.watermark.partition("/")[0], found.number
    if before.isdigit() and now.isdigit() and int(now) <= int(before):
        return f"receipt numbers went from {before} to {now}: the batch was closed meanwhile"
    return ""


def named(payment: Payment, found: Receipt | None) -> Verdict:
    """What became of the operation of a terminal that names them, by what it says of that name (None: it knows none such)."""
    sale = payment.state is State.UNKNOWN
    doubt = State.UNKNOWN if sale else State.REVERSAL_UNKNOWN
    name = payment.receipt if sale else payment.watermark
    if not name:
        return Verdict(doubt, "the terminal's word that it begins was lost: look for it in the terminal's own list")
    if found is None:
        return Verdict(doubt, f"the terminal does not know its operation {name} any more: look at its own list")
    if payment.tid and found.tid and found.tid != payment.tid:
        return Verdict(doubt, f"another terminal answers: {found.tid}, it was begun on {payment.tid}")
    if found.amount.minor != (payment.amount.minor if sale else payment.captured_minor):
        return Verdict(doubt, f"the terminal's operation {name} is over {found.amount}", found)
    yes, no = (State.APPROVED, State.DECLINED) if sale else (State.REVERSED, State.APPROVED)
    return Verdict(yes if found.approved else no, f"the terminal says how its operation {name} ended", found)


def same_batch(payment: Payment, later: Sequence[Payment], last: Receipt | None) -> bool:
    """Whether the receipt's number still means this sale, as far as can be told: numbers only grew since. `later`: the device's
    payments since.
    """
    numbers = [int(one.receipt) for one in (payment, *later) if one.receipt.isdigit()]
    newest = int(last.number) if last is not None and last.number.isdigit() else 0
    return numbers == sorted(set(numbers)) and newest >= max(numbers, default=0)


def reversal(payment: Payment, found: Receipt | None) -> Verdict:
    """What became of giving `payment` back, as `sale`: its watermark is the newest receipt before that."""
    if found is not None and found.mark in {payment.watermark, payment.mark}:
        return Verdict(State.APPROVED, f"not given back: the terminal's last receipt is still {found.number}")
    if (
        found is not None
        and found.kind in {Kind.VOID, Kind.REFUND}
        and found.approved
        and found.amount.minor == payment.captured_minor
    ):
        return Verdict(State.REVERSED, f"receipt {found.number} gave it back", found)
    said = "nothing" if found is None else f"receipt {found.number}, a {found.kind} over {found.amount}"
    return Verdict(State.REVERSAL_UNKNOWN, f"the terminal's last word is {said}")

"""Card payments at one terminal: an order is paid once, and what is not known is said to be unknown until it is."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import structlog

from contract.errors import ContractError, DeviceError, PermanentDeviceError, TransientDeviceError
from contract.hints import HINTS
from contract.words import PaymentState as State
from terminal.money import Money
from terminal.payments import match
from terminal.payments.balance import BatchState
from terminal.payments.book import Book
from terminal.payments.payment import DOUBTFUL, OPEN, Payment, Slip
from terminal.pos.terminal import Answer, CardTerminal, DoubtError, Kind, Receipt, Totals, never

_TWICE = "the bank has this sale, but notes have paid the order: decide that it was made, then give it back"
_SAID_NO = frozenset({State.DECLINED, State.NOT_PERFORMED})


@dataclass(frozen=True, slots=True)
class Closing:
    """How closing a batch ended. `totals`: what the terminal told with it, None where nothing; `why`: for staff, "" where it is closed."""

    state: BatchState
    totals: Totals | None
    why: str = ""


class CardTill:
    """Owns one card terminal; used by one thread. Blocks for as long as a visitor takes, within the terminal's own limits."""

    def __init__(self, book: Book, terminal: CardTerminal, device: str) -> None:
        self._book, self._terminal, self._device = book, terminal, device
        self._log = structlog.get_logger(__name__).bind(device=device)
        self._begun = ""
        """The newest payment of this run: another one is not begun while it is unknown."""

    @property
    def device(self) -> str:
        """The terminal's id here."""
        return self._device

    @property
    def by_name(self) -> bool:
        """Whether the terminal names its operations, and has no last receipt."""
        return self._terminal.by_name

    @property
    def closes(self) -> bool:
        """Whether the terminal can be told to close its batch."""
        return self._terminal.closes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the line up; twice is fine."""
        self._terminal.close()

    def recover(self) -> list[Payment]:
        """Find out how everything ended that an earlier run left open; returns what is still unknown."""
        for payment in self._book.of_device(self._device, OPEN):
            doubt = State.UNKNOWN if payment.state is State.INTENT else State.REVERSAL_UNKNOWN
            self._move(payment, doubt, "the terminal's computer was restarted")
        return self.resolve()

    def look(self) -> None:
        """See whether the terminal could take a card now, and account for what it did since. Raises: as `pay`."""
        self._ready()

    def resolve(self) -> list[Payment]:
        """Ask the terminal about every unknown payment; returns those that a person must look at."""
        for payment in self._book.of_device(self._device, DOUBTFUL):
            try:
                self._terminal.open()
                self._terminal.settle()
                verdict = self._verdict(payment)
            except DeviceError as exc:
                self._log.warning("payment.unanswered", payment=payment.id, fault=exc.fault)
                break
            self._judge(payment, verdict)
        return self._book.of_device(self._device, DOUBTFUL)

    def pay(self, order: str, amount: Money, ended: Callable[[], bool] = never) -> Payment:
        """Take `amount` for `order`; the payment as it stands. Asked again for the same order: the first one's result.

        `ended` is asked now and then from this thread: True, and the terminal is told to let go of the sale; where that comes
        too late, or the terminal cannot, the payment ends as it ends.
        Raises: PermanentDeviceError: an earlier payment here is unknown, a person must look. TransientDeviceError: the
        terminal cannot be used now, nothing was begun. ContractError: the order is being paid with another amount.
        """
        before = self._book.live(order)
        if before is not None:
            if before.amount != amount:
                raise ContractError(f"order {order}: paid with {before.amount}, asked for {amount}")
            return before
        watermark = self._ready()
        before = self._book.live(order)
        if before is not None:  # the terminal just told of a success that came late
            return before
        payment = Payment(
            id=f"p-{secrets.token_hex(8)}",
            order=order,
            device=self._device,
            amount=amount,
            watermark=watermark.mark if watermark else "",
            tid=watermark.tid if watermark else "",
            opened_at=self._book.now(),
        )
        self._begun = payment.id
        self._keep(payment)
        if ended():
            return self._move(payment, State.NOT_PERFORMED, "the visitor left before the terminal was asked")
        return self._sell(payment, ended)

    def reverse(self, payment_id: str, who: str, why: str) -> Payment:
        """Give an approved payment back, whole; `who` decided it. Raises: as `pay`; ContractError: it cannot be given back."""
        payment = self._known(payment_id)
        if payment.state is not State.APPROVED:
            raise ContractError(f"payment {payment_id} is {payment.state}: only an approved one can be given back")
        last = self._ready()
        if not self._terminal.refunds and not match.same_batch(payment, self._since(payment), last):
            raise ContractError(
                f"payment {payment_id}: its batch is closed, the terminal cannot give it back: the bank can"
            )
        return self._give_back(replace(payment, watermark=last.mark if last else ""), why, who)

    def totals(self) -> Totals | None:
        """What the terminal says of its open batch; None: its protocol does not tell. Moves no money.

        Its newest receipt is accounted for first, so that the books know of a closed batch and of a receipt nobody explains.
        Raises: TransientDeviceError: it cannot be asked now.
        """
        unknown = self._book.unsettled(self._device) and self.resolve()
        self._terminal.open()
        self._terminal.settle()
        if not self._terminal.by_name:
            last = self._terminal.last()
            if last is None:
                self._book.account(self._device, None)  # each time: a lost sale in the batch before left no mark
            elif not unknown:
                self._account(last)
            if self._book.unsettled(self._device):
                self.resolve()
        return self._terminal.totals()

    def close_batch(self, who: str) -> Closing:
        """Have the terminal close its batch, once; `who` wants it. Nothing is sold in between, and every receipt is accounted for before.

        Raises: PermanentDeviceError: a payment here is unknown, and its receipt would be gone; TransientDeviceError: nothing was begun.
        """
        self._ready()
        self._book.closing(self._device, who)
        try:
            answer = self._terminal.close_batch()
        except TransientDeviceError as exc:
            self._book.closed(self._device, who, done=False, why=exc.fault)
            raise
        except DoubtError as exc:
            self._log.warning("pos.closing_unknown", why=str(exc))
            return Closing("unknown", None)
        self._book.closed(self._device, who, done=answer.done, why=answer.code)
        if not answer.done:
            return Closing("open", None, f"not closed: the terminal said {answer.code}")
        return Closing("closed", answer.totals)

    def decide(self, payment_id: str, state: State, who: str, why: str) -> Payment:
        """A person has looked, and says how an unknown payment ended. Raises: ContractError: it is not unknown."""
        payment = self._known(payment_id)
        if payment.state not in DOUBTFUL or not who or not why:
            raise ContractError(f"payment {payment_id} is {payment.state}: a name and a reason decide an unknown one")
        if state is State.APPROVED:
            payment = replace(payment, captured_minor=payment.captured_minor or payment.amount.minor)
        return self._move(payment, state, why, who=who)

    def printed(self, payment_id: str) -> Payment:
        """The visitor's receipt is on paper, proved."""
        payment = replace(self._known(payment_id), slip=Slip.PRINTED)
        self._keep(payment)
        return payment

    # -- one payment ------------------------------------------------------------------------------------------------

    def _ready(self) -> Receipt | None:
        """A terminal that is free, with every one of its receipts accounted for; its last one."""
        if self._book.unsettled(self._device) and self.resolve():
            raise PermanentDeviceError(self._device, "payment_unknown", HINTS["payment_unknown"].step)
        self._terminal.open()
        self._terminal.settle()
        if self._terminal.by_name:
            return None
        last = self._terminal.last()
        self._account(last)
        if self._book.unsettled(self._device) and self.resolve():
            raise PermanentDeviceError(self._device, "payment_unknown", HINTS["payment_unknown"].step)
        return last

    def _account(self, last: Receipt | None) -> None:
        known = self._book.mark(self._device)
        if known == (last.mark if last else ""):
            return
        if known is None or last is None or not last.approved:
            self._book.account(self._device, last)  # a new terminal, a closed batch, a decline: no money moved
            return
        self._log.warning("payment.stray", receipt=last.number)
        self._book.stray(self._device, last)
        newest = self._book.of_device(self._device, frozenset(State))[-1:]
        for payment in newest:  # a success that came after the no
            if payment.state in _SAID_NO and payment.amount == last.amount and not self._book.live(payment.order):
                self._move(payment, State.UNKNOWN, f"receipt {last.number} came after it had ended as {payment.state}")

    def _sell(self, payment: Payment, ended: Callable[[], bool]) -> Payment:
        """The one call that may take money, its intent on disk."""
        try:
            answer = self._terminal.sell(payment.amount, lambda receipt: self._keep(_with(payment, receipt)), ended)
        except TransientDeviceError as exc:
            return self._move(payment, State.NOT_PERFORMED, f"the terminal began nothing: {exc.fault}")
        except DoubtError as exc:
            self._move(self._known(payment.id), State.UNKNOWN, str(exc))
            self.resolve()
            return self._known(payment.id)
        return self._answered(payment, answer)

    def _answered(self, payment: Payment, answer: Answer) -> Payment:
        receipt = answer.receipt
        if not answer.approved:
            return self._move(payment, State.DECLINED, f"the terminal said {answer.code}", seen=receipt)
        if (
            receipt is None
            or receipt.mark == payment.watermark
            or (payment.tid and receipt.tid not in {"", payment.tid})
        ):
            self._move(payment, State.UNKNOWN, "the answer does not belong to this sale")
            self.resolve()
            return self._known(payment.id)
        if receipt.amount != payment.amount:
            part = replace(_with(payment, receipt), watermark=receipt.mark)
            return self._give_back(part, f"only {receipt.amount} of {payment.amount} was approved", "", seen=receipt)
        return self._approved(_with(payment, receipt), "", receipt)

    def _approved(self, payment: Payment, why: str, seen: Receipt | None) -> Payment:
        """The bank has the money. Where notes have paid the order meanwhile, that is not silently a second payment: staff decide."""
        with self._book.exclusive():
            if not self._book.paid_otherwise(payment.order, payment.id):
                return self._move(payment, State.APPROVED, why, seen=seen)
            if payment.state is not State.UNKNOWN:
                return self._move(payment, State.UNKNOWN, _TWICE, seen=seen)
            unclear = replace(payment, note=_TWICE)
            if unclear != self._known(payment.id):
                self._keep(unclear, seen=seen)
            return unclear

    def _give_back(self, payment: Payment, why: str, who: str, seen: Receipt | None = None) -> Payment:
        reversing = self._move(payment, State.REVERSING, why, who=who, seen=seen)
        try:
            answer = self._terminal.reverse(
                _sold(payment), lambda begun: self._keep(replace(reversing, watermark=begun.number))
            )
        except TransientDeviceError as exc:
            answer = Answer(approved=False, code=exc.fault)
        except DoubtError as exc:
            self._move(self._known(payment.id), State.REVERSAL_UNKNOWN, str(exc))
            self.resolve()
            return self._known(payment.id)
        if answer.approved:
            return self._move(reversing, State.REVERSED, why, seen=answer.receipt)
        if payment.captured_minor == payment.amount.minor:
            return self._move(reversing, State.APPROVED, f"not given back: the terminal said {answer.code}")
        return self._move(reversing, State.REVERSAL_UNKNOWN, f"a part is taken, and not given back: {answer.code}")

    def _since(self, payment: Payment) -> list[Payment]:
        everything = self._book.of_device(self._device, frozenset(State))
        return [one for one in everything if (one.opened_at, one.id) > (payment.opened_at, payment.id)]

    def _verdict(self, payment: Payment) -> match.Verdict:
        """What the terminal's own word proves. Raises: TransientDeviceError: it says nothing yet."""
        sale = payment.state is State.UNKNOWN
        if not self._terminal.by_name:
            found = self._terminal.last()
            if sale:
                return match.sale(payment, found, just_now=payment.id == self._begun)
            return match.reversal(payment, found)
        name = payment.receipt if sale else payment.watermark
        asked = (
            Receipt(name, Kind.SALE, payment.amount, approved=False) if sale else replace(_sold(payment), number=name)
        )
        return match.named(payment, self._terminal.find(asked) if name else None)

    def _judge(self, payment: Payment, verdict: match.Verdict) -> None:
        sale = payment.state is State.UNKNOWN
        if verdict.state is payment.state:
            if verdict.why != payment.note:
                self._keep(replace(payment, note=verdict.why))
            return
        if verdict.state is State.REVERSING and verdict.receipt is not None:
            part = replace(_with(payment, verdict.receipt), watermark=verdict.receipt.mark)
            self._give_back(part, verdict.why, "", seen=verdict.receipt)
            return
        if sale and verdict.state in {State.APPROVED, State.DECLINED} and verdict.receipt is not None:
            payment = _with(payment, verdict.receipt)
        if verdict.state is State.APPROVED and payment.captured_minor != payment.amount.minor:
            return  # a part was taken and not given back: a person decides
        if sale and verdict.state is State.APPROVED:
            self._approved(payment, verdict.why, verdict.receipt)
            return
        self._move(payment, verdict.state, verdict.why, seen=verdict.receipt)

    def _move(
        self, payment: Payment, state: State, note: str, *, who: str = "", seen: Receipt | None = None
    ) -> Payment:
        moved = payment.moved(state, self._book.now(), note)
        self._keep(moved, who=who, seen=seen)
        return moved

    def _keep(self, payment: Payment, *, who: str = "", seen: Receipt | None = None) -> None:
        self._book.save(payment, who=who, seen=seen)
        self._log.info("payment", payment=payment.id, order=payment.order, state=payment.state, note=payment.note)

    def _known(self, payment_id: str) -> Payment:
        payment = self._book.payment(payment_id)
        if payment is None:
            raise ContractError(f"there is no payment {payment_id}")
        return payment


def _sold(payment: Payment) -> Receipt:
    """The sale's receipt, as the books have it."""
    return Receipt(
        number=payment.receipt,
        kind=Kind.SALE,
        amount=replace(payment.amount, minor=payment.captured_minor),
        approved=True,
        tid=payment.tid,
        rrn=payment.rrn,
        approval=payment.approval,
        pan=payment.pan,
        brand=payment.brand,
    )


def _with(payment: Payment, receipt: Receipt) -> Payment:
    return replace(
        payment,
        receipt=receipt.number,
        mark=receipt.mark,
        tid=receipt.tid or payment.tid,
        rrn=receipt.rrn,
        approval=receipt.approval,
        pan=receipt.pan,
        brand=receipt.brand,
        captured_minor=receipt.amount.minor if receipt.approved else 0,
    )

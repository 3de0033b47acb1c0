"""The thread that asks the registers, and tells them what was paid until they know it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from contract import register as r
from contract.errors import ContractError, DeviceError
from terminal.clerk import Clerk
from terminal.payments.book import Book
from terminal.payments.order import Order, Told
from terminal.register import NotKnownError, RegisterClient
from terminal.state import Suggested, Untold
from terminal.state import Told as Answered
from terminal.suggest import suggest

log = structlog.get_logger(__name__)

REST_S = 1.0
AGAIN_S = (5.0, 15.0, 60.0)
"""Pauses between attempts to tell what was paid; the last one is kept."""
UNKNOWN = "unknown"
AWAY = "register_away"
LIMIT = 6
"""So many suggestions fit above the keyboard."""

Reply = Answered | Untold | Suggested


class Enquiry(Clerk):
    """One question after another. `tell` hears each answer; `on_fault(before, now)`: of the connector. Both are called in this thread.

    Nothing about a visitor stays here when an answer was told; directories, which are nobody's, are kept.
    """

    def __init__(
        self,
        client: RegisterClient,
        book: Book,
        tell: Callable[[Reply], None],
        on_fault: Callable[[str | None, str | None], None],
    ) -> None:
        super().__init__("registers", REST_S)
        self._client, self._book, self._tell, self._on_fault = client, book, tell, on_fault
        self._fault: str | None = None
        self._tries = 0
        self._tell_at = 0.0

    def ask(self, key: str, question: Callable[[RegisterClient], r.Person | r.Household | r.Dues]) -> None:
        """Ask; answered under `key`."""
        if not self.give(lambda: self._ask(key, question)):
            self._tell(Untold(key, AWAY))

    def suggest(self, key: str, directory: str, under: str, text: str, lang: str) -> None:
        """Look in a directory; answered under `key`, by nothing where the registers are away."""
        self.give(lambda: self._suggest(key, directory, under, text, lang))

    def paid(self) -> None:
        """Something was paid that a register must hear of."""
        self._tell_at = 0.0

    # --- in this thread ------------------------------------------------------------------------------------------------

    def _idle(self) -> None:
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + (AGAIN_S[-1] if self._tell_all() else self._pause())

    def _pause(self) -> float:
        self._tries += 1
        return AGAIN_S[min(self._tries, len(AGAIN_S)) - 1]

    def _ask(self, key: str, question: Callable[[RegisterClient], r.Person | r.Household | r.Dues]) -> None:
        try:
            found = question(self._client)
        except NotKnownError:
            self._is(None)
            self._tell(Untold(key, UNKNOWN))
        except DeviceError as exc:
            self._is(exc.fault)
            self._tell(Untold(key, exc.fault))
        else:
            self._is(None)
            self._tell(Answered(key, found))

    def _suggest(self, key: str, directory: str, under: str, text: str, lang: str) -> None:
        entries: tuple[r.Entry, ...] = ()
        try:
            entries = tuple(suggest(self._client.directory(directory), text, lang, under or None, LIMIT))
        except NotKnownError:
            log.warning("enquiry.no_directory", directory=directory)
        except DeviceError as exc:
            self._is(exc.fault)
        self._tell(Suggested(key, entries))

    def _tell_all(self) -> bool:
        """Tell what the registers do not know yet, the oldest first; False: ask again soon."""
        for order in self._book.orders(told=(Told.OWED.value, Told.BACK_OWED.value)):
            try:
                self._client.paid(_paid(order))
                if order.told is Told.BACK_OWED:
                    self._client.returned(self._returned(order))
            except DeviceError as exc:
                self._is(exc.fault)
                return False
            except ContractError as exc:  # the register knows no such due: staff must look, the others go on
                log.warning("enquiry.not_taken", order=order.id, why=str(exc))
                continue
            self._heard(order)
        self._tries = 0
        return True

    def _heard(self, order: Order) -> None:
        """The register knows it; what was given back meanwhile is still to be told."""
        told = Told.TOLD if order.told is Told.OWED else Told.BACK
        self._book.change(order.id, lambda each: replace(each, told=told) if each.told is order.told else each)

    def _returned(self, order: Order) -> r.Returned:
        payment = self._book.payment(order.payment)
        at = payment.ended_at if payment is not None and payment.ended_at else order.ended_at or order.at
        return r.Returned(
            due=order.due, payment=order.payment, amount_minor=order.amount.minor, currency=order.amount.currency,
            at=datetime.fromisoformat(at),
        )  # fmt: skip

    def _is(self, fault: str | None) -> None:
        before, self._fault = self._fault, fault
        if before != fault:
            self._on_fault(before, fault)


def _paid(order: Order) -> r.Paid:
    return r.Paid(
        due=order.due,
        payment=order.payment,
        amount_minor=order.amount.minor,
        currency=order.amount.currency,
        method="card" if order.method == "card" else "cash",
        at=datetime.fromisoformat(order.ended_at or order.at),
    )

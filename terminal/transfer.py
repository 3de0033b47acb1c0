"""The transfer code of an order: by it a visitor pays with a bank's app, and the terminal never learns whether it was done. Pure."""

from __future__ import annotations

from contract.errors import ContractError
from contract.hall import Hall
from terminal.money import Money
from terminal.qr.nbu import Transfer, purpose, version_002, version_003


def text_of(hall: Hall, payee: str, amount: Money, *, service: str, code: str, number: str) -> str:
    """What the code holds, "" where this payee has none. `service`, `code`, `number`: for the purpose; `code` of the demand or service.

    Raises: ContractError: the hall document's payee does not fit the rules of the code.
    """
    found = next((each for each in hall.payees if each.id == payee and each.qr), None)
    if found is None:
        return ""
    words = purpose(found.purpose, service=_plain(service), code=_plain(code), number=number)
    transfer = Transfer(found.name, found.iban, found.code, amount, words, reference=number)
    return version_002(transfer) if found.qr == "002" else version_003(transfer)


def _plain(text: str) -> str:
    """Without the signs that part a purpose."""
    if any(sign in text for sign in ";*\n"):
        raise ContractError(f"purpose: {text[:40]!r}: no ; and no * in it")
    return text

"""The transfer QR of the National Bank of Ukraine, versions 002 and 003. Pure.

Format: rules of the National Bank of Ukraine for credit transfer QR codes: an address, and behind it base64url of lines that
are joined by LF. A bank's app reads it; nothing comes back to us, so a screen or paper says "scan to pay" and never "paid".
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from contract import iban
from contract.errors import ContractError
from terminal.money import Money

PREFIX = "https://bank.gov.ua/qr/"
MAX_BYTES = 331
"""Of a version 002 before base64url."""
LOCKED = "FEFF"
"""Nothing of a version 003 may be changed by the payer."""
_PURPOSE = 11
"""Its place among the lines, in both versions."""
_CODE = re.compile(r"[0-9]{8}|[0-9]{10}")
_SLOT = re.compile(r"\{([a-z_]*)\}")


@dataclass(frozen=True, slots=True)
class Transfer:
    """`code`: of the recipient, 8 digits (EDRPOU) or 10 (RNOKPP). `reference`: by which the hall's accounts find it, "" for none."""

    recipient: str
    account: str
    code: str
    amount: Money
    purpose: str
    reference: str = ""


def version_002(transfer: Transfer, prefix: str = PREFIX) -> str:
    """The text of the code. Raises: ContractError: a field that is wrong or too long, named."""
    lines = (
        "BCD", "002", "1", "UCT", "", _text("recipient", transfer.recipient, 70), iban.check(transfer.account),
        _amount(transfer.amount), _code(transfer.code), "", "", _text("purpose", transfer.purpose, 140), "",
    )  # fmt: skip
    data = "\n".join(lines).encode()
    if len(data) > MAX_BYTES:
        raise ContractError(f"QR of {len(data)} bytes: {MAX_BYTES} at most; shorten recipient or purpose")
    return _encoded(prefix, data)


def version_003(transfer: Transfer, prefix: str = PREFIX) -> str:
    """The text of the code, unsigned, without an end of validity. Raises: as `version_002`."""
    lines = (
        "BCD", "003", "1", "XCT", "", _text("recipient", transfer.recipient, 140), iban.check(transfer.account),
        _amount(transfer.amount), _code(transfer.code), "SUPP/SUPP", _text("reference", transfer.reference, 35, empty=True),
        _text("purpose", transfer.purpose, 420), "", LOCKED, "", "", "",
    )  # fmt: skip
    return _encoded(prefix, "\n".join(lines).encode())


def purpose(pattern: str, **facts: str) -> str:
    """A purpose from a service's pattern: `*;{body};{service};{count};{payer};*`.

    Raises: ContractError: a slot that nothing fills, or a fact with a sign that the pattern uses to part them.
    """
    for name in _SLOT.findall(pattern):
        if name not in facts:
            raise ContractError(f"purpose: nothing for {{{name}}}; there are {', '.join(sorted(facts)) or 'none'}")
        if any(sign in facts[name] for sign in ";*\n"):
            raise ContractError(f"purpose: {name}: no ; and no * in it")
    return _SLOT.sub(lambda slot: facts[slot[1]], pattern)


def purpose_in(text: str, prefix: str = PREFIX) -> str:
    """The purpose that a code of ours holds, as a bank's app will show it. Raises: ContractError: not such a code."""
    data = text.removeprefix(prefix)
    try:
        lines = base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)).decode().split("\n")
    except ValueError:
        lines = []
    if lines[:1] != ["BCD"] or len(lines) <= _PURPOSE:
        raise ContractError(f"transfer code of {len(text)} characters: none of ours")
    return lines[_PURPOSE]


def _amount(money: Money) -> str:
    if money.currency != "UAH" or not money.minor:
        raise ContractError(f"amount {money}: more than nothing, in UAH")
    return f"UAH{money.minor // 100}" if money.minor % 100 == 0 else f"UAH{money.decimal}"


def _code(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ContractError("code of the recipient: 8 digits (EDRPOU) or 10 (RNOKPP)")
    return code


def _text(name: str, text: str, most: int, *, empty: bool = False) -> str:
    if not (text or empty) or len(text) > most or (text and not text.isprintable()):
        raise ContractError(f"{name}: one line of {most} characters at most{'' if empty else ', not empty'}")
    return text


def _encoded(prefix: str, data: bytes) -> str:
    return prefix + base64.urlsafe_b64encode(data).decode().rstrip("=")

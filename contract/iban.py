"""Account numbers: the check of ISO 13616. Pure."""

from __future__ import annotations

import re

from contract.errors import ContractError

_FORM = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
LENGTHS = {"UA": 29, "KZ": 20}
"""Country → letters and digits of its account numbers (ISO 13616 registry)."""


def check(text: str) -> str:
    """The account number without its blanks. Raises: ContractError: it is none: its form, its length, or its two check digits."""
    iban = "".join(text.split()).upper()
    if not _FORM.fullmatch(iban):
        raise ContractError("IBAN: two letters, two digits, then letters and digits")
    length = LENGTHS.get(iban[:2])
    if length is not None and len(iban) != length:
        raise ContractError(f"IBAN: {len(iban)} characters, {length} belong to {iban[:2]}")
    if int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 != 1:
        raise ContractError("IBAN: the check digits do not fit: a digit is wrong")
    return iban

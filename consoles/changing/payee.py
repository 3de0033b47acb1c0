"""Who gets a fee, in the document: the account, and the purpose that the bank reads. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError, text_of
from contract import iban
from contract.errors import ContractError

BLANKS = ("service", "code", "number")
"""What a terminal fills into a purpose."""
TRANSFER_CODES = ("002", "003")
LONGEST_NAME, LONGEST_PURPOSE = 140, 420
_BLANK: Document = {"names": {}, "name": "", "iban": "", "code": "", "purpose": "", "qr": None}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Names, the bank's name, account, code, purpose, transfer code; or it is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "payees", key)
        return
    document.setdefault("payees", [])
    one = filled(document, "payees", key, _BLANK)
    kept(document, "payees", key, "payee", {
        "names": field.texts(document, fields, "name", one["names"]),
        "name": _needed(fields, "recipient", LONGEST_NAME), "iban": _iban(fields), "code": _needed(fields, "code", 20),
        "purpose": _purpose(fields), "qr": field.chosen(fields, "qr", ("", *TRANSFER_CODES)) or None,
    })  # fmt: skip


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The payee, and what its form offers."""
    one = filled(telling.document, "payees", key, _BLANK)
    return {
        "one": one, "transfer_codes": [(each, each) for each in TRANSFER_CODES], "blanks": ", ".join(f"{{{each}}}" for each in BLANKS),
        "longest": {"recipient": LONGEST_NAME, "purpose": LONGEST_PURPOSE},
    }  # fmt: skip


def lines(telling: Telling) -> list[Line]:
    """The payees with their accounts."""
    return [
        Line(each["id"], text_of(each["names"], telling.language), each["iban"])
        for each in telling.document.get("payees", ())
    ]


PART = Part("payees", "terminals", edit, told, lines, adds=True, icon="cash")


def _needed(fields: Fields, name: str, most: int) -> str:
    found = field.line(fields, name, most=most)
    if not found:
        raise UntakenError("untaken.payee_part")
    return found


def _iban(fields: Fields) -> str:
    try:
        return iban.check(fields.get("iban", ""))
    except ContractError as exc:
        raise UntakenError("untaken.iban") from exc


def _purpose(fields: Fields) -> str:
    found = _needed(fields, "purpose", LONGEST_PURPOSE)
    if set(re.findall(r"\{([^{}]*)\}", found)) - {*BLANKS}:
        raise UntakenError("untaken.purpose", of=", ".join(f"{{{each}}}" for each in BLANKS))
    return found

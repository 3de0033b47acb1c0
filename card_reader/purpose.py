"""What a card is read for, and so what of it: fixed and shown to the visitor before the card is touched. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from card_reader.files.file import DG1, DG2, DG11, DG12, File

HOLDER = frozenset({"surname", "given_names", "birth_date", "sex", "nationality"})
NUMBERS = frozenset({"unzr", "rnokpp", "iin", "pin", "isikukood", "personal_number"})
ADDITIONAL = frozenset({"native_name", "birth_place", "address"}) | NUMBERS
DOCUMENT = frozenset({"document_number", "expiry_date", "issuer"})
ISSUE = frozenset({"authority", "issue_date"})
FIELDS = HOLDER | ADDITIONAL | DOCUMENT | ISSUE
"""Every field that can leave the reader, by name; texts carry their labels under `card.field.<name>`."""
EVERYDAY = HOLDER | ADDITIONAL | DOCUMENT


class Purpose(StrEnum):
    """Why a visitor lays the card there."""

    MATCH = "match"
    """Find the booking: only keyed hashes leave the reader."""
    PREFILL = "prefill"
    """Fill a form: the fields it asks for."""
    PHOTO = "photo"
    """Fill a form that needs the face, too."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be read and what may leave. EF.SOD is always read, to prove the rest."""

    files: tuple[File, ...]
    fields: frozenset[str]
    hashes: bool
    prove_chip: bool


def plan(purpose: Purpose, fields: frozenset[str] = EVERYDAY) -> Plan:
    """The plan of a purpose. `fields`: what the form has. Raises: ValueError: a field that no card has."""
    if unknown := fields - FIELDS:
        raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
    if purpose is Purpose.MATCH:
        return Plan((DG1,), frozenset(), hashes=True, prove_chip=False)
    files = (DG1, *((DG11,) if fields & ADDITIONAL else ()), *((DG12,) if fields & ISSUE else ()))
    return Plan((*files, *((DG2,) if purpose is Purpose.PHOTO else ())), fields, hashes=False, prove_chip=True)

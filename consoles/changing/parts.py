"""The table of the parts that have forms: a new one is added here."""

from __future__ import annotations

import json

from consoles.changing import (
    box,
    country,
    employer,
    form,
    group,
    index,
    language,
    message,
    operator,
    paper,
    payee,
    priority,
    result,
    right,
    rule,
    self_service,
    service,
    text,
    week,
    window,
    year,
    zone,
)  # fmt: skip
from consoles.changing.part import Document, Fields, Part
from contract.errors import ContractError

PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        operator.PART, employer.PART, right.PART, window.PART, zone.PART, message.PART, language.PART, text.PART,
        group.PART, service.PART, index.PART, paper.PART,
        priority.PART, result.PART, self_service.PART, form.PART, payee.PART, week.PART,
        year.PART, country.PART, box.PART, rule.PART,
    )
}  # fmt: skip
"""In the order of the menu."""


def part(name: str) -> Part:
    """Raises: ContractError: there is no such part."""
    if name not in PARTS:
        raise ContractError(f"there is no part {name[:32]!r}")
    return PARTS[name]


def changed(document: Document, name: str, key: str, fields: Fields) -> Document:
    """The document after one form; the one given stays. Raises: ContractError: no such part, or a field is wrong, in words."""
    after: Document = json.loads(json.dumps(document))
    part(name).edit(after, key, fields)
    return after

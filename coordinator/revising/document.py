"""A draft as it was sent, made the next revision of the hall in force. Pure."""

from __future__ import annotations

import json
from typing import Any

from contract import hall as halls
from contract.errors import ContractError
from contract.hall import Hall


def draft(hall: Hall, text: str) -> Hall:
    """The document `text` as revision `hall.revision` + 1; PIN hashes that it leaves empty are those in force.

    Raises: ContractError: it is no document, every fault with its place, or another hall's.
    """
    try:
        said: Any = json.loads(text)
    except ValueError as exc:
        raise ContractError(f"not JSON: {exc}") from exc
    if not isinstance(said, dict):
        raise ContractError("not a JSON object")
    if said.get("id") != hall.id:
        raise ContractError(f"id: {str(said.get('id'))[:40]!r}: allowed: {hall.id!r}, this hall")
    if said.get("training", False) is not hall.training:
        raise ContractError(f"training: allowed: {json.dumps(hall.training)}, as this hall began")
    return _with_pins(hall, halls.load(json.dumps({**said, "revision": hall.revision + 1})))


def text(hall: Hall) -> str:
    """The document as it is kept."""
    return hall.model_dump_json(by_alias=True)


def _with_pins(before: Hall, after: Hall) -> Hall:
    known = before.operator_by_id
    operators = tuple(
        o if o.pin_hash or o.id not in known else o.model_copy(update={"pin_hash": known[o.id].pin_hash})
        for o in after.operators
    )
    return after.model_copy(update={"operators": operators})

"""An operator in the document: employer, rights with their dates, PIN. The PIN becomes a hash here and is told to nobody."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError
from contract import pin

_BLANK: Document = {"name": "", "employer": "", "rights": []}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Name, employer, rights, a new PIN; or they are taken away."""
    if field.yes(fields, "remove"):
        remove(document, "operators", key)
        return
    before = filled(document, "operators", key, _BLANK)
    employer = field.chosen(fields, "employer", [each["id"] for each in document["employers"]])
    values: Document = {
        "name": field.line(fields, "name", most=80),
        "employer": employer,
        "rights": [*_held(before, fields), *_given(document, employer, fields)],
    }
    if not values["name"]:
        raise UntakenError("untaken.name")
    pin_hash = _pin_hash(fields)
    kept(document, "operators", key, "op", values | ({"pin_hash": pin_hash} if pin_hash else {}))


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The operator; `held`: each right with its place, and whether it counts today; `free`: rights that could be given."""
    one = filled(telling.document, "operators", key, _BLANK)
    held = [(n, right, _stands(telling, one, right)) for n, right in enumerate(one["rights"])]
    lasting = {right["right"] for _, right, stands in held if stands in ("valid", "to_come")}
    free = [right for right in telling.document["rights"] if right["id"] not in lasting]
    at = next((w.number for w in telling.view.windows if w.operator == key), None)
    return {"one": one, "held": held, "free": free, "sits": at, "today": telling.today.isoformat()}


def lines(telling: Telling) -> list[Line]:
    """The operators by employer, with the rights that count today."""
    found = []
    for employer in telling.document["employers"]:
        for one in telling.document["operators"]:
            if one["employer"] == employer["id"]:
                valid = [r["right"] for r in one["rights"] if _stands(telling, one, r) == "valid"]
                note = ", ".join(telling.name("rights", right) for right in valid) or telling.say(
                    "change.no_right_today"
                )
                found.append(Line(one["id"], one["name"], note, head=telling.name("employers", employer["id"])))
    return found


PART = Part("operators", "people", edit, told, lines, adds=True, icon="person")


def _held(before: Document, fields: Fields) -> list[Document]:
    """The rights that stay, with their dates."""
    return [
        right | _dates(fields, f"held.{n}")
        for n, right in enumerate(before["rights"])
        if field.yes(fields, f"held.{n}")
    ]


def _given(document: Document, employer: str, fields: Fields) -> list[Document]:
    """The rights that are new. Raises: UntakenError: another employer's."""
    found = []
    for right in document["rights"]:
        if field.yes(fields, f"give.{right['id']}"):
            if employer not in right["employers"]:
                name = right["names"].get(document["default_language"], right["id"])
                raise UntakenError("untaken.right_foreign", right=name)
            found.append({"right": right["id"], "employer": employer, **_dates(fields, f"give.{right['id']}")})
    return found


def _dates(fields: Fields, name: str) -> Document:
    since, to = field.day(fields, f"{name}.from"), field.day(fields, f"{name}.to")
    if since is None or (to is not None and to < since):
        raise UntakenError("untaken.right_dates")
    return {"from": since, "to": to}


def _pin_hash(fields: Fields) -> str:
    """The hash of a new PIN; "" where none was typed. Raises: UntakenError: it is guessed first."""
    typed = fields.get("pin", "").strip()
    if not typed:
        return ""
    if why := pin.fault(typed):
        raise UntakenError(f"untaken.{why}", least=pin.LEAST, most=pin.MOST)
    return pin.hashed(typed, secrets.token_bytes(16))


def _stands(telling: Telling, one: Document, held: Document) -> str:
    """valid, to_come, over; or foreign, where the employer may not give it."""
    right = next((each for each in telling.document["rights"] if each["id"] == held["right"]), None)
    if right is None or held["employer"] != one["employer"] or one["employer"] not in right["employers"]:
        return "foreign"
    if telling.today < date.fromisoformat(held["from"]):
        return "to_come"
    return "valid" if held["to"] is None or telling.today <= date.fromisoformat(held["to"]) else "over"

"""A rule of the hall: the value of a knob. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing.part import Document, Fields, Line, Part, Telling
from contract import rules
from contract.errors import ContractError


def edit(document: Document, key: str, fields: Fields) -> None:
    """Another value; the usual one is left out of the document."""
    knob = _knob(key)
    value = _value(knob, fields.get("value", "").strip())
    if not knob.accepts(value):
        raise ContractError(f"{key}: allowed: {knob.allowed()}")
    document["rules"] = {name: each for name, each in document["rules"].items() if name != key}
    if value != knob.default:
        document["rules"][key] = value


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The knob and its value."""
    knob = _knob(key)
    return {"one": knob, "value": telling.document["rules"].get(key, knob.default)}


def lines(telling: Telling) -> list[Line]:
    """Every rule under the first word of its name; a value that is not the usual one as its note."""
    own = telling.document["rules"]
    found = [
        Line(knob.id, knob.id, str(own.get(knob.id, "")), head=knob.id.partition(".")[0])
        for knob in rules.knobs().values()
    ]
    heads = list(dict.fromkeys(one.head for one in found))
    return sorted(found, key=lambda one: heads.index(one.head))


PART = Part("rules", "rules", edit, told, lines, icon="info")


def _knob(key: str) -> rules.Knob:
    knob = rules.knobs().get(key)
    if knob is None:
        raise ContractError(f"there is no rule {key[:64]!r}")
    return knob


def _value(knob: rules.Knob, text: str) -> Any:
    """What a person typed, as the rule's type has it."""
    kind = knob.type.rstrip("?")
    if not text and knob.type.endswith("?"):
        return None
    if kind == "bool":
        return text == "yes"
    if kind.startswith("list"):
        return text.replace(",", " ").split()
    if kind not in ("int", "float"):
        return text
    try:
        number = float(text.replace(",", "."))
    except ValueError as exc:
        raise ContractError(f"{knob.id}: allowed: {knob.allowed()}") from exc
    return int(number) if kind == "int" and number.is_integer() else number

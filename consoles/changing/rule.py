"""A rule of the hall: the value of a knob, and its sentence, choices and bounds in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError
from contract import rules
from contract.errors import ContractError
from contract.rules import Knob

HOW = {
    "HH:MM": "rules.clock", "list of HH:MM": "rules.clocks", "list of HH:MM=percent": "rules.shares",
    "list of dates": "rules.days_list", "list of int": "rules.numbers",
}  # fmt: skip
"""Type of a knob → how its value is written, a key of the catalogue; other lists: `rules.list`."""


def edit(document: Document, key: str, fields: Fields) -> None:
    """Another value; the usual one is left out of the document."""
    knob = _knob(key)
    value = _value(knob, fields)
    if not knob.accepts(value):
        raise UntakenError("untaken.rule")
    document["rules"] = {name: each for name, each in document["rules"].items() if name != key}
    if value != knob.default:
        document["rules"][key] = value


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The knob, its value and what is said of it; `choices`: pairs of what may be chosen and its words."""
    knob = _knob(key)
    return {
        "one": knob,
        "value": telling.document["rules"].get(key, knob.default),
        "head": _head(telling, key),
        "what": telling.say(f"rule.{key}"),
        "allowed": allowed(telling, knob),
        "default": worth(telling, knob, knob.default),
        "choices": [(one, choice(telling, knob, one)) for one in knob.options],
    }


def lines(telling: Telling) -> list[Line]:
    """Every rule by its sentence, under the first word of its name; a value that is not the usual one as its note."""
    own = telling.document["rules"]
    heads = list(dict.fromkeys(_head(telling, key) for key in rules.knobs()))
    listed = [
        Line(
            knob.id,
            telling.say(f"rule.{knob.id}"),
            worth(telling, knob, own[knob.id]) if knob.id in own else "",
            head=_head(telling, knob.id),
        )
        for knob in rules.knobs().values()
    ]
    return sorted(listed, key=lambda line: heads.index(line.head))


def worth(telling: Telling, knob: Knob, value: Any) -> str:
    """A value as people read it, with its unit."""
    match value:
        case None:
            return telling.say("rules.no_limit")
        case bool():
            return telling.say("common.yes" if value else "common.no")
        case int() | float():
            return _amount(telling, knob, value)
        case list():
            return ", ".join(choice(telling, knob, each) for each in value) or "–"
    return choice(telling, knob, value)


def allowed(telling: Telling, knob: Knob) -> str:
    """What may be typed; "" where it is chosen from a list."""
    kind = knob.type.removesuffix("?")
    if knob.options or kind == "bool":
        return ""
    if knob.range is not None:
        said = f"{knob.range[0]:g}–{_amount(telling, knob, knob.range[1])}"
    else:
        said = telling.say(HOW.get(kind, "rules.list"))
    return telling.say("rules.or_empty", allowed=said) if knob.type.endswith("?") else said


def choice(telling: Telling, knob: Knob, value: Any) -> str:
    """One of a knob's options in words; another value as it is."""
    if value not in knob.options:
        return str(value)
    return telling.say(f"card.field.{value}" if knob.type == rules.CARD_FIELDS else f"rule.{knob.id}.{value}")


PART = Part("rules", "rules", edit, told, lines, icon="info")


def _head(telling: Telling, key: str) -> str:
    return telling.say(f"rules.{key.partition('.')[0]}")


def _amount(telling: Telling, knob: Knob, number: float) -> str:
    text = f"{number:g}"
    match knob.unit.partition(" ")[0]:
        case "s":
            return telling.say("common.seconds_short", seconds=text)
        case "min":
            return telling.say("common.minutes_short", minutes=text)
        case "day":
            return telling.plural("rules.days", int(number))
    return text


def _knob(key: str) -> Knob:
    knob = rules.knobs().get(key)
    if knob is None:
        raise ContractError(f"there is no rule {key[:64]!r}")
    return knob


def _value(knob: Knob, fields: Fields) -> Any:
    """What a person chose or typed, as the rule's type has it."""
    kind, text = knob.type.removesuffix("?"), fields.get("value", "").strip()
    if not text and knob.type.endswith("?"):
        return None
    if kind == "bool":
        return text == "yes"
    if kind.startswith("list"):
        ticked = [one for one in knob.options if fields.get(f"value.{one}") == "yes"]
        return ticked if knob.options else _typed(kind, text.replace(",", " ").split())
    return _number(kind, text) if kind in ("int", "float") else text


def _typed(kind: str, words: list[str]) -> list[Any]:
    return [_number("int", word) for word in words] if kind == "list of int" else words


def _number(kind: str, text: str) -> int | float:
    try:
        number = float(text.replace(",", "."))
    except ValueError as exc:
        raise UntakenError("untaken.rule") from exc
    return int(number) if kind == "int" and number.is_integer() else number

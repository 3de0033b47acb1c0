"""What a draft would do and how it differs, in words. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from babel import Locale

from consoles.changing.part import Document, Telling, entry_name, text_of
from contract.messages import Change, Finding

_OF = {
    "group_one_window": "service_groups", "group_idle": "service_groups", "service_no_operator": "services",
    "document_unused": "documents", "no_step_free": "zones", "right_foreign": "rights", "bookings_orphaned": "services",
}  # fmt: skip
"""Findings that name entries of a part."""
_REFERS = {
    "group": "service_groups", "groups": "service_groups", "employer": "employers", "employers": "employers", "zone": "zones",
    "right": "rights", "window": "windows", "bring": "documents", "operator": "operators", "form": "forms", "payee": "payees",
}  # fmt: skip
"""Fields that hold keys of another part."""


@dataclass(frozen=True, slots=True)
class Told:
    """A difference in words. `before`, `after` None: it was not there, or is not any more."""

    place: str
    field: str
    before: str | None
    after: str | None


def found(say: Callable[..., str], document: Document, one: Finding, language: str) -> str:
    """What a document would do; ids of the document are told by their names."""
    facts = {name: entry_name(document, f"{name}s", text, language) for name, text in one.facts.items()}
    part = _OF.get(one.code)
    of = [entry_name(document, part, key, language) if part else key for key in one.of]
    return say(f"check.{one.code}", **{"of": ", ".join(of), **facts})


def change(telling: Telling, one: Change) -> Told:
    """A difference: where, of what, from what to what."""
    part = _known(telling.say, f"change.part_{one.part}", one.part)
    name = telling.name(one.part, one.id) if one.id else ""
    label = _known(telling.say, f"change.field_{one.field}", one.field) if one.field else ""
    if one.part == "hours":
        label = _known(telling.say, f"day.{one.field}", one.field)
    before, after = _both(telling, one)
    return Told(f"{part} · {name}" if name else part, label, before, after)


def _both(telling: Telling, one: Change) -> tuple[str | None, str | None]:
    old, new = (_value(text) for text in (one.before, one.after))
    alike = isinstance(old, dict) and isinstance(new, dict)
    if alike and (one.field == "self_service" or (_texts(old) and _texts(new))):
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        old, new = ({key: each[key] for key in keys if key in each} for each in (old, new))
    said = [
        None if text is None else worth(telling, one, value) for text, value in ((one.before, old), (one.after, new))
    ]
    return said[0], said[1]


def worth(telling: Telling, one: Change, value: Any) -> str:
    """A value as people read it."""
    match value:
        case bool():
            return telling.say("common.yes" if value else "common.no")
        case str() if one.part in ("languages", "default_language") or one.field == "spoken":
            return Locale.parse(value).get_display_name(telling.language) or value
        case str() if one.part == "calendar":
            return value or telling.say("board.window_closed")
        case str():
            return telling.name(_REFERS[one.field], value) if one.field in _REFERS else value
        case dict() if _texts(value):
            name = value.get(telling.language)
            return str(name) if name and not one.field else "; ".join(f"{key}: {text}" for key, text in value.items())
        case dict() if not value:
            return "–"
        case dict() if one.field == "self_service" or "kind" in value:
            return "; ".join(
                _named(telling, key, each) for key, each in value.items() if key != "id" and each not in (None, [])
            )
        case dict():
            return "; ".join(f"{_day(telling, key)}: {_plain(telling, one, each)}" for key, each in value.items())
        case list():
            return ", ".join(_plain(telling, one, each) for each in value) or "–"
    return "–" if value is None else str(value)


def _plain(telling: Telling, one: Change, value: Any) -> str:
    """What stands in a list: a right with its dates, a unit with its window, or a value."""
    if isinstance(value, dict) and "right" in value:
        return f"{telling.name('rights', value['right'])} ({value.get('from')} – {value.get('to') or '…'})"
    if isinstance(value, dict) and "window" in value:
        return f"{value['id']} → № {telling.name('windows', value['window'])}"
    return worth(telling, one, value)


def _named(telling: Telling, key: str, value: Any) -> str:
    """A field of what terminals do, or of a question, with its value in words."""
    if isinstance(value, dict):
        return text_of(value, telling.language)
    if isinstance(value, list):
        said = ", ".join(text_of(each["names"], telling.language) for each in value)
    elif isinstance(value, bool):
        said = telling.say("common.yes" if value else "common.no")
    else:
        said = (
            telling.name(_REFERS[key], value)
            if key in _REFERS
            else _known(telling.say, f"change.{key}_{value}", str(value))
        )
    return f"{_known(telling.say, f'change.field_{key}', key)}: {said}"


def _day(telling: Telling, key: str) -> str:
    return _known(telling.say, f"day.{key}", key)


def _value(text: str | None) -> Any:
    """What a difference holds: JSON, or a text."""
    if text is None:
        return None
    try:
        return json.loads(text) if text[:1] in '[{"tfn-0123456789' else text
    except ValueError:
        return text


def _texts(value: dict[str, Any]) -> bool:
    """Whether it is a text by language."""
    return all(len(key) == len("uk") and isinstance(each, str) for key, each in value.items())


def _known(say: Callable[..., str], key: str, otherwise: str) -> str:
    try:
        return say(key)
    except KeyError:
        return otherwise

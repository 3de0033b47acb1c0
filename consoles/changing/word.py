"""What a draft would do and how it differs, in words. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from babel import Locale

from consoles.changing import rule
from consoles.changing.part import Document, Telling, entry_name
from contract import rules
from contract.messages import Change, Finding

_OF = {
    "group_one_window": "service_groups", "group_idle": "service_groups", "service_no_operator": "services",
    "document_unused": "documents", "no_step_free": "zones", "right_foreign": "rights", "bookings_orphaned": "services",
}  # fmt: skip
"""Findings that name entries of a part."""
_REFERS = {
    "group": "service_groups", "groups": "service_groups", "employer": "employers", "employers": "employers", "zone": "zones",
    "right": "rights", "window": "windows", "bring": "documents", "operator": "operators", "index": "indices", "form": "forms",
    "payee": "payees",
}  # fmt: skip
"""Fields that hold keys of another part."""
_CHOICES = {
    "channel": "change.channel", "icon": "change.icon", "kind": "change.kind", "theme": "change.theme", "lines": "change.board_line",
    "then": "change.then",
}  # fmt: skip
"""Fields that hold a word of ours → where the catalogue has its words, by the word."""
_INSIDE = {
    "from": "change.fee_from", "minor": "change.fee_sum", "index": "change.fee_index", "share": "change.fee_share",
    "round_minor": "change.fee_round", "source": "change.fee_source", "theme": "change.board_theme", "rows": "change.board_rows",
    "card": "change.board_card", "lines": "change.board_lines", "names": "change.field_names", "replies": "change.field_replies",
    "service": "change.part_services", "then": "change.question_then",
}  # fmt: skip
"""Fields of what stands within an entry → their names."""


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
    if one.part == "rules" and one.field in rules.knobs():
        return _rule(telling, part, one)
    name = telling.name(one.part, one.id) if one.id else ""
    label = _known(telling.say, f"change.field_{one.field}", one.field) if one.field else ""
    if one.part == "hours":
        label = _known(telling.say, f"day.{one.field}", one.field)
    before, after = _both(telling, one)
    return Told(f"{part} · {name}" if name else part, label, before, after)


def _rule(telling: Telling, part: str, one: Change) -> Told:
    """A rule that is not in a document has its usual value."""
    knob = rules.knobs()[one.field]
    before, after = (knob.default if text is None else _value(text) for text in (one.before, one.after))
    said = telling.say(f"rule.{knob.id}")
    return Told(part, said, rule.worth(telling, knob, before), rule.worth(telling, knob, after))


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
            return _named(telling, one.field, value)
        case dict() if _texts(value):
            name = value.get(telling.language)
            return str(name) if name and not one.field else "; ".join(f"{key}: {text}" for key, text in value.items())
        case dict() if not value:
            return "–"
        case dict():
            return "; ".join(
                _inside(telling, one, key, each)
                for key, each in value.items()
                if key != "id" and each not in (None, [])
            )
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


def _named(telling: Telling, field: str, value: str) -> str:
    """A text; a key of another part or a word of ours by its name."""
    if field in _REFERS:
        return telling.name(_REFERS[field], value)
    return _known(telling.say, f"{_CHOICES.get(field, f'change.{field}')}_{value}", value)


def _inside(telling: Telling, one: Change, key: str, value: Any) -> str:
    """A field of what stands within an entry: the hours of a day, the share of a fee."""
    name = _known(telling.say, _INSIDE.get(key, f"day.{key}"), "") or _known(telling.say, f"change.field_{key}", key)
    return f"{name}: {_plain(telling, one.model_copy(update={'field': key}), value)}"


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

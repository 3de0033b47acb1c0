"""How two hall documents differ, part by part, so that a person can read it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from contract.messages import Change

MOST, LETTERS, MOST_LETTERS = 300, 1_000, 16_000
"""Differences, letters of a value, letters of all values: the document itself has them whole."""
_HIDDEN = frozenset({"pin_hash"})


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every difference of two documents (as JSON has them) but the revision number, in the document's order, cut at the limits above."""
    told: list[Change] = []
    letters = 0
    for part in {**before, **after}:
        for each in _part(part, before.get(part), after.get(part)) if part != "revision" else ():
            letters += len(each.before or "") + len(each.after or "")
            if len(told) == MOST or letters > MOST_LETTERS:
                return tuple(told)
            told.append(each)
    return tuple(told)


def _part(part: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if part == "documents":
        yield from _texts(part, old or {}, new or {})
    elif part == "calendar":
        yield from _calendar(old or {}, new or {})
    elif _listed(old) and _listed(new):
        yield from _entries(part, {each["id"]: each for each in old}, {each["id"]: each for each in new})
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _fields(part, "", old, new)
    else:
        yield Change(part=part, before=_said(old), after=_said(new))


def _texts(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Texts that stand under their ids."""
    for key in {**old, **new}:
        was, now = old.get(key), new.get(key)
        if was != now:
            field = "names" if was is not None and now is not None else ""
            yield Change(part=part, id=key, field=field, before=_said(was), after=_said(now))


def _calendar(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Its days by date; the rest field by field."""
    days = [{day["date"]: day for day in each.get("exceptions", ())} for each in (old, new)]
    rest = [{name: value for name, value in each.items() if name != "exceptions"} for each in (old, new)]
    yield from _fields("calendar", "", *rest)
    for key in sorted({*days[0], *days[1]}):
        was, now = (each.get(key) for each in days)
        if was != now:
            yield Change(part="calendar", id=key, before=_day(was), after=_day(now))


def _day(day: Mapping[str, Any] | None) -> str | None:
    """The hours of a day of the calendar; empty: closed."""
    return None if day is None else ", ".join(day["hours"])


def _listed(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) and "id" in each for each in value)


def _entries(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in {**old, **new}:
        if key not in new:
            yield Change(part=part, id=key, before=_said(_name(old[key])))
        elif key not in old:
            yield Change(part=part, id=key, after=_said(_name(new[key])))
        elif old[key] != new[key]:
            yield from _fields(part, key, old[key], new[key])
    if [*old] != [*new] and old.keys() == new.keys():
        yield Change(part=part, field="order", before=_said([*old]), after=_said([*new]))


def _fields(part: str, key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for field in {**old, **new}:
        was, now = old.get(field), new.get(field)
        if was != now:
            hidden = field in _HIDDEN
            was, now = _apart(was, now)
            yield Change(part=part, id=key, field=field, before=_said(was, hidden), after=_said(now, hidden))


def _apart(was: Any, now: Any) -> tuple[Any, Any]:
    """Of two lists of parts, as rights or units, only what the other has not; another order alone is both whole."""
    if not all(isinstance(each, list) and all(isinstance(one, dict) for one in each) for each in (was, now)):
        return was, now
    gone, new = [one for one in was if one not in now], [one for one in now if one not in was]
    return (gone, new) if gone or new else (was, now)


def _name(entry: Mapping[str, Any]) -> Any:
    """What stands for an entry: its names, or all of it."""
    return entry.get("names") or entry.get("name") or entry


def _said(value: Any, hidden: bool = False) -> str | None:
    if value is None:
        return None
    if hidden:
        return "…"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"

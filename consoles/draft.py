"""A manager's changes to the hall that nobody sees yet: the next document in the making, one for all managers, kept on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from contract import rules
from contract.errors import ContractError
from contract.hall import WEEKDAYS, Hall

Document = dict[str, Any]
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """`base`: the revision it was made from; `by`: the operator who changed it last, at `at` (ISO 8601, UTC)."""

    base: int
    by: str
    at: str
    document: Document


class Drafts:
    """The one draft of this hall, in a file that is always whole."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self) -> Draft | None:
        """The draft; None where there is none, or the file is of another version."""
        try:
            return Draft(**json.loads(self._file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, draft: Draft) -> None:
        """Keep it instead of the one before."""
        new = self._file.with_name(f"{self._file.name}.new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(asdict(draft), ensure_ascii=False), "utf-8")
        new.replace(self._file)

    def drop(self) -> None:
        """Forget it; twice is fine."""
        self._file.unlink(missing_ok=True)


def changed(hall: Hall, draft: Draft | None, part: str, key: str, fields: Fields, by: str, now: datetime) -> Draft:
    """The draft (None: the hall in force) after one form. Raises: ContractError: no such part, or a field is wrong, in words."""
    document = draft.document if draft is not None else json.loads(hall.model_dump_json(by_alias=True))
    base = draft.base if draft is not None else hall.revision
    after = _EDITS[part](json.loads(json.dumps(document)), key, fields) if part in _EDITS else None
    if after is None:
        raise ContractError(f"there is no part {part[:32]!r}")
    return Draft(base, by, now.isoformat(), after)


def _window(document: Document, key: str, fields: Fields) -> Document:
    window = _entry(document, "windows", key)
    known = [group["id"] for group in document["service_groups"]]
    window["groups"] = [group for group in known if fields.get(f"group.{group}") == "yes"]
    if not window["groups"]:
        raise ContractError("a window needs at least one group of services")
    window["reserve"] = fields.get("reserve") == "yes"
    window["step_free"] = fields.get("step_free") == "yes"
    return document


def _service(document: Document, key: str, fields: Fields) -> Document:
    service = _entry(document, "services", key)
    for language in document["languages"]:
        text = " ".join(fields.get(f"name.{language}", "").split())
        if not text:
            raise ContractError(f"name: no text in {language}")
        service["names"][language] = text
    for name in ("minutes_typical", "minutes_long"):
        service[name] = _number(fields, name, least=1, most=480)
    fee = fields.get("fee", "").strip().replace(",", ".")
    service["fee_minor"] = None if not fee else round(_number({"fee": fee}, "fee", least=0, most=10_000_000) * 100)
    service["fee_currency"] = None if not fee else document["currency"]
    groups = [group["id"] for group in document["service_groups"]]
    if fields.get("group") not in groups:
        raise ContractError(f"group: allowed: {', '.join(groups)}")
    service["group"] = fields["group"]
    return document


def _hours(document: Document, _key: str, fields: Fields) -> Document:
    hours = {day: tuple(fields.get(day, "").replace(",", " ").split()) for day in WEEKDAYS}
    document["hours"] = {day: spans for day, spans in hours.items() if spans}
    return document


def _rule(document: Document, key: str, fields: Fields) -> Document:
    knob = rules.knobs().get(key)
    if knob is None:
        raise ContractError(f"there is no rule {key[:64]!r}")
    value = _value(knob, fields.get("value", "").strip())
    if not knob.accepts(value):
        raise ContractError(f"{key}: allowed: {knob.allowed()}")
    document["rules"] = {name: each for name, each in document["rules"].items() if name != key}
    if value != knob.default:
        document["rules"][key] = value
    return document


_EDITS = {"windows": _window, "services": _service, "hours": _hours, "rules": _rule}


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


def _entry(document: Document, part: str, key: str) -> Document:
    found: Document | None = next((each for each in document[part] if each["id"] == key), None)
    if found is None:
        raise ContractError(f"{part}: there is no {key[:32]!r}")
    return found


def _number(fields: Fields, name: str, *, least: float, most: float) -> float:
    try:
        number = float(fields.get(name, "").strip().replace(",", "."))
    except ValueError as exc:
        raise ContractError(f"{name}: a number is needed") from exc
    if not least <= number <= most:
        raise ContractError(f"{name}: from {least:g} to {most:g}")
    return number

"""The manager's message: what the page's form becomes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from contract import messages as m
from contract.errors import ContractError
from contract.hall import Hall


def command(key: str, fields: Mapping[str, str], hall: Hall, now: datetime, operator: str) -> m.HallNotice:
    """`show` puts the texts up, `take` takes away what stands in the zones; no zone is the whole hall. `operator` asks; `now`: hall time.

    `until` is a time of the hall's clock today. Raises: ContractError: no such button, no text, or a bad field.
    """
    name, zones = fields.get("button", ""), tuple(fields.get("zones", "").split())
    texts = _texts(fields, hall) if name == "show" else {}
    if name not in ("show", "take"):
        raise ContractError(f"there is no button {name[:32]!r}")
    try:
        until = _until(fields.get("until", ""), hall, now)
        speak = fields.get("speak") == "yes"
        return m.HallNotice(id=key, texts=texts, zones=zones, until=until, speak=speak, operator=operator)
    except ValueError as exc:
        raise ContractError(f"button {name!r}: a field is wrong") from exc


def shown(view: m.ConsolesView, asked: m.HallNotice) -> bool:
    """Whether `view` shows what was asked for."""
    if asked.texts:
        return any(notice.texts == asked.texts for notice in view.notices)
    return not any(not asked.zones or set(asked.zones) & set(notice.zones) for notice in view.notices)


def _texts(fields: Mapping[str, str], hall: Hall) -> dict[str, str]:
    found = {language: " ".join(fields.get(f"text.{language}", "").split()) for language in hall.languages}
    texts = {language: text for language, text in found.items() if text}
    if not texts:
        raise ContractError("a text is needed")
    return texts


def _until(text: str, hall: Hall, now: datetime) -> datetime | None:
    return datetime.combine(hall.local(now).date(), time.fromisoformat(text), hall.zone_info) if text else None

"""A service in the document: names, minutes, fee, group. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import entry
from consoles.changing.part import Document, Fields, Line, Part, Telling, text_of


def edit(document: Document, key: str, fields: Fields) -> None:
    """Names, minutes, fee, group."""
    service = entry(document, "services", key)
    service["names"] = field.texts(document, fields, "name", service["names"])
    for name in ("minutes_typical", "minutes_long"):
        service[name] = field.number(fields, name, least=1, most=480)
    free = not fields.get("fee", "").strip()
    service["fee_minor"] = None if free else round(field.number(fields, "fee", least=0, most=10_000_000) * 100)
    service["fee_currency"] = None if free else document["currency"]
    service["group"] = field.chosen(fields, "group", [group["id"] for group in document["service_groups"]])


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The service."""
    return {"one": entry(telling.document, "services", key)}


def lines(telling: Telling) -> list[Line]:
    """The services by group."""
    document, language = telling.document, telling.language
    heads = {group["id"]: text_of(group["names"], language) for group in document["service_groups"]}
    services = sorted(document["services"], key=lambda each: [*heads].index(each["group"]))
    return [Line(each["id"], text_of(each["names"], language), head=heads[each["group"]]) for each in services]


PART = Part("services", "services", edit, told, lines, icon="ticket")

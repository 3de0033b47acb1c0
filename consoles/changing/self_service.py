"""What terminals do of a service without an operator: whom they ask, what is paid to whom, which paper comes out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import entry
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError, text_of

IDENTIFY = ("card", "none")
ASKS = ("nothing", "person", "household")
PAYS = ("nothing", "fee")
PAPERS = ("application", "extract", "household", "receipt")
"""Layouts that a terminal has, and the receipt alone."""
_NEEDS = {"application": ("person", "household"), "extract": ("person", "household"), "household": ("household",)}
"""Paper → what the registers must be asked for it."""
_BLANK: Document = {"identify": "card", "asks": "nothing", "form": None, "pays": "nothing", "payee": None, "paper": "receipt"}  # fmt: skip


def edit(document: Document, key: str, fields: Fields) -> None:
    """How terminals serve it, or that they do not."""
    service = entry(document, "services", key)
    if not field.yes(fields, "offered"):
        service["self_service"] = None
        return
    one: Document = {
        "identify": field.chosen(fields, "identify", IDENTIFY), "asks": field.chosen(fields, "asks", ASKS),
        "form": _of(document, fields, "form"), "pays": field.chosen(fields, "pays", PAYS), "payee": _of(document, fields, "payee"),
        "paper": field.chosen(fields, "paper", _papers(service)),
    }  # fmt: skip
    if one["identify"] == "none" and one["asks"] != "nothing":
        raise UntakenError("untaken.card_needed")
    if one["asks"] not in _NEEDS.get(one["paper"], ASKS):
        raise UntakenError("untaken.paper_asks")
    if one["pays"] == "fee" and not (service.get("fee_minor") or service.get("fees")):
        raise UntakenError("untaken.no_fee")
    if one["pays"] == "fee" and one["payee"] is None:
        raise UntakenError("untaken.no_payee")
    service["self_service"] = one


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The service, and what its form offers."""
    service = entry(telling.document, "services", key)
    alone = service.get("self_service")
    return {
        "service": service, "one": {**_BLANK, **(alone or {})}, "offered": alone is not None,
        "options": {"identify": IDENTIFY, "asks": ASKS, "pays": PAYS, "paper": _papers(service)},
        "terminals": sum(each["kind"] == "terminal" for each in telling.document["boxes"]),
    }  # fmt: skip


def lines(telling: Telling) -> list[Line]:
    """The services by group; those that terminals do are marked, with their paper."""
    document, language = telling.document, telling.language
    heads = {group["id"]: text_of(group["names"], language) for group in document["service_groups"]}
    services = sorted(document["services"], key=lambda each: [*heads].index(each["group"]))
    return [_line(telling, each, heads[each["group"]]) for each in services]


PART = Part("self_service", "terminals", edit, told, lines, icon="id_card")


def _line(telling: Telling, service: Document, head: str) -> Line:
    alone = service.get("self_service")
    note = telling.say(f"change.paper_{alone['paper']}") if alone and alone["paper"] in PAPERS else ""
    return Line(service["id"], text_of(service["names"], telling.language), note, "done" if alone else "", head)


def _of(document: Document, fields: Fields, name: str) -> str | None:
    wanted = fields.get(name, "")
    known = [each["id"] for each in document.get(f"{name}s", ())]
    return field.chosen(fields, name, known) if wanted else None


def _papers(service: Document) -> tuple[str, ...]:
    """The layouts; also one of the hall's own file that we do not know, so that saving does not lose it."""
    own = (service.get("self_service") or {}).get("paper")
    return PAPERS if own is None or own in PAPERS else (*PAPERS, own)

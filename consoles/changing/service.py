"""A service in the document: what it is called, what to bring, how long it takes, what it costs, what is asked before its ticket. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, move, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError, text_of
from contract.errors import ContractError
from contract.hall import load

CHANNELS = ("window", "self_service_first")
THEN = ("ticket", "self_service", "person")
REPLIES = 3
"""Answers of a question that the form has room for."""
_BLANK: Document = {
    "names": {}, "group": "", "minutes_typical": 10, "minutes_long": 20, "bring": [], "right": "", "fee_minor": None,
    "fee_currency": None, "fees": [], "channel": "window", "quiet": False, "code": None, "code_own": None, "question": None,
}  # fmt: skip


def edit(document: Document, key: str, fields: Fields) -> None:
    """The whole form; or it is taken away, or put one place up or down."""
    if field.yes(fields, "remove"):
        remove(document, "services", key)
        return
    if fields.get("move") in ("up", "down"):
        move(document, "services", key, -1 if fields["move"] == "up" else 1)
        return
    one, free = filled(document, "services", key, _BLANK), not fields.get("fee", "").strip()
    values = {
        "names": field.texts(document, fields, "name", one["names"]),
        "group": field.chosen(fields, "group", [each["id"] for each in document["service_groups"]]),
        "right": field.chosen(fields, "right", [each["id"] for each in document["rights"]]),
        **{name: field.line(fields, name, most=40) or None for name in ("code", "code_own")},
        **{name: field.number(fields, name, least=1, most=480) for name in ("minutes_typical", "minutes_long")},
        "bring": field.ticked(fields, "bring", document["documents"]),
        "fee_minor": None if free else round(field.number(fields, "fee", least=0, most=10_000_000) * 100),
        "fee_currency": None if free else document["currency"],
        "fees": _fees(document, one, fields),
        "channel": field.chosen(fields, "channel", CHANNELS),
        "quiet": field.yes(fields, "quiet"),
        "question": _question(document, one, fields),
    }
    kept(document, "services", key, "service", values)


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The service, and what its form offers."""
    one = filled(telling.document, "services", key, _BLANK)
    replies = (one.get("question") or {}).get("replies", [])
    return {
        "one": one, "today_minor": _cost(telling, key), "channels": CHANNELS, "then": THEN,
        "question": one.get("question") or {"names": {}, "replies": []},
        "replies": [replies[n] if n < len(replies) else {"id": f"r{n + 1}", "names": {}, "then": "ticket"} for n in range(REPLIES)],
    }  # fmt: skip


def _cost(telling: Telling, key: str) -> int | None:
    """What it costs today by the draft; None: not known, or the draft cannot be read."""
    try:
        hall = load(json.dumps(telling.document))
    except ContractError:
        return None
    service = hall.service_by_id.get(key)
    return hall.fee_minor(service, telling.today) if service is not None else None


def lines(telling: Telling) -> list[Line]:
    """The services by group, as they stand on the kiosk."""
    document, language = telling.document, telling.language
    heads = {group["id"]: text_of(group["names"], language) for group in document["service_groups"]}
    services = sorted(document["services"], key=lambda each: [*heads].index(each["group"]))
    return [
        Line(
            each["id"], text_of(each["names"], language), "?" if each.get("question") else "", head=heads[each["group"]]
        )
        for each in services
    ]


def _fees(document: Document, one: Document, fields: Fields) -> list[Document]:
    """What it costs from which day on: those that were not ticked away, and a new one where its day is filled in."""
    kept = [fee for fee in one.get("fees", []) if not field.yes(fields, f"nofee.{fee['from']}")]
    since = fields.get("fee_from", "").strip()
    if since:
        index = fields.get("fee_index", "")
        source = field.line(fields, "fee_source")
        new: Document = {"from": field.needed_day(fields, "fee_from"), "source": source}
        if index:
            share = field.number(fields, "fee_share", least=0, most=9999)
            step = round(field.number(fields, "fee_round", least=0.01, most=1000) * 100)
            new |= {"index": field.chosen(fields, "fee_index", [each["id"] for each in document["indices"]])}
            new |= {"share": f"{share:.6f}".rstrip("0").rstrip("."), "round_minor": step}
        else:
            new |= {"minor": round(field.number(fields, "fee_sum", least=0, most=10_000_000) * 100)}
        kept = [fee for fee in kept if fee["from"] != new["from"]] + [new]
    return sorted(kept, key=lambda fee: str(fee["from"]))


def _question(document: Document, one: Document, fields: Fields) -> Document | None:
    """The question with the answers that have texts; None where nothing is asked. Another service's ticket stays as it was."""
    old = one.get("question") or {"names": {}, "replies": []}
    asked = field.texts(document, fields, "question", old["names"], needed=False)
    before = {reply["id"]: reply for reply in old["replies"]}
    replies = []
    for n in range(1, REPLIES + 1):
        name, then = fields.get(f"reply{n}") or f"r{n}", fields.get(f"then{n}")
        was = before.get(name, {"names": {}})
        names = field.texts(document, fields, f"reply{n}", was["names"], needed=False)
        if names:
            other = was.get("service") if then == "ticket" else None
            replies.append(
                {"id": name, "names": names, "then": field.chosen(fields, f"then{n}", THEN), "service": other}
            )
    if not asked and not replies:
        return None
    if not asked or len(replies) < 2:
        raise UntakenError("untaken.question")
    return {"names": asked, "replies": replies}


PART = Part("services", "services", edit, told, lines, adds=True, moves=True, icon="ticket")

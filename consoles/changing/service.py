"""A service in the document: what it is called, what to bring, how long it takes, what it costs, what is asked before its ticket. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import filled, kept, move, remove
from consoles.changing.part import Document, Fields, Line, Part, Telling, UntakenError, text_of

CHANNELS = ("window", "self_service_first")
THEN = ("ticket", "self_service", "person")
REPLIES = 3
"""Answers of a question that the form has room for."""
_BLANK: Document = {
    "names": {}, "group": "", "minutes_typical": 10, "minutes_long": 20, "bring": [], "right": "", "fee_minor": None,
    "fee_currency": None, "channel": "window", "quiet": False, "code": None, "question": None,
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
        "code": field.line(fields, "code", most=40) or None,
        **{name: field.number(fields, name, least=1, most=480) for name in ("minutes_typical", "minutes_long")},
        "bring": field.ticked(fields, "bring", document["documents"]),
        "fee_minor": None if free else round(field.number(fields, "fee", least=0, most=10_000_000) * 100),
        "fee_currency": None if free else document["currency"],
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
        "one": one, "channels": CHANNELS, "then": THEN,
        "question": one.get("question") or {"names": {}, "replies": []},
        "replies": [replies[n] if n < len(replies) else {"id": f"r{n + 1}", "names": {}, "then": "ticket"} for n in range(REPLIES)],
    }  # fmt: skip


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

"""Who the visitor is, and what the registers say: consent, the card, the question and its answer. Pure."""

from __future__ import annotations

from glass import card
from glass.face import WIDTH, Box, Face, Icon
from glass.sheet import GAP, INNER, MARGIN, PRIMARY
from terminal import errand, ticket
from terminal.faces import Sheet
from terminal.state import Task
from terminal.visit import service

_FAULT = {
    "unknown": "terminal.unknown_person", errand.NOTHING_DUE: "terminal.nothing_due", "register_away": "terminal.register_away",
    "register_limit": "terminal.register_limit",
}  # fmt: skip
"""Why the registers gave nothing → the visitor's sentence; any other: something went wrong."""
_UNKNOWN = {Task.DUES: "terminal.unknown_code", Task.REPRINT: "terminal.unknown_receipt"}
"""A code that stands for nothing."""


def consent(sheet: Sheet) -> Face:
    """What is read, why, what is kept; and the way without the card."""
    sheet.head()
    sheet.title(sheet.t("terminal.consent_title"))
    sheet.y += 28
    for icon, key in (("search", _why(sheet)), ("id_card", "kiosk.card_reads"), ("info", "terminal.consent_kept")):
        box = Box(MARGIN + 130, sheet.y, INNER - 130, 156)
        sheet.parts.append(Icon(icon, Box(MARGIN + 8, sheet.y + 34, 88, 88), "action"))
        sheet.put(sheet.t(key), box, ("label", "body", "note"), "ink", max_lines=3)
        sheet.y += 156 + GAP
    agree, other = sheet.acts(2, 150)
    sheet.key("agree", sheet.t("terminal.consent_agree"), agree, look=PRIMARY, icon="check", roles=("heading", "label"))
    if sheet.state.visit.task is Task.DUES:
        sheet.row("by:code", sheet.t("terminal.by_code"), other, icon="receipt")
    elif ticket.taken(sheet.state, sheet.now):
        sheet.row("ticket", sheet.t("terminal.to_window"), other, icon="ticket")
    sheet.foot()
    return sheet.done("consent")


def digits(sheet: Sheet) -> Face:
    """What opens the card."""
    return card.digits(sheet, sheet.state.visit, swipe=sheet.state.swipe)


def reading(sheet: Sheet) -> Face:
    """The card is waited for and read."""
    return card.reading(sheet, sheet.state.visit)


def no_card(sheet: Sheet) -> Face:
    """The card gave nothing: why, and what can be done: once more, the code, or a window."""
    failed = sheet.state.visit.failed
    why = "terminal.card_tries" if failed == "too_many_tries" else card.why(failed)
    _sorry(sheet, sheet.t(why))
    keys = [] if failed in card.FINAL else [("again", "common.try_again", "return")]
    if sheet.state.visit.task is Task.DUES:
        keys.append(("by:code", "terminal.by_code", "receipt"))
    _ways_on(sheet, keys)
    return sheet.done("no_card")


def asking(sheet: Sheet) -> Face:
    """The registers are asked."""
    sheet.head()
    sheet.parts.append(Icon("search", Box((WIDTH - 320) / 2, 460, 320, 320), "ink"))
    sheet.y = 850
    sheet.title(sheet.t("terminal.asking"), align="center")
    by_card = not sheet.state.visit.code  # the card is not needed any more, and is what people forget
    sheet.lead(sheet.t("terminal.take_card" if by_card else "common.please_wait"), align="center")
    sheet.foot(back=False, tools=False)
    return sheet.done("asking")


def no_answer(sheet: Sheet) -> Face:
    """The registers gave nothing: why, and what can be done."""
    visit = sheet.state.visit
    key = _FAULT.get(visit.fault, "kiosk.went_wrong")
    if visit.fault == "unknown" and visit.code:
        key = _UNKNOWN.get(visit.task, key)
    _sorry(sheet, sheet.t(key))
    again = [("again", "common.try_again", "return")]
    _ways_on(sheet, again if visit.fault not in (errand.NOTHING_DUE, "unknown") else [])
    return sheet.done("no_answer")


def _why(sheet: Sheet) -> str:
    if sheet.state.visit.task is Task.DUES:
        return "terminal.why_dues"
    wanted = service(sheet.state)
    asks = wanted.self_service.asks if wanted is not None and wanted.self_service is not None else "nothing"
    return "card.purpose.prefill" if asks == "nothing" else "terminal.why_register"


def _sorry(sheet: Sheet, text: str) -> None:
    sheet.head()
    sheet.parts.append(Icon("info", Box(MARGIN, sheet.y, 130, 130), "action"))
    sheet.y += 150
    sheet.write(text, ("title", "heading", "label"), bold=True, line="title", max_lines=5)


def _ways_on(sheet: Sheet, keys: list[tuple[str, str, str]]) -> None:
    if sheet.state.visit.task is not Task.REPRINT and ticket.taken(sheet.state, sheet.now):
        keys = [*keys, ("ticket", "terminal.to_window", "ticket")]
    keys = [*keys, ("back", "common.home", "close")]
    high = 112 if sheet.state.low else 160
    for place, (key, text, icon) in zip(sheet.acts(len(keys), high), keys, strict=True):
        sheet.row(key, sheet.t(text), place, icon=icon)
    sheet.foot(back=False)

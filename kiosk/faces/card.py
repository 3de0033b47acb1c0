"""A booking found by ID card: the choice, the consent, the card's digits, the read, and why it gave nothing. Pure."""

from __future__ import annotations

from glass import card
from glass.face import Box, Face, Icon
from glass.sheet import GAP, INNER, MARGIN, PRIMARY
from kiosk import offer
from kiosk.faces import Sheet
from kiosk.state import Standing


def how(sheet: Sheet) -> Face:
    """By card or by code?"""
    sheet.head()
    sheet.title(sheet.t("kiosk.how_to_find"))
    first, second = sheet.acts(2, 200) if sheet.state.low else _under(sheet, 2, 230)
    sheet.row("by:card", sheet.t("kiosk.by_card"), first, icon="id_card", hint=sheet.t("kiosk.by_card_hint"))
    sheet.row("by:code", sheet.t("kiosk.by_code"), second, icon="booking", hint=sheet.t("kiosk.code_length"))
    sheet.foot()
    return sheet.done("how")


def consent(sheet: Sheet) -> Face:
    """What is read, why, what is kept; and the way without the card."""
    sheet.head()
    sheet.title(sheet.t("terminal.consent_title"))
    sheet.y += 28
    for icon, key in (("search", "card.purpose.match"), ("id_card", "kiosk.card_reads"), ("info", "kiosk.card_kept")):
        words = sheet.t(key)
        box = Box(MARGIN + 130, sheet.y, INNER - 130, 156)
        sheet.parts.append(Icon(icon, Box(MARGIN + 8, sheet.y + 34, 88, 88), "action"))
        sheet.put(words, box, ("label", "body", "note"), "ink", max_lines=3)
        sheet.y += 156 + GAP
    agree, other = sheet.acts(2, 150)
    sheet.key("agree", sheet.t("terminal.consent_agree"), agree, look=PRIMARY, icon="check", roles=("heading", "label"))
    sheet.row("by:code", sheet.t("kiosk.by_code"), other, icon="booking")
    sheet.foot()
    return sheet.done("consent")


def digits(sheet: Sheet) -> Face:
    """What opens the card."""
    return card.digits(sheet, sheet.state.visit, swipe=sheet.state.swipe)


def reading(sheet: Sheet) -> Face:
    """The card is waited for and read."""
    return card.reading(sheet, sheet.state.visit)


def no_card(sheet: Sheet) -> Face:
    """The card gave nothing: why, and what can be done: once more, the code, or a person."""
    failed = sheet.state.visit.failed
    sheet.head()
    sheet.parts.append(Icon("info", Box(MARGIN, sheet.y, 130, 130), "action"))
    sheet.y += 150
    sheet.write(sheet.t(card.why(failed)), ("title", "heading", "label"), bold=True, line="title", max_lines=5)
    keys = [] if failed in card.FINAL else [("again", "common.try_again", "return")]
    keys.append(("by:code", "kiosk.by_code", "booking"))
    if offer.standing(sheet.state, sheet.now) is Standing.READY:
        keys.append(("ordinary", "kiosk.ordinary_ticket", "ticket"))
    high = 140 if sheet.state.low else 160
    for place, (key, text, icon) in zip(sheet.acts(len(keys), high), keys, strict=True):
        sheet.row(key, sheet.t(text), place, icon=icon)
    sheet.foot()
    return sheet.done("no_card")


def _under(sheet: Sheet, count: int, high: float) -> list[Box]:
    top = sheet.y + 36
    return [Box(MARGIN, top + n * (high + GAP), INNER, high) for n in range(count)]

"""A booking found by ID card: the choice, the consent, the card's digits, the read, and why it gave nothing. Pure."""

from __future__ import annotations

from glass.face import WIDTH, Box, Face, Icon, Plate
from glass.pads import number_pad, sign_pad
from glass.sheet import GAP, INNER, MARGIN, PRIMARY
from kiosk import model
from kiosk.faces import Sheet
from kiosk.state import CAN, FIELD_SIGNS, LETTERED, Standing

_STEP = {
    "open": ("terminal.reading", "terminal.keep_card"), "read": ("terminal.reading", "terminal.keep_card"),
    "put_back": ("kiosk.card_put_back", ""), "leave": ("terminal.keep_card", ""),
}  # fmt: skip
"""`card_reader.outcome.Step` → title and lead; any other: the card is waited for."""
_WHY = {
    "no_reader": "error.reader_missing", "service_down": "error.reader_missing", "card_removed": "kiosk.card_put_back",
    "card_tapped": "terminal.keep_card", "several_cards": "kiosk.card_one", "wrong_key": "kiosk.card_wrong_can",
    "too_many_tries": "kiosk.card_tries", "bad_key": "kiosk.card_wrong_can", "key_needed": "kiosk.card_wrong_can",
    "data_altered": "kiosk.card_to_person", "card_mismatch": "kiosk.card_to_person", "not_id_card": "kiosk.card_not_id",
    "card_dead": "terminal.card_unsupported", "unsupported": "terminal.card_unsupported", "no_card": "kiosk.card_none",
}  # fmt: skip
"""`card_reader.errors.Code` → the visitor's sentence; any other: the card could not be read, please try again."""
_FIELD = {
    "can": "terminal.enter_can", "number": "kiosk.card_number", "birth": "kiosk.card_birth", "expiry": "kiosk.card_expiry",
}  # fmt: skip
_FINAL = frozenset({"too_many_tries", "data_altered", "card_mismatch", "card_dead", "unsupported"})
"""Trying again would not help."""


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
    """The six digits printed on the card, or its number, birth and expiry; the way from the one to the other; or a swipe."""
    visit = sheet.state.visit
    field = visit.fields[len(visit.typed) - 1]
    sheet.head()
    sheet.title(sheet.t(_FIELD[field]))
    if sheet.state.swipe:
        sheet.lead(sheet.t("kiosk.card_or_swipe"))
    (other,) = sheet.acts(1, 88 if sheet.state.low else 112)
    if field in LETTERED:
        sign_pad(sheet, visit.typed[-1], complete=model.complete(visit))
    else:
        number_pad(sheet, visit.typed[-1], FIELD_SIGNS[field][1], other.h + GAP if visit.fields == CAN else 0)
    if visit.fields == CAN:
        sheet.key("zone", sheet.t("kiosk.card_no_can"), other)
    sheet.foot()
    return sheet.done("digits")


def card(sheet: Sheet) -> Face:
    """Lay the card there, leave it there; a bar shows that the read goes on."""
    visit = sheet.state.visit
    title, lead = _STEP.get(visit.step, ("terminal.place_card", ""))
    sheet.head()
    sheet.parts.append(Icon("id_card", Box((WIDTH - 320) / 2, 460, 320, 320), "ink"))
    sheet.y = 850
    sheet.title(sheet.t(title), align="center")
    if lead:
        sheet.lead(sheet.t(lead), align="center")
    if visit.step in ("open", "read"):
        _bar(sheet, visit.done)
    sheet.foot(tools=False)
    return sheet.done("card")


def no_card(sheet: Sheet) -> Face:
    """The card gave nothing: why, and what can be done: once more, the code, or a person."""
    failed = sheet.state.visit.failed
    sheet.head()
    sheet.parts.append(Icon("info", Box(MARGIN, sheet.y, 130, 130), "action"))
    sheet.y += 150
    why = _WHY.get(failed, "terminal.card_not_read")
    sheet.write(sheet.t(why), ("title", "heading", "label"), bold=True, line="title", max_lines=5)
    keys = [] if failed in _FINAL else [("again", "common.try_again", "return")]
    keys.append(("by:code", "kiosk.by_code", "booking"))
    if model.standing(sheet.state, sheet.now) is Standing.READY:
        keys.append(("ordinary", "kiosk.ordinary_ticket", "ticket"))
    high = 140 if sheet.state.low else 160
    for place, (key, text, icon) in zip(sheet.acts(len(keys), high), keys, strict=True):
        sheet.row(key, sheet.t(text), place, icon=icon)
    sheet.foot()
    return sheet.done("no_card")


def _under(sheet: Sheet, count: int, high: float) -> list[Box]:
    top = sheet.y + 36
    return [Box(MARGIN, top + n * (high + GAP), INNER, high) for n in range(count)]


def _bar(sheet: Sheet, done: float) -> None:
    """In steps of a tenth: a bar that moves more often costs frames and tells nothing."""
    box = Box(MARGIN + 120, sheet.y + 60, INNER - 240, 36)
    sheet.plate(Plate(box, "surface", 18, "line_strong", sheet.border))
    wide = box.w * round(done * 10) / 10
    if wide:
        sheet.plate(Plate(Box(box.x, box.y, max(36.0, wide), box.h), "action", 18))

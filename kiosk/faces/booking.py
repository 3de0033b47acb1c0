"""A booking at the kiosk: the code pad, what the code stands for, and why it gives no ticket. Pure."""

from __future__ import annotations

from datetime import date, datetime, time

from contract.words import Refusal
from glass.face import WIDTH, Box, Face, Icon
from glass.pads import number_pad
from glass.sheet import GAP, MARGIN, PRIMARY
from kiosk import offer
from kiosk.faces import Sheet
from kiosk.faces.choose import bring, service_card
from kiosk.state import CODE_DIGITS, Standing

_WHY = {
    Refusal.BOOKING_UNKNOWN: "kiosk.booking_not_found",
    Refusal.BOOKING_EARLY: "kiosk.booking_early",
    Refusal.BOOKING_LATE: "kiosk.booking_late",
    Refusal.BOOKING_OTHER_DAY: "kiosk.booking_other_day",
    Refusal.BOOKING_USED: "kiosk.booking_used",
    Refusal.BOOKING_CANCELLED: "kiosk.booking_cancelled",
    Refusal.UNKNOWN_SERVICE: "refusal.unknown_service",
    Refusal.SERVICE_CLOSED: "refusal.service_closed",
    Refusal.HALL_CLOSED: "refusal.hall_closed",
    Refusal.HALL_INTERRUPTED: "refusal.hall_interrupted",
}
"""Refusals whose words help a visitor; the others are the staff's business."""


def code(sheet: Sheet) -> Face:
    """Enter the code: what was entered stands above the keys, which are large and always at the same place."""
    sheet.head()
    sheet.title(sheet.t("kiosk.enter_booking_code"))
    sheet.lead(sheet.t("kiosk.code_length"))
    number_pad(sheet, sheet.state.visit.code, CODE_DIGITS)
    sheet.foot()
    return sheet.done("code")


def finding(sheet: Sheet) -> Face:
    """The hall is asked what the code stands for."""
    silent = sheet.state.visit.silent
    sheet.head()
    sheet.parts.append(Icon("wait" if silent else "search", Box((WIDTH - 320) / 2, 460, 320, 320), "ink"))
    sheet.y = 850
    sheet.title(sheet.t("kiosk.no_answer" if silent else "common.please_wait"), align="center")
    if silent or sheet.state.visit.code:
        sheet.lead(sheet.t("kiosk.asking_again") if silent else _spaced(sheet.state.visit.code), align="center")
    sheet.foot(back=False, tools=False)
    return sheet.done("finding")


def found(sheet: Sheet) -> Face:
    """Is this your booking? Its time, its service, what to bring; one touch more and the ticket comes."""
    booked = sheet.state.visit.booked
    assert booked is not None
    sheet.head()
    sheet.title(sheet.t("kiosk.all_right"))
    sheet.y += 28
    at, zone = booked.start, sheet.hall.zone_info
    box = sheet.card(150, fill="action_tint")
    sheet.parts.append(Icon("booking", Box(box.x + 44, box.y + 33, 84, 84), "action"))
    text = f"{sheet.t('ticket.booked_for', time=sheet.texts.time(at, zone))} · {sheet.texts.date(at, zone)}"
    place = Box(box.x + 180, box.y + 8, box.w - 210, 134)
    sheet.put(text, place, ("heading", "label", "body"), "ink", bold=True, line="title")
    sheet.y += 150 + GAP
    service = sheet.hall.service_by_id[booked.service]
    service_card(sheet, service)
    bring(sheet, service)
    (act,) = sheet.acts(1, 168)
    sheet.key("take", sheet.t("kiosk.take_ticket"), act, look=PRIMARY, icon="ticket", roles=("heading", "label"))
    sheet.foot()
    return sheet.done("found")


def no_booking(sheet: Sheet) -> Face:
    """The code gives no ticket: why, and what can be done: once more, an ordinary ticket, or a person."""
    visit = sheet.state.visit
    sheet.head()
    sheet.parts.append(Icon("info", Box(MARGIN, sheet.y, 130, 130), "action"))
    sheet.y += 150
    sheet.write(_why(sheet), ("title", "heading", "label"), bold=True, line="title", max_lines=5)
    if visit.code and not visit.by_card:
        sheet.lead(_spaced(visit.code))
    keys = [("again", "common.try_again" if visit.by_card else "kiosk.enter_again", "return")]
    if offer.standing(sheet.state, sheet.now) is Standing.READY:
        keys.append(("ordinary", "kiosk.ordinary_ticket", "ticket"))
    for place, (key, text, icon) in zip(sheet.acts(len(keys), 160), keys, strict=True):
        sheet.row(key, sheet.t(text), place, icon=icon)
    sheet.foot()
    return sheet.done("no_booking")


def _why(sheet: Sheet) -> str:
    visit = sheet.state.visit
    if visit.refusal is None:
        return sheet.t("kiosk.no_answer")
    if visit.by_card and visit.refusal is Refusal.BOOKING_UNKNOWN:
        return sheet.t("kiosk.card_no_booking")
    facts = dict(visit.facts)
    day = facts.get("day", "")
    if day:  # the hall says the day in figures, the visitor reads it in words
        noon = datetime.combine(date.fromisoformat(day), time(12), sheet.hall.zone_info)
        facts["date"] = sheet.texts.date(noon, sheet.hall.zone_info)
    return sheet.t(_WHY.get(visit.refusal, "kiosk.went_wrong"), **facts)


def _spaced(code: str) -> str:
    return f"{code[:4]} {code[4:]}".strip()

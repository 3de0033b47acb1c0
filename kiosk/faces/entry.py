"""Before a visit: the attract screen, why no ticket can be taken, and the languages. Pure."""

from __future__ import annotations

from glass import welcome
from glass.face import WIDTH, Box, Face, Icon, Picture, Plate
from glass.sheet import BAR, GAP, INNER, LOW_Y, MARGIN, NOW
from kiosk import offer
from kiosk.faces import Sheet
from kiosk.state import Standing
from look.texts import Texts

_ICON = {
    Standing.OFFLINE: "offline", Standing.REFUSING: "alone", Standing.STARTING: "wait", Standing.CLOSED: "close",
    Standing.INTERRUPTED: "pause", Standing.LAST_TICKETS: "over",
}  # fmt: skip


def attract(sheet: Sheet) -> Face:
    """Take your ticket here; a touch anywhere begins."""
    welcome.dark(sheet)
    low = sheet.state.low
    side = 460
    sheet.parts.append(Picture("logo", Box((WIDTH - side) / 2, 200, side, side)))
    sheet.y = 200 + side + 40
    sheet.write(
        sheet.t("kiosk.attract_title"), ("display", "title"), bold=True, align="center", line="title", max_lines=1
    )
    sheet.lead(sheet.t("kiosk.attract_promise"), align="center")
    top = max(LOW_Y + 20, sheet.y + 40) if low else sheet.y + 56
    sheet.key(
        "start", sheet.t("kiosk.attract_touch"), Box(MARGIN, top, INNER, 216), look=NOW, icon="ticket", roles=("heading", "label")
    )  # fmt: skip
    sheet.y = top + 216 + 28
    others = [Texts(lang).get("kiosk.start") for lang in sheet.hall.languages if lang != sheet.state.lang]
    for n, word in enumerate(others):
        wide = INNER / len(others)
        place = Box(MARGIN + n * wide, sheet.y, wide, 60)
        sheet.put(word, place, ("label", "note"), "on_bar", bold=True, align="center", max_lines=1)
    sheet.y += 80 if others else 0
    if not low:
        _open_until(sheet)
    if offer.checks_in(sheet.state):
        y = sheet.foot_y - GAP - 132
        sheet.key("booking", sheet.t("kiosk.have_booking"), Box(MARGIN, y, INNER, 132), look=BAR, icon="booking")
    sheet.foot(back=False)
    return sheet.done("attract", anywhere="start")


def out(sheet: Sheet, why: Standing) -> Face:
    """No ticket can be taken now: why, until when, and what to do instead."""
    welcome.dark(sheet)
    sheet.y = 240
    sheet.parts.append(Icon(_ICON[why], Box((WIDTH - 180) / 2, sheet.y, 180, 180), "now"))
    sheet.y += 220
    sheet.write(sheet.t(_TITLE[why]), ("title", "heading"), bold=True, align="center", line="title", max_lines=4)
    if why in (Standing.CLOSED, Standing.LAST_TICKETS):
        welcome.hours(sheet)
    else:
        sheet.y += 16
        sheet.write(sheet.t(_ADVICE[why]), ("label", "body"), "on_bar_soft", align="center")
    if why is Standing.LAST_TICKETS and offer.checks_in(sheet.state):  # a booked place is kept to the end
        y = sheet.foot_y - GAP - 132
        sheet.key("booking", sheet.t("kiosk.have_booking"), Box(MARGIN, y, INNER, 132), look=BAR, icon="booking")
    sheet.foot(back=False)
    return sheet.done("out")


_TITLE = {
    Standing.OFFLINE: "kiosk.out_of_service", Standing.REFUSING: "kiosk.out_of_service", Standing.STARTING: "common.please_wait",
    Standing.CLOSED: "kiosk.closed_title", Standing.INTERRUPTED: "kiosk.interrupted",
    Standing.LAST_TICKETS: "refusal.last_tickets",
}  # fmt: skip
_ADVICE = {
    Standing.OFFLINE: "kiosk.use_other", Standing.REFUSING: "kiosk.use_other", Standing.STARTING: "kiosk.new_settings",
    Standing.INTERRUPTED: "common.please_wait",
}  # fmt: skip


def _open_until(sheet: Sheet) -> None:
    spans = sheet.hall.spans(sheet.hall.local(sheet.moment).date())
    until = next((end for start, end in spans if start <= sheet.moment < end), None)
    if until is None:
        return
    text = sheet.t("kiosk.open_until", time=sheet.texts.time(until, sheet.hall.zone_info))
    box = Box((WIDTH - 700) / 2, sheet.y, 700, 84)
    sheet.plate(Plate(box, "bar_key", sheet.radius["chip"]))
    sheet.parts.append(Icon("wait", Box(box.x + 24, box.y + 16, 52, 52), "on_bar"))
    sheet.put(text, Box(box.x + 96, box.y, box.w - 116, box.h), ("body", "note"), "on_bar", max_lines=1)

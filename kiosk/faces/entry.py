"""Before a visit: the attract screen, why no ticket can be taken, and the languages. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from contract.hall import WEEKDAYS
from glass import measure
from glass.face import HEIGHT, WIDTH, Box, Face, Icon, Picture, Plate, Words
from glass.sheet import BAR, GAP, INNER, LOW_Y, MARGIN, NOW
from kiosk import model
from kiosk.faces import Sheet
from kiosk.state import Standing
from look import tokens
from look.texts import Texts

_ICON = {
    Standing.OFFLINE: "offline", Standing.REFUSING: "alone", Standing.STARTING: "wait", Standing.CLOSED: "close",
    Standing.INTERRUPTED: "pause", Standing.LAST_TICKETS: "over",
}  # fmt: skip


def splash() -> Face:
    """Before the first hall document there is no language to say anything in."""
    side = 480
    logo = Picture("logo", Box((WIDTH - side) / 2, (HEIGHT - side) / 2, side, side))
    return Face("starting", "en", "light", "bar", (logo,))


def identity(name: str) -> Face:
    """Which box this is, for whoever looks for it in the hall; a visitor begins by a touch all the same."""
    sizes = tuple(
        tokens.surface("kiosk").type[role] for role in ("number", "display", "title", "heading", "label", "note")
    )
    fitted = measure.fit(name, INNER, sizes, (1,) * len(sizes), bold=True)
    box = Box(MARGIN, HEIGHT / 2 - 200, INNER, 400)
    words = Words(fitted.lines, box, fitted.size, fitted.size * 1.15, "now", bold=True, align="center")
    logo = Picture("logo", Box((WIDTH - 240) / 2, 320, 240, 240))
    return Face("identify", "en", "light", "bar", (logo, words), anywhere="start")


def attract(sheet: Sheet) -> Face:
    """Take your ticket here; a touch anywhere begins."""
    _dark(sheet)
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
    if model.checks_in(sheet.state):
        y = sheet.foot_y - GAP - 132
        sheet.key("booking", sheet.t("kiosk.have_booking"), Box(MARGIN, y, INNER, 132), look=BAR, icon="booking")
    sheet.foot(back=False)
    return sheet.done("attract", anywhere="start")


def out(sheet: Sheet, why: Standing) -> Face:
    """No ticket can be taken now: why, until when, and what to do instead."""
    _dark(sheet)
    sheet.y = 240
    sheet.parts.append(Icon(_ICON[why], Box((WIDTH - 180) / 2, sheet.y, 180, 180), "now"))
    sheet.y += 220
    sheet.write(sheet.t(_TITLE[why]), ("title", "heading"), bold=True, align="center", line="title", max_lines=4)
    if why in (Standing.CLOSED, Standing.LAST_TICKETS):
        _hours(sheet)
    else:
        sheet.y += 16
        sheet.write(sheet.t(_ADVICE[why]), ("label", "body"), "on_bar_soft", align="center")
    if why is Standing.LAST_TICKETS and model.checks_in(sheet.state):  # a booked place is kept to the end
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


def language(sheet: Sheet) -> Face:
    """The hall's own languages, each in itself."""
    sheet.head()
    sheet.title(sheet.t("kiosk.choose_language"))
    others = (Texts(lang).get("common.language") for lang in sheet.hall.languages if lang != sheet.state.lang)
    sheet.lead(" · ".join(others))
    count = len(sheet.hall.languages)
    high = min(190.0, (sheet.foot_y - GAP - LOW_Y - GAP * (count - 1)) / count) if sheet.state.low else 190.0
    top = LOW_Y if sheet.state.low else sheet.y + 36
    for n, lang in enumerate(sheet.hall.languages):
        own = Texts(lang)
        sheet.row(
            f"lang:{lang}", own.get("kiosk.language_name"), Box(MARGIN, top + n * (high + GAP), INNER, high),
            hint=own.get("kiosk.continue_in"), icon="language", roles=("heading", "label", "note"),
        )  # fmt: skip
    sheet.foot()
    return sheet.done("language")


def _dark(sheet: Sheet) -> None:
    sheet.dark, sheet.ground = True, "bar"
    sheet.head()


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


def _hours(sheet: Sheet) -> None:
    sheet.y += 16
    opening = sheet.hall.next_opening(sheet.moment)
    if opening is not None:
        sheet.write(_opens(sheet, opening), ("label", "body"), "on_bar_soft", align="center")
    sheet.y += 48
    sheet.write(sheet.t("kiosk.opening_hours"), ("label", "body"), bold=True, align="center")
    sheet.y += 12
    for day in WEEKDAYS:
        spans = sheet.hall.hours.get(day, ())
        hours = ", ".join(span.replace("-", "–") for span in spans) or sheet.t("board.window_closed")
        y, high = sheet.y, 60
        sheet.put(sheet.t(f"day.{day}"), Box(96, y, 330, high), ("body",), "on_bar", max_lines=1)
        sheet.put(hours, Box(430, y, 554, high), ("body", "note"), "on_bar", align="right", max_lines=1)
        sheet.y += high


def _opens(sheet: Sheet, opening: datetime) -> str:
    zone = sheet.hall.zone_info
    time = sheet.texts.time(opening, zone)
    days = (opening.astimezone(zone).date() - sheet.hall.local(sheet.moment).date()) / timedelta(days=1)
    if days < 1:
        return sheet.t("kiosk.opens_at", time=time)
    return sheet.t("kiosk.opens_on", day=sheet.t(f"day.{WEEKDAYS[opening.weekday()]}"), time=time)

"""Before a visit, at every touch screen: the logo, which box this is, the languages, the hours. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from contract.hours import WEEKDAYS
from glass import measure
from glass.face import HEIGHT, WIDTH, Box, Face, Picture, Words
from glass.sheet import GAP, INNER, LOW_Y, MARGIN, Sheet
from look import tokens
from look.texts import Texts


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


def language(sheet: Sheet[Any]) -> Face:
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


def dark(sheet: Sheet[Any]) -> None:
    """A screen where nobody is: dark, so that it is seen from afar."""
    sheet.dark, sheet.ground = True, "bar"
    sheet.head()


def hours(sheet: Sheet[Any]) -> None:
    """When it opens, and the hours of the week."""
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


def _opens(sheet: Sheet[Any], opening: datetime) -> str:
    zone = sheet.hall.zone_info
    time = sheet.texts.time(opening, zone)
    days = (opening.astimezone(zone).date() - sheet.hall.local(sheet.moment).date()) / timedelta(days=1)
    if days < 1:
        return sheet.t("kiosk.opens_at", time=time)
    if days >= len(WEEKDAYS):
        return sheet.t("kiosk.opens_on", day=sheet.texts.date(opening, zone), time=time)
    return sheet.t("kiosk.opens_on", day=sheet.t(f"day.{WEEKDAYS[opening.weekday()]}"), time=time)

"""An issued ticket on a touch screen: its number, when it will be called, where to wait. Pure."""

from __future__ import annotations

from typing import Any

from contract import messages as m
from glass.face import Box, Icon, Plate
from glass.sheet import GAP, INNER, MARGIN, Sheet


def number(sheet: Sheet[Any], issued: m.Issued) -> None:
    """The number, to be seen from afar."""
    sheet.write(sheet.t("kiosk.number_title"), ("label",), "ink_soft", align="center")
    sheet.write(issued.label, ("number",), bold=True, align="center", line="number", max_lines=1)
    sheet.y += 16


def where(sheet: Sheet[Any], issued: m.Issued) -> None:
    """When it will be, and where to wait."""
    zone = next((z for z in sheet.hall.zones if z.id == issued.zone), None)
    wide = 424 if zone is not None else INNER
    first = Box(MARGIN, sheet.y, wide, 170)
    _turn(sheet, first, issued)
    if zone is not None:
        _told(sheet, Box(first.right + GAP, sheet.y, INNER - wide - GAP, 170), "seat", sheet.of(zone.names))
    sheet.y += 170 + GAP


def _turn(sheet: Sheet[Any], box: Box, issued: m.Issued) -> None:
    """When it will be: the booked time, else the wait, else how many are before."""
    if issued.booked_at is not None:
        time = sheet.texts.time(issued.booked_at, sheet.hall.zone_info)
        _told(sheet, box, "booking", sheet.t("ticket.booked_for", time=time))
    elif issued.wait is not None:
        wait = sheet.texts.wait(issued.wait.low, issued.wait.high)
        _told(sheet, box, "wait", wait, sheet.t("ticket.wait_title"))
    else:
        ahead = issued.people_ahead
        people = sheet.texts.plural("kiosk.people_ahead", ahead) if ahead else sheet.t("kiosk.nobody_ahead")
        _told(sheet, box, "people", people)


def _told(sheet: Sheet[Any], box: Box, icon: str, text: str, title: str = "") -> None:
    """A framed fact with its icon; `title`: small over it, "" for none."""
    sheet.plate(Plate(box, "surface", sheet.radius["tile"], "line", sheet.border))
    sheet.parts.append(Icon(icon, Box(box.x + 24, box.y + 51, 68, 68), "ink_soft"))
    head = 46 if title else 0
    place = Box(box.x + 112, box.y + 6 + head, box.w - 132, 158 - head)
    if title:
        over = Box(place.x, box.y + 12, place.w, 44)
        sheet.put(title, over, ("note",), "ink_soft", line="tile", max_lines=1)
    roles = ("heading", "tile", "body", "note") if title else ("tile", "body", "note")
    sheet.put(text, place, roles, "ink", bold=True, line="tile", max_lines=3)

"""Covers over any screen: are you still there, and a person comes. Pure."""

from __future__ import annotations

from typing import Any

from glass.face import HEIGHT, WIDTH, Box, Face, Icon, Plate
from glass.sheet import NOW, TILE, Sheet


def still_here(sheet: Sheet[Any], left_s: int) -> Face:
    """Are you still there? `left_s` seconds until what was entered is erased."""
    sheet.head()
    sheet.y = 300
    sheet.parts.append(Icon("wait", Box((WIDTH - 220) / 2, sheet.y, 220, 220), "action"))
    sheet.y += 270
    sheet.title(sheet.t("kiosk.still_here"), align="center")
    sheet.lead(sheet.texts.plural("kiosk.timeout_in", left_s), align="center")
    sheet.lead(sheet.t("kiosk.we_erase"), align="center")
    more, finish = sheet.acts(2, 168)
    sheet.key("more_time", sheet.t("kiosk.yes_more_time"), more, look=NOW, icon="wait", roles=("heading", "label"))
    sheet.key("finish", sheet.t("kiosk.no_finish"), finish, look=TILE, icon="cancel")
    sheet.plate(Plate(Box(0, sheet.foot_y, WIDTH, HEIGHT - sheet.foot_y), "bar"))
    return sheet.done("still_here")


def person(sheet: Sheet[Any]) -> Face:
    """Staff have been called."""
    sheet.head()
    sheet.y = 420
    sheet.parts.append(Icon("person", Box((WIDTH - 260) / 2, sheet.y, 260, 260), "warn"))
    sheet.y += 320
    sheet.title(sheet.t("kiosk.staff_called"), align="center")
    (act,) = sheet.acts(1, 168)
    sheet.key("close", sheet.t("common.close"), act, icon="cancel")
    sheet.plate(Plate(Box(0, sheet.foot_y, WIDTH, HEIGHT - sheet.foot_y), "bar"))
    return sheet.done("person")

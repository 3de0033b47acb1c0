"""Before a visit: what is done here, and why nothing can be done now. Pure."""

from __future__ import annotations

from glass import welcome
from glass.face import WIDTH, Box, Face, Icon, Picture
from glass.sheet import INNER, LOW_Y, MARGIN, NOW
from look.texts import Texts
from terminal import errand
from terminal.faces import Sheet
from terminal.state import Standing

_ICON = {
    Standing.STARTING: "wait", Standing.CLOSED: "close", Standing.INTERRUPTED: "pause", Standing.OUT: "alone",
}  # fmt: skip
_TITLE = {
    Standing.STARTING: "common.please_wait", Standing.CLOSED: "kiosk.closed_title", Standing.INTERRUPTED: "terminal.interrupted",
    Standing.OUT: "terminal.out_of_service",
}  # fmt: skip
_ADVICE = {
    Standing.STARTING: "kiosk.new_settings", Standing.INTERRUPTED: "common.please_wait", Standing.OUT: "terminal.use_window",
}  # fmt: skip
_EXAMPLES = 3


def attract(sheet: Sheet) -> Face:
    """What can be had here without a queue; a touch anywhere begins."""
    welcome.dark(sheet)
    low, side = sheet.state.low, 380
    sheet.parts.append(Picture("logo", Box((WIDTH - side) / 2, 196, side, side)))
    sheet.y = 196 + side + 32
    sheet.write(sheet.t("terminal.title"), ("title", "heading"), bold=True, align="center", line="title", max_lines=2)
    sheet.lead(sheet.t("terminal.attract_promise"), align="center")
    top = max(LOW_Y + 20, sheet.y + 40) if low else sheet.y + 48
    start = Box(MARGIN, top, INNER, 216)
    sheet.key("start", sheet.t("kiosk.attract_touch"), start, look=NOW, icon="start", roles=("heading", "label"))
    sheet.y = top + 216 + 28
    others = [Texts(lang).get("kiosk.start") for lang in sheet.hall.languages if lang != sheet.state.lang]
    for n, word in enumerate(others):
        wide = INNER / len(others)
        place = Box(MARGIN + n * wide, sheet.y, wide, 60)
        sheet.put(word, place, ("label", "note"), "on_bar", bold=True, align="center", max_lines=1)
    sheet.y += 100
    for service in errand.offered(sheet.state)[:_EXAMPLES] if not low else ():
        sheet.parts.append(Icon("check", Box(MARGIN, sheet.y + 26, 48, 48), "now"))
        box = Box(MARGIN + 72, sheet.y, INNER - 72, 100)
        sheet.put(sheet.of(service.names), box, ("body", "note"), "on_bar", line="tile")
        sheet.y += 112
    sheet.foot(back=False)
    return sheet.done("attract", anywhere="start")


def out(sheet: Sheet, why: Standing) -> Face:
    """Nothing can be done now: why, until when, and what to do instead."""
    welcome.dark(sheet)
    sheet.y = 240
    sheet.parts.append(Icon(_ICON[why], Box((WIDTH - 180) / 2, sheet.y, 180, 180), "now"))
    sheet.y += 220
    sheet.write(sheet.t(_TITLE[why]), ("title", "heading"), bold=True, align="center", line="title", max_lines=4)
    if why is Standing.CLOSED:
        welcome.hours(sheet)
    else:
        sheet.y += 16
        sheet.write(sheet.t(_ADVICE[why]), ("label", "body"), "on_bar_soft", align="center")
    sheet.foot(back=False)
    return sheet.done("out")

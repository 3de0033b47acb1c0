"""From the question to the paper, and what goes wrong on the way: what happened, what is safe, who comes, what to do. Pure."""

from __future__ import annotations

from contract import messages as m
from contract.words import Refusal
from glass import issue
from glass.face import HEIGHT, WIDTH, Box, Face, Icon, Picture, Plate
from glass.sheet import GAP, INNER, MARGIN, PRIMARY
from kiosk.faces import Sheet
from kiosk.state import Fate
from printers.document import qr_payload

_FAULT = {"paper_out": "error.paper_out", "cover_open": "error.cover_open", "cutter_error": "error.paper_jam"}
_FOR_VISITORS = frozenset(
    {
        Refusal.UNKNOWN_SERVICE, Refusal.SERVICE_CLOSED, Refusal.HALL_CLOSED, Refusal.HALL_INTERRUPTED,
        Refusal.LAST_TICKETS,
    }
)  # fmt: skip
"""Refusals whose words help a visitor; the others are the staff's business."""


def working(sheet: Sheet) -> Face:
    """The hall is asked, then the ticket is printed; said calmly when it takes long."""
    visit = sheet.state.visit
    sheet.head()
    icon, title, lead = "print", "kiosk.printing", "common.please_wait"
    if visit.silent:
        icon, title, lead = "wait", "kiosk.no_answer", "kiosk.asking_again"
    elif visit.fate in (Fate.UNKNOWN, Fate.VOIDED):
        icon, title, lead = "print", "kiosk.checking_paper", "kiosk.place_kept"
    sheet.parts.append(Icon(icon, Box((WIDTH - 320) / 2, 460, 320, 320), "ink"))
    sheet.y = 850
    sheet.title(sheet.t(title), align="center")
    sheet.lead(sheet.t(lead), align="center")
    sheet.foot(back=False, tools=False)
    return sheet.done("working")


def take(sheet: Sheet) -> Face:
    """The paper is out: the number, where to wait, and where to take it."""
    issued = _ticket(sheet)
    sheet.head()
    _ready(sheet)
    issue.number(sheet, issued)
    issue.where(sheet, issued)
    _replaced(sheet)
    sheet.y += 16
    sheet.write(sheet.t("ticket.watch_board"), ("label", "body"), align="center")
    band = Box(0, HEIGHT - 260, WIDTH, 260)
    sheet.plate(Plate(band, "now"))
    where = sheet.state.visit.where
    for x in (MARGIN, WIDTH - MARGIN - 120) if not where else ():
        sheet.parts.append(Icon("down", Box(x, band.y + 70, 120, 120), "on_now"))
    text = Box(200, band.y, WIDTH - 400, band.h) if not where else band.inset(MARGIN)
    sheet.put(
        sheet.t("kiosk.take_neighbour", kiosk=where) if where else sheet.t("kiosk.take_here"),
        text,
        ("title", "heading"),
        "on_now",
        bold=True,
        align="center",
        line="title",
        max_lines=2 if where else 1,
    )
    keys = Box(MARGIN, band.y - 40 - 132, (INNER - GAP) / 2, 132)
    sheet.key("done", sheet.t("common.done"), keys, icon="check")
    sheet.key("person", sheet.t("common.call_person"), Box(keys.right + GAP, keys.y, keys.w, keys.h), icon="person")
    return sheet.done("take")


def number(sheet: Sheet) -> Face:
    """No paper: the number large, and as a code to photograph."""
    issued = _ticket(sheet)
    sheet.head()
    issue.number(sheet, issued)
    issue.where(sheet, issued)
    _replaced(sheet)
    box = sheet.card(300)
    code = Box(box.x + 30, box.y + 30, 240, 240)
    sheet.plate(Plate(code, "on_action" if not sheet.state.contrast else "ink"))  # a code needs its white ground
    sheet.parts.append(Picture("qr", code.inset(16), qr_payload(issued.label, issued.ticket)))
    words = Box(box.x + 306, box.y + 20, box.w - 336, 260)
    sheet.put(sheet.t("kiosk.photo_number"), words, ("label", "body", "note"), "ink", bold=True, max_lines=4)
    (act,) = sheet.acts(1, 132)
    sheet.key("done", sheet.t("common.done"), act, look=PRIMARY, icon="check")
    sheet.foot(back=False)
    return sheet.done("number")


def no_paper(sheet: Sheet) -> Face:
    """No number was used; another kiosk, or a number without paper."""
    sheet.head()
    key = _FAULT.get(sheet.state.visit.fault, "kiosk.print_failed")
    _trouble(sheet, "paper_out", sheet.t(key), sheet.t("kiosk.no_number_used"))
    _staff(sheet)
    choices = sheet.acts(2, 160)
    sheet.y = choices[0].y - 80
    sheet.write(sheet.t("kiosk.dont_wait"), ("label", "body"), bold=True)
    hint = sheet.t("kiosk.photo_number")
    sheet.row("paperless", sheet.t("kiosk.paperless_take"), choices[0], icon="phone", hint=hint)
    sheet.row("other_kiosk", sheet.t("kiosk.other_kiosk"), choices[1], icon="print")
    sheet.foot()
    return sheet.done("no_paper")


def error(sheet: Sheet) -> Face:
    """The hall refused, or did not answer at all: then it is unknown, and said so."""
    visit = sheet.state.visit
    sheet.head()
    if visit.ask is not None:
        _trouble(sheet, "problem", sheet.t("kiosk.no_answer"), sheet.t("kiosk.maybe_issued"))
    elif visit.refusal in _FOR_VISITORS:
        _trouble(sheet, "problem", sheet.t(f"refusal.{visit.refusal}"), sheet.t("kiosk.no_number_used"))
    else:
        _trouble(sheet, "problem", sheet.t("kiosk.went_wrong"), sheet.t("kiosk.no_number_used"))
    _staff(sheet)
    keys = [("done", "common.home", "close")]
    if visit.ask is not None:
        keys.insert(0, ("again", "common.try_again", "recall"))
    choices = sheet.acts(len(keys), 160)
    sheet.y = choices[0].y - 80
    sheet.write(sheet.t("kiosk.you_can"), ("label", "body"), bold=True)
    for box, (key, text, icon) in zip(choices, keys, strict=True):
        sheet.row(key, sheet.t(text), box, icon=icon)
    sheet.foot(back=False)
    return sheet.done("error")


def _ticket(sheet: Sheet) -> m.Issued:
    issued = sheet.state.visit.issued
    assert issued is not None
    return issued


def _ready(sheet: Sheet) -> None:
    box = Box((WIDTH - 560) / 2, sheet.y, 560, 88)
    sheet.plate(Plate(box, "ok_tint", sheet.radius["chip"], "ok_mark", sheet.border))
    sheet.parts.append(Icon("done", Box(box.x + 28, box.y + 16, 56, 56), "ok"))
    text = Box(box.x + 104, box.y, box.w - 128, box.h)
    sheet.put(sheet.t("kiosk.ticket_ready"), text, ("body", "note"), "ok", bold=True, max_lines=1)
    sheet.y += 88 + 20


def _replaced(sheet: Sheet) -> None:
    visit = sheet.state.visit
    if not visit.old or visit.issued is None:
        return
    box = sheet.card(190, fill="warn_tint", edge="warn_mark")
    sheet.parts.append(Icon("warn", Box(box.x + 36, box.y + 55, 80, 80), "warn"))
    text = sheet.t("kiosk.print_void", old=visit.old, label=visit.issued.label)
    place = Box(box.x + 150, box.y + 8, box.w - 180, 174)
    sheet.put(text, place, ("body", "note"), "warn", bold=True, line="tile", max_lines=4)
    sheet.y += 190 + GAP


def _trouble(sheet: Sheet, icon: str, title: str, safe: str) -> None:
    sheet.parts.append(Icon(icon, Box(MARGIN, sheet.y, 130, 130), "warn"))
    sheet.y += 150
    sheet.title(title)
    sheet.lead(safe)
    sheet.y += 32


def _staff(sheet: Sheet) -> None:
    box = sheet.card(190, fill="warn_tint", edge="warn_mark")
    sheet.parts.append(Icon("person", Box(box.x + 48, box.y + 45, 100, 100), "warn"))
    place = Box(box.x + 190, box.y + 10, box.w - 230, 170)
    sheet.put(sheet.t("kiosk.staff_helps"), place, ("heading", "label", "body"), "warn", bold=True, line="title")
    sheet.y += 190

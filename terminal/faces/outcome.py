"""What became of it: the papers, the number, the slip for what lies inside, or that nobody knows yet. Pure."""

from __future__ import annotations

from glass import issue
from glass.face import HEIGHT, WIDTH, Box, Face, Icon, Picture, Plate
from glass.sheet import GAP, INNER, MARGIN, PRIMARY
from printers.document import qr_payload
from terminal import sale
from terminal.faces import Sheet
from terminal.state import Fate, Task, Visit
from terminal.visit import service

_PAPER = {
    "receipt": "terminal.paper_receipt", "certificate": "terminal.paper_certificate", "transfer": "terminal.paper_transfer",
    "claim": "terminal.paper_claim",
}  # fmt: skip


def working(sheet: Sheet) -> Face:
    """Something is made ready, ended or printed."""
    visit = sheet.state.visit
    sheet.head()
    icon, title, lead = "print", "terminal.printing", "common.please_wait"
    if visit.ordering:
        icon, title = "wait", "terminal.preparing"
    elif visit.ending:
        icon, title, lead = "wait", "pay.ending", "pay.dont_leave"
    elif visit.ask is not None and visit.issued is None:
        icon, title = "ticket", "kiosk.printing"
        if visit.silent:
            icon, title, lead = "wait", "kiosk.no_answer", "kiosk.asking_again"
    elif visit.receipt is not None:
        lead = "pay.approved"
    sheet.parts.append(Icon(icon, Box((WIDTH - 320) / 2, 460, 320, 320), "ink"))
    sheet.y = 850
    sheet.title(sheet.t(title), align="center")
    sheet.lead(sheet.t(lead), align="center")
    sheet.foot(back=False, tools=False)
    return sheet.done("working")


def take(sheet: Sheet) -> Face:
    """The papers are out; what is not is said, with the code by which it can be had."""
    visit, failed = sheet.state.visit, sale.failed(sheet.state.visit)
    sheet.head()
    if failed:
        sheet.title(sheet.t(_title(visit)))
        sheet.y += 16
    else:
        _ok(sheet, sheet.t(_title(visit)))
        _sum(sheet)
    for kind, fate in visit.papers.values():
        _paper(sheet, sheet.t(_PAPER.get(kind, "terminal.paper_receipt")), fate)
    if visit.receipt is not None and "receipt" in failed:
        _code(
            sheet,
            sheet.t("pay.receipt_code"),
            visit.receipt.code or visit.number or visit.order,
            sheet.t("terminal.reprint_where"),
        )
    elif _missing(sheet):
        _note(sheet, "info", sheet.t("terminal.rest_at_window"))
    if failed:
        _staff(sheet)
        _last(sheet, again=bool(sale.failed(visit, Fate.VOID)) and sale.again_allowed(sheet.state))
    else:
        sheet.y += 8
        sheet.write(sheet.t("terminal.data_cleared"), ("body", "note"), "ink_soft", align="center")
        _out_here(sheet, visit)
    return sheet.done("take")


def number(sheet: Sheet) -> Face:
    """The ticket's number large; on paper, too, where that came out."""
    visit = sheet.state.visit
    issued = visit.issued
    assert issued is not None
    sheet.head()
    issue.number(sheet, issued)
    issue.where(sheet, issued)
    printed = any(kind == "ticket" and fate is Fate.DONE for kind, fate in visit.papers.values())
    box = sheet.card(300)
    code = Box(box.x + 30, box.y + 30, 240, 240)
    sheet.plate(Plate(code, "on_action" if not sheet.state.contrast else "ink"))  # a code needs its white ground
    sheet.parts.append(Picture("qr", code.inset(16), qr_payload(issued.label, issued.ticket)))
    words = Box(box.x + 306, box.y + 20, box.w - 336, 260)
    told = sheet.t("kiosk.take_here" if printed else "kiosk.photo_number")
    sheet.put(told, words, ("label", "body", "note"), "ink", bold=True, max_lines=4)
    (act,) = sheet.acts(1, 132)
    sheet.key("done", sheet.t("common.done"), act, look=PRIMARY, icon="check")
    sheet.foot(back=False)
    return sheet.done("number")


def claim(sheet: Sheet) -> Face:
    """What lies inside is the visitor's: a code for it."""
    visit = sheet.state.visit
    wanted = sale.due(sheet.state)
    currency = wanted.currency if wanted is not None else sheet.hall.currency
    sheet.head()
    sheet.parts.append(Icon("cash", Box(MARGIN, sheet.y, 130, 130), "action"))
    sheet.y += 150
    sheet.title(sheet.t("pay.claim_title"))
    sheet.y += 12
    _code(sheet, sheet.texts.money(visit.claim_minor, currency), visit.claim, sheet.t("pay.claim_text"))
    for kind, fate in visit.papers.values():
        if kind == "claim":
            _paper(sheet, sheet.t("terminal.paper_claim"), fate)
    (act,) = sheet.acts(1, 150)
    sheet.key("done", sheet.t("common.done"), act, look=PRIMARY, icon="check")
    sheet.foot(back=False)
    return sheet.done("claim")


def unknown(sheet: Sheet) -> Face:
    """Nobody knows yet: do not pay again, stay, staff come."""
    visit = sheet.state.visit
    sheet.head()
    sheet.parts.append(Icon("wait", Box(MARGIN, sheet.y, 130, 130), "warn"))
    sheet.y += 150
    sheet.title(sheet.t("pay.checking"))
    sheet.y += 8
    sheet.write(sheet.t("pay.dont_pay_again"), ("label", "body"), bold=True, max_lines=3)
    sheet.y += 24
    _code(sheet, sheet.t("pay.operation"), visit.number or visit.order, sheet.t("pay.stay"))
    if visit.doubt:
        _staff(sheet)
    (act,) = sheet.acts(1, 140)
    sheet.key("done", sheet.t("common.done"), act, icon="close")
    sheet.foot(back=False)
    return sheet.done("unknown")


def error(sheet: Sheet) -> Face:
    """A ticket that was refused or not answered, or a payment that at last is known not to have been made."""
    visit = sheet.state.visit
    sheet.head()
    title, safe = "kiosk.went_wrong", "kiosk.no_number_used"
    if visit.order:
        title, safe = "pay.not_performed", "pay.at_window"
    elif visit.ask is not None:
        title, safe = "kiosk.no_answer", "kiosk.maybe_issued"
    elif visit.refusal is not None:
        title = "terminal.no_tickets"
    sheet.parts.append(Icon("problem", Box(MARGIN, sheet.y, 130, 130), "warn"))
    sheet.y += 150
    sheet.write(sheet.t(title), ("title", "heading", "label"), bold=True, line="title", max_lines=4)
    sheet.lead(sheet.t(safe))
    sheet.y += 32
    _staff(sheet)
    keys = [("again", "common.try_again", "recall")] if visit.ask is not None else []
    keys.append(("done", "common.home", "close"))
    for box, (key, text, icon) in zip(sheet.acts(len(keys), 160), keys, strict=True):
        sheet.row(key, sheet.t(text), box, icon=icon)
    sheet.foot(back=False)
    return sheet.done("error")


def _title(visit: Visit) -> str:
    if visit.receipt is not None:
        return "pay.approved"
    return "terminal.transfer_ready" if visit.way == "qr" else "terminal.ready"


def _missing(sheet: Sheet) -> bool:
    """Whether something was paid for that a restart made the terminal forget: it is had at a window, by the receipt."""
    wanted, visit = service(sheet.state), sheet.state.visit
    alone = wanted.self_service if wanted is not None else None
    made = any(kind == "certificate" for kind, _ in visit.papers.values())
    return (
        alone is not None and alone.paper != "receipt" and visit.task is Task.SERVICE and visit.way is None and not made
    )


def _sum(sheet: Sheet) -> None:
    wanted = sale.due(sheet.state)
    if sheet.state.visit.receipt is None or wanted is None:
        return
    amount = sheet.texts.money(wanted.minor, wanted.currency)
    sheet.write(amount, ("display", "title"), bold=True, align="center", line="title", max_lines=1)
    sheet.y += 16


def _ok(sheet: Sheet, text: str) -> None:
    side = 150.0 if not sheet.state.low else 130.0
    sheet.parts.append(Icon("done", Box((WIDTH - side) / 2, sheet.y, side, side), "ok"))
    sheet.y += side + 16
    sheet.title(text, align="center")
    sheet.y += 20


def _paper(sheet: Sheet, name: str, fate: Fate) -> None:
    """One paper and what became of it: an icon and words, never a colour alone."""
    icon, key, color = {
        Fate.SENT: ("print", "terminal.paper_printing", "ink"),
        Fate.DONE: ("done", "terminal.paper_out", "ok"),
        Fate.UNKNOWN: ("warn", "terminal.paper_unknown", "warn"),
        Fate.VOID: ("paper_out", "terminal.paper_failed", "warn"),
    }[fate]
    box = sheet.card(116)
    sheet.parts.append(Icon(icon, Box(box.x + 28, box.y + 26, 64, 64), color))
    sheet.put(name, Box(box.x + 116, box.y + 8, 440, 100), ("label", "body", "note"), "ink", bold=True, line="tile")
    state = Box(box.x + 572, box.y + 8, box.w - 596, 100)
    sheet.put(sheet.t(key), state, ("body", "note"), color, bold=True, align="right", line="tile")
    sheet.y += 116 + 16


def _code(sheet: Sheet, title: str, code: str, under: str) -> None:
    """A code to write down or photograph, large, with what it is good for."""
    box = sheet.card(330, fill="now_tint", edge="now_sill")
    over = Box(box.x + 36, box.y + 16, box.w - 72, 70)
    sheet.put(title, over, ("heading", "label", "body"), "ink", bold=True, line="title", max_lines=1)
    place = Box(box.x + 36, box.y + 90, box.w - 72, 130)
    roles = ("display", "title", "heading", "label", "body", "note")
    sheet.put(code, place, roles, "ink", bold=True, line="number", max_lines=1)
    sheet.put(under, Box(box.x + 36, box.y + 224, box.w - 72, 98), ("body", "note"), "ink", line="tile")
    sheet.y += 330 + GAP


def _note(sheet: Sheet, icon: str, text: str) -> None:
    box = sheet.card(150, fill="action_tint")
    sheet.parts.append(Icon(icon, Box(box.x + 32, box.y + 35, 80, 80), "action"))
    place = Box(box.x + 140, box.y + 8, box.w - 168, 134)
    sheet.put(text, place, ("label", "body", "note"), "ink", line="tile", max_lines=3)
    sheet.y += 150 + GAP


def _staff(sheet: Sheet) -> None:
    sheet.y += 8
    box = sheet.card(130, fill="warn_tint", edge="warn_mark")
    sheet.parts.append(Icon("person", Box(box.x + 32, box.y + 25, 80, 80), "warn"))
    place = Box(box.x + 140, box.y + 8, box.w - 168, 114)
    sheet.put(sheet.t("kiosk.staff_helps"), place, ("heading", "label", "body"), "warn", bold=True, line="title")
    sheet.y += 130 + GAP


def _last(sheet: Sheet, *, again: bool) -> None:
    keys = [("again", "kiosk.reprint", "print")] if again else []
    keys.append(("done", "common.done", "check"))
    for box, (key, text, icon) in zip(sheet.acts(len(keys), 120), keys, strict=True):
        sheet.key(key, sheet.t(text), box, icon=icon)
    sheet.foot(back=False)


def _out_here(sheet: Sheet, visit: Visit) -> None:
    """Where the papers come out, in the one colour for that."""
    band = Box(0, HEIGHT - 260, WIDTH, 260)
    sheet.plate(Plate(band, "now"))
    if visit.papers:
        for x in (MARGIN, WIDTH - MARGIN - 120):
            sheet.parts.append(Icon("down", Box(x, band.y + 70, 120, 120), "on_now"))
    text = Box(200, band.y, WIDTH - 400, band.h)
    key = "terminal.take_here" if visit.papers else "terminal.thanks"
    sheet.put(sheet.t(key), text, ("title", "heading"), "on_now", bold=True, align="center", line="title")
    keys = Box(MARGIN, band.y - 40 - 132, (INNER - GAP) / 2, 132)
    sheet.key("done", sheet.t("common.done"), keys, icon="check")
    sheet.key("person", sheet.t("common.call_person"), Box(keys.right + GAP, keys.y, keys.w, keys.h), icon="person")

"""What is owed, the sum, and the ways to pay it. What a screen says about money is what is known, never what is hoped. Pure."""

from __future__ import annotations

from contract.register import DueSum
from glass import choice
from glass.choice import Choice
from glass.face import WIDTH, Box, Face, Icon, Picture, Plate
from glass.sheet import GAP, PRIMARY
from terminal import sale, ticket
from terminal.faces import Sheet
from terminal.sale import Sum
from terminal.state import Way
from terminal.visit import service

_WAYS: tuple[tuple[Way, str, str, str], ...] = (
    ("card", "pay.by_card", "pay.card_hint", "card"),
    ("cash", "pay.by_cash", "pay.no_change", "cash"),
    ("qr", "pay.by_qr", "pay.qr_hint", "phone"),
)
_UNPAID = {"declined": "pay.declined", "cancelled": "pay.cancelled"}
"""Why a way did not work → the visitor's sentence; any other: the payment was not made, nothing was taken."""
_STEP = {"present": "pay.present_card", "pin": "pay.enter_pin", "processing": "pay.processing"}


def dues(sheet: Sheet) -> Face:
    """What is owed, the oldest first: one is chosen."""
    owed = sheet.state.visit.dues.dues if sheet.state.visit.dues is not None else ()
    sheet.head()
    sheet.title(sheet.t("terminal.dues_title"))
    sheet.lead(sheet.t("kiosk.lowered" if sheet.state.low else "terminal.choose_due"))
    rows = 4 if sheet.state.low else 7
    choices = [_due(sheet, each) for each in owed]
    choice.grid(sheet, choices, columns=1, rows=rows, height=172, page=sheet.state.page)
    sheet.foot()
    return sheet.done("dues")


def total(sheet: Sheet) -> Face:
    """The sum, what it is for, who gets it; the ways to pay, and why one cannot be used."""
    wanted = sale.due(sheet.state)
    assert wanted is not None
    sheet.head()
    _amount(sheet, sheet.t("terminal.to_pay"), wanted)
    sheet.write(_what(sheet), ("label", "body", "note"), bold=True, max_lines=3)
    payee = next((each for each in sheet.hall.payees if each.id == wanted.payee), None)
    if payee is not None:
        sheet.y += 8
        sheet.write(sheet.t("pay.payee", payee=sheet.of(payee.names)), ("body", "note"), "ink_soft", max_lines=2)
    if sheet.state.visit.unpaid:
        sheet.y += 20
        _banner(sheet, "warn", sheet.t(_UNPAID.get(sheet.state.visit.unpaid, "pay.not_performed")))
    elif not sheet.state.ways.paper:
        sheet.y += 20
        _banner(sheet, "paper_out", sheet.t("terminal.no_paper_code"))
    _ways(sheet, wanted)
    sheet.foot()
    return sheet.done("total")


def pay_card(sheet: Sheet) -> Face:
    """The card terminal leads; the screen repeats what it asks for."""
    visit, wanted = sheet.state.visit, sale.due(sheet.state)
    assert wanted is not None
    sheet.head()
    icon = "wait" if visit.ending or visit.step == "processing" else "card"
    sheet.parts.append(Icon(icon, Box((WIDTH - 260) / 2, 250, 260, 260), "ink"))
    sheet.y = 550
    title = "pay.ending" if visit.ending else _STEP.get(visit.step, "pay.follow_reader")
    sheet.title(sheet.t(title), align="center")
    sheet.y += 16
    sheet.write(_money(sheet, wanted), ("display", "title"), bold=True, align="center", line="title", max_lines=1)
    sheet.y += 16
    sheet.write(sheet.t("pay.once"), ("label", "body"), "ink_soft", align="center")
    if not visit.ending:
        (act,) = sheet.acts(1, 140)
        sheet.key("stop", sheet.t("pay.other_way"), act, icon="return")
    sheet.foot(back=False)
    return sheet.done("pay_card")


def pay_cash(sheet: Sheet) -> Face:
    """What lies inside, what is missing, and which notes are taken."""
    visit, wanted = sheet.state.visit, sale.due(sheet.state)
    assert wanted is not None
    sheet.head()
    sheet.title(sheet.t("pay.insert_notes"))
    sheet.lead(sheet.t("pay.accepted_notes", notes=_notes(sheet)))
    sheet.y += 24
    _inserted(sheet, wanted, visit.credit_minor)
    _banner(sheet, "cash", _rounded(sheet, wanted))
    (act,) = sheet.acts(1, 140)
    sheet.key("stop", sheet.t("pay.stop" if visit.credit_minor else "pay.other_way"), act, icon="return")
    sheet.foot(back=False)
    return sheet.done("pay_cash")


def stop_cash(sheet: Sheet) -> Face:
    """Notes lie inside: go on, or a slip for them."""
    wanted = sale.due(sheet.state)
    assert wanted is not None
    inside = sheet.texts.money(sheet.state.visit.credit_minor, wanted.currency)
    sheet.head()
    sheet.title(sheet.t("pay.stop_title"))
    sheet.y += 24
    _banner(sheet, "cash", sheet.t("pay.inserted", amount=inside))
    sheet.y += 16
    sheet.write(sheet.t("pay.stop_text"), ("label", "body"), max_lines=6)
    more, stop = sheet.acts(2, 160)
    sheet.key("more", sheet.t("pay.go_on"), more, look=PRIMARY, icon="cash", roles=("heading", "label"))
    sheet.key("stop", sheet.t("pay.stop_slip"), stop, icon="receipt")
    sheet.foot(back=False)
    return sheet.done("stop_cash")


def pay_qr(sheet: Sheet) -> Face:
    """Scan to pay: what becomes of it is never known here."""
    wanted = sale.due(sheet.state)
    assert wanted is not None
    sheet.head()
    sheet.title(sheet.t("pay.scan"))
    sheet.y += 8
    sheet.write(_money(sheet, wanted), ("heading",), bold=True, line="title", max_lines=1)
    keys = sheet.acts(2, 120 if sheet.state.low else 132)
    side = 540.0 if not sheet.state.low else 480.0
    code = Box((WIDTH - side) / 2, sheet.y + 24, side, side)
    sheet.plate(Plate(code, "ink" if sheet.state.contrast else "on_action", sheet.radius["button"]))
    sheet.parts.append(Picture("qr", code.inset(32), sheet.state.visit.qr))
    sheet.y = code.bottom + 16
    sheet.write(sheet.t("pay.qr_later"), ("body", "note"), max_lines=4)
    sheet.key("print", sheet.t("pay.qr_print"), keys[0], look=PRIMARY, icon="print")
    sheet.key("done", sheet.t("common.done"), keys[1], icon="check")
    sheet.foot()
    return sheet.done("pay_qr")


def _due(sheet: Sheet, due: DueSum) -> Choice:
    amount = sheet.texts.money(due.amount_minor, due.currency)
    hint = sheet.t("terminal.due_until", amount=amount, date=f"{due.until:%d.%m.%Y}") if due.until else amount
    return Choice(f"due:{due.id}", sheet.of(due.names), hint, "receipt")


def _ways(sheet: Sheet, wanted: Sum) -> None:
    offered = sale.offered(sheet.state, wanted)
    shown = [each for each in _WAYS if each[0] != "qr" or "qr" in offered]
    places = sheet.acts(len(shown), 150 if sheet.state.low else 166)
    if not offered and ticket.taken(sheet.state, sheet.now):
        places = sheet.acts(len(shown) + 1, 116 if sheet.state.low else 150)
        sheet.row("ticket", sheet.t("terminal.to_window"), places[-1], icon="ticket")
    for (way, name, hint, icon), place in zip(shown, places, strict=False):
        if way in offered:
            told = _rounded(sheet, wanted) if way == "cash" else sheet.t(hint)
            sheet.row(
                f"pay:{way}", sheet.t(name), place, icon=icon, hint=told, roles=("heading", "label", "tile", "note")
            )
        else:
            why = sheet.t("pay.card_unavailable" if way == "card" else "pay.cash_unavailable")
            sheet.blocked(sheet.t(name), place, icon, why)


def _rounded(sheet: Sheet, wanted: Sum) -> str:
    """No change is given; what that means for this sum is said before the first note."""
    notes = sheet.state.ways.notes
    least = sale.in_notes(wanted.minor, notes) if notes else wanted.minor
    if least == wanted.minor:
        return sheet.t("pay.no_change")
    return sheet.t("pay.no_change_sum", amount=sheet.texts.money(least, wanted.currency))


def _inserted(sheet: Sheet, wanted: Sum, credit: int) -> None:
    """How much lies inside, as words and as a bar."""
    box = sheet.card(420)
    amount, rest = sheet.texts.money(credit, wanted.currency), max(0, wanted.minor - credit)
    inside = Box(box.x + 40, box.y + 24, box.w - 80, 110)
    sheet.put(
        sheet.t("pay.inserted", amount=amount), inside, ("title", "heading", "label"), "ok", bold=True, line="title"
    )
    bar = Box(box.x + 40, box.y + 156, box.w - 80, 48)
    sheet.plate(Plate(bar, "surface", 24, "line_strong", sheet.border))
    if credit:
        share = min(1.0, credit / wanted.minor)
        sheet.plate(Plate(Box(bar.x, bar.y, max(48.0, bar.w * share), bar.h), "ok_mark", 24))
    left = sheet.t("pay.remaining", amount=sheet.texts.money(rest, wanted.currency))
    place = Box(box.x + 40, box.y + 226, box.w - 80, 84)
    sheet.put(
        left if rest else sheet.t("common.please_wait"), place, ("heading", "label"), "ink", bold=True, line="title"
    )
    whole = Box(box.x + 40, box.y + 322, box.w - 80, 72)
    sheet.put(
        sheet.t("pay.total", amount=_money(sheet, wanted)),
        whole,
        ("body", "note"),
        "ink_soft",
        line="title",
        max_lines=1,
    )
    sheet.y += 420 + GAP


def _banner(sheet: Sheet, icon: str, text: str) -> None:
    box = sheet.card(150, fill="warn_tint", edge="warn_mark")
    sheet.parts.append(Icon(icon, Box(box.x + 32, box.y + 35, 80, 80), "warn"))
    place = Box(box.x + 140, box.y + 8, box.w - 168, 134)
    sheet.put(text, place, ("label", "body", "note"), "warn", bold=True, line="tile", max_lines=3)
    sheet.y += 150 + GAP


def _amount(sheet: Sheet, title: str, wanted: Sum) -> None:
    sheet.write(title, ("heading",), "ink_soft", line="title")
    sheet.write(_money(sheet, wanted), ("display", "title"), bold=True, line="title", max_lines=1)
    sheet.y += 12


def _what(sheet: Sheet) -> str:
    due, wanted = sheet.state.visit.due, service(sheet.state)
    if due is not None:
        return sheet.of(due.names)
    return sheet.of(wanted.names) if wanted is not None else ""


def _money(sheet: Sheet, wanted: Sum) -> str:
    return sheet.texts.money(wanted.minor, wanted.currency)


def _notes(sheet: Sheet) -> str:
    return ", ".join(f"{note // 100}" for note in sorted(sheet.state.ways.notes))

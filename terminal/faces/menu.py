"""What the visitor came for: services without an operator, what is owed, a ticket for the queue. Pure."""

from __future__ import annotations

from contract.hall_part import Service
from glass import choice
from glass.choice import Choice
from glass.face import Box, Face, Icon
from glass.pads import sign_pad
from glass.sheet import GAP, INNER, MARGIN, PRIMARY
from terminal import errand, sale, ticket
from terminal.faces import Sheet
from terminal.state import Task


def menu(sheet: Sheet) -> Face:
    """What do you need? What cannot be had now keeps its place and says why."""
    sheet.head()
    sheet.title(sheet.t("kiosk.what_do_you_need"))
    sheet.lead(sheet.t("kiosk.lowered" if sheet.state.low else "kiosk.touch_card"))
    choices = [Choice("dues", sheet.t("terminal.dues"), sheet.t("terminal.dues_hint"), "receipt")]
    choices += [_service(sheet, service) for service in errand.offered(sheet.state)]
    choices += [
        _ticket(sheet),
        Choice("reprint", sheet.t("terminal.reprint"), sheet.t("terminal.reprint_hint"), "print"),
    ]
    rows = 4 if sheet.state.low else 7
    choice.grid(sheet, choices, columns=1, rows=rows, height=172, page=sheet.state.page)
    sheet.foot()
    return sheet.done("menu")


def groups(sheet: Sheet) -> Face:
    """A ticket for the queue: what is it about?"""
    sheet.head()
    sheet.title(sheet.t("kiosk.choose_group"))
    sheet.lead(sheet.t("kiosk.lowered" if sheet.state.low else "terminal.ticket_hint"))
    choices = [
        Choice(f"group:{group.id}", sheet.of(group.names), sheet.of(group.hint), choice.icon(group.icon))
        for group in sheet.hall.service_groups
    ]
    choice.grid(sheet, choices, columns=2, rows=4, height=272, page=sheet.state.page)
    sheet.foot()
    return sheet.done("groups")


def services(sheet: Sheet) -> Face:
    """A ticket for the queue: the services of the group, but for those that ask first: kiosks ask."""
    sheet.head()
    sheet.title(sheet.of(sheet.hall.group_by_id[sheet.state.visit.group].names))
    sheet.lead(sheet.t("kiosk.lowered" if sheet.state.low else "kiosk.choose_service"))
    group = sheet.state.visit.group
    own = [each for each in sheet.hall.services if each.group == group and each.question is None]
    choices = [_queue(sheet, service) for service in own]
    choice.grid(sheet, choices, columns=1, rows=4 if sheet.state.low else 7, height=172, page=sheet.state.page)
    sheet.foot()
    return sheet.done("services")


def confirm(sheet: Sheet) -> Face:
    """A ticket for the queue: is this right?"""
    service = sheet.hall.service_by_id[sheet.state.visit.service]
    sheet.head()
    sheet.title(sheet.t("kiosk.all_right"))
    sheet.y += 28
    service_card(sheet, service)
    wait = sheet.state.view.waits.get(service.id) if sheet.state.view is not None else None
    told = (
        sheet.t("kiosk.wait_range", wait=sheet.texts.wait(wait.low, wait.high))
        if wait
        else sheet.t("kiosk.wait_unknown")
    )
    sheet.parts.append(Icon("wait", Box(MARGIN + 8, sheet.y + 8, 72, 72), "action"))
    sheet.put(told, Box(MARGIN + 110, sheet.y, INNER - 110, 88), ("label", "body", "note"), "ink", bold=True)
    sheet.y += 110
    sheet.parts.append(Icon("priority", Box(MARGIN + 8, sheet.y + 8, 72, 72), "action"))
    where = Box(MARGIN + 110, sheet.y, INNER - 110, 110)
    sheet.put(sheet.t("terminal.priority_at_kiosk"), where, ("body", "note"), "ink", line="tile")
    (act,) = sheet.acts(1, 168)
    sheet.key("take", sheet.t("kiosk.take_ticket"), act, look=PRIMARY, icon="ticket", roles=("heading", "label"))
    sheet.foot()
    return sheet.done("ticket")


def how(sheet: Sheet) -> Face:
    """What is owed: by card, or by the code on the demand?"""
    sheet.head()
    sheet.title(sheet.t("terminal.dues_how"))
    high = 200 if sheet.state.low else 230
    top = sheet.acts(2, high)[0].y if sheet.state.low else sheet.y + 36
    first, second = (Box(MARGIN, top + n * (high + GAP), INNER, high) for n in range(2))
    sheet.row("by:card", sheet.t("kiosk.by_card"), first, icon="id_card", hint=sheet.t("kiosk.by_card_hint"))
    sheet.row("by:code", sheet.t("terminal.by_code"), second, icon="receipt", hint=sheet.t("terminal.by_code_hint"))
    sheet.foot()
    return sheet.done("how")


def code(sheet: Sheet) -> Face:
    """The code is typed: letters and digits."""
    owed = sheet.state.visit.task is Task.DUES
    sheet.head()
    sheet.title(sheet.t("terminal.enter_code" if owed else "terminal.enter_receipt_code"))
    sign_pad(sheet, sheet.state.visit.code, complete=errand.complete(sheet.state.visit))
    sheet.foot()
    return sheet.done("code")


def service_card(sheet: Sheet, service: Service) -> None:
    """The service's name with its group's icon, at `y`."""
    group = sheet.hall.group_by_id[service.group]
    box = sheet.card(184)
    sheet.parts.append(Icon(choice.icon(group.icon), Box(box.x + 44, box.y + 46, 92, 92), "action"))
    name = Box(box.x + 180, box.y + 14, box.w - 210, 156)
    sheet.put(
        sheet.of(service.names), name, ("heading", "label", "body", "note"), "ink", bold=True, line="title", max_lines=3
    )
    sheet.y += 184 + GAP


def _service(sheet: Sheet, service: Service) -> Choice:
    why = errand.blocked(sheet.state, service)
    alone = service.self_service
    fee = sale.fee(service, sheet.state) if alone is not None and alone.pays == "fee" else None
    hint = sheet.t("kiosk.fee", amount=sheet.texts.money(fee.minor, fee.currency)) if fee else sheet.t("kiosk.fee_free")
    icon = choice.icon(sheet.hall.group_by_id[service.group].icon)
    return Choice(f"service:{service.id}", sheet.of(service.names), hint, icon, sheet.t(why) if why else "")


def _ticket(sheet: Sheet) -> Choice:
    blocked = "" if ticket.taken(sheet.state, sheet.now) else sheet.t("terminal.no_tickets")
    return Choice("ticket", sheet.t("kiosk.take_ticket"), sheet.t("terminal.ticket_hint"), "ticket", blocked)


def _queue(sheet: Sheet, service: Service) -> Choice:
    blocked = sheet.t("refusal.service_closed") if ticket.closed(sheet.state, service.id) else ""
    return Choice(f"service:{service.id}", sheet.of(service.names), blocked=blocked)

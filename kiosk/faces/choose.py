"""What the visitor needs: groups, services, the notice that no ticket is needed, and the confirmation. Pure."""

from __future__ import annotations

from contract.hall_part import PriorityGroup, Reply, Service, ServiceGroup
from glass import choice
from glass.face import Box, Face, Icon
from glass.sheet import GAP, INNER, MARGIN, PRIMARY
from kiosk import offer
from kiosk.faces import Sheet

BRING_ROOM = 4
"""With more documents to bring the wait is told smaller."""


def groups(sheet: Sheet) -> Face:
    """What do you need?"""
    sheet.head()
    sheet.title(sheet.t("kiosk.what_do_you_need"))
    sheet.lead(sheet.t("kiosk.lowered" if sheet.state.low else "kiosk.touch_card"))
    choice.grid(
        sheet,
        [_group(sheet, group) for group in sheet.hall.service_groups],
        columns=2,
        rows=4,
        height=272,
        page=sheet.state.page,
    )
    sheet.foot()
    return sheet.done("groups")


def services(sheet: Sheet) -> Face:
    """The services of the chosen group; one that is closed keeps its place."""
    sheet.head()
    sheet.title(sheet.of(sheet.hall.group_by_id[sheet.state.visit.group].names))
    sheet.lead(sheet.t("kiosk.lowered" if sheet.state.low else "kiosk.choose_service"))
    own = [s for s in sheet.hall.services if s.group == sheet.state.visit.group]
    rows = 4 if sheet.state.low else 7
    choice.grid(
        sheet, [_service(sheet, service) for service in own], columns=1, rows=rows, height=172, page=sheet.state.page
    )
    sheet.foot()
    return sheet.done("services")


def priority(sheet: Sheet) -> Face:
    """Which priority, and what proves it."""
    sheet.head()
    sheet.title(sheet.t("kiosk.which_priority"))
    sheet.lead(sheet.t("kiosk.priority_document"))
    choices = [_priority(sheet, group) for group in sheet.hall.priority_groups]
    choices.append(choice.Choice("priority:", sheet.t("kiosk.priority_none"), icon="people"))
    choice.grid(sheet, choices, columns=1, rows=4 if sheet.state.low else 6, height=190, page=sheet.state.page)
    sheet.foot()
    return sheet.done("priority")


def question(sheet: Sheet) -> Face:
    """Asked before a ticket; an answer whose service is closed keeps its place."""
    asked = _chosen(sheet).question
    assert asked is not None  # the way here is a service that asks
    sheet.head()
    sheet.title(sheet.of(asked.names))
    sheet.lead(sheet.of(_chosen(sheet).names))
    choice.grid(sheet, [_reply(sheet, reply) for reply in asked.replies], columns=1, rows=4, height=172, page=0)
    sheet.foot()
    return sheet.done("question")


def elsewhere(sheet: Sheet) -> Face:
    """No ticket is needed: where to go instead."""
    sheet.head()
    sheet.title(sheet.t("kiosk.no_ticket_needed"))
    sheet.lead(sheet.of(_chosen(sheet).names))
    sheet.y += 32
    _self_service(sheet)
    (act,) = sheet.acts(1, 168)
    sheet.key("done", sheet.t("common.done"), act, look=PRIMARY, icon="done", roles=("heading", "label"))
    sheet.foot()
    return sheet.done("elsewhere")


def notice(sheet: Sheet) -> Face:
    """This can be had without a ticket; one may be taken all the same."""
    sheet.head()
    sheet.title(sheet.of(_chosen(sheet).names))
    sheet.y += 32
    _self_service(sheet)
    (act,) = sheet.acts(1, 168)
    sheet.key("ticket", sheet.t("kiosk.take_ticket"), act, look=PRIMARY, icon="ticket", roles=("heading", "label"))
    sheet.foot()
    return sheet.done("notice")


def _self_service(sheet: Sheet) -> None:
    """Where it can be had without a ticket, at `y`."""
    box = sheet.card(300, fill="action_tint")
    sheet.parts.append(Icon("info", Box(box.x + 40, box.y + 94, 112, 112), "action"))
    text = Box(box.x + 192, box.y + 20, box.w - 232, 260)
    sheet.put(sheet.t("kiosk.self_service_first"), text, ("label", "body", "note"), "ink", max_lines=4)
    sheet.y += 340
    sheet.write(sheet.t("kiosk.ask_staff"), ("body",), "ink_soft")


def confirm(sheet: Sheet) -> Face:
    """Is this right? How long it takes, what to bring, what it costs; priority one touch away."""
    sheet.head()
    sheet.title(sheet.t("kiosk.all_right"))
    service = _chosen(sheet)
    sheet.y += 28
    service_card(sheet, service)
    _people_card(sheet, service)
    bring(sheet, service)
    _fee(sheet, service)
    take = sheet.acts(1, 168)[0]
    if sheet.hall.priority_groups:
        place = Box(MARGIN, take.y - GAP - 132, INNER, 132)
        chosen = sheet.state.visit.priority
        text = sheet.of(sheet.hall.priority_by_id[chosen].names) if chosen else sheet.t("kiosk.have_priority")
        sheet.row("priority", text, place, icon="priority", picked=chosen is not None)
    sheet.key("take", sheet.t("kiosk.take_ticket"), take, look=PRIMARY, icon="ticket", roles=("heading", "label"))
    sheet.foot()
    return sheet.done("confirm")


def service_card(sheet: Sheet, service: Service) -> None:
    """The service's name with its group's icon, at `y`."""
    group = sheet.hall.group_by_id[service.group]
    box = sheet.card(184)
    sheet.parts.append(Icon(choice.icon(group.icon), Box(box.x + 44, box.y + 46, 92, 92), "action"))
    name = Box(box.x + 180, box.y + 14, box.w - 210, 156)
    sheet.put(sheet.of(service.names), name, ("heading", "label", "body"), "ink", bold=True, line="title", max_lines=2)
    sheet.y += 184 + GAP


def _people_card(sheet: Sheet, service: Service) -> None:
    if sheet.state.visit.priority is not None:  # how many with priority wait, and how long, is not known here
        _line_card(sheet, "priority", sheet.t("kiosk.priority_document"))
        return
    count = offer.waiting(sheet.state, service.id, sheet.now)
    if count is None:
        return
    people = sheet.texts.plural("kiosk.people_ahead", count) if count else sheet.t("kiosk.nobody_ahead")
    wait = offer.wait(sheet.state, service.id, sheet.now)
    if wait is None:
        _line_card(sheet, "people", people, sheet.t("kiosk.wait_unknown"))
        return
    told = sheet.texts.wait(wait.low, wait.high)
    if len(service.bring) > BRING_ROOM:
        _line_card(sheet, "wait", sheet.t("kiosk.wait_range", wait=told))
    else:
        _wait_card(sheet, told, people)


def _line_card(sheet: Sheet, icon: str, text: str, under: str = "") -> None:
    box = sheet.card(128)
    sheet.parts.append(Icon(icon, Box(box.x + 54, box.y + 28, 72, 72), "ink_soft"))
    x, wide = box.x + 180, box.w - 210
    high = 58 if under else 112
    lines = 1 if under else 2
    sheet.put(
        text, Box(x, box.y + 8, wide, high), ("label", "body", "note"), "ink", bold=True, line="title", max_lines=lines
    )
    if under:
        sheet.put(under, Box(x, box.y + 68, wide, 50), ("note",), "ink_soft", line="title", max_lines=1)
    sheet.y += 128 + GAP


def _wait_card(sheet: Sheet, wait: str, people: str) -> None:
    box = sheet.card(232)
    sheet.parts.append(Icon("wait", Box(box.x + 44, box.y + 70, 92, 92), "action"))
    x, wide = box.x + 180, box.w - 210
    sheet.put(
        sheet.t("kiosk.wait_about"), Box(x, box.y + 18, wide, 46), ("note",), "ink_soft", line="title", max_lines=1
    )
    roles = ("title", "heading", "label")
    sheet.put(wait, Box(x, box.y + 64, wide, 92), roles, "ink", bold=True, line="title", max_lines=1)
    sheet.put(people, Box(x, box.y + 158, wide, 54), ("body", "note"), "ink", line="title", max_lines=1)
    sheet.y += 232 + GAP


def bring(sheet: Sheet, service: Service) -> None:
    """The documents to bring, at `y`; nothing where there are none."""
    if not service.bring:
        return
    sheet.y += 4
    sheet.write(sheet.t("kiosk.what_to_bring"), ("label", "body"), bold=True)
    sheet.y += 8
    for document in service.bring:
        sheet.parts.append(Icon("check", Box(MARGIN + 8, sheet.y + 2, 44, 44), "ok_mark"))
        text = sheet.of(sheet.hall.documents[document])
        sheet.write(text, ("body", "note"), x=MARGIN + 72, w=INNER - 72, max_lines=1, line="tile")
        sheet.y += 8


def _fee(sheet: Sheet, service: Service) -> None:
    minor = sheet.hall.fee_minor(service, sheet.hall.local(sheet.moment).date())
    if minor is None:
        return
    if minor == 0:
        text = sheet.t("kiosk.fee_free")
    else:
        amount = sheet.texts.money(minor, service.fee_currency or sheet.hall.currency)
        text = sheet.t("kiosk.fee", amount=amount)
    sheet.y += 4
    sheet.write(text, ("body",), bold=True)


def _group(sheet: Sheet, group: ServiceGroup) -> choice.Choice:
    return choice.Choice(f"group:{group.id}", sheet.of(group.names), sheet.of(group.hint), choice.icon(group.icon))


def _service(sheet: Sheet, service: Service) -> choice.Choice:
    blocked = sheet.t("refusal.service_closed") if offer.closed(sheet.state, service.id) else ""
    wait = offer.wait(sheet.state, service.id, sheet.now)
    hint = sheet.t("kiosk.wait_range", wait=sheet.texts.wait(wait.low, wait.high)) if wait else ""
    return choice.Choice(f"service:{service.id}", sheet.of(service.names), hint, blocked=blocked)


def _reply(sheet: Sheet, reply: Reply) -> choice.Choice:
    icon = {"ticket": "ticket", "self_service": "info", "person": "people"}[reply.then]
    wanted = reply.service or sheet.state.visit.service
    blocked = reply.then == "ticket" and offer.closed(sheet.state, wanted)
    return choice.Choice(
        f"reply:{reply.id}",
        sheet.of(reply.names),
        icon=icon,
        blocked=sheet.t("refusal.service_closed") if blocked else "",
    )


def _priority(sheet: Sheet, group: PriorityGroup) -> choice.Choice:
    return choice.Choice(f"priority:{group.id}", sheet.of(group.names), sheet.of(group.proof or {}), "priority")


def _chosen(sheet: Sheet) -> Service:
    return sheet.hall.service_by_id[sheet.state.visit.service]

"""What the visitor comes for: group, service, the question before a ticket, the priority. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.cover import call_person
from kiosk.offer import closed
from kiosk.state import Screen, State
from kiosk.visit import Result, Touches, leave


def _group(state: State, name: str) -> Result:
    if state.hall is None or name not in state.hall.group_by_id:
        return state, ()
    return replace(state, screen=Screen.SERVICES, page=0, visit=replace(state.visit, group=name)), ()


def _service(state: State, name: str) -> Result:
    service = state.hall.service_by_id.get(name) if state.hall else None
    if service is None or closed(state, name):
        return state, ()
    screen = Screen.NOTICE if service.channel == "self_service_first" else Screen.CONFIRM
    screen = Screen.QUESTION if service.question is not None else screen
    return replace(state, screen=screen, page=0, visit=replace(state.visit, service=name)), ()


def _reply(state: State, name: str) -> Result:
    service = state.hall.service_by_id.get(state.visit.service) if state.hall else None
    replies = service.question.replies if service is not None and service.question is not None else ()
    reply = next((one for one in replies if one.id == name), None)
    if reply is None:
        return state, ()
    match reply.then:
        case "ticket":
            wanted = reply.service or state.visit.service
            if closed(state, wanted):
                return state, ()
            return replace(state, screen=Screen.CONFIRM, visit=replace(state.visit, service=wanted)), ()
        case "self_service":
            return replace(state, screen=Screen.ELSEWHERE), ()
        case "person":
            return call_person(state)
        case _:
            assert_never(reply.then)


def _page(state: State, name: str) -> Result:
    return replace(state, page=int(name)) if name.isdecimal() else state, ()


def _priority(state: State, name: str) -> Result:
    if state.visit.priority is not None and not name:
        return replace(state, visit=replace(state.visit, priority=None)), ()
    return replace(state, screen=Screen.PRIORITY), ()


def _priority_is(state: State, name: str) -> Result:
    known = state.hall is not None and name in state.hall.priority_by_id
    visit = replace(state.visit, priority=name if known else None)
    return replace(state, screen=Screen.CONFIRM, visit=visit), ()


TOUCHES: Touches = {
    (Screen.GROUPS, "group"): _group,
    (Screen.GROUPS, "page"): _page,
    (Screen.SERVICES, "service"): _service,
    (Screen.SERVICES, "page"): _page,
    (Screen.QUESTION, "reply"): _reply,
    (Screen.ELSEWHERE, "done"): leave,
    (Screen.NOTICE, "ticket"): lambda state, _name: (replace(state, screen=Screen.CONFIRM), ()),
    (Screen.CONFIRM, "priority"): _priority,
    (Screen.PRIORITY, "priority"): _priority_is,
    (Screen.PRIORITY, "page"): _page,
}

"""The buttons of the panel and the hall page: when they can be pressed, their key, and the command they become. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from consoles.staff.role import Act
from contract import messages as m
from contract.errors import ContractError
from contract.hall import Hall
from contract.words import LIFE, HallState, Light, PauseKind, Pick, Role, Verb


@dataclass(frozen=True, slots=True)
class Button:
    """`text` and `icon` are keys of the catalogue and the icon set. `key`: pressed on the keyboard, "" for none: a digit, F and a
    number, or a letter, which stands for its place on the keyboard whatever the layout.

    `asks`: the page that asks once more, "" where a press is done at once.
    """

    name: str
    text: str
    icon: str
    enabled: bool = True
    key: str = ""
    danger: bool = False
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """The operator's buttons; places do not move, so that the hand finds them."""

    next: Button
    acts: tuple[Button, ...]
    results: tuple[Button, ...]
    incomplete: tuple[Button, ...]
    transfer: Button
    add: Button
    note: Button
    pick: Button
    pause: Button | None
    window: tuple[Button, ...]


_WINDOW: dict[str, type[m.WindowCommand]] = {
    "next": m.CallNext, "recall": m.CallRecall, "start": m.CallStart, "finish": m.CallFinish, "no_show": m.CallNoShow,
    "park": m.CallPark, "transfer": m.CallTransfer, "open": m.WindowOpen, "pause": m.WindowPause, "close": m.WindowClose,
    "logout": m.WindowLogout, "alarm": m.WindowAlarm,
}  # fmt: skip
RESULT_KEYS = "QWERTYUI"
"""Keys of the first results: one row of the keyboard, free of digits."""
FIND_S = 15.0
"""How long a box shows which one it is: time to look round the hall."""
_PLAN: dict[str, type[m.PlanCommand]] = {"accept": m.PlanAccept, "dismiss": m.PlanDismiss}
_TICKET: dict[str, type[m.TicketCommand]] = {"return": m.TicketReturn, "cancel": m.TicketCancel}


def panel(window: m.DeskWindow, hall: Hall) -> Panel:
    """The buttons of a window in its present state."""
    light, idle = window.light, window.ticket is None
    resting = light in {Light.PAUSED, Light.CLOSED}
    opening = Button(
        "open", "operator.resume_window" if light is Light.PAUSED else "operator.open_window", "open", key="8"
    )
    return Panel(
        next=Button("next", _next_text(light), "call", enabled=not resting, key="1"),
        acts=(
            Button("recall", "operator.recall", "recall", _may(window, Verb.RECALL), "2"),
            Button("start", "operator.start", "start", _may(window, Verb.START), "3"),
            Button("finish", "operator.finish", "done", _may(window, Verb.FINISH), "4"),
            Button("no_show", "operator.no_show", "no_show", _may(window, Verb.NO_SHOW), "5", danger=True),
            Button("park", "operator.park", "park", _may(window, Verb.PARK), "6"),
        ),
        results=_results(window, hall),
        incomplete=tuple(
            Button(f"park {result}", result, "return", _may(window, Verb.PARK))
            for result, parks in hall.result_parks.items()
            if parks
        ),
        transfer=Button("transfer", "operator.transfer", "transfer", _may(window, Verb.TRANSFER), "7"),
        add=Button("add", "operator.visit_add", "forward", not idle),
        note=Button("note", "operator.note_keep", "check", not idle),
        pick=Button("pick", "operator.pick", "search", light in {Light.FREE, Light.ARMED}, "N"),
        pause=None if resting else Button("pause", "operator.pause_window", "pause", idle, "8"),
        window=(
            *([opening] if resting else []),
            Button("close", "operator.close_window", "close", idle and light is not Light.CLOSED, "9"),
            Button("logout", "operator.sign_out", "sign_out", idle),
            Button("alarm", "operator.alarm", "warn", key="F9"),
        ),
    )


def _results(window: m.DeskWindow, hall: Hall) -> tuple[Button, ...]:
    """How a visit may end, a key each; none where the hall does not ask. `text` is the result's id."""
    if hall.rule("operator.outcome") == "none":
        return ()
    keys = chain(RESULT_KEYS, repeat(""))
    may = _may(window, Verb.FINISH)
    return tuple(
        Button(f"finish {result}", result, "done", may, key)
        for result, key in zip(hall.result_parks, keys, strict=False)
    )


def hall_buttons(state: HallState) -> tuple[Button, ...]:
    """What staff can do with the hall as a whole."""
    close = Button("close", "hall.do_close", "close", danger=True, asks="/hall/close")
    match state:
        case HallState.OPEN:
            return (Button("interrupt", "hall.do_interrupt", "pause", danger=True), close)
        case HallState.INTERRUPTED:
            return (Button("resume", "hall.do_resume", "start"), close)
        case HallState.CLOSED:
            return (Button("open", "hall.do_open", "open"),)


def said(name: str, form: Mapping[str, str]) -> str:
    """What a press is remembered by: the button, and whom or what it is about where there are several of it."""
    about = form.get("ticket", "") or form.get("result", "") or (form.get("service", "") if name == "drop" else "")
    return f"{name} {about}".strip()


def window_command(name: str, key: str, window: str, operator: str, form: Mapping[str, str]) -> m.Command:
    """The command of a press at a window by `operator`; `key` is its id. Raises: ContractError: no such button, or a bad field."""
    try:
        if (ticket := _TICKET.get(name)) is not None:
            return ticket(id=key, ticket=form.get("ticket", ""), operator=operator)
        kind, fields = _filled(name, form)
        return kind(id=key, window=window, operator=operator, **fields)
    except KeyError:
        raise ContractError(f"there is no button {name[:32]!r}") from None
    except ValueError:
        raise ContractError(f"button {name!r}: a field is wrong") from None  # without its cause: a note may stand in it


def _filled(name: str, form: Mapping[str, str]) -> tuple[type[m.WindowCommand], dict[str, Any]]:
    """A window's command, and what of the form goes into it. Raises: KeyError: no such button. ValueError: a word nobody sends."""
    match name:
        case "finish" | "park":
            return _WINDOW[name], {"result": form.get("result") or None}
        case "transfer":
            fields = {field: form.get(field, "").strip() or None for field in ("service", "to_window", "note")}
            return m.CallTransfer, {**fields, "first": "first" in form}
        case "pick":
            return m.CallPick, {"label": form.get("label", "").strip().upper(), "why": Pick(form.get("why", ""))}
        case "add" | "drop":
            return m.VisitAdd if name == "add" else m.VisitDrop, {"service": form.get("service", "")}
        case "note":
            return m.VisitNote, {"text": form.get("text", "").replace("\r\n", "\n").strip()}
        case "pause":
            kind, minutes = form.get("pause", ""), form.get("minutes", "").strip()
            return m.WindowPause, {
                "pause": PauseKind(kind) if kind else None, "minutes": int(minutes) if minutes else None,
            }  # fmt: skip
        case _:
            return _WINDOW[name], {}


def hall_act(name: str) -> Act:
    """What one must be allowed to do for a button of the hall page."""
    return Act.DEVICES if name == "find" else Act.LEAD


def hall_command(name: str, key: str, form: Mapping[str, str], operator: str) -> m.Command:
    """The command of a press on the hall page by `operator`. Raises: ContractError: no such button, or a bad field."""
    try:
        if (decided := _PLAN.get(name)) is not None:
            return decided(id=key, recommendation=form.get("recommendation", ""), operator=operator)
        match name:
            case "interrupt":
                return m.HallInterrupt(id=key, reason=form.get("reason", "").strip(), operator=operator)
            case "resume":
                return m.HallResume(id=key, operator=operator)
            case "open":
                return m.HallOpen(id=key, operator=operator)
            case "close":
                return m.HallClose(id=key, operator=operator)
            case "alarm_end":
                window = form.get("window") or None
                return m.AlarmEnd(id=key, unit=form.get("unit", ""), window=window, operator=operator)
            case "find":
                return m.DeviceFind(id=key, dev=form.get("dev", ""), seconds=FIND_S)
            case _:
                raise ContractError(f"there is no button {name[:32]!r}")
    except ValueError as exc:
        raise ContractError(f"button {name!r}: a field is wrong") from exc


def _next_text(light: Light) -> str:
    match light:
        case Light.ARMED:
            return "operator.disarm"
        case Light.CALLED:  # soon after the call this is refused: "start or no-show first"
            return "operator.served_and_next"
        case Light.SERVING:
            return "operator.finish_and_next"
        case _:
            return "operator.call_next"


def _may(window: m.DeskWindow, verb: Verb) -> bool:
    """Whether the ticket's life has this step for somebody at a console."""
    if window.ticket is None:
        return False
    step = LIFE.get((window.ticket.state, verb))
    return step is not None and Role.CONSOLE in step[1]

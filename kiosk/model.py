"""The visitor's way through the kiosk: `step(state, occurrence, now)` gives the next state and what is to be done. Pure.

No number is used without paper or without the visitor's choice; a question keeps its id until it is answered, so a finger that
hits twice, a silent hall and a restart all end in one ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import assert_never

from contract import messages as m
from contract.hall import Hall
from contract.topics import STALE_S
from contract.words import HallState
from glass import card
from glass.card import RETYPE, ZONE
from glass.occurrence import (
    Answered,
    Beat,
    CardFailed,
    CardsSaid,
    CardStep,
    CardSwiped,
    Configured,
    Identify,
    Linked,
    MouthSaid,
    Quiet,
    Tick,
    Touch,
    Viewed,
)
from kiosk.state import (
    CODE_DIGITS,
    Ask,
    Asked,
    CardRead,
    Effect,
    Ended,
    Fate,
    Find,
    ForgetCard,
    LookAtPaper,
    Occurrence,
    PaperSaid,
    Person,
    Print,
    Printed,
    ReadCard,
    Resumed,
    Screen,
    Standing,
    State,
    Visit,
)
from look import tokens

SETTLE_S = 0.2
"""A touch sooner after a change of screen was meant for the screen before."""
LINK_GRACE_S = 2.0
"""A broker away for less is not worth a word."""
MORE_TIME_S = 60.0
PERSON_S = 120.0
"""So long the screen says that a person comes, unless the visitor closes it."""
UNKNOWN_S = 8.0
"""A visitor does not wait longer to learn whether the paper came: then the label is replaced."""
PRINT_S = 30.0
"""A job without any word from the printer for so long is as good as unknown."""
CARD_S = 120.0
"""A read ends by itself long before; nobody stands before a screen that waits for so long."""
MOUTH_S = 120.0
"""So long the screen asks to take the paper that hangs out of the printer; the printer itself may take it back sooner."""
SETTLING = frozenset({"printer_settling", "printer_lent"})
"""The printer is clearing an earlier paper, or prints for the neighbour: soon over, so it is looked at again."""
REPLACE_MAX = 3
"""After so many papers that could not be trusted the number is shown instead."""

Result = tuple[State, tuple[Effect, ...]]

_PATIENT = frozenset(
    {
        Screen.LANGUAGE, Screen.GROUPS, Screen.SERVICES, Screen.QUESTION, Screen.ELSEWHERE, Screen.NOTICE, Screen.CONFIRM,
        Screen.PRIORITY, Screen.NO_PAPER, Screen.NUMBER, Screen.ERROR,
    }
)  # fmt: skip
"""Screens that wait for the visitor, and ask whether there still is one."""
_BACK = {
    Screen.GROUPS: Screen.ATTRACT, Screen.SERVICES: Screen.GROUPS, Screen.NOTICE: Screen.SERVICES,
    Screen.QUESTION: Screen.SERVICES, Screen.ELSEWHERE: Screen.QUESTION,
    Screen.CONFIRM: Screen.SERVICES, Screen.PRIORITY: Screen.CONFIRM, Screen.NO_PAPER: Screen.CONFIRM,
    Screen.CODE: Screen.ATTRACT, Screen.FOUND: Screen.CODE, Screen.NO_BOOKING: Screen.ATTRACT, Screen.HOW: Screen.ATTRACT,
    Screen.CONSENT: Screen.HOW, Screen.DIGITS: Screen.CONSENT, Screen.CARD: Screen.HOW, Screen.NO_CARD: Screen.HOW,
}  # fmt: skip


def step(state: State, occurrence: Occurrence, now: float) -> Result:
    """The state after `occurrence` at the monotonic moment `now`, and what is to be done, in order.

    What does not fit the state (a second touch, a late answer) changes nothing.
    """
    after, effects = _step(state, occurrence, now)
    if _cover(after) != _cover(state):
        after = replace(after, shown_at=now)
    return after, effects


def standing(state: State, now: float) -> Standing:
    """Whether tickets can be taken now; what is retained but not confirmed by a live heartbeat does not count."""
    if state.hall is None:
        return Standing.STARTING
    if not state.link_up and now - state.link_at >= LINK_GRACE_S:
        return Standing.OFFLINE
    if state.beat is None or state.beat_at is None or now - state.beat_at >= STALE_S:
        return Standing.OFFLINE
    if state.beat.refusing is not None:
        return Standing.REFUSING
    if state.beat.state is not HallState.OPEN:
        return Standing.CLOSED if state.beat.state is HallState.CLOSED else Standing.INTERRUPTED
    if state.view is None:
        return Standing.STARTING
    return Standing.READY if state.view.taking else Standing.LAST_TICKETS


def waiting(state: State, service: str, now: float) -> int | None:
    """How many wait for `service`; None when nobody can say."""
    fresh = state.beat_at is not None and now - state.beat_at < STALE_S
    return state.view.waiting.get(service, 0) if fresh and state.view is not None else None


def wait(state: State, service: str, now: float) -> m.Wait | None:
    """How long a walk-in for `service` waits; None when nobody can say, or for a visitor with priority."""
    if state.view is None or waiting(state, service, now) is None or state.visit.priority is not None:
        return None
    return state.view.waits.get(service)


def closed(state: State, service: str) -> bool:
    """Whether no ticket is given for `service` now."""
    return state.view is not None and service in state.view.closed_services


def checks_in(state: State) -> bool:
    """Whether this hall's kiosks change the code of a booking for a ticket."""
    return state.hall is not None and bool(state.hall.rule("booking.code_becomes_ticket"))


def warn_s() -> float:
    """How long the visitor is asked whether he is still there."""
    return float(_times().warn_before_s)


def _cover(state: State) -> tuple[object, ...]:
    return state.screen, state.page, state.still_here, state.person


def _step(state: State, occurrence: Occurrence, now: float) -> Result:  # noqa: C901 - one case for each occurrence
    match occurrence:
        case Touch():
            return _touch(state, occurrence, now)
        case Tick():
            return _tick(state, now)
        case Configured(hall):
            return _configured(state, hall), ()
        case Viewed(view):
            return replace(state, view=view), ()
        case Beat(beat, live):
            heard = None if beat.lost else now if live else state.beat_at
            return replace(state, beat=beat, beat_at=heard), ()
        case Linked(up):
            return replace(state, link_up=up, link_at=now), ()
        case Identify(identity, seconds):
            return replace(state, identity=identity, identity_until=now + seconds), ()
        case Quiet(key):
            return _quiet(state, key), ()
        case Answered():
            return _answered(state, occurrence, now)
        case PaperSaid(fault, where):
            return _paper_said(state, fault, where, now)
        case Printed(job, fate):
            return _printed(state, job, fate, now)
        case MouthSaid(waiting):
            return replace(state, mouth=waiting), ()
        case CardsSaid(ready, swipe):
            return replace(state, cards=ready, swipe=ready and swipe), ()
        case CardSwiped():
            return _swiped(state, occurrence, now)
        case CardStep() | CardRead() | CardFailed():
            return _card_said(state, occurrence, now), _find_by_card(state, occurrence)
        case Resumed():
            return _resumed(state, occurrence, now)
        case _:
            assert_never(occurrence)


def _configured(state: State, hall: Hall) -> State:
    if hall == state.hall:
        return replace(state, staged=None)
    return _applied(replace(state, staged=hall)) if state.screen is Screen.ATTRACT else replace(state, staged=hall)


def _applied(state: State) -> State:
    hall = state.staged or state.hall
    lang = hall.default_language if hall else state.lang
    return replace(state, hall=hall, staged=None, lang=lang)


def mouth_lit(state: State) -> bool:
    """Whether the lamp at the printer's mouth shines: a paper comes, is to be taken, or hangs out; not for a neighbour's printer."""
    coming = state.screen is Screen.WORKING and state.visit.issued is not None
    own = state.visit.paper and not state.visit.where
    return state.mouth or (own and (coming or state.screen is Screen.TAKE))


# --- time --------------------------------------------------------------------------------------------------------------


def _tick(state: State, now: float) -> Result:
    if state.identity and now >= state.identity_until:
        state = replace(state, identity="")
    idle = now - state.touched_at
    if state.person:
        return _person_gone(state, now) if idle >= PERSON_S else (state, ())
    if state.still_here:
        return _attract(state) if now - state.shown_at >= warn_s() else (state, ())
    if state.screen is Screen.WORKING:
        return _overdue(state, now)
    if state.screen is Screen.FINDING:
        return state, ()  # the question ends by itself
    if state.screen is Screen.CARD:
        return _attract(state) if now - state.shown_at >= CARD_S else (state, ())
    if state.screen is Screen.TAKE:
        limit = MOUTH_S if state.mouth else _times().take_ticket_s
        return _attract(state) if now - state.shown_at >= limit else (state, ())
    if idle < (state.grace_s or _times().kiosk_idle_s):
        return state, ()
    if state.screen is Screen.ATTRACT or state.extended >= _times().extend_max:
        return _attract(state)
    return replace(state, still_here=True), ()


def _overdue(state: State, now: float) -> Result:
    visit = state.visit
    if visit.ask is not None:
        return state, ()
    if visit.issued is None or visit.fate is Fate.VOIDED:
        return state, (LookAtPaper(),)  # it was settling when last looked at
    limit = UNKNOWN_S if visit.fate is Fate.UNKNOWN else PRINT_S
    return _replace(state, paper=False) if now - visit.fate_at >= limit else (state, ())


def _attract(state: State) -> Result:
    """The end of a visit: nothing of it stays, and a staged hall document comes into force."""
    ended: tuple[Effect, ...] = (Ended(state.visit.id),) if state.visit.id else ()
    if state.cards and state.screen is not Screen.ATTRACT:
        ended = (*ended, ForgetCard())
    fresh = replace(
        state, screen=Screen.ATTRACT, after=Screen.GROUPS, contrast=False, low=False, page=0, still_here=False,
        person=False, extended=0, grace_s=0.0, visit=Visit(),
    )  # fmt: skip
    return _applied(fresh), ended


def _person_gone(state: State, now: float) -> Result:
    return replace(state, person=False, touched_at=now), (Person(wanted=False),)


# --- touches -----------------------------------------------------------------------------------------------------------


def _touch(state: State, touch: Touch, now: float) -> Result:
    if now - state.shown_at < SETTLE_S:
        return state, ()
    state = replace(state, touched_at=now, grace_s=0.0)
    verb, _, name = touch.key.partition(":")
    if state.person:
        return _person_gone(state, now) if verb == "close" else (state, ())
    if state.still_here:
        return _still_here(state, verb)
    if tool := _TOOLS.get(verb):
        return tool(state)
    if verb == "take" and state.screen in (Screen.CONFIRM, Screen.FOUND):
        return _take(state, touch.token, now)
    if verb in ("next", "again") and (ask := _ASKS.get((state.screen, verb))):
        return ask(state, touch.token)
    if verb in _BEGINS and state.screen is Screen.ATTRACT:
        first, when = _BEGINS[verb]
        return (_begin(state, first) if standing(state, now) in when else state), ()
    handler = _TOUCHES.get((state.screen, verb))
    return handler(state, name) if handler else (state, ())


def _still_here(state: State, verb: str) -> Result:
    if verb == "more_time":
        return replace(state, still_here=False, extended=state.extended + 1, grace_s=MORE_TIME_S), ()
    return _attract(state) if verb == "finish" else (state, ())


def _begin(state: State, first: Screen) -> State:
    several = state.hall is not None and len(state.hall.languages) > 1
    state = replace(state, screen=Screen.LANGUAGE if several else first, after=first)
    return state if several else _ask_how(state)


def _ask_how(state: State) -> State:
    """An empty code pad is not shown first where a card can be read."""
    first = state.screen is Screen.CODE and state.visit == Visit() and state.cards
    return replace(state, screen=Screen.HOW) if first else state


def _choose_language(state: State) -> Result:
    if state.screen in (Screen.LANGUAGE, Screen.WORKING, Screen.FINDING, Screen.CARD) or state.hall is None:
        return state, ()
    return replace(state, after=state.screen, screen=Screen.LANGUAGE), ()


def _call_person(state: State) -> Result:
    return replace(state, person=True), (Person(wanted=True),)


def _language(state: State, name: str) -> Result:
    if state.hall is None or name not in state.hall.languages:
        return state, ()
    return _ask_how(replace(state, lang=name, screen=state.after)), ()


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
            return _call_person(state)
        case _:
            assert_never(reply.then)


def _page(state: State, name: str) -> Result:
    return replace(state, page=int(name)) if name.isdecimal() else state, ()


def _back(state: State, _name: str) -> Result:
    if state.screen is Screen.LANGUAGE:
        leaving = state.visit == Visit() and state.after in (Screen.GROUPS, Screen.CODE)
        return _attract(state) if leaving or state.after is Screen.ATTRACT else (replace(state, screen=state.after), ())
    screen = _BACK[state.screen]
    if state.screen is Screen.CODE and state.cards:
        screen = Screen.HOW
    if state.screen is Screen.CARD:
        return replace(state, screen=screen, visit=Visit()), (ForgetCard(),)
    if screen in (Screen.HOW, Screen.CONSENT):
        state = replace(state, visit=Visit())
    if (state.screen, state.visit.by_card) == (Screen.FOUND, True):
        return replace(state, screen=Screen.HOW, visit=Visit()), ()
    if screen is Screen.CONFIRM and state.visit.booked is not None:
        screen = Screen.FOUND
    return _attract(state) if screen is Screen.ATTRACT else (replace(state, screen=screen, page=0), ())


def _priority(state: State, name: str) -> Result:
    if state.visit.priority is not None and not name:
        return replace(state, visit=replace(state.visit, priority=None)), ()
    return replace(state, screen=Screen.PRIORITY), ()


def _priority_is(state: State, name: str) -> Result:
    known = state.hall is not None and name in state.hall.priority_by_id
    visit = replace(state.visit, priority=name if known else None)
    return replace(state, screen=Screen.CONFIRM, visit=visit), ()


def _digit(state: State, name: str) -> Result:
    code = state.visit.code + name
    fits = len(code) <= CODE_DIGITS and name.isdecimal() and name.isascii() and len(name) == 1
    return (replace(state, visit=replace(state.visit, code=code)) if fits else state), ()


def _erase(state: State, _name: str) -> Result:
    return replace(state, visit=replace(state.visit, code=state.visit.code[:-1])), ()


def _card_digit(state: State, name: str) -> Result:
    return _typed(state, *card.added(state.visit, name)), ()


def _card_erase(state: State, _name: str) -> Result:
    return _typed(state, *card.erased(state.visit)), ()


def _typed(state: State, *typed: str) -> State:
    return replace(state, visit=replace(state.visit, typed=typed))


def _by_zone(state: State, _name: str) -> Result:
    """The card has no number for opening it: three fields of its zone do."""
    return replace(state, visit=Visit(fields=ZONE)), ()


def _card_next(state: State, token: str) -> Result:
    visit = state.visit
    if not card.complete(visit):
        return state, ()
    return _read_card(state, token) if len(visit.typed) == len(visit.fields) else (_typed(state, *visit.typed, ""), ())


def _read_card(state: State, token: str) -> Result:
    visit = Visit(fields=state.visit.fields, typed=state.visit.typed, card=token, by_card=True)
    return replace(state, screen=Screen.CARD, visit=visit), (ReadCard(token, visit.typed),)


def _swiped(state: State, swiped: CardSwiped, now: float) -> Result:
    """In place of typing; before the visitor has agreed, and when a read goes on, it is nobody's."""
    if state.screen is not Screen.DIGITS:
        return state, ()
    state = replace(state, touched_at=now, visit=Visit(fields=ZONE, typed=swiped.typed or ("",)))
    if not swiped.typed:
        return replace(state, screen=Screen.NO_CARD, visit=replace(state.visit, failed="bad_key", by_card=True)), ()
    return _read_card(state, swiped.token)


def _retry_card(state: State, token: str) -> Result:
    """By the same digits, where these were not the trouble."""
    if state.visit.failed in RETYPE:
        return replace(state, screen=Screen.DIGITS, visit=Visit(fields=state.visit.fields)), ()
    return _read_card(state, token)


def _card_said(state: State, said: CardStep | CardRead | CardFailed, now: float) -> State:
    if state.screen is not Screen.CARD or state.visit.card != said.key:
        return state
    match said:
        case CardStep(_, step, done):
            return replace(state, visit=replace(state.visit, step=step, done=done))
        case CardRead(key):
            return replace(state, screen=Screen.FINDING, visit=Visit(by_card=True, finding=key))
        case CardFailed(_, code):
            visit = replace(state.visit, card="", step="", failed=code)
            return replace(state, screen=Screen.NO_CARD, touched_at=now, visit=visit)
        case _:
            assert_never(said)


def _find_by_card(state: State, said: CardStep | CardRead | CardFailed) -> tuple[Effect, ...]:
    if not isinstance(said, CardRead) or state.screen is not Screen.CARD or state.visit.card != said.key:
        return ()
    return (Find(said.key, "", said.persons),)


def _find(state: State, token: str) -> Result:
    code = state.visit.code
    if len(code) != CODE_DIGITS:
        return state, ()
    return replace(state, screen=Screen.FINDING, visit=Visit(code=code, finding=token)), (Find(token, code),)


def _code_again(state: State, _name: str) -> Result:
    return replace(state, screen=Screen.HOW if state.visit.by_card else Screen.CODE, visit=Visit()), ()


def _ordinary(state: State, _name: str) -> Result:
    """The visitor with no booking takes a ticket like everybody."""
    return replace(state, screen=Screen.GROUPS, after=Screen.GROUPS, page=0, visit=Visit()), ()


def _take(state: State, token: str, now: float) -> Result:
    visit = replace(state.visit, id=state.visit.id or token, fault="", fate_at=now)
    return replace(state, screen=Screen.WORKING, visit=visit), (LookAtPaper(),)


def _paperless(state: State, _name: str) -> Result:
    return _issue(state, paper=False)


def _again(state: State, _name: str) -> Result:
    """Once more by the same id: whatever the hall did the first time stays done once."""
    if state.visit.ask is None:
        return state, ()
    working = replace(state, screen=Screen.WORKING, visit=replace(state.visit, silent=False))
    return working, (_asked(working),)


def _how(state: State, name: str) -> Result:
    if name == "card":
        return replace(state, screen=Screen.CONSENT, visit=Visit()), ()
    return replace(state, screen=Screen.CODE, visit=Visit()), ()


def _leave(state: State, _name: str) -> Result:
    return _attract(state)


_BEGINS = {
    "start": (Screen.GROUPS, {Standing.READY}),
    "booking": (Screen.CODE, {Standing.READY, Standing.LAST_TICKETS}),
}
"""What a touch of the attract screen leads to, and when."""
_ASKS: Mapping[tuple[Screen, str], Callable[[State, str], Result]] = {
    (Screen.CODE, "next"): _find,
    (Screen.DIGITS, "next"): _card_next,
    (Screen.NO_CARD, "again"): _retry_card,
}
"""Touches that begin a question, which has the touch's token for its id."""
_TOOLS: dict[str, Callable[[State], Result]] = {
    "language": _choose_language,
    "contrast": lambda state: (replace(state, contrast=not state.contrast), ()),
    "lower": lambda state: (replace(state, low=not state.low, page=0), ()),
    "person": _call_person,
}
_TOUCHES: Mapping[tuple[Screen, str], Callable[[State, str], Result]] = {
    (Screen.LANGUAGE, "lang"): _language,
    (Screen.GROUPS, "group"): _group,
    (Screen.GROUPS, "page"): _page,
    (Screen.SERVICES, "service"): _service,
    (Screen.SERVICES, "page"): _page,
    (Screen.QUESTION, "reply"): _reply,
    (Screen.ELSEWHERE, "done"): _leave,
    (Screen.NOTICE, "ticket"): lambda state, _name: (replace(state, screen=Screen.CONFIRM), ()),
    (Screen.CONFIRM, "priority"): _priority,
    (Screen.HOW, "by"): _how,
    (Screen.CONSENT, "by"): _how,
    (Screen.CONSENT, "agree"): lambda state, _name: (replace(state, screen=Screen.DIGITS), ()),
    (Screen.DIGITS, "digit"): _card_digit,
    (Screen.DIGITS, "erase"): _card_erase,
    (Screen.DIGITS, "zone"): _by_zone,
    (Screen.NO_CARD, "by"): _how,
    (Screen.NO_CARD, "ordinary"): _ordinary,
    (Screen.CODE, "digit"): _digit,
    (Screen.CODE, "erase"): _erase,
    (Screen.NO_BOOKING, "again"): _code_again,
    (Screen.NO_BOOKING, "ordinary"): _ordinary,
    (Screen.PRIORITY, "priority"): _priority_is,
    (Screen.PRIORITY, "page"): _page,
    (Screen.NO_PAPER, "paperless"): _paperless,
    (Screen.NO_PAPER, "other_kiosk"): _leave,
    (Screen.TAKE, "done"): _leave,
    (Screen.NUMBER, "done"): _leave,
    (Screen.ERROR, "again"): _again,
    (Screen.ERROR, "done"): _leave,
} | {(screen, "back"): _back for screen in (Screen.LANGUAGE, *_BACK)}


# --- asking ------------------------------------------------------------------------------------------------------------


def _issue(state: State, *, paper: bool) -> Result:
    visit = state.visit
    command: Asked
    if visit.booked is not None:
        command = m.BookingCheckIn(id=visit.id, code=visit.booked.code, lang=state.lang, paper=paper)
    else:
        command = m.TicketIssue(
            id=visit.id, service=visit.service, priority_group=visit.priority, lang=state.lang, paper=paper
        )
    return _open(state, command, paper=paper)


def _replace(state: State, *, paper: bool) -> Result:
    """The paper cannot be trusted: the label dies, a new one keeps the place."""
    visit = state.visit
    assert visit.issued is not None
    paper = paper and visit.asked < REPLACE_MAX
    command = m.TicketVoid(id=f"{visit.id}.{visit.asked}", ticket=visit.issued.ticket, paper=paper)
    return _open(replace(state, visit=replace(visit, old=visit.issued.label)), command, paper=paper)


def _open(state: State, command: Asked, *, paper: bool) -> Result:
    visit = replace(state.visit, ask=command, asked=state.visit.asked + 1, paper=paper, silent=False, fate=None)
    state = replace(state, screen=Screen.WORKING, visit=visit)
    return state, (_asked(state),)


def _asked(state: State) -> Ask:
    visit = state.visit
    assert visit.ask is not None
    return Ask(visit.id, visit.ask, state.lang, visit.service, visit.old)


def _quiet(state: State, key: str) -> State:
    open_ = state.visit.finding or (state.visit.ask.id if state.visit.ask is not None else "")
    if open_ != key:
        return state
    return replace(state, visit=replace(state.visit, silent=True))


def _answered(state: State, occurrence: Answered, now: float) -> Result:
    if state.screen is Screen.FINDING and state.visit.finding == occurrence.key:
        return _told(state, occurrence.answer, now), ()
    ask = state.visit.ask
    if ask is None or ask.id != occurrence.key or state.screen is not Screen.WORKING:
        return state, ()
    match occurrence.answer:
        case m.Issued() as issued:
            return _issued(state, issued, now)
        case m.Refused(code=code, facts=facts) if isinstance(ask, m.BookingCheckIn):
            visit = replace(state.visit, ask=None, code=ask.code, refusal=code, facts=facts)
            return replace(state, screen=Screen.NO_BOOKING, touched_at=now, visit=visit), (Ended(visit.id),)
        case m.Refused(code=code) if isinstance(ask, m.TicketIssue):
            visit = replace(state.visit, ask=None, refusal=code)
            return replace(state, screen=Screen.ERROR, touched_at=now, visit=visit), (Ended(visit.id),)
        case m.Refused() if state.visit.issued is not None:
            # the ticket is past waiting: its label lives, whatever became of the paper
            return _show_number(replace(state, visit=replace(state.visit, old="")), now)
        case _:  # no answer, or one to another question
            return replace(state, screen=Screen.ERROR, touched_at=now), ()


def _told(state: State, answer: m.AnyReply | None, now: float) -> State:
    """What the hall says the code stands for."""
    visit = replace(state.visit, finding="", silent=False)
    state = replace(state, touched_at=now)
    match answer:
        case m.Booked() as booked if state.hall is not None and booked.service in state.hall.service_by_id:
            return replace(state, screen=Screen.FOUND, visit=replace(visit, booked=booked, service=booked.service))
        case m.Refused(code=code, facts=facts):
            return replace(state, screen=Screen.NO_BOOKING, visit=replace(visit, refusal=code, facts=facts))
        case _:
            return replace(state, screen=Screen.NO_BOOKING, visit=visit)


def _issued(state: State, issued: m.Issued, now: float) -> Result:
    visit = replace(state.visit, issued=issued, ask=None, silent=False, fate_at=now)
    state = replace(state, visit=visit, touched_at=now)
    return (state, (Print(visit.id, issued, visit.old, visit.where),)) if visit.paper else _show_number(state, now)


def _show_number(state: State, now: float) -> Result:
    visit = replace(state.visit, ask=None)
    return replace(state, screen=Screen.NUMBER, touched_at=now, visit=visit), (Ended(visit.id),)


# --- paper -------------------------------------------------------------------------------------------------------------


def _paper_said(state: State, fault: str, where: str, now: float) -> Result:
    visit = replace(state.visit, where=where)
    if state.screen is not Screen.WORKING or visit.ask is not None:
        return state, ()
    state = replace(state, visit=visit)
    if fault in SETTLING and now - visit.fate_at < UNKNOWN_S:
        return state, ()
    if visit.issued is not None:
        return _replace(state, paper=not fault) if visit.fate is Fate.VOIDED else (state, ())
    if fault:
        return replace(state, screen=Screen.NO_PAPER, visit=replace(visit, fault=fault)), ()
    return _issue(state, paper=True)


def _printed(state: State, job: str, fate: Fate, now: float) -> Result:
    visit = state.visit
    if state.screen is not Screen.WORKING or visit.ask is not None or visit.issued is None or visit.issued.re != job:
        return state, ()
    state = replace(state, visit=replace(state.visit, fate=fate, fate_at=now))
    match fate:
        case Fate.CONFIRMED | Fate.UNPROVED:
            return replace(state, screen=Screen.TAKE, touched_at=now), (Ended(state.visit.id),)
        case Fate.VOIDED:
            return state, (LookAtPaper(),)
        case Fate.SENT | Fate.UNKNOWN:
            return state, ()
        case _:
            assert_never(fate)


def _resumed(state: State, found: Resumed, now: float) -> Result:
    asked = int(found.ask.id.rpartition(".")[2]) + 1 if isinstance(found.ask, m.TicketVoid) else 1
    visit = Visit(
        service=found.service, paper=found.ask.paper, id=found.visit, ask=found.ask, asked=asked, old=found.old
    )  # fmt: skip
    state = replace(state, screen=Screen.WORKING, lang=found.lang, touched_at=now, visit=visit)
    return state, (_asked(state),)


@lru_cache
def _times() -> tokens.Time:
    return tokens.time()

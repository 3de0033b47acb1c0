"""What a visitor came for, up to the sum: who he is, what the registers know, what the form asks. Pure."""

from __future__ import annotations

from dataclasses import replace

from contract.hall_part import FormField, SelfService, Service
from contract.register import Dues, Household, Person
from glass import card
from glass.card import RETYPE, ZONE
from glass.occurrence import CardFailed, CardStep, CardSwiped
from terminal import forms, sale
from terminal.state import (
    Answer,
    AskDue,
    AskDues,
    AskHousehold,
    AskPerson,
    Fate,
    Identified,
    ReadCard,
    Reprint,
    Screen,
    State,
    Suggest,
    Suggested,
    Task,
    Told,
    Untold,
    Visit,
)
from terminal.visit import Result, form, home, service, with_visit

CODE_SIGNS = (4, 20)
"""How many signs a code on a demand or a receipt has, at least and at most."""
NOTHING_DUE = "nothing_due"
"""The registers know the person, and he owes nothing."""


def offered(state: State) -> tuple[Service, ...]:
    """The services that terminals give without an operator, group by group."""
    if state.hall is None:
        return ()
    order = [group.id for group in state.hall.service_groups]
    alone = (each for each in state.hall.services if each.self_service is not None)
    return tuple(sorted(alone, key=lambda each: order.index(each.group)))


def blocked(state: State, wanted: Service) -> str:
    """Why a service cannot be had here now, as the key of a text; "" when it can."""
    alone = wanted.self_service
    assert alone is not None
    if not state.ways.paper and alone.paper != "receipt":
        return "terminal.no_paper"
    if alone.identify == "card" and not state.cards:
        return "error.reader_missing"
    fee = sale.fee(wanted, state) if alone.pays == "fee" else None
    if fee is not None and not sale.offered(state, fee):
        return "terminal.no_way_to_pay"
    return ""


# --- the menu ----------------------------------------------------------------------------------------------------------


def chosen(state: State, name: str, token: str, now: float) -> Result:
    """A service of the menu."""
    wanted = next((each for each in offered(state) if each.id == name), None)
    if wanted is None or blocked(state, wanted):
        return state, ()
    state = replace(state, visit=Visit(id=token, task=Task.SERVICE, group=wanted.group, service=name), page=0)
    if _alone(state).identify == "card":
        return replace(state, screen=Screen.CONSENT), ()
    return _known(state, token, now)


def dues(state: State, token: str) -> Result:
    """What do I owe?"""
    visit = Visit(id=token, task=Task.DUES)
    return replace(state, screen=Screen.HOW if state.cards else Screen.CODE, page=0, visit=visit), ()


def reprint(state: State, token: str) -> Result:
    """A receipt that did not come out, or is wanted again."""
    return replace(state, screen=Screen.CODE, page=0, visit=Visit(id=token, task=Task.REPRINT)), ()


def how(state: State, name: str) -> Result:
    """By card or by the code on the demand."""
    visit = Visit(id=state.visit.id, task=Task.DUES)
    if name == "card":
        return (replace(state, screen=Screen.CONSENT, visit=visit) if state.cards else state), ()
    return (replace(state, screen=Screen.CODE, visit=visit) if state.visit.task is Task.DUES else state), ()


# --- a code ------------------------------------------------------------------------------------------------------------


def sign(state: State, name: str) -> Result:
    """One more sign of the code."""
    fits = len(name) == 1 and name.isascii() and name.isalnum() and len(state.visit.code) < CODE_SIGNS[1]
    return (with_visit(state, code=state.visit.code + name) if fits else state), ()


def complete(visit: Visit) -> bool:
    """Whether the code can be asked for."""
    return len(visit.code) >= CODE_SIGNS[0]


def ask_code(state: State, token: str, now: float) -> Result:
    """What does it stand for?"""
    if not complete(state.visit):
        return state, ()
    if state.visit.task is Task.REPRINT:
        papers = {token: ("receipt", Fate.SENT)}
        state = replace(with_visit(state, papers=papers, asking=token), screen=Screen.WORKING, moved_at=now)
        return state, (Reprint(token, state.visit.code),)
    return _ask(state, AskDue(token, state.visit.code), now)


# --- the card ----------------------------------------------------------------------------------------------------------


def read(state: State, token: str) -> Result:
    """The typed field is complete: the next one, or the card."""
    visit = state.visit
    if not card.complete(visit):
        return state, ()
    if len(visit.typed) < len(visit.fields):
        return with_visit(state, typed=(*visit.typed, "")), ()
    return _read(state, token)


def read_again(state: State, token: str) -> Result:
    """By the same digits, where these were not the trouble."""
    if state.visit.failed in RETYPE:
        return replace(with_visit(state, typed=("",), failed=""), screen=Screen.DIGITS), ()
    return _read(state, token) if state.visit.failed not in card.FINAL else (state, ())


def swiped(state: State, swipe: CardSwiped, now: float) -> Result:
    """In place of typing; before the visitor has agreed, and when a read goes on, it is nobody's."""
    if state.screen is not Screen.DIGITS:
        return state, ()
    state = replace(with_visit(state, fields=ZONE, typed=swipe.typed or ("",)), touched_at=now)
    if not swipe.typed:
        return replace(with_visit(state, failed="bad_key"), screen=Screen.NO_CARD), ()
    return _read(state, swipe.token)


def card_said(state: State, said: CardStep | CardFailed | Identified, now: float) -> Result:
    """How the read goes on, and what it gave."""
    if state.screen is not Screen.CARD or state.visit.card != said.key:
        return state, ()
    match said:
        case CardStep(_, step, done):
            return with_visit(state, step=step, done=done), ()
        case CardFailed(_, code):
            state = with_visit(state, card="", step="", failed=code)
            return replace(state, screen=Screen.NO_CARD, touched_at=now), ()
        case Identified(key, fields):
            state = with_visit(state, card="", step="", typed=("",), of_card=dict(fields))
            return _known(replace(state, touched_at=now), f"{key}.ask", now)


def _read(state: State, token: str) -> Result:
    state = with_visit(state, card=token, step="", done=0.0, failed="")
    asked = form(state)
    wanted = (
        frozenset(field.card for field in asked.fields if field.card is not None) if asked is not None else frozenset()
    )
    return replace(state, screen=Screen.CARD), (ReadCard(token, state.visit.typed, wanted),)


# --- the registers -----------------------------------------------------------------------------------------------------


def _known(state: State, key: str, now: float) -> Result:
    """It is known who wants it, as far as it must be."""
    if state.visit.task is Task.DUES:
        return _ask(state, AskDues(key), now)
    match _alone(state).asks:
        case "person":
            return _ask(state, AskPerson(key), now)
        case "household":
            return _ask(state, AskHousehold(key), now)
        case "nothing":
            return _form(state, now)


def ask_again(state: State, token: str, now: float) -> Result:
    """Perhaps somebody answers now."""
    if state.visit.fault == NOTHING_DUE:
        return state, ()
    if state.visit.code:
        return ask_code(state, token, now)
    return _known(state, token, now)


def told(state: State, said: Told, now: float) -> Result:
    """The registers' answer."""
    if state.screen is not Screen.ASKING or state.visit.asking != said.key:
        return state, ()
    state = replace(with_visit(state, asking="", fault=""), touched_at=now)
    match said.about:
        case Dues(dues=()):
            return _untold(state, NOTHING_DUE), ()
        case Dues() as owed if state.visit.task is Task.DUES:
            return replace(with_visit(state, dues=owed), screen=Screen.DUES, page=0), ()
        case Person() as person if _asks(state) == "person":
            return _form(with_visit(state, person=person), now)
        case Household() as household if _asks(state) == "household":
            return _form(with_visit(state, household=household), now)
        case _:
            return _untold(state, "bad_answer"), ()


def untold(state: State, said: Untold, now: float) -> Result:
    """No answer, and why; also of a receipt that was not paid here."""
    if state.visit.asking != said.key or state.screen not in (Screen.ASKING, Screen.WORKING):
        return state, ()
    state = replace(with_visit(state, asking="", papers={}), touched_at=now)
    return _untold(state, said.fault), ()


def _untold(state: State, fault: str) -> State:
    return replace(with_visit(state, fault=fault), screen=Screen.NO_ANSWER)


def _ask(state: State, question: AskPerson | AskHousehold | AskDues | AskDue, now: float) -> Result:
    asking = with_visit(state, asking=question.key, fault="")
    return replace(asking, screen=Screen.ASKING, moved_at=now), (question,)


def _asks(state: State) -> str:
    return _alone(state).asks if state.visit.task is Task.SERVICE else ""


def due(state: State, name: str, now: float) -> Result:
    """One of what is owed was chosen."""
    owed = state.visit.dues.dues if state.visit.dues is not None else ()
    found = next((each for each in owed if each.id == name), None)
    return (state, ()) if found is None else sale.total(with_visit(state, due=found), now)


# --- the form ----------------------------------------------------------------------------------------------------------


def asked_field(state: State) -> FormField | None:
    """The question that is shown; None: no form is open."""
    asked = form(state)
    return asked.fields[state.visit.index] if asked is not None and state.visit.index < len(asked.fields) else None


def _form(state: State, now: float) -> Result:
    asked = form(state)
    if asked is not None and not state.visit.answers:
        state = with_visit(state, answers=forms.of_card(asked, state.visit.of_card))
    return _next(state, now)


def _next(state: State, now: float) -> Result:
    asked = form(state)
    index = forms.question(asked, state.visit.answers) if asked is not None else None
    if index is not None:
        state = with_visit(state, index=index, text="", signs=False, suggesting="", suggestions=())
        return replace(state, screen=Screen.FORM, page=0), ()
    if asked is None and state.visit.person is None and state.visit.household is None:
        return sale.total(state, now)
    return replace(state, screen=Screen.CHECK, page=0), ()


def letter(state: State, name: str, token: str) -> Result:
    """One more sign of the answer, and what it may mean."""
    field = asked_field(state)
    if field is None:
        return state, ()
    return _text(state, field, forms.typed(field, state.visit.text, " " if name == "space" else name), token)


def erase(state: State, token: str) -> Result:
    """One sign less."""
    field = asked_field(state)
    return (state, ()) if field is None else _text(state, field, state.visit.text[:-1], token)


def _text(state: State, field: FormField, text: str, token: str) -> Result:
    if text == state.visit.text:
        return state, ()
    state = with_visit(state, text=text, suggesting="", suggestions=())
    above = forms.under(field, state.visit.answers)
    if field.directory is None or above is None or not text.strip():
        return state, ()
    effect = Suggest(token, field.directory, above, text.strip(), state.lang)
    return with_visit(state, suggesting=token), (effect,)


def suggested(state: State, said: Suggested) -> State:
    """What fits; of an older text it fits no more."""
    if state.screen is not Screen.FORM or not said.key or state.visit.suggesting != said.key:
        return state
    return with_visit(state, suggesting="", suggestions=said.entries[: forms.SUGGESTIONS])


def pick(state: State, name: str, now: float) -> Result:
    """A suggestion was chosen."""
    found = next((entry for entry in state.visit.suggestions if entry.id == name), None)
    return (state, ()) if found is None else _answer(state, forms.picked(found, state.lang), now)


def choose(state: State, name: str, now: float) -> Result:
    """A choice was chosen."""
    field = asked_field(state)
    answer = forms.chosen(field, name, state.lang) if field is not None and field.kind == "choice" else None
    return (state, ()) if answer is None else _answer(state, answer, now)


def enter(state: State, now: float) -> Result:
    """What is typed is the answer; where it is an entry's name to the letter, that entry."""
    field = asked_field(state)
    answer = forms.answered(field, state.visit.text) if field is not None else None
    if answer is None:
        return state, ()
    found = next((entry for entry in state.visit.suggestions if forms.fits(entry, state.visit.text)), None)
    return _answer(state, forms.picked(found, state.lang) if found is not None else answer, now)


def skip(state: State, now: float) -> Result:
    """An optional field is left out."""
    field = asked_field(state)
    return (state, ()) if field is None or field.required else _answer(state, Answer(""), now)


def correct(state: State, name: str) -> Result:
    """One answer is wrong: it is asked again, with all that stands under it."""
    asked = form(state)
    index = next((n for n, field in enumerate(asked.fields) if field.id == name), None) if asked is not None else None
    if asked is None or index is None:
        return state, ()
    text = forms.retyped(asked.fields[index], state.visit.answers.get(name))
    answers = forms.without(asked, state.visit.answers, name)
    state = with_visit(state, answers=answers, index=index, text=text, signs=False, suggesting="", suggestions=())
    return replace(state, screen=Screen.FORM, page=0), ()


def back(state: State) -> Result:
    """To the question before; before the first one to the menu, with nothing of the visit."""
    asked = form(state)
    if asked is None:
        return home(state)
    last = len(asked.fields) if state.screen is Screen.CHECK else state.visit.index
    before = [field.id for field in asked.fields[:last] if field.id in state.visit.answers]
    return correct(state, before[-1]) if before else home(state)


def _answer(state: State, answer: Answer, now: float) -> Result:
    field = asked_field(state)
    assert field is not None
    return _next(with_visit(state, answers={**state.visit.answers, field.id: answer}), now)


def _alone(state: State) -> SelfService:
    wanted = service(state)
    assert wanted is not None
    assert wanted.self_service is not None
    return wanted.self_service

"""The paper: looked at before a number is used, and what its fate means for the ticket. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.state import Ended, Fate, LookAtPaper, Screen, State
from kiosk.ticket import issue, renew
from kiosk.visit import Result

UNKNOWN_S = 8.0
"""A visitor does not wait longer to learn whether the paper came: then the label is replaced."""
PRINT_S = 30.0
"""A job without any word from the printer for so long is as good as unknown."""
SETTLING = frozenset({"printer_settling", "printer_lent"})
"""The printer is clearing an earlier paper, or prints for the neighbour: soon over, so it is looked at again."""


def said(state: State, fault: str, where: str, now: float) -> Result:
    """The printer was looked at: with `fault` "" the hall is asked, else the visitor; `where`: see `PaperSaid`."""
    visit = replace(state.visit, where=where)
    if state.screen is not Screen.WORKING or visit.ask is not None:
        return state, ()
    state = replace(state, visit=visit)
    if fault in SETTLING and now - visit.fate_at < UNKNOWN_S:
        return state, ()
    if visit.issued is not None:
        return renew(state, paper=not fault) if visit.fate is Fate.VOIDED else (state, ())
    if fault:
        return replace(state, screen=Screen.NO_PAPER, visit=replace(visit, fault=fault)), ()
    return issue(state, paper=True)


def printed(state: State, job: str, fate: Fate, now: float) -> Result:
    """What became of the paper of this ticket; of another job nothing is heard."""
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


def overdue(state: State, now: float) -> Result:
    """A paper whose fate is not known in time costs its label."""
    visit = state.visit
    if visit.ask is not None:
        return state, ()
    if visit.issued is None or visit.fate is Fate.VOIDED:
        return state, (LookAtPaper(),)  # it was settling when last looked at
    limit = UNKNOWN_S if visit.fate is Fate.UNKNOWN else PRINT_S
    return renew(state, paper=False) if now - visit.fate_at >= limit else (state, ())


def mouth_lit(state: State) -> bool:
    """Whether the lamp at the printer's mouth shines: a paper comes, is to be taken, or hangs out; not for a neighbour's printer."""
    coming = state.screen is Screen.WORKING and state.visit.issued is not None
    own = state.visit.paper and not state.visit.where
    return state.mouth or (own and (coming or state.screen is Screen.TAKE))

"""From the sum to the papers: one order, one way to pay at a time, and no word about money that is ever lost. Pure.

Whatever is heard of a visit's money ends on the papers, on the slip for what lies inside, or on the screen that says that nobody
knows yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from contract.hall_part import Service
from terminal import forms
from terminal.state import (
    Abandon,
    Claimed,
    Credited,
    Doubtful,
    Effect,
    Fate,
    Order,
    Ordered,
    Paid,
    PaperKind,
    PayCard,
    PayCash,
    PayStep,
    Printed,
    PrintPaper,
    Refused,
    Resumed,
    Screen,
    State,
    StopCard,
    StopCash,
    Task,
    Unpaid,
    Values,
    Visit,
    Way,
)
from terminal.visit import Result, form, home, over, service, with_visit

AGAIN_MAX = 2
"""A paper that is surely not printed is tried so often again."""

Money = Ordered | Refused | PayStep | Credited | Paid | Unpaid | Doubtful | Claimed | Resumed


@dataclass(frozen=True, slots=True)
class Sum:
    """What is to be paid. `payee`: of the hall document, "" for none."""

    minor: int
    currency: str
    payee: str = ""


def due(state: State) -> Sum | None:
    """What is to be paid in this visit; None: nothing is."""
    if state.hall is None:
        return None
    if state.visit.due is not None:
        return Sum(state.visit.due.amount_minor, state.visit.due.currency, state.visit.due.payee or "")
    wanted = service(state)
    if wanted is None or wanted.self_service is None or wanted.self_service.pays != "fee":
        return None
    return fee(wanted, state)


def fee(wanted: Service, state: State) -> Sum | None:
    """A service's own fee today; None: it costs nothing, or today is not known."""
    hall, beat = state.hall, state.beat
    minor = hall.fee_minor(wanted, beat.day) if hall is not None and beat is not None else None
    if hall is None or not minor:
        return None
    payee = wanted.self_service.payee if wanted.self_service is not None else None
    return Sum(minor, wanted.fee_currency or hall.currency, payee or "")


def offered(state: State, wanted: Sum) -> frozenset[Way]:
    """The ways to pay that can be used for this sum now."""
    if state.visit.doubt or state.visit.credit_minor or state.hall is None:
        return frozenset()
    ways: set[Way] = set()
    if state.ways.card:
        ways.add("card")
    if state.ways.cash and state.ways.notes and wanted.currency == state.hall.currency:
        ways.add("cash")
    if state.ways.qr and any(payee.id == wanted.payee and payee.qr for payee in state.hall.payees):
        ways.add("qr")
    return frozenset(ways)


def in_notes(minor: int, notes: tuple[int, ...]) -> int:
    """The least that can be paid for `minor` with such notes, as no change is given. Exact where the others are multiples of the least."""
    least = min(notes)
    return -(-minor // least) * least


def total(state: State, now: float) -> Result:
    """Everything is known: the sum, or the papers where nothing is to be paid."""
    if due(state) is None:
        return printed_next(state, now)
    return replace(state, screen=Screen.TOTAL, page=0), ()


def pay(state: State, way: str, token: str, now: float) -> Result:
    """A way was chosen; the first one makes the order."""
    wanted = due(state)
    chosen: Way | None = next((each for each in offered(state, wanted) if each == way), None) if wanted else None
    if wanted is None or chosen is None:
        return state, ()
    state = with_visit(state, way=chosen, unpaid="", ending=False, step="", done=0.0)
    if state.visit.order:
        return _begin(state, now)
    visit = state.visit
    order = Order(
        token, visit.service, visit.due.id if visit.due else "", wanted.minor, wanted.currency, wanted.payee, state.lang
    )
    return replace(with_visit(state, ordering=token), screen=Screen.WORKING, moved_at=now), (order,)


def stop(state: State, now: float) -> Result:
    """The visitor wants to stop paying. With notes inside it is asked once more."""
    if state.screen is Screen.PAY_CARD:
        if state.visit.ending:
            return state, ()
        return with_visit(state, ending=True), (StopCard(state.visit.order),)
    if state.screen is Screen.PAY_CASH and state.visit.credit_minor:
        return replace(state, screen=Screen.STOP_CASH), ()
    return replace(with_visit(state, ending=True), screen=Screen.WORKING, moved_at=now), (StopCash(state.visit.order),)


def resume_cash(state: State) -> Result:
    """The visitor goes on putting notes in."""
    return replace(state, screen=Screen.PAY_CASH), ()


def leave_qr(state: State) -> Result:
    """Another way, or the way back: nothing was begun."""
    return replace(with_visit(state, way=None), screen=Screen.TOTAL), ()


def back(state: State) -> Result:
    """Before the sum: an order that was made for it is given up."""
    visit = state.visit
    effects: tuple[Effect, ...] = (Abandon(visit.order),) if visit.order else ()
    state = with_visit(state, order="", number="", qr="", unpaid="")
    if visit.due is not None:
        return replace(with_visit(state, due=None), screen=Screen.DUES, page=0), effects
    if visit.answers or visit.person is not None or visit.household is not None:
        return replace(state, screen=Screen.CHECK, page=0), effects
    state, wiped = home(state)
    return state, (*effects, *wiped)


def transfer(state: State, now: float) -> Result:
    """The transfer code on paper."""
    return _print(state, {"transfer": _values(state)}, now)


def no_order(state: State, now: float) -> Result:
    """No order came in time; one that comes later is given up."""
    return replace(
        with_visit(state, ordering="", way=None, unpaid="not_performed"), screen=Screen.TOTAL, touched_at=now
    ), ()


def in_doubt(state: State, now: float, *, sure: bool = True) -> Result:
    """Nobody knows; `sure`: it was said so, else nothing was said for too long."""
    doubtful = with_visit(state, doubt=sure or state.visit.doubt, way=None)
    return replace(doubtful, screen=Screen.UNKNOWN, still_here=False, moved_at=now, touched_at=now), ()


def heard(state: State, said: Money, now: float) -> Result:
    """What is said about an order; of another order than this visit's it says nothing here."""
    if isinstance(said, Ordered | Refused):
        return _ordered(state, said, now)
    if isinstance(said, Resumed):
        return _resumed(state, said, now) if state.screen is Screen.ATTRACT else (state, ())
    if not state.visit.order or said.order != state.visit.order:
        return state, ()
    match said:
        case PayStep(_, step, done):
            return with_visit(state, step=step, done=done), ()
        case Credited(_, minor):
            return _credited(state, minor, now)
        case Paid():
            return _paid(state, said, now)
        case Unpaid(_, why):
            return _unpaid(state, why, now)
        case Doubtful():
            return (state, ()) if _settled(state.visit) else in_doubt(state, now)
        case Claimed(_, code, minor):
            return _claimed(state, code, minor, now)
        case _:
            assert_never(said)


def _ordered(state: State, said: Ordered | Refused, now: float) -> Result:
    if state.visit.ordering != said.key or not said.key:
        return state, (Abandon(said.order),) if isinstance(said, Ordered) and said.order != state.visit.order else ()
    if isinstance(said, Refused):
        return no_order(state, now)
    return _begin(with_visit(state, ordering="", order=said.order, qr=said.qr, number=said.code), now)


def _begin(state: State, now: float) -> Result:
    state = replace(state, moved_at=now, touched_at=now)
    order = state.visit.order
    match state.visit.way:
        case "card":
            return replace(state, screen=Screen.PAY_CARD), (PayCard(order),)
        case "cash":
            return replace(state, screen=Screen.PAY_CASH), (PayCash(order),)
        case "qr" if state.visit.qr:
            return replace(state, screen=Screen.PAY_QR), ()
        case "qr" | None:
            return no_order(state, now)
        case never:
            assert_never(never)


def _credited(state: State, minor: int, now: float) -> Result:
    state = replace(state, touched_at=now, moved_at=now, still_here=False)
    state = with_visit(state, credit_minor=max(minor, state.visit.credit_minor))
    if _settled(state.visit) or state.visit.way == "cash":
        return state, ()
    return in_doubt(state, now)  # a note that came when none was to come


def _paid(state: State, paid: Paid, now: float) -> Result:
    visit = state.visit
    if _settled(visit):
        return state, ()
    other = visit.way == "cash" and paid.receipt.method == "card"  # a success that came after the no
    effects: tuple[Effect, ...] = (StopCash(visit.order),) if other and not visit.ending else ()
    way = visit.way if other else None
    state = with_visit(state, receipt=paid.receipt, way=way, ending=other, leaving=False, doubt=False, unpaid="")
    state, printing = printed_next(replace(state, still_here=False, touched_at=now), now)
    return state, (*effects, *printing)


def _unpaid(state: State, why: str, now: float) -> Result:
    visit = state.visit
    waited = visit.way in ("card", "cash") and not visit.ordering
    if _settled(visit):
        ended = with_visit(state, way=None, ending=False)
        return over(ended) if visit.leaving else (ended, ())
    if not waited and state.screen is not Screen.UNKNOWN:
        return state, ()
    state = replace(with_visit(state, way=None, unpaid=why, ending=False), still_here=False, touched_at=now)
    if visit.credit_minor:
        return in_doubt(state, now)
    if visit.leaving:
        return over(state)
    if state.screen is Screen.UNKNOWN:  # at last it is known: nothing was taken, and nothing more is tried
        return replace(with_visit(state, doubt=False), screen=Screen.ERROR), ()
    return replace(state, screen=Screen.TOTAL), ()


def _claimed(state: State, code: str, minor: int, now: float) -> Result:
    if state.visit.claim:
        return state, ()
    state = with_visit(state, claim=code, claim_minor=minor, way=None, ending=False, doubt=False)
    state = replace(state, screen=Screen.CLAIM, still_here=False, touched_at=now)
    values = replace(_values(state), code=code, minor=minor)
    state, effects = _print(state, {"claim": values}, now)
    return replace(state, screen=Screen.CLAIM), effects


def _resumed(state: State, found: Resumed, now: float) -> Result:
    visit = Visit(id=found.order, task=Task.SERVICE, service=found.service, order=found.order, number=found.code)
    return in_doubt(replace(state, lang=found.lang, visit=visit), now, sure=False)


def _settled(visit: Visit) -> bool:
    return visit.receipt is not None or bool(visit.claim)


# --- papers ------------------------------------------------------------------------------------------------------------


def printed_next(state: State, now: float) -> Result:
    """Print what the visit has brought; with nothing to print the visit is done."""
    wanted = service(state)
    layout = wanted.self_service.paper if wanted is not None and wanted.self_service is not None else "receipt"
    papers: dict[PaperKind, Values] = {}
    if layout != "receipt" and state.visit.task is Task.SERVICE and _asked(state):
        papers["certificate"] = replace(_values(state), layout=layout)
    if state.visit.receipt is not None:
        papers["receipt"] = _values(state)
    if not papers:
        return replace(state, screen=Screen.TAKE), ()
    return _print(state, papers, now)


def said_of_paper(state: State, said: Printed, now: float) -> Result:
    """A paper's fate; when all are known the visitor takes them."""
    known = state.visit.papers.get(said.key)
    if known is None:
        return state, ()
    kind, before = known
    if before in (Fate.DONE, Fate.VOID):
        return state, ()
    papers = {**state.visit.papers, said.key: (kind, said.fate)}
    state = replace(with_visit(state, papers=papers), moved_at=now)
    return _taken(state, now) if state.screen is Screen.WORKING else (state, ())


def overdue(state: State, now: float) -> Result:
    """Papers of which nothing was heard for too long may be out, or not."""
    papers = {
        key: (kind, Fate.UNKNOWN if fate is Fate.SENT else fate) for key, (kind, fate) in state.visit.papers.items()
    }
    return _taken(with_visit(state, papers=papers), now)


def again(state: State, now: float) -> Result:
    """Print once more what is surely not on paper."""
    void = failed(state.visit, Fate.VOID)
    if not void or not again_allowed(state):
        return state, ()
    papers: dict[PaperKind, Values] = {}
    for kind in void:
        papers[kind] = replace(_values(state), layout=_layout(state) if kind == "certificate" else "")
    kept = {key: known for key, known in state.visit.papers.items() if known[0] not in void}
    return _print(with_visit(state, papers=kept, tries=state.visit.tries + 1), papers, now)


def again_allowed(state: State) -> bool:
    """Whether a paper that failed may be tried once more."""
    return state.ways.paper and state.visit.tries < AGAIN_MAX and state.visit.task is not Task.REPRINT


def failed(visit: Visit, *fates: Fate) -> list[PaperKind]:
    """The kinds of papers with one of these fates; by default all that may not be out."""
    return [kind for kind, fate in visit.papers.values() if fate in (fates or (Fate.VOID, Fate.UNKNOWN))]


def _taken(state: State, now: float) -> Result:
    fates = {fate for _, fate in state.visit.papers.values()}
    if Fate.SENT in fates:
        return state, ()
    if state.visit.ask is not None or state.visit.issued is not None:
        return replace(state, screen=Screen.NUMBER, touched_at=now), ()
    if state.screen is Screen.CLAIM:
        return state, ()
    return replace(state, screen=Screen.TAKE, touched_at=now), ()


def _print(state: State, papers: Mapping[PaperKind, Values], now: float) -> Result:
    jobs = {f"{state.visit.id}.{kind}.{state.visit.tries}": (kind, values) for kind, values in papers.items()}
    sent: dict[str, tuple[PaperKind, Fate]] = {key: (kind, Fate.SENT) for key, (kind, _) in jobs.items()}
    state = replace(with_visit(state, papers={**state.visit.papers, **sent}), screen=Screen.WORKING, moved_at=now)
    return state, tuple(PrintPaper(key, kind, values) for key, (kind, values) in jobs.items())


def _values(state: State) -> Values:
    visit, wanted = state.visit, due(state)
    return Values(
        lang=state.lang, service=visit.service, due=visit.due, person=visit.person, household=visit.household, answers=visit.answers,
        order=visit.order, amount_minor=wanted.minor if wanted else 0, currency=wanted.currency if wanted else "",
        payee=wanted.payee if wanted else "", receipt=visit.receipt, qr=visit.qr,
    )  # fmt: skip


def _layout(state: State) -> str:
    wanted = service(state)
    return wanted.self_service.paper if wanted is not None and wanted.self_service is not None else ""


def _asked(state: State) -> bool:
    """Whether this visit, and not one before a restart, knows what a certificate needs."""
    wanted = service(state)
    alone = wanted.self_service if wanted is not None else None
    if alone is None:
        return False
    asked = form(state)
    if asked is not None and forms.question(asked, state.visit.answers) is not None:
        return False
    needs = {"nothing": True, "person": state.visit.person is not None, "household": state.visit.household is not None}
    return needs[alone.asks]

"""What terminals tell of money, and what staff want done there. The hall keeps accounts: it never moves money itself. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from contract import messages as m
from contract.words import DECIDED, PaymentState, Refusal, Role
from coordinator.draft import Draft, RefusedError
from coordinator.record import Balance, Cassette, Payment, replace, whole

TillAct = m.PaymentDecide | m.PaymentReverse | m.TillBalance | m.TillClose | m.TillPrint
Present = Callable[[str], bool]
"""Whether a box is connected."""


def told(draft: Draft, fact: m.MoneyFact) -> None:
    """Write down what a terminal told, its moments as hall time, where it is news.

    Another box has no money: what it says of it is passed over.
    """
    if draft.actor.role is not Role.TERMINAL:
        return
    match fact:
        case m.PaymentFact():
            _payment(draft, fact)
        case m.CassetteFact():
            _cassette(draft, fact)
        case m.BalanceFact():
            _balance(draft, fact)
        case _:
            assert_never(fact)


def answer(draft: Draft, command: TillAct, present: Present) -> m.Done:
    """Let staff's wish go to the terminal, and write down whose it was. The terminal tells what came of it."""
    draft.need_role(Role.CONSOLE)
    box = draft.hall.box_by_id.get(command.dev)
    if box is None or box.kind is not Role.TERMINAL:
        raise RefusedError(Refusal.UNKNOWN_DEVICE, f"{command.dev} is not a terminal of this hall")
    match command:
        case m.PaymentDecide():
            _need(draft, command, command.state in DECIDED.get(_asked(draft, command).state, ()))
            said = {"payment": command.payment, "state": command.state.value, "why": command.why}
        case m.PaymentReverse():
            payment = _asked(draft, command)
            _need(draft, command, payment.method == "card" and payment.state is PaymentState.APPROVED)
            said = {"payment": command.payment, "why": command.why}
        case m.TillBalance(cassette=cassette, why=why):
            said = {"cassette": cassette, "why": why} if cassette is not None else {}
            _need_out(draft, command)
        case m.TillClose():
            said = {}
        case m.TillPrint(device=device, batch=batch):
            said = {"device": device, "batch": batch}
        case _:
            assert_never(command)
    if not present(command.dev):
        raise RefusedError(Refusal.DEVICE_AWAY, f"{command.dev} is not connected")
    draft.say(f"till.{_do(command)}_asked", terminal=command.dev, **said)
    return m.Done(id=command.id, re=command.id)


def order(command: TillAct, asking: str) -> m.TillOrder:
    """What the terminal is told of a wish that was granted; `asking`: the console's box. By the same id it is the same order."""
    more: dict[str, object]
    match command:
        case m.PaymentDecide(payment=payment, state=state, why=why):
            more = {"payment": payment, "state": state, "why": why}
        case m.PaymentReverse(payment=payment, why=why):
            more = {"payment": payment, "why": why}
        case m.TillBalance(cassette=cassette, counted=counted, why=why):
            more = {"cassette": cassette, "counted": counted, "why": why}
        case m.TillClose():
            more = {}
        case m.TillPrint(device=device, batch=batch, lang=lang):
            more = {"device": device, "batch": batch, "lang": lang}
        case _:
            assert_never(command)
    who = command.operator or asking
    return m.TillOrder.model_validate({"id": command.id, "do": _do(command), "who": who, **more})


_DO: dict[type[TillAct], str] = {
    m.PaymentDecide: "decide", m.PaymentReverse: "reverse", m.TillBalance: "balance", m.TillPrint: "print",
}  # fmt: skip


def _do(command: TillAct) -> str:
    """The word for it in an order."""
    return command.what if isinstance(command, m.TillClose) else _DO[type(command)]


def _need_out(draft: Draft, command: m.TillBalance) -> None:
    """A cassette is counted when it was taken out, as far as the hall remembers."""
    known = draft.state.account.cassettes.get((command.dev, command.cassette or ""))
    if known is not None and known.collected_at is None:
        raise RefusedError(Refusal.WRONG_STATE, f"cassette {known.id} is in the acceptor: take it out first")


def _asked(draft: Draft, command: m.PaymentDecide | m.PaymentReverse) -> Payment:
    payment = draft.state.account.payments.get((command.dev, command.payment))
    if payment is None:
        raise RefusedError(Refusal.UNKNOWN_PAYMENT, f"{command.dev} told of no such payment that is open or of today")
    return payment


def _need(draft: Draft, command: m.PaymentDecide | m.PaymentReverse, possible: bool) -> None:
    if not possible:
        state = _asked(draft, command).state
        raise RefusedError(Refusal.WRONG_STATE, f"payment {command.payment} is {state}: {command.t} is not possible")


def _payment(draft: Draft, fact: m.PaymentFact) -> None:
    opened_at = whole(fact.opened_at)
    there = draft.hall.local(opened_at)
    payment = Payment(
        dev=draft.actor.dev, id=fact.payment, day=there.date(), hour=there.hour, device=fact.device, order_id=fact.order,
        method=fact.method, state=fact.state, amount_minor=fact.amount_minor, captured_minor=fact.captured_minor,
        currency=fact.currency, opened_at=opened_at, at=draft.now, why=fact.why, service=fact.service, by=fact.by,
    )  # fmt: skip
    known = draft.state.account.payments.get((payment.dev, payment.id))
    if known is None or replace(known, at=payment.at) != payment:
        draft.say(
            f"payment.{fact.state}", payment, payment=payment.id, order=payment.order_id, minor=payment.amount_minor
        )


def _cassette(draft: Draft, fact: m.CassetteFact) -> None:
    cassette = Cassette(
        dev=draft.actor.dev, id=fact.cassette, day=draft.hall.local(draft.now).date(), device=fact.device,
        since=whole(fact.since), notes=tuple(sorted((int(worth), count) for worth, count in fact.notes.items())),
        nobodys=fact.nobodys, doubtful=fact.doubtful, currency=fact.currency, at=draft.now,
        collected_at=draft.now if fact.collected else None,
    )  # fmt: skip
    known = draft.state.account.cassettes.get((cassette.dev, cassette.id))
    if known is None or replace(known, at=cassette.at, day=cassette.day) != cassette:
        kind = "cassette.collected" if fact.collected else "cassette.counted"
        draft.say(kind, cassette, cassette=cassette.id, device=cassette.device)


def _balance(draft: Draft, fact: m.BalanceFact) -> None:
    balance = Balance(
        dev=draft.actor.dev, device=fact.device, day=fact.day, method=fact.method, currency=fact.currency,
        ours_minor=fact.ours_minor, ours_count=fact.ours_count, unknown=fact.unknown, balances=fact.balances, at=draft.now,
        why=fact.why, theirs_minor=fact.theirs_minor, theirs_count=fact.theirs_count, batch=fact.batch or "", state=fact.state,
        by=fact.by, note=fact.note or None,
    )  # fmt: skip
    draft.say(
        "till.balanced",
        balance,
        device=balance.device,
        batch=balance.batch,
        day=str(balance.day),
        balances=balance.balances,
    )

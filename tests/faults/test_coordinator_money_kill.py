"""SIGKILL of the coordinator while a terminal tells of money and staff decide: nothing is lost, nothing stands there twice."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract import messages as m
from contract import topics
from contract.words import DECIDED, PaymentState
from coordinator.service import live_rows
from coordinator.state import load
from journal.event import facts_of
from journal.journal import Journal
from journal.schema import HALL
from journal.verify import verify
from runtime.clock import utc_now
from tests.hall_rig import BOXES, HallRig, rigged
from tests.till_box import BOX, TillBox

PAID_AT = datetime.now(UTC)
SEED, KILLS, PAYMENTS = 4992, 4, 12
S = PaymentState


def test_kills_between_fact_and_acknowledgement_lose_and_double_nothing(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    with HallRig(tmp_path, rigged().model_copy(update={"boxes": (*BOXES, BOX)})) as rig:
        till, console = TillBox(rig), rig.peer("console-1")
        till.pay("p-first", S.APPROVED, PAID_AT)
        till.until(lambda: till.depth == 0, "the hall hears the terminal")
        wishes = []
        for run in range(KILLS):
            wish = decision(till, dice)
            for n in range(PAYMENTS):
                at, name = PAID_AT + timedelta(minutes=run, seconds=n), f"p-{run}-{n}"
                till.pay(name, S.INTENT, at)
                till.pay(name, dice.choice((S.APPROVED, S.DECLINED, S.UNKNOWN)), at)
            till.turn()
            if wish is not None:
                wishes.append(wish)
                console.say(topics.UP_CMD, wish)
            wait_s = dice.uniform(0, 0.02)
            time.sleep(wait_s)  # not for anything to happen: where between word and answer the kill falls
            rig.kill()
            rig.start()
            till.until(lambda: till.depth == 0, "facts are acknowledged after the kill")
            if wish is not None:
                granted(rig, till, wish)
        assert len(wishes) >= 2
        assert {wish.id for wish in wishes} == set(till.done)
        assert all(len(console.replies(wish.id)) >= 1 for wish in wishes)
        rig.kill()
        audit(rig, till, wishes)


def decision(till: TillBox, dice: random.Random) -> m.PaymentDecide | None:
    """What a person says of one of the unknown payments; None: there is none."""
    unknown = [p for p in till.payments.values() if p.state is S.UNKNOWN]
    if not unknown:
        return None
    chosen = dice.choice(unknown)
    state = dice.choice(DECIDED[S.UNKNOWN])
    return m.PaymentDecide.model_validate(
        {
            "id": f"wish-{chosen.payment}",
            "dev": BOX.id,
            "payment": chosen.payment,
            "state": state,
            "why": "counted by hand",
        }
    )


def granted(rig: HallRig, till: TillBox, wish: m.PaymentDecide) -> None:
    """Ask on by the same id until the terminal has done it and the hall has heard so."""
    till.until(lambda: wish.id in till.done or ask_again(rig, wish), "the decision reaches the terminal")
    till.until(lambda: till.depth == 0, "what came of it is acknowledged")
    assert till.payments[wish.payment].state is wish.state
    assert isinstance(rig.peer("console-1").ask(wish), m.Done)


def ask_again(rig: HallRig, wish: m.PaymentDecide) -> bool:
    """Asked while the terminal is not yet known to be there it would be refused for good, so that is waited for."""
    views = rig.peer("console-1").of(m.ConsolesView)
    here = views and any(d.dev == BOX.id and d.state == "here" for d in views[-1].devices)
    if here and views[-1].ep == len(rig.lines("link.up")):
        rig.peer("console-1").say(topics.UP_CMD, wish)
    return False


def audit(rig: HallRig, till: TillBox, wishes: list[m.PaymentDecide]) -> None:
    """Hold the terminal's own ledger against the journal."""
    with Journal.open(rig.journal, "small", HALL, utc_now) as journal:
        rows = {str(row["id"]): row for row in journal.rows("payment")}
        events = journal.events(0, 100_000)
        state = load(rig.hall, live_rows(journal, rig.hall))
    assert {name: row["state"] for name, row in rows.items()} == {n: p.state for n, p in till.payments.items()}
    assert {p.id: p.state for p in state.account.payments.values()} == {n: p.state for n, p in till.payments.items()}
    steps = [(facts_of(e.body)["payment"], e.kind) for e in events if e.kind.startswith("payment.")]
    assert len(set(steps)) == len(steps)
    assert len(steps) == 1 + 2 * KILLS * PAYMENTS + len(wishes)
    asked = [e.cmd for e in events if e.kind == "till.decide_asked"]
    assert sorted(map(str, asked)) == sorted(wish.id for wish in wishes)
    assert verify(rig.journal, "small", HALL).problems == ()

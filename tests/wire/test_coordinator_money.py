"""A terminal and the hall's accounts over a real broker: what it tells is shown, what staff decide reaches it, each thing once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contract import messages as m
from contract import topics
from contract.words import PaymentState, Refusal
from runtime.asker import new_id
from tests.hall_rig import BOXES, HallRig, Peer, rigged
from tests.till_box import BOX, TillBox
from tests.until import until

PAID_AT = datetime.now(UTC)
"""By the terminal's clock; in the small hall it is ten in the morning, a Tuesday in March."""
S = PaymentState


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallRig]:
    document = rigged().model_copy(update={"boxes": (*BOXES, BOX)})
    with HallRig(tmp_path_factory.mktemp("hall"), document) as rig:
        yield rig


def money(console: Peer) -> m.DeskMoney:
    views = console.of(m.ConsolesView)
    return views[-1].money[0] if views else m.DeskMoney(dev="nobody", currency="KGS")


def unknown(console: Peer) -> list[str]:
    return [p.payment for p in money(console).unknown]


def test_what_a_terminal_tells_is_shown_and_what_staff_decide_is_done_there_once(rig: HallRig) -> None:
    console, till = rig.peer("console-1"), TillBox(rig)
    till.pay("p-1", S.UNKNOWN, PAID_AT, why="no answer")
    till.pay("p-2", S.APPROVED, PAID_AT, minor=100)
    till.count({"2000": 3}, PAID_AT)
    till.until(lambda: unknown(console) == ["p-1"] and money(console).cassettes, "the hall shows what was told")
    shown = money(console)
    assert (shown.card_minor, shown.card_count, shown.cassettes[0].minor) == (100, 1, 6000)
    assert [device.faults for device in console.of(m.ConsolesView)[-1].devices if device.dev == "terminal-1"] == [
        ("payment_unknown:pos-1",)
    ]
    till.until(lambda: till.depth == 0, "facts are acknowledged")

    wish = m.PaymentDecide(id=new_id(), dev="terminal-1", payment="p-1", state=S.APPROVED, why="the bank has it")
    for _ in range(3):
        assert isinstance(console.ask(wish, again_s=30), m.Done)
        console.heard.clear()
    till.until(lambda: till.heard_orders.count(wish.id) == 3, "each asking is an order by the same id")
    till.until(lambda: money(console).card_minor == 5092, "the decided payment is in the sum")
    assert (unknown(console), money(console).unknown_count) == ([], 0)
    assert till.done[wish.id].who == "console-1"
    assert sorted(kinds(rig)) == [
        "cassette.counted",
        "payment.approved",
        "payment.approved",
        "payment.unknown",
        "till.decide_asked",
    ]

    back = m.PaymentReverse(id=new_id(), dev="terminal-1", payment="p-2", why="paid twice")
    held = m.TillBalance(id=new_id(), dev="terminal-1")
    assert isinstance(console.ask(back), m.Done)
    assert isinstance(console.ask(held), m.Done)
    (balance,) = till.until(lambda: money(console).balances, "the balance is shown")
    assert (balance.balances, balance.why, balance.ours_minor) == (False, "one tiyin more", 4992)
    told = console.ask(m.MoneyDay(id=new_id(), day=date(2026, 3, 17)))
    assert [(p.payment, p.state, p.by) for p in told.payments] == [
        ("p-1", S.APPROVED, "console-1"), ("p-2", S.REVERSED, "console-1"),
    ]  # fmt: skip
    assert {rig.hall.local(p.opened_at).hour for p in told.payments} <= {9, 10}, "kept as hall time"
    assert [b.device for b in told.balances] == ["pos-1"]

    refusals: list[tuple[m.TillCommand, Refusal]] = [
        (
            m.PaymentDecide(id=new_id(), dev="terminal-1", payment="p-1", state=S.DECLINED, why="again"),
            Refusal.WRONG_STATE,
        ),
        (m.PaymentReverse(id=new_id(), dev="terminal-1", payment="p-7", why="again"), Refusal.UNKNOWN_PAYMENT),
        (m.TillBalance(id=new_id(), dev="kiosk-1"), Refusal.UNKNOWN_DEVICE),
    ]
    for refused, code in refusals:
        assert console.ask(refused).code is code
    away = m.Here(id="h", state="lost", kind=BOX.kind, version="1", inc="till", ep=99)
    rig.peer("terminal-1").say(topics.UP_HERE, away)
    till.until(lambda: state_of(console) == "lost", "the terminal is away")
    assert console.ask(m.TillBalance(id=new_id(), dev="terminal-1")).code is Refusal.DEVICE_AWAY
    assert len(till.done) == 3


def state_of(console: Peer) -> str:
    view: m.ConsolesView = console.of(m.ConsolesView)[-1]
    return next(device.state for device in view.devices if device.dev == "terminal-1")


def test_no_other_box_asks_for_money(rig: HallRig) -> None:
    kiosk = rig.peer("kiosk-1")
    for wish in (m.TillBalance(id=new_id(), dev="terminal-1"), m.MoneyDay(id=new_id(), day=date(2026, 3, 17))):
        assert kiosk.ask(wish).code is Refusal.NOT_ALLOWED


WORD = {
    "t": "payment", "v": 1, "id": "f", "inc": "bad", "ep": 1, "sq": 1, "payment": "p-bad", "order": "o", "device": "pos-1",
    "method": "card", "state": "approved", "amount_minor": 1, "currency": "KGS", "opened_at": "2026-03-17T04:00:00Z",
}  # fmt: skip
BAD: list[dict[str, Any]] = [
    {"amount_minor": -1}, {"amount_minor": 1.5}, {"amount_minor": 2**60}, {"currency": "som"}, {"state": "paid"}, {"method": "gold"},
    {"payment": ""}, {"payment": "a b"}, {"why": "x" * 201}, {"opened_at": "yesterday"}, {"opened_at": "0001-01-01T00:00:00Z"},
    {"t": "cassette", "cassette": "c", "since": "2026-03-17T04:00:00Z", "notes": {"ten": 1}},
    {"t": "balance", "day": "2026-02-30", "ours_minor": 1, "ours_count": 1, "balances": True},
]  # fmt: skip


def test_a_word_that_breaks_the_contract_is_dropped_whole_and_the_right_one_is_heard(rig: HallRig) -> None:
    peer, good = rig.peer("terminal-1"), json.dumps(WORD).encode()
    rig.settle()
    before = rig.state()
    for payload in (*(json.dumps(WORD | bad).encode() for bad in BAD), good[:-9], good * 2, b"{}", good.ljust(70_000)):
        peer.say(topics.UP_EV, payload)
    drops = len(BAD) + 4
    until(lambda: rig.said("dropped") >= drops, "every bad word is counted")
    rig.settle()
    assert rig.state() == before
    peer.say(topics.UP_EV, good)
    until(lambda: any(ack.inc == "bad" and ack.upto == 1 for ack in peer.of(m.Ack)), "the right word is acknowledged")
    assert len(rig.rows("payment")) == len(before["payment"]) + 1


def kinds(rig: HallRig) -> list[Any]:
    """The events of money so far."""
    return [row[3] for row in rig.rows("event") if row[3].split(".")[0] in MONEY]


MONEY = {"payment", "cassette", "till"}

"""A terminal as the hall hears it: it tells of money until it is acknowledged, and does what it is ordered, each order once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from contract import messages as m
from contract import topics
from contract.hall_part import Box
from contract.words import PaymentState, Role
from tests.hall_rig import HallRig, Peer
from tests.until import until

BOX = Box(id="terminal-1", kind=Role.TERMINAL)
AGAIN_S = 0.2


class TillBox:
    """The box `terminal-1` of a rig. It acts when `turn` is called; `payments` and `done` are its own ledger.

    `done`: every order it carried out, by id; `heard_orders`: ids of all orders that came, repeats too.
    """

    def __init__(self, rig: HallRig) -> None:
        self._peer: Peer = rig.peer(BOX.id)
        self._held: dict[int, m.AnyFact] = {}
        self._sq = self._read = 0
        self._again_at = 0.0
        self._epochs = 0
        self._day = date.min
        self._notes: dict[str, int] = {}
        self.payments: dict[str, m.PaymentFact] = {}
        self.done: dict[str, m.TillOrder] = {}
        self.heard_orders: list[str] = []

    def pay(self, name: str, state: PaymentState, at: datetime, minor: int = 4992, **more: Any) -> None:
        """A payment's next step."""
        taken = minor if state is PaymentState.APPROVED else 0
        self._tell(
            m.PaymentFact, payment=name, order=f"o-{name}", device="pos-1", method="card", state=state, amount_minor=minor,
            captured_minor=taken, currency="KGS", opened_at=at, **more,
        )  # fmt: skip

    def count(self, notes: dict[str, int], at: datetime, **more: Any) -> None:
        """What lies in the cassette."""
        self._notes = notes
        self._tell(m.CassetteFact, device="cash-1", cassette="cash-1-1", since=at, notes=notes, currency="KGS", **more)

    @property
    def depth(self) -> int:
        """How many facts are not acknowledged."""
        return len(self._held)

    def turn(self) -> None:
        """Hear what came, tell again what is not acknowledged, say that it is there."""
        heard = self._peer.of(m.Ack, m.TillOrder, m.Heartbeat)
        for message in heard[self._read :]:
            match message:
                case m.Ack():
                    self._held = {sq: fact for sq, fact in self._held.items() if sq > message.upto}
                case m.TillOrder():
                    self._do(message)
                case m.Heartbeat(ep=ep, day=day):
                    self._day = day
                    if ep > self._epochs:
                        self._epochs = ep
                        self._here()
        self._read = len(heard)
        if time.monotonic() >= self._again_at:
            self._again_at = time.monotonic() + AGAIN_S
            for _, fact in sorted(self._held.items()):
                self._peer.say(topics.UP_EV, fact)

    def until(self, true: Callable[[], Any], what: str) -> Any:
        """Go on until `true()`; its value. Fails the test at the deadline."""

        def turned() -> Any:
            self.turn()
            return true()

        return until(turned, what)

    def _here(self) -> None:
        self._peer.say(
            topics.UP_HERE, m.Here(id="h", state="here", kind=Role.TERMINAL, version="1", inc="till", ep=self._epochs)
        )

    def _do(self, order: m.TillOrder) -> None:
        self.heard_orders.append(order.id)
        if order.id in self.done:
            return
        self.done[order.id] = order
        if order.payment is not None:
            state = order.state if order.do == "decide" else PaymentState.REVERSED
            known = self.payments[order.payment]
            assert state is not None
            self.pay(
                order.payment, state, known.opened_at, known.amount_minor, by=order.who, why=order.why
            )  # fmt: skip
        elif order.cassette is not None:
            self._counted(order)
        elif order.do != "print":
            ours = [p.captured_minor for p in self.payments.values() if p.state is PaymentState.APPROVED]
            self._tell(
                m.BalanceFact, device="pos-1", method="card", day=self._day, currency="KGS", ours_minor=sum(ours),
                ours_count=len(ours), theirs_minor=sum(ours) + 1, theirs_count=len(ours), balances=False, why="one tiyin more",
                batch="0", state="closed" if order.do == "cards" else "open", by=order.who,
            )  # fmt: skip

    def _counted(self, order: m.TillOrder) -> None:
        books, found = ({int(worth): n for worth, n in each.items()} for each in (self._notes, order.counted))
        sums = [sum(worth * n for worth, n in each.items()) for each in (books, found)]
        self._tell(
            m.BalanceFact, device="cash-1", method="cash", day=self._day, currency="KGS", batch=order.cassette, state="closed",
            ours_minor=sums[0], ours_count=sum(books.values()), theirs_minor=sums[1], theirs_count=sum(found.values()),
            balances=books == found, by=order.who, note=order.why,
        )  # fmt: skip

    def _tell(self, kind: type[m.AnyFact], **fields: Any) -> None:
        self._sq += 1
        said = {
            "id": f"f-{self._sq}",
            "inc": "till",
            "ep": 1,
            "sq": self._sq,
            "held": min(self._held, default=self._sq),
            **fields,
        }
        fact = kind.model_validate(said)
        self._held[self._sq] = fact
        if isinstance(fact, m.PaymentFact):
            self.payments[fact.payment] = fact
        self._again_at = 0.0

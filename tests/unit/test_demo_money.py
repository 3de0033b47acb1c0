"""The demo's report of its terminal, from ledgers as the simulators and the journals keep them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from demo import money
from demo.money import Books, Ledgers


def payment(name: str, order: str, state: str, minor: int, captured: int = 0) -> dict[str, Any]:
    return {"id": name, "order_id": order, "state": state, "amount_minor": minor, "captured_minor": captured}


def order(name: str, minor: int, method: str, **words: str) -> dict[str, Any]:
    paid = {"state": "paid" if method else "abandoned", "method": method, "slip": "printed" if method else "none"}
    return {
        "id": name,
        "amount_minor": minor,
        "due": f"due-{name}",
        "told": "told" if method else "none",
        **paid,
        **words,
    }


def note(order_id: str, minor: int, state: str = "credited") -> dict[str, Any]:
    return {"order_id": order_id, "amount_minor": minor, "state": state, "cassette": "c-1"}


def account(name: str, state: str, captured: int) -> dict[str, Any]:
    return {"id": name, "state": state, "captured_minor": captured}


BOOKS = Books(
    payments=[
        payment("p1", "o1", "approved", 39050, 39050), payment("p2", "o2", "declined", 10050),
        payment("p3", "o3", "approved", 24600, 24600), payment("p4", "o4", "not_performed", 500),
    ],
    notes=[note("o2", 10000), note("o2", 100), note("o5", 20000), note("o5", 500, "returned")],
    orders=[
        order("o1", 39050, "card"), order("o2", 10050, "cash"), order("o3", 24600, "card"), order("o4", 500, ""), order("o5", 30000, ""),
    ],
    claims=[{"order_id": "o5", "amount_minor": 20000}],
    doubted=frozenset({"p3", "p4"}),
    untold=frozenset(),
)  # fmt: skip
LEDGERS = Ledgers(
    BOOKS,
    bank=[
        {"type": "sale", "minor": 39050, "approved": True}, {"type": "sale", "minor": 10050, "approved": False},
        {"type": "sale", "minor": 24600, "approved": True},
    ],
    notes=[{"event": "cassette", "kind": kind} for kind in (6, 0, 7)] + [{"event": "returned", "kind": 2}],
    register=frozenset({"due-o1", "due-o2", "due-o3"}),
    accounts=[
        account("p1", "approved", 39050), account("p2", "declined", 0), account("p3", "approved", 24600),
        account("p4", "not_performed", 0), account("o2", "approved", 10100), account("o5", "not_performed", 20000),
    ],
    cassettes=[{"id": "c-1", "notes": "[[100, 1], [10000, 1], [20000, 1]]"}],
    guests=[
        {"what": "came", "errand": "card"}, {"what": "came", "errand": "declined"}, {"what": "came", "errand": "leaves"},
        {"what": "certificate", "took_s": 2.5}, {"what": "refused", "minor": 100000},
        {"what": "left", "errand": "leaves", "screen": "claim"}, {"what": "weather", "cause": "the bank declines"},
    ],
    transfers=1,
)  # fmt: skip


def test_equal_ledgers_are_told_beside_each_other() -> None:
    found = money.told(LEDGERS)
    assert found["mismatches"] == []
    assert found["bank"] == {"approved": 2, "declined": 1, "taken_minor": 63650}
    assert found["card_books"] == {"approved": 2, "declined": 1, "not_performed": 1, "taken_minor": 63650}
    assert found["unknown_decided"] == {"approved": 1, "not_performed": 1}
    assert (found["cassette"], found["paid_over_minor"]) == ({"notes": 3, "minor": 30100}, 50)
    assert (found["claims_minor"], found["transfers_printed"], found["notes_refused"]) == (20000, 1, 1)
    text = "\n".join(money.lines_of(found, "UAH"))
    assert "2 sales, 1 declined: 636.50 UAH" in text
    assert text.endswith("equal")


def test_a_payment_that_stays_unknown_is_told_and_no_mismatch() -> None:
    unknown = [*BOOKS.payments[:2], {**BOOKS.payments[2], "state": "unknown", "captured_minor": 0}, BOOKS.payments[3]]
    orders = [
        {**row, "state": "open", "method": "", "told": "none"} if row["id"] == "o3" else row for row in BOOKS.orders
    ]
    accounts = [account("p3", "unknown", 0) if row["id"] == "p3" else row for row in LEDGERS.accounts]
    books = replace(BOOKS, payments=unknown, orders=orders)
    found = money.told(replace(LEDGERS, books=books, accounts=accounts, register=frozenset({"due-o1", "due-o2"})))
    assert (found["unknown_left"], found["mismatches"]) == (1, [])


def test_what_was_still_on_its_way_to_the_hall_is_told_and_no_mismatch() -> None:
    books = replace(BOOKS, untold=frozenset({"p1", "c-1"}))
    found = money.told(replace(LEDGERS, books=books, accounts=LEDGERS.accounts[1:], cassettes=[]))
    assert (found["on_their_way"], found["mismatches"]) == (2, [])


def changed(**parts: Any) -> Ledgers:
    return replace(LEDGERS, **parts)


SALE = {"type": "sale", "minor": 7, "approved": True}
AGAIN = replace(BOOKS, payments=[*BOOKS.payments, payment("p5", "o2", "approved", 10050, 10050)])
WRONG = {
    "a sale that the bank has and nobody else": (changed(bank=[*LEDGERS.bank, SALE]), "bank"),
    "a note that nobody credited": (changed(notes=[*LEDGERS.notes, LEDGERS.notes[0]]), "notes: 1 not in the books"),
    "a note that was never put in": (changed(notes=LEDGERS.notes[1:]), "1 not in the cassette"),
    "a due that the register was not told": (changed(register=frozenset({"due-o1"})), "register"),
    "another sum in the hall's accounts": (changed(accounts=[account("p1", "approved", 1), *LEDGERS.accounts[1:]]), "accounts: p1"),
    "a payment that the hall never heard of": (changed(accounts=LEDGERS.accounts[1:]), "accounts: p1"),
    "another cassette in the hall's accounts": (changed(cassettes=[]), "cassettes"),
    "an order paid by card and with notes": (changed(books=AGAIN), "o2 was paid twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_one_side_does_not_have_is_a_mismatch(name: str) -> None:
    ledgers, word = WRONG[name]
    assert any(word in line for line in money.told(ledgers)["mismatches"])

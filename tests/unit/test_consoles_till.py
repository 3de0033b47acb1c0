"""Forms about money become commands, balances become words, and a day becomes a table that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from consoles import till
from contract import hall as document
from contract import messages as m
from contract.errors import ContractError
from contract.words import DECIDED, HallState, PaymentState
from look.texts import LANGUAGES, Texts

HALL = document.load(Path("coordinator/templates/ua-cnap.json").read_text("utf-8"))
NOW = datetime(2026, 3, 17, 23, 30, 5, tzinfo=UTC)
"""Half past one of the next day in the hall."""
S = PaymentState


def payment(name: str = "p-1", state: PaymentState = S.UNKNOWN, **more: Any) -> m.DeskPayment:
    said = {
        "dev": "terminal-1", "payment": name, "order": "o-1", "device": "pos-1", "method": "card", "state": state,
        "amount_minor": 4992, "currency": "UAH", "opened_at": NOW, **more,
    }  # fmt: skip
    return m.DeskPayment.model_validate(said)


def balance(ours: int = 100, theirs: int | None = 100, *, balances: bool = True, **more: Any) -> m.DeskBalance:
    said = {
        "dev": "terminal-1", "device": "pos-1", "method": "card", "day": date(2026, 3, 17), "at": NOW, "currency": "UAH",
        "ours_minor": ours, "ours_count": 1, "theirs_minor": theirs, "balances": balances, **more,
    }  # fmt: skip
    return m.DeskBalance.model_validate(said)


def view(*unknown: m.DeskPayment, balances: tuple[m.DeskBalance, ...] = ()) -> m.ConsolesView:
    money = m.DeskMoney(
        dev="terminal-1", currency="UAH", unknown=unknown, unknown_count=len(unknown), balances=balances
    )
    return m.ConsolesView(
        id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(), queues=(), money=(money,)
    )


FORM = {"dev": "terminal-1", "payment": "p-1", "state": "declined", "why": "  the bank's\n list "}


# --- forms -----------------------------------------------------------------------------------------------------------------


def test_the_first_step_finds_the_payment_and_keeps_what_was_said() -> None:
    chosen = till.choice(view(payment()), FORM)
    assert chosen is not None
    assert (chosen.payment.payment, chosen.state, chosen.why) == ("p-1", S.DECLINED, "the bank's list")


def test_a_payment_that_is_unknown_no_longer_is_not_asked_about() -> None:
    assert till.choice(view(payment("p-2")), FORM) is None
    assert till.choice(view(payment()), FORM | {"dev": "terminal-2"}) is None


@pytest.mark.parametrize(
    "wrong", [{"state": ""}, {"state": "reversed"}, {"state": "unknown"}, {"why": " no "}, {"why": ""}]
)
def test_the_first_step_needs_a_state_that_can_be_and_a_reason(wrong: dict[str, str]) -> None:
    with pytest.raises(ContractError, match="reason"):
        till.choice(view(payment()), FORM | wrong)


def test_buttons_become_commands_of_who_is_signed_in() -> None:
    decide = till.command("decide", "c-1", FORM, "op01")
    assert isinstance(decide, m.PaymentDecide)
    assert (decide.dev, decide.payment, decide.state, decide.why, decide.operator) == (
        "terminal-1", "p-1", S.DECLINED, "the bank's list", "op01",
    )  # fmt: skip
    assert isinstance(till.command("reverse", "c-1", FORM, "op01"), m.PaymentReverse)
    held = till.command("balance", "c-1", {"dev": "terminal-1", "operator": "op02"}, "op01")
    assert (type(held), held.operator) == (m.TillBalance, "op01")


@pytest.mark.parametrize(
    ("button", "wrong"),
    [
        ("eat", {}), ("decide", {"state": "free"}), ("decide", {"state": "unknown"}), ("decide", {"why": "no"}),
        ("decide", {"payment": ""}), ("reverse", {"why": "x" * 201}), ("balance", {"dev": "a b"}),
    ],
)  # fmt: skip
def test_a_form_that_no_page_sends_is_refused(button: str, wrong: dict[str, str]) -> None:
    with pytest.raises(ContractError):
        till.command(button, "c-1", FORM | wrong, "op01")


def test_another_mark_follows_what_is_unclear_and_what_was_held() -> None:
    marks = [
        view(), view(payment()), view(payment("p-2")), view(payment(state=S.REVERSAL_UNKNOWN)), view(balances=(balance(),)),
        view(balances=(balance(at=datetime(2026, 3, 18, tzinfo=UTC)),)), view(balances=(balance(batch="88"),)), boxed(cassette()),
    ]  # fmt: skip
    assert len({till.mark(one) for one in marks}) == len(marks)
    assert till.mark(view(payment(why="other words"))) == till.mark(view(payment()))


def cassette(**more: Any) -> m.DeskCassette:
    said = {
        "device": "cash-1", "cassette": "cash-1-1", "since": NOW, "notes": 4, "minor": 25_000, "currency": "UAH", "collected_at": NOW,
        "inside": {"5000": 3, "10000": 1}, **more,
    }  # fmt: skip
    return m.DeskCassette.model_validate(said)


def boxed(*cassettes: m.DeskCassette) -> m.ConsolesView:
    found = view()
    return found.model_copy(update={"money": (found.money[0].model_copy(update={"cassettes": cassettes}),)})


COUNT = {"dev": "terminal-1", "cassette": "cash-1-1", "n-5000": " 3 ", "n-10000": "1", "n-2000": ""}


@pytest.mark.parametrize(
    ("typed", "agrees", "more"),
    [
        ({}, True, 0),
        ({"n-5000": "2"}, False, -5000),
        ({"n-2000": "1"}, False, 2000),
        ({"n-5000": "5", "n-10000": "0"}, False, 0),
    ],
)
def test_a_count_is_compared_note_by_note(typed: dict[str, str], agrees: bool, more: int) -> None:
    found = till.count(boxed(cassette()), COUNT | typed)
    assert found is not None
    assert (found.agrees, found.more_minor) == (agrees, more)
    assert [worth for worth, _, _ in found.lines][-2:] == ([5000, 2000] if "n-2000" in typed else [10_000, 5000])


def test_a_cassette_that_is_inside_or_gone_is_not_counted() -> None:
    for shown in (boxed(), boxed(cassette(collected_at=None)), boxed(cassette(cassette="cash-1-2"))):
        assert till.count(shown, COUNT) is None
    assert till.count(boxed(cassette()), COUNT | {"dev": "terminal-2"}) is None


@pytest.mark.parametrize(
    "wrong", [{"n-5000": "-1"}, {"n-5000": "1.5"}, {"n-5000": "٣"}, {"n-5000": "100001"}, {"n-x": "1"}]
)
def test_a_count_needs_whole_numbers(wrong: dict[str, str]) -> None:
    with pytest.raises(ContractError, match="whole numbers"):
        till.count(boxed(cassette()), COUNT | wrong)
    with pytest.raises(ContractError, match="whole numbers"):
        till.command("count", "c-1", COUNT | wrong, "op01")


def test_a_count_with_nothing_typed_is_none_and_an_empty_cassette_is_typed_as_nought() -> None:
    nothing = {"dev": "terminal-1", "cassette": "cash-1-1", "n-5000": ""}
    with pytest.raises(ContractError):
        till.count(boxed(cassette()), nothing)
    found = till.command("count", "c-1", nothing | {"n-5000": "0"}, "op01")
    assert isinstance(found, m.TillBalance)
    assert found.counted == {}


def test_every_note_of_the_currency_and_of_the_books_can_be_counted() -> None:
    assert till.notes(cassette(inside={"700": 1}))[-2:] == [2000, 700]
    assert till.notes(cassette(currency="USD")) == [10_000, 5000]


def test_counting_closing_and_printing_become_commands() -> None:
    counted = till.command("count", "c-1", COUNT | {"why": "two  stuck"}, "op01")
    assert isinstance(counted, m.TillBalance)
    assert (counted.cassette, counted.counted, counted.why) == ("cash-1-1", {"5000": 3, "10000": 1}, "two stuck")
    for what in ("cards", "shift"):
        closing = till.command(what, "c-1", {"dev": "terminal-1"}, "op01")
        assert isinstance(closing, m.TillClose)
        assert closing.what == what
    paper = till.command("print", "c-1", {"dev": "terminal-1", "device": "pos-1", "batch": "88", "lang": "uk"}, "op01")
    assert isinstance(paper, m.TillPrint)
    assert (paper.device, paper.batch, paper.lang) == ("pos-1", "88", "uk")


# --- words -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (balance(), ("till.agrees", 0)),
        (balance(theirs=250, balances=False), ("till.more", 150)),
        (balance(theirs=0, balances=False), ("till.less", 100)),
        (balance(balances=False, unknown=1), ("till.unexplained", 0)),
        (balance(theirs=None), ("till.not_told", 0)),
        (balance(theirs=None, method="cash", balances=False), ("till.not_counted", 0)),
        (balance(theirs=250, method="cash", balances=False), ("till.count_more", 150)),
        (balance(theirs=0, method="cash", balances=False), ("till.count_less", 100)),
        (balance(theirs=None, balances=False), ("till.not_told", 0)),
    ],
)
def test_a_balance_is_told_in_words(told: m.DeskBalance, said: tuple[str, int]) -> None:
    assert till.verdict(told) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_a_payment_has_its_words(language: str) -> None:
    said = [Texts(language).get(f"till.state_{state.value}") for state in PaymentState]
    assert len(set(said)) == len(PaymentState)


def test_what_is_unknown_can_be_decided_and_nothing_else() -> None:
    assert set(DECIDED) == {state for state in PaymentState if "unknown" in state}


# --- tables ----------------------------------------------------------------------------------------------------------------


def rows(table: str) -> list[dict[str, str]]:
    assert table.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline="")))


def test_a_payment_is_a_line_with_the_halls_day_and_time() -> None:
    (line,) = rows(till.payment_table([payment(captured_minor=5, why='a, "b"\n c')], HALL))
    assert line == {
        "day": "2026-03-18", "time": "01:30:05", "terminal": "terminal-1", "device": "pos-1", "method": "card", "state": "unknown",
        "amount": "49.92", "captured": "0.05", "currency": "UAH", "order": "o-1", "service": "", "payment": "p-1", "by": "",
        "why": 'a, "b" c',
    }  # fmt: skip


def test_a_balance_is_a_line_and_what_was_not_told_is_empty() -> None:
    (line,) = rows(till.balance_table([balance(theirs=None, balances=False, unknown=2)], HALL))
    assert (line["day"], line["ours"], line["theirs"], line["theirs_count"], line["balances"], line["unknown"]) == (
        "2026-03-17", "1.00", "", "", "no", "2",
    )  # fmt: skip


@pytest.mark.parametrize(
    "evil",
    ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "\u200b=1", "＝1", "\ufeff@x", '=HYPERLINK("http://x")'],
)  # fmt: skip
def test_no_cell_is_a_formula(evil: str) -> None:
    (line,) = rows(till.payment_table([payment(why=evil)], HALL))
    assert line["why"].startswith("'")
    assert "\n" not in line["why"]
    (line,) = rows(till.balance_table([balance(why=evil)], HALL))
    assert line["why"].startswith("'")


def test_names_that_begin_a_formula_are_told_as_text() -> None:
    (line,) = rows(till.payment_table([payment("=p", order="-o", device="@d", by="+x")], HALL))
    assert (line["payment"], line["order"], line["device"], line["by"]) == ("'=p", "'-o", "'@d", "'+x")

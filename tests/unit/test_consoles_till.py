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
        view(balances=(balance(at=datetime(2026, 3, 18, tzinfo=UTC)),)),
    ]  # fmt: skip
    assert len({till.mark(one) for one in marks}) == len(marks)
    assert till.mark(view(payment(why="other words"))) == till.mark(view(payment()))


# --- words -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (balance(), ("till.agrees", 0)),
        (balance(theirs=250, balances=False), ("till.more", 150)),
        (balance(theirs=0, balances=False), ("till.less", 100)),
        (balance(balances=False, unknown=1), ("till.unexplained", 0)),
        (balance(theirs=None), ("till.not_told", 0)),
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

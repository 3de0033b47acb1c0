"""The hall's accounts of its terminals: what they tell is kept once, what staff want is asked of them once, the rest is forgotten."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from contract import messages as m
from contract.hall_part import Box
from contract.words import DECIDED, Paper, PaymentState, Refusal, Role
from coordinator import ledger, till, views
from coordinator.account import BALANCE_DAYS, LISTED
from coordinator.devices import Devices
from coordinator.engine import Actor
from coordinator.service import live_rows
from coordinator.state import HallDay, load
from coordinator.truth import Ask, Truth
from journal.journal import Journal
from journal.rebuild import rebuild
from journal.schema import HALL
from journal.verify import verify
from tests.small_hall import CONSOLE, KIOSK, Play, hall, refused

TERMINAL, OTHER = Actor("terminal-1", Role.TERMINAL), Actor("terminal-2", Role.TERMINAL)
BOXES = [Box(id=actor.dev, kind=actor.role).model_dump(mode="json") for actor in (TERMINAL, OTHER, KIOSK, CONSOLE)]
TODAY, NOW = "2026-03-17", datetime(2026, 3, 17, 4, 0, tzinfo=UTC)
"""Ten o'clock in the small hall."""
S = PaymentState
WHY = "the bank's list has it"
_sq = count(1)


def payment(name: str = "p-1", state: PaymentState = S.APPROVED, minor: int = 4992, **more: Any) -> m.PaymentFact:
    said = {
        "id": "f-p", "inc": "i", "ep": 1, "sq": next(_sq), "payment": name, "order": f"o-{name}", "device": "pos-1",
        "method": "card", "state": state, "amount_minor": minor, "captured_minor": minor if state is S.APPROVED else 0,
        "currency": "KGS", "opened_at": NOW, **more,
    }  # fmt: skip
    return m.PaymentFact.model_validate(said)


def cassette(notes: dict[str, int], name: str = "cash-1-1", **more: Any) -> m.CassetteFact:
    said = {
        "id": "f-c", "inc": "i", "ep": 1, "sq": next(_sq), "device": "cash-1", "cassette": name, "since": NOW, "notes": notes,
        "currency": "KGS", **more,
    }  # fmt: skip
    return m.CassetteFact.model_validate(said)


def balance(day: str = TODAY, **more: Any) -> m.BalanceFact:
    said = {
        "id": "f-b", "inc": "i", "ep": 1, "sq": next(_sq), "device": "pos-1", "method": "card", "day": date.fromisoformat(day),
        "currency": "KGS", "ours_minor": 4992, "ours_count": 1, "theirs_minor": 4992, "theirs_count": 1, "balances": True, **more,
    }  # fmt: skip
    return m.BalanceFact.model_validate(said)


@pytest.fixture
def play() -> Play:
    return Play(hall(boxes=BOXES)).open("W1", "W2")


def money(play: Play, dev: str = "terminal-1") -> m.DeskMoney:
    view = views.consoles_view(play.state, (), views.Mark("v", 1, 1), play.now, {})
    return next(one for one in view.money if one.dev == dev)


def decide(play: Play, state: PaymentState = S.APPROVED, name: str = "p-1", **more: Any) -> m.PaymentDecide:
    return m.PaymentDecide.model_validate(
        {**play.id(), "dev": "terminal-1", "payment": name, "state": state, "why": WHY} | more
    )


# --- facts -----------------------------------------------------------------------------------------------------------------


def test_today_is_summed_by_terminal_and_way_and_only_what_was_taken_counts(play: Play) -> None:
    told = [
        payment("a", minor=4992), payment("b", minor=100), payment("c", S.DECLINED), payment("d", S.NOT_PERFORMED), payment("e", S.UNKNOWN),
        payment("f", minor=3000, method="cash", captured_minor=5000), payment("g", S.REVERSED, captured_minor=700),
        payment("old", opened_at=NOW - timedelta(days=1)), payment("dollars", currency="USD"),
    ]  # fmt: skip
    for fact in told:
        play.do(fact, TERMINAL)
    play.do(payment("a", minor=1), OTHER)
    mine, other = money(play), money(play, "terminal-2")
    assert (mine.card_minor, mine.card_count, mine.cash_minor, mine.cash_count) == (5092, 2, 5000, 1)
    assert (other.card_minor, other.card_count, other.cash_count) == (1, 1, 0)
    assert [p.payment for p in mine.unknown] == ["e"]


def test_each_step_of_a_payment_is_one_event_and_a_repeat_is_none(play: Play) -> None:
    for state in (S.INTENT, S.INTENT, S.UNKNOWN, S.UNKNOWN, S.APPROVED):
        play.do(payment(state=state), TERMINAL)
        play.wait(5)
    kinds = [event.kind for event in play.events if event.kind.startswith("payment.")]
    assert kinds == ["payment.intent", "payment.unknown", "payment.approved"]
    assert money(play).card_minor == 4992
    assert money(play).unknown == ()


def test_who_decided_a_payment_stands_in_the_event(play: Play) -> None:
    play.do(payment(by="ona", why=WHY), TERMINAL)
    play.do(payment("p-2"), TERMINAL)
    assert [event.who for event in play.events[-2:]] == ["ona", "terminal-1"]


def test_day_and_hour_of_a_payment_are_the_halls(play: Play) -> None:
    late = datetime(2026, 3, 17, 18, 30, 0, 123456, tzinfo=UTC)
    play.do(payment(opened_at=late), TERMINAL)
    (row,) = play.last[0].rows
    assert (row.values["day"], row.values["hour"]) == ("2026-03-18", 0)
    assert row.values["opened_at"] == "2026-03-17T18:30:00.123Z"


def test_only_a_terminal_has_money(play: Play) -> None:
    for fact in (payment(), cassette({"2000": 1}), balance()):
        play.do(fact, KIOSK)
        assert play.last == ()
    assert money(play).card_count == 0


def test_a_cassette_tells_what_lies_inside_until_it_is_collected(play: Play) -> None:
    play.do(cassette({"2000": 3}), TERMINAL)
    play.do(cassette({"2000": 3, "100000": 2}, nobodys=1, doubtful=2), TERMINAL)
    (inside,) = money(play).cassettes
    assert (inside.notes, inside.minor, inside.nobodys, inside.doubtful) == (5, 206000, 1, 2)
    play.do(cassette({"2000": 3, "100000": 2}, collected=True), TERMINAL)
    assert play.kinds() == ["cassette.collected"]
    play.do(cassette({}, "cash-1-2"), TERMINAL)
    assert [(one.cassette, one.notes) for one in money(play).cassettes] == [("cash-1-1", 5), ("cash-1-2", 0)]


def test_a_collected_cassette_waits_for_its_count_and_is_gone_once_that_balances(play: Play) -> None:
    play.do(cassette({"2000": 3}), TERMINAL)
    wish = {**play.id(), "dev": "terminal-1", "cassette": "cash-1-1", "counted": {"2000": 2}, "operator": "ona"}
    refused(play.do(m.TillBalance(**wish, why="as counted"), CONSOLE), Refusal.WRONG_STATE)
    play.do(cassette({"2000": 3}, collected=True), TERMINAL)
    (waiting,) = money(play).cassettes
    assert (waiting.collected_at, waiting.inside) == (play.now, {"2000": 3})
    counted = m.TillBalance(**{**wish, **play.id()}, why="as counted")
    assert isinstance(play.do(counted, CONSOLE), m.Done)
    assert play.last[0].facts == {"terminal": "terminal-1", "cassette": "cash-1-1", "why": "as counted"}
    order = till.order(counted, "console-1")
    assert (order.do, order.cassette, order.counted, order.who, order.why) == (
        "balance", "cash-1-1", {"2000": 2}, "ona", "as counted",
    )  # fmt: skip
    held = {"device": "cash-1", "method": "cash", "batch": "cash-1-1", "state": "closed"}
    play.do(balance(balances=False, theirs_minor=4000, by="ona", note="as counted", **held), TERMINAL)
    assert play.events[-1].who == "ona"
    assert [one.cassette for one in money(play).cassettes] == ["cash-1-1"], "it may be counted again"
    play.do(balance(balances=True, **held), TERMINAL)
    assert money(play).cassettes == ()


def test_a_cassette_that_nobody_counts_is_forgotten_with_its_balance(play: Play) -> None:
    play.do(cassette({"2000": 3}, collected=True), TERMINAL)
    play.at("18:00").tick().at("09:00", str(date(2026, 3, 18) + timedelta(days=BALANCE_DAYS))).tick()
    assert money(play).cassettes == ()


def test_the_same_count_again_is_no_news(play: Play) -> None:
    play.do(cassette({"2000": 3, "5000": 1}), TERMINAL)
    play.wait(60).do(cassette({"5000": 1, "2000": 3}), TERMINAL)
    assert play.last == ()


@pytest.mark.parametrize("worth", ["0", "02000", "-5", "ten", "2000.5", "1234567890", ""])
def test_a_note_is_worth_a_whole_number(worth: str) -> None:
    with pytest.raises(ValueError, match="notes"):
        cassette({worth: 1})


def test_a_devices_newest_balance_is_shown_and_an_older_day_does_not_replace_it(play: Play) -> None:
    for day, balances in (("2026-03-16", True), (TODAY, False), ("2026-03-15", True)):
        play.do(balance(day, balances=balances, theirs_minor=None, theirs_count=None), TERMINAL)
    (shown,) = money(play).balances
    assert (shown.day, shown.balances, shown.theirs_minor, shown.at) == (date(2026, 3, 17), False, None, play.now)


def test_each_batch_of_a_device_is_a_line_the_newest_first(play: Play) -> None:
    for name, state in (("1", "open"), ("1", "closed"), ("88", "unknown"), ("120", "open")):
        play.wait(1).do(balance(batch=name, state=state), TERMINAL)
    play.wait(1).do(balance(device="cash-1", method="cash", batch="cash-1-1"), TERMINAL)
    shown = [(one.device, one.batch, one.state) for one in money(play).balances]
    assert shown == [
        ("cash-1", "cash-1-1", "open"),
        ("pos-1", "120", "open"),
        ("pos-1", "88", "unknown"),
        ("pos-1", "1", "closed"),
    ]
    for n in range(LISTED):
        play.wait(1).do(balance(batch=f"9{n}"), TERMINAL)
    assert [one.batch for one in money(play).balances if one.device == "pos-1"] == ["93", "92", "91", "90"]


def test_closing_and_printing_are_orders_of_a_console(play: Play) -> None:
    said: dict[str, Any] = {"dev": "terminal-1", "operator": "ona"}
    closing = m.TillClose(**play.id(), **said, what="shift")
    assert isinstance(play.do(closing, CONSOLE), m.Done)
    assert (play.kinds(), till.order(closing, "c").do) == (["till.shift_asked"], "shift")
    paper = m.TillPrint(**play.id(), **said, device="pos-1", batch="88", lang="ky")
    assert isinstance(play.do(paper, CONSOLE), m.Done)
    order = till.order(paper, "c")
    assert (order.do, order.device, order.batch, order.lang) == ("print", "pos-1", "88", "ky")
    refused(
        play.do(m.TillClose(**play.id(), dev="terminal-1", operator="tam", what="cards"), TERMINAL), Refusal.NOT_ALLOWED
    )


# --- what is forgotten -----------------------------------------------------------------------------------------------------


def test_a_new_day_forgets_what_is_settled_and_keeps_what_is_unknown(play: Play) -> None:
    for name, state in (("ok", S.APPROVED), ("who", S.UNKNOWN), ("going", S.INTENT), ("back", S.REVERSAL_UNKNOWN)):
        play.do(payment(name, state), TERMINAL)
    play.do(balance(), TERMINAL)
    play.at("18:00").tick().at("09:00", "2026-03-18").tick()
    assert sorted(name for _, name in play.state.account.payments) == ["back", "going", "who"]
    assert [p.payment for p in money(play).unknown] == ["back", "who"]
    assert money(play).unknown_count == 2
    play.do(payment("who", S.DECLINED), TERMINAL)
    assert sorted(name for _, name in play.state.account.payments) == ["back", "going"]
    assert len(money(play).balances) == 1


def test_a_balance_is_shown_for_two_weeks(play: Play) -> None:
    play.do(balance(), TERMINAL)
    play.at("18:00").tick().at("09:00", str(date(2026, 3, 17) + timedelta(days=BALANCE_DAYS))).tick()
    assert len(money(play).balances) == 1
    play.at("18:00").tick().at("09:00", str(date(2026, 3, 18) + timedelta(days=BALANCE_DAYS))).tick()
    assert money(play).balances == ()


def test_payments_before_the_hall_opens_are_todays() -> None:
    play = Play(hall(boxes=BOXES)).open().at("18:00").tick().at("07:00", "2026-03-18")
    play.do(payment(opened_at=play.now), TERMINAL)
    assert money(play).card_count == 1
    play.at("09:00").tick()
    assert money(play).card_count == 1


# --- what staff want -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", PaymentState)
@pytest.mark.parametrize("wanted", [S.APPROVED, S.DECLINED, S.NOT_PERFORMED, S.REVERSED])
def test_only_what_is_unknown_is_decided_and_only_as_it_can_have_ended(
    play: Play, known: PaymentState, wanted: PaymentState
) -> None:
    play.do(payment(state=known), TERMINAL)
    reply = play.do(decide(play, wanted, operator="ona"), CONSOLE)
    if wanted in DECIDED.get(known, ()):
        assert isinstance(reply, m.Done)
        (event,) = play.last
        assert (event.kind, event.who, event.rows) == ("till.decide_asked", "ona", ())
        assert event.facts == {"terminal": "terminal-1", "payment": "p-1", "state": wanted.value, "why": WHY}
    else:
        refused(reply, Refusal.WRONG_STATE)
    assert play.state.account.payments["terminal-1", "p-1"].state is known, "only the terminal says what came of it"


@pytest.mark.parametrize("known", PaymentState)
@pytest.mark.parametrize("method", ["card", "cash"])
def test_only_an_approved_card_payment_is_given_back(play: Play, known: PaymentState, method: str) -> None:
    play.do(payment(state=known, method=method), TERMINAL)
    reply = play.do(m.PaymentReverse(**play.id(), dev="terminal-1", payment="p-1", why=WHY), CONSOLE)
    if (known, method) == (S.APPROVED, "card"):
        assert isinstance(reply, m.Done)
        assert play.kinds() == ["till.reverse_asked"]
    else:
        refused(reply, Refusal.WRONG_STATE)


def test_a_wish_is_refused_where_it_cannot_be_done(play: Play) -> None:
    play.do(payment(state=S.UNKNOWN), TERMINAL)
    refused(play.do(decide(play), KIOSK), Refusal.NOT_ALLOWED)
    refused(play.do(decide(play, dev="terminal-9"), CONSOLE), Refusal.UNKNOWN_DEVICE)
    refused(play.do(decide(play, dev="kiosk-1"), CONSOLE), Refusal.UNKNOWN_DEVICE)
    refused(play.do(decide(play, name="p-9"), CONSOLE), Refusal.UNKNOWN_PAYMENT)
    refused(play.do(decide(play, dev="terminal-2"), CONSOLE), Refusal.UNKNOWN_PAYMENT)


def test_an_order_says_what_was_wanted_and_who_wanted_it(play: Play) -> None:
    wish = decide(play, S.NOT_PERFORMED, operator="ona")
    told = till.order(wish, "console-1")
    assert (told.id, told.do, told.payment, told.state, told.who, told.why) == (
        wish.id, "decide", "p-1", S.NOT_PERFORMED, "ona", WHY,
    )  # fmt: skip
    back = till.order(m.PaymentReverse(**play.id(), dev="terminal-1", payment="p-1", why=WHY), "console-1")
    assert (back.do, back.payment, back.state, back.who) == ("reverse", "p-1", None, "console-1")
    held = till.order(m.TillBalance(**play.id(), dev="terminal-1"), "console-1")
    assert (held.do, held.payment, held.why) == ("balance", None, "")


def test_a_wish_is_written_down_once_and_only_where_the_terminal_is_there(tmp_path: Path, play: Play) -> None:
    here = [False]
    with Journal.open(tmp_path / "hall.db", "small", HALL, lambda: NOW) as journal:
        truth = Truth(
            journal, HallDay(play.hall), lambda _pin, _hash: True, lambda dev: here[0] and dev == "terminal-1"
        )
        truth.handle([Ask(TERMINAL, payment(state=S.UNKNOWN, sq=1))], NOW)
        away = truth.handle([Ask(CONSOLE, decide(play))], NOW)
        refused(away.answers[0].reply, Refusal.DEVICE_AWAY)
        here[0] = True
        wish = decide(play)
        assert isinstance(truth.handle([Ask(CONSOLE, wish), Ask(CONSOLE, wish)], NOW).answers[1].reply, m.Done)
        here[0] = False
        assert isinstance(truth.handle([Ask(CONSOLE, wish)], NOW).answers[0].reply, m.Done), "it was granted"
        assert [entry.kind for entry in journal.events(0, 9)] == ["payment.unknown", "till.decide_asked"]


# --- the journal -----------------------------------------------------------------------------------------------------------


def some_days(tmp_path: Path) -> tuple[Truth, Journal]:
    """Two days of two terminals, through the journal."""
    journal = Journal.open(tmp_path / "hall.db", "small", HALL, lambda: NOW)
    truth = Truth(journal, HallDay(hall(boxes=BOXES)), lambda _pin, _hash: True)
    said = count(1)
    for day in (16, 17):
        now = NOW.replace(day=day)
        truth.tick(now)
        facts: list[m.AnyFact] = [
            payment(f"p-{day}-{n}", state, opened_at=now + timedelta(seconds=n), sq=next(said))
            for n, state in enumerate(PaymentState)
        ]
        facts += [cassette({"2000": day}, f"cash-1-{day}", collected=day == 16, sq=next(said))]
        facts += [balance(f"2026-03-{day}", sq=next(said))]
        truth.handle([Ask(TERMINAL, fact) for fact in facts], now)
        truth.tick(now + timedelta(hours=9))
    return truth, journal


def test_accounts_come_back_from_the_journal_and_the_events_make_the_same_rows(tmp_path: Path) -> None:
    truth, journal = some_days(tmp_path)
    with journal:
        state = load(truth.state.hall, live_rows(journal, truth.state.hall))
        assert state.rows() == truth.state.rows()
        assert len(state.account.payments) == len(PaymentState) + 4, "today's, and yesterday's that are not settled"
        before = {table: journal.rows(table) for table in ("payment", "cassette", "balance")}
        assert [len(rows) for rows in before.values()] == [2 * len(PaymentState), 2, 2]
        rebuild(journal)
        assert {table: journal.rows(table) for table in before} == before
        assert verify(tmp_path / "hall.db", "small", HALL).problems == ()


def test_a_fact_that_is_told_again_is_acknowledged_and_changes_nothing(tmp_path: Path) -> None:
    _, journal = some_days(tmp_path)
    with journal:
        truth = Truth(journal, load(hall(boxes=BOXES), live_rows(journal, hall(boxes=BOXES))), lambda _pin, _hash: True)
        last = journal.last_seq
        again = truth.handle([Ask(TERMINAL, payment("p-17-0", S.DECLINED, sq=3))], NOW)
        assert (again.repeated, again.acks, journal.last_seq) == (1, {"terminal-1": ("i", 20)}, last)


def test_a_days_payments_are_told_in_pieces_the_newest_first(tmp_path: Path) -> None:
    truth, journal = some_days(tmp_path)
    said = count(21)
    with journal:
        facts = [payment(f"x-{n:03}", opened_at=NOW + timedelta(seconds=60 + n), sq=next(said)) for n in range(60)]
        truth.handle([Ask(TERMINAL, fact) for fact in facts], NOW)
        first = ledger.answer(journal, m.MoneyDay(id="q", day=date(2026, 3, 17)), Role.CONSOLE)
        rest = ledger.answer(journal, m.MoneyDay(id="q", day=date(2026, 3, 17), skip=40), Role.CONSOLE)
        assert isinstance(first, m.Payments)
        assert isinstance(rest, m.Payments)
        assert (first.total, len(first.payments), len(rest.payments)) == (68, 40, 28)
        names = [p.payment for p in (*first.payments, *rest.payments)]
        assert names[:60] == [f"x-{n:03}" for n in range(59, -1, -1)]
        assert len(set(names)) == 68
        assert (len(first.balances), rest.balances) == (1, ())
        one = ledger.answer(
            journal, m.MoneyDay(id="q", day=date(2026, 3, 16), dev="terminal-1", payment="p-16-1"), Role.CONSOLE
        )
        assert isinstance(one, m.Payments)
        assert [(p.payment, p.state) for p in one.payments] == [("p-16-1", S.APPROVED)]
        nobody = ledger.answer(journal, m.MoneyDay(id="q", day=date(2026, 3, 16), dev="terminal-2"), Role.CONSOLE)
        assert isinstance(nobody, m.Payments)
        assert (nobody.total, nobody.balances) == (0, ())
        refused(ledger.answer(journal, m.MoneyDay(id="q", day=date(2026, 3, 17)), Role.KIOSK), Refusal.NOT_ALLOWED)


def test_an_answer_fits_its_message_however_long_the_reasons(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "hall.db", "small", HALL, lambda: NOW) as journal:
        truth = Truth(journal, HallDay(hall(boxes=BOXES)), lambda _pin, _hash: True)
        long: dict[str, Any] = {
            "order": "o" * 64,
            "device": "d" * 64,
            "service": "s" * 64,
            "by": "b" * 64,
            "why": "\U0001f4b6" * 200,
        }
        facts: list[m.AnyFact] = [payment(f"{n:064}", sq=n + 1, **long) for n in range(50)]
        words = {"why": "\U0001f4b6" * 200, "note": "\U0001f4b6" * 200, "batch": "b" * 64, "by": "b" * 64}
        facts += [balance(sq=51 + n, device=f"{n:064}", **words) for n in range(50)]
        truth.handle([Ask(TERMINAL, fact) for fact in facts], NOW)
        told = ledger.answer(journal, m.MoneyDay(id="q", day=date(2026, 3, 17)), Role.CONSOLE)
        assert isinstance(told, m.Payments)
        assert len(m.encode(told)) <= m.MAX_BYTES
        assert len(told.payments) >= 10
        assert told.total == 50
        assert len(told.balances) == 16
        few = [balance(sq=101 + n, day="2026-03-16", batch=f"{n}") for n in range(30)]
        truth.handle([Ask(TERMINAL, fact) for fact in few], NOW)
        short = ledger.answer(journal, m.MoneyDay(id="q", day=date(2026, 3, 16)), Role.CONSOLE)
        assert isinstance(short, m.Payments)
        assert len(short.balances) == 30


def certificate(number: str = "4071826355", paper: Paper = Paper.SENT, **more: Any) -> m.CertificateFact:
    said = {
        "id": "f-d", "inc": "i", "ep": 1, "sq": next(_sq), "number": number, "layout": "household", "service": "birth", "paper": paper,
        "numbered_at": NOW, **more,
    }  # fmt: skip
    return m.CertificateFact.model_validate(said)


def test_a_certificate_is_found_by_its_number_with_where_and_when_and_never_for_whom(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "hall.db", "small", HALL, lambda: NOW) as journal:
        truth = Truth(journal, HallDay(hall(boxes=BOXES)), lambda _pin, _hash: True)
        told = [certificate(sq=1), certificate(paper=Paper.CONFIRMED, sq=2), certificate("0000000001", sq=3)]
        truth.handle([Ask(TERMINAL, fact) for fact in told], NOW)
        truth.handle([Ask(KIOSK, certificate("1111111111", sq=1))], NOW)

        def find(number: str, asking: Role = Role.CONSOLE) -> Any:
            return ledger.answer(journal, m.CertificateFind(id="q", number=number), asking)

        (one,) = find("4071826355").certificates
        assert (one.dev, one.layout, one.service, one.paper, one.at) == (
            "terminal-1", "household", "birth", Paper.CONFIRMED, NOW,
        )  # fmt: skip
        assert find("1111111111").certificates == ()
        refused(find("4071826355", Role.TERMINAL), Refusal.NOT_ALLOWED)
        before = journal.rows("certificate")
        rebuild(journal)
        assert journal.rows("certificate") == before
        assert load(truth.state.hall, live_rows(journal, truth.state.hall)).rows() == truth.state.rows()


# --- what staff are told ---------------------------------------------------------------------------------------------------


def test_the_view_of_the_hall_lists_the_oldest_unknown_and_counts_the_rest(play: Play) -> None:
    for n in range(LISTED + 3):
        play.do(payment(f"p-{n}", S.UNKNOWN, opened_at=NOW - timedelta(hours=n)), TERMINAL)
    shown = money(play)
    assert ([p.payment for p in shown.unknown], shown.unknown_count) == (["p-6", "p-5", "p-4", "p-3"], 7)


def test_the_largest_hall_of_terminals_fits_its_message() -> None:
    boxes = [Box(id=f"terminal-{n}", kind=Role.TERMINAL).model_dump(mode="json") for n in range(60)]
    play = Play(hall(boxes=boxes)).open()
    for n in range(60):
        for k in range(LISTED):
            words: dict[str, Any] = {"payment": f"{k:064}", "order": "o" * 64, "why": "\U0001f4b6" * 200}
            play.do(payment(state=S.UNKNOWN, **words), Actor(f"terminal-{n}", Role.TERMINAL))
    data, _ = views.consoles_message(play.state, (), views.Mark("v", 1, 1), play.now, {})
    assert len(data) <= m.MAX_BYTES
    seen = json.loads(data)["money"]
    assert (len(seen), seen[59]["unknown_count"]) == (60, LISTED)


def test_an_unknown_payment_is_a_fault_of_its_terminal_until_it_is_decided(play: Play) -> None:
    devices = Devices(play.hall)
    for name in ("a", "b"):
        play.do(payment(name, S.UNKNOWN), TERMINAL)
    play.do(payment("c", S.REVERSAL_UNKNOWN, device="pos-2"), TERMINAL)
    health = m.Health(id="h", faults={"payment_unknown:pos-1": NOW, "paper_low": NOW})
    devices.health("terminal-1", health, now=0.0)

    def faults() -> tuple[str, ...]:
        return next(d.faults for d in devices.desk(0.0, play.state.account.faults()) if d.dev == "terminal-1")

    assert faults() == ("paper_low", "payment_unknown:pos-1", "payment_unknown:pos-2")
    assert play.state.account.faults()["terminal-1"] == {
        "payment_unknown:pos-1": NOW,
        "payment_unknown:pos-2": NOW,
    }
    for name in "abc":
        play.do(payment(name, S.DECLINED), TERMINAL)
    assert play.state.account.faults() == {}

"""Fiscal receipts through the Checkbox SDK, over HTTP, to a simulated cloud in a process of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract import messages as m
from contract.errors import ConfigError, TransientDeviceError
from contract.words import HallState
from journal.journal import Journal
from runtime.config import read
from soak.money_site import Device, open_journal
from terminal.fiscal.book import Entry, FiscalBook
from terminal.fiscal.checkbox import Account, CheckboxRegistrar, receipt_id
from terminal.fiscal.config import FiscalSection
from terminal.fiscal.queue import FiscalQueue
from terminal.fiscal.registrar import FiscalKind, FiscalState, Line, NoRegistrar, RefusedError, Sale, ShiftReport
from terminal.money import Money
from terminal.office import FISCAL, Office
from terminal.payments.audit import Audit
from terminal.payments.balance import Balance
from terminal.payments.book import Book

FAST = 100_000
"""Requests in 10 s that a cloud on loopback bears."""
SALE = Sale(
    "p-71c2",
    "card",
    (Line("passport", "Паспорт громадянина", Money(55_400, "UAH")), Line("blank", "Бланк", Money(100, "UAH"))),
    tid="S1A00001",
    pan="400000******0002",
    brand="VISA",
    approval="A1B2C3",
    rrn="000000000017",
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    with Device("simulators.checkbox", tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def cloud(shared: Device) -> Iterator[Device]:
    yield shared
    shared.do("away", on=False)
    shared.do("hang_up", on=False)
    shared.do("slow", seconds=0)
    shared.do("tax_service", on=True)
    for what in ("lose", "error", "refuse", "garbage"):
        shared.do(what, count=0)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with open_journal(tmp_path) as journal:
        yield journal


def account(cloud: Device, pin: str = "") -> Account:
    return Account(f"http://127.0.0.1:{cloud.facts['port']}", cloud.facts["licence"], pin or cloud.facts["pin"], (8,))


@pytest.fixture
def registrar(cloud: Device) -> Iterator[CheckboxRegistrar]:
    made = CheckboxRegistrar(account(cloud), "fiscal", reply_s=0.5, ended_s=2.0, rate=FAST)
    yield made
    made.close()


def ledger(cloud: Device, key: str) -> list[dict[str, object]]:
    return [line for line in cloud.lines("receipts.jsonl") if line["id"] == receipt_id(key)]


def until(what: Callable[[], bool], timeout_s: float = 60.0) -> None:
    end = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)


def test_a_sale_is_registered_with_its_lines_and_card_and_gets_number_and_link(
    registrar: CheckboxRegistrar, cloud: Device
) -> None:
    told = registrar.register("p-1/sale/1", SALE)
    assert told.number.startswith("TEST-")
    assert told.link.startswith("https://cabinet.tax.gov.ua/")
    assert not told.offline
    (line,) = ledger(cloud, "p-1/sale/1")
    assert line["payments"] == [
        {
            "type": "CASHLESS", "label": "Картка", "value": 55_500, "card_mask": "400000******0002", "payment_system": "VISA",
            "auth_code": "A1B2C3", "rrn": "000000000017", "terminal": "S1A00001",
        }
    ]  # fmt: skip
    assert (line["total_sum"], line["type"], len(line["goods"])) == (55_500, "SELL", 2)  # type: ignore[arg-type]


def test_a_refund_names_its_sale(registrar: CheckboxRegistrar, cloud: Device) -> None:
    registrar.register("p-2/sale/1", SALE)
    registrar.refund("p-2/refund/1", SALE, "p-2/sale/1")
    (line,) = ledger(cloud, "p-2/refund/1")
    assert (line["type"], line["related_receipt_id"]) == ("RETURN", receipt_id("p-2/sale/1"))


def test_an_answer_lost_after_registering_makes_one_receipt_when_it_is_asked_again(
    registrar: CheckboxRegistrar, cloud: Device
) -> None:
    registrar.look("nothing")  # signed in
    cloud.do("lose", count=1)
    with pytest.raises(TransientDeviceError):
        registrar.register("p-3/sale/1", SALE)
    told = registrar.register("p-3/sale/1", SALE)
    (line,) = ledger(cloud, "p-3/sale/1")
    assert told.number == line["fiscal_code"]


def test_a_slow_cloud_is_away_and_the_receipt_is_found_later(registrar: CheckboxRegistrar, cloud: Device) -> None:
    registrar.look("nothing")
    cloud.do("slow", seconds=0.8)
    with pytest.raises(TransientDeviceError, match="fiscal_away"):
        registrar.register("p-4/sale/1", SALE)
    cloud.do("slow", seconds=0)
    until(lambda: len(ledger(cloud, "p-4/sale/1")) == 1)
    assert registrar.register("p-4/sale/1", SALE).number
    assert len(ledger(cloud, "p-4/sale/1")) == 1


@pytest.mark.parametrize(
    "fault", [{"do": "away", "on": True}, {"do": "hang_up", "on": True}, {"do": "garbage", "count": 9}]
)
def test_a_cloud_that_is_down_or_talks_nonsense_is_away(
    registrar: CheckboxRegistrar, cloud: Device, fault: dict[str, object]
) -> None:
    cloud.do(str(fault.pop("do")), **fault)
    for ask in (
        lambda: registrar.register("p-5/sale/1", SALE),
        lambda: registrar.look("p-5/sale/1"),
        registrar.close_shift,
    ):
        with pytest.raises(TransientDeviceError, match="fiscal_away"):
            ask()
    assert ledger(cloud, "p-5/sale/1") == []


def test_a_shift_closed_by_the_cloud_is_opened_again_by_the_next_sale(
    registrar: CheckboxRegistrar, cloud: Device
) -> None:
    registrar.register("p-6/sale/1", SALE)
    cloud.do("shift", open=False)
    assert registrar.register("p-6/sale/2", SALE).number


def test_a_session_that_has_run_out_is_begun_anew(registrar: CheckboxRegistrar, cloud: Device) -> None:
    registrar.register("p-7/sale/1", SALE)
    cloud.do("sign_out")
    assert registrar.register("p-7/sale/2", SALE).number


def test_a_receipt_that_ended_in_error_spends_its_key(registrar: CheckboxRegistrar, cloud: Device) -> None:
    cloud.do("error", count=1)
    with pytest.raises(RefusedError, match="the tax service said no") as refused:
        registrar.register("p-8/sale/1", SALE)
    assert refused.value.spent
    assert registrar.look("p-8/sale/1") is None
    assert registrar.register("p-8/sale/2", SALE).number


def test_a_refused_receipt_leaves_its_key_free(registrar: CheckboxRegistrar, cloud: Device) -> None:
    cloud.do("refuse", count=1)
    with pytest.raises(RefusedError, match="Validation error") as refused:
        registrar.register("p-9/sale/1", SALE)
    assert not refused.value.spent
    assert registrar.register("p-9/sale/1", SALE).number


def test_a_wrong_pin_is_refused_and_stands_in_no_word_of_it(cloud: Device) -> None:
    registrar = CheckboxRegistrar(account(cloud, "9999"), "fiscal", rate=FAST)
    with pytest.raises(RefusedError) as refused:
        registrar.register("p-10/sale/1", SALE)
    assert "9999" not in str(refused.value)
    assert "9999" not in repr(account(cloud, "9999"))


def test_without_the_tax_service_a_receipt_has_a_number_and_says_so_until_it_is_sent(
    registrar: CheckboxRegistrar, cloud: Device
) -> None:
    cloud.do("tax_service", on=False)
    told = registrar.register("p-11/sale/1", SALE)
    assert (told.offline, told.number[:4]) == (True, "OFF-")
    cloud.do("tax_service", on=True)
    sent = registrar.look("p-11/sale/1")
    assert sent is not None
    assert (sent.offline, sent.number) == (False, told.number)


def test_closing_a_shift_tells_what_was_sold_in_it_and_closing_it_again_the_same(
    registrar: CheckboxRegistrar, cloud: Device
) -> None:
    cloud.do("shift", open=False)
    told = registrar.register("p-12/sale/1", SALE)
    registrar.register("p-13/sale/1", SALE)
    registrar.refund("p-13/refund/1", SALE, "p-13/sale/1")
    report = registrar.close_shift()
    assert report is not None
    assert report == ShiftReport(report.number, 2, 1, 111_000, 55_500, told.shift)
    assert registrar.close_shift() == report, "an answer that was lost can be asked for again"


def test_the_worker_registers_while_the_visitor_waits_and_later_what_a_dead_cloud_left_owed(
    journal: Journal, cloud: Device
) -> None:
    book = FiscalBook(journal, "terminal-1")
    made = CheckboxRegistrar(account(cloud), "fiscal", reply_s=0.5, ended_s=2.0, rate=FAST)
    with FiscalQueue(book, made, "fiscal", pauses_s=(0.05,)) as queue:
        queue.owe(_sale("w-1"))
        assert _state(queue.wait("w-1", 5.0)) is FiscalState.REGISTERED
        cloud.do("away", on=True)
        for name in ("w-2", "w-3"):
            queue.owe(_sale(name))
        queue.give_back("w-1")
        assert _state(queue.wait("w-2", 0.1)) is FiscalState.OWED
        until(lambda: queue.fault == "fiscal_away")
        ended: list[tuple[ShiftReport | None, str]] = []
        queue.end_shift(lambda report, why: ended.append((report, why)))
        until(lambda: bool(ended))
        nothing, why = ended.pop()
        assert (nothing, "fiscal_away" in why) == (None, True)
        cloud.do("away", on=False)
        for name in ("w-2", "w-3"):
            assert _state(queue.wait(name, 5.0)) is FiscalState.REGISTERED
        assert _state(queue.wait("w-1", 5.0, FiscalKind.REFUND)) is FiscalState.REGISTERED
        queue.end_shift(lambda report, why: ended.append((report, why)))
        until(lambda: bool(ended))
        report = ended[0][0]
        assert report is not None
        lines = [line for line in cloud.lines("receipts.jsonl") if str(line["shift"]["serial"]) == report.shift]
        sold = [line["total_sum"] for line in lines if line["type"] == "SELL" and line["status"] == "DONE"]
        back = [line["total_sum"] for line in lines if line["type"] == "RETURN"]
        assert (report.sales, report.sold_minor, report.returned_minor) == (len(sold), sum(sold), sum(back))
        assert book.of_shift(report.shift)[1] <= report.sold_minor - report.returned_minor, "others sell in it too"
        until(lambda: queue.fault == "")
    assert "fiscal.shift" in [entry.kind for entry in journal.events(0, 1000)]


def test_a_shift_is_closed_once_by_staff_and_by_itself_when_the_halls_day_is_over(
    journal: Journal, cloud: Device
) -> None:
    cloud.do("shift", open=False)
    cloud.do("away", on=True)
    fiscal, book = FiscalBook(journal, "terminal-1"), Book(journal, "terminal-1")
    audit, told = Audit(journal, book, "UAH"), threading.Event()
    made = CheckboxRegistrar(account(cloud), "fiscal", reply_s=0.5, ended_s=2.0, rate=FAST)

    def shifts() -> list[Balance]:
        return [row for row in audit.of_device(FISCAL) if row.method == "fiscal"]

    def beat(state: HallState, day: int) -> m.Heartbeat:
        now = datetime(2026, 11, day, 16, tzinfo=UTC)
        return m.Heartbeat(id="b", state=state, day=now.date(), now=now, speed=1.0, ep=1, revision=1)

    with FiscalQueue(fiscal, made, "fiscal", pauses_s=(0.05,)) as queue:
        office = Office(book, audit, None, None, queue, fiscal, lambda _key, _doc: None, told.set)
        for name in ("s-1", "s-2"):
            queue.owe(_sale(name))
        queue.give_back("s-2")
        office.beat(beat(HallState.OPEN, 22), 0.0)
        order = m.TillOrder(id="staff-1", do="shift", who="op-07")
        office.order(order, None, lambda: None)
        until(lambda: queue.fault == "fiscal_away")
        assert shifts() == []
        cloud.do("away", on=False)
        for _ in range(2):
            office.order(order.model_copy(update={"id": "staff-2"}), None, lambda: None)
        until(lambda: bool(shifts()))
        (first,) = shifts()
        assert (first.balances, first.state, first.by, first.day) == (True, "closed", "op-07", "2026-11-22")
        assert (first.ours_count, first.ours_minor, first.theirs_count, first.theirs_minor) == (2, 2000, 2, 2000)

        queue.owe(_sale("s-3"))
        queue.wait("s-3", 5.0)
        office.beat(beat(HallState.OPEN, 23), 10.0)
        office.beat(beat(HallState.CLOSED, 23), 20.0)
        until(lambda: len(shifts()) == 2)
        second = shifts()[-1]
        assert (second.balances, second.by, second.day, second.ours_count) == (True, "", "2026-11-23", 1)
        seq = journal.last_seq
        office.beat(beat(HallState.CLOSED, 23), 1000.0)
        queue.owe(_sale("s-4"))  # the worker has gone round once more
        assert _state(queue.wait("s-4", 5.0)) is FiscalState.REGISTERED
        assert [e.kind for e in journal.events(seq, 100) if e.kind == "till.balance"] == []
    assert told.is_set()


def test_what_was_owed_when_the_program_died_between_asking_and_hearing_is_registered_once(
    tmp_path: Path, cloud: Device
) -> None:
    """The program is gone after the cloud has the receipt, and before the book has its number."""
    with open_journal(tmp_path) as journal:
        book = FiscalBook(journal, "terminal-1")
        entry = book.asked(book.owe(_sale("d-1"), needed=True))
        made = CheckboxRegistrar(account(cloud), "fiscal", rate=FAST)
        made.register(entry.key, entry.sale)
        made.close()
    with open_journal(tmp_path) as journal:
        made = CheckboxRegistrar(account(cloud), "fiscal", rate=FAST)
        with FiscalQueue(FiscalBook(journal, "terminal-1"), made, "fiscal") as queue:
            assert _state(queue.wait("d-1", 5.0)) is FiscalState.REGISTERED
    assert len(ledger(cloud, "d-1/sale/1")) == 1


def test_the_registrar_is_chosen_by_the_configuration_and_its_secrets_stand_in_files(
    tmp_path: Path, cloud: Device
) -> None:
    (tmp_path / "licence").write_text(cloud.facts["licence"] + "\n")
    (tmp_path / "pin").write_text(cloud.facts["pin"] + "\n")
    file = tmp_path / "fiscal.toml"
    words = f'licence_file = "{tmp_path}/licence"\npin_file = "{tmp_path}/pin"\ntax = [8]\n'
    file.write_text(f'[checkbox]\nurl = "http://127.0.0.1:{cloud.facts["port"]}"\n{words}')
    made = read(file, FiscalSection).registrar("fiscal")
    assert isinstance(made, CheckboxRegistrar)
    assert made.look("nothing") is None
    made.close()
    (tmp_path / "pin").write_text("")
    with pytest.raises(ConfigError, match="one line of text"):
        read(file, FiscalSection).registrar("fiscal")
    assert isinstance(FiscalSection().registrar("fiscal"), NoRegistrar)


def _sale(payment: str) -> Sale:
    return Sale(payment, "cash", (Line("copy", "Копія", Money(2_000, "UAH")),))


def _state(entry: Entry | None) -> FiscalState:
    assert entry is not None
    return entry.state

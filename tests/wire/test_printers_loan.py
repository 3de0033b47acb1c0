"""A printer lent to the neighbour: one line to the printer, two boxes, and never two live papers."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.errors import ContractError
from printers.job import JobState
from printers.loan import Lender
from printers.printer import Setting
from tests.printing import Desk, SimPrinter, live_labels
from tests.until import until

S = JobState
ENDED = (S.CONFIRMED, S.CONFIRMED_LATE, S.VOIDED)


def test_neighbour_prints_over_this_boxs_line_and_gives_it_back(tmp_path: Path) -> None:
    setting = Setting(lend="127.0.0.1:0")
    with SimPrinter(tmp_path / "sim") as sim, Desk(sim.url, tmp_path, setting=setting) as owner:
        owner.until_ready()
        owner.until(owner.print(1), S.CONFIRMED)
        with Desk(f"tcp://127.0.0.1:{owner.printer.lends_at}", tmp_path) as borrower:
            borrower.until_ready()
            assert owner.printer.ready().fault == "printer_lent"
            borrower.until(borrower.print(2), S.CONFIRMED)
        owner.until_ready()
        owner.until(owner.print(3), S.CONFIRMED)
        assert live_labels(sim, set()) == ["K001 t-1", "K002 t-2", "K003 t-3"]


def test_order_of_the_owner_waits_for_the_loan_to_end(tmp_path: Path) -> None:
    setting = Setting(lend="127.0.0.1:0")
    with SimPrinter(tmp_path / "sim") as sim, Desk(sim.url, tmp_path, setting=setting) as owner:
        owner.until_ready()
        with Desk(f"tcp://127.0.0.1:{owner.printer.lends_at}", tmp_path) as borrower:
            borrower.until_ready()
            job_id = owner.print(1)
            assert owner.path(job_id) == []
        owner.until(job_id, S.CONFIRMED)
        assert live_labels(sim, set()) == ["K001 t-1"]


def test_paper_that_a_borrower_left_half_printed_is_dead_and_hangs_on_to_nothing(tmp_path: Path) -> None:
    setting = Setting(lend="127.0.0.1:0")
    with SimPrinter(tmp_path / "sim") as sim, Desk(sim.url, tmp_path, setting=setting) as owner:
        owner.until_ready()
        store = None
        with Desk(f"tcp://127.0.0.1:{owner.printer.lends_at}", tmp_path) as borrower:
            store = borrower.store
            borrower.until_ready()
            sim.do("paper_out_at", rows=300)
            job_id = borrower.print(2)
            borrower.until(job_id, S.UNKNOWN, *ENDED)
        sim.do("paper", value="ok")
        owner.until_ready()
        owner.until(owner.print(3), S.CONFIRMED)
        void = set()
        with Desk(f"tcp://127.0.0.1:{owner.printer.lends_at}", tmp_path, store) as again:
            again.until_ready()
            settled = store.get(job_id)
            assert settled is not None
            if settled.state is S.VOIDED:
                void = {"K002 t-2"}
        assert live_labels(sim, void).count("K003 t-3") == 1
        assert len([label for label in live_labels(sim, void) if label.startswith("K002")]) == (not void)


def test_printer_that_cannot_print_is_not_lent(tmp_path: Path) -> None:
    setting = Setting(lend="127.0.0.1:0")
    with SimPrinter(tmp_path / "sim") as sim, Desk(sim.url, tmp_path, setting=setting) as owner:
        owner.until_ready()
        sim.do("cover", open=True)
        until(lambda: owner.printer.ready().fault == "cover_open", "the cover")
        with Desk(f"tcp://127.0.0.1:{owner.printer.lends_at}", tmp_path) as borrower:
            assert borrower.until(borrower.print(2), *ENDED).state is S.VOIDED
            assert owner.printer.ready().fault == "cover_open"
        assert live_labels(sim, set()) == []


@pytest.mark.parametrize("address", ["9101", "127.0.0.1:x", "127.0.0.1:99999"])
def test_wrong_door_is_refused(address: str) -> None:
    with pytest.raises(ContractError, match="lend"):
        Lender(address)

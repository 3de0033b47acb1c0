"""A fiscal receipt with the process killed around every commit: registered once, never lost, never twice."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from soak.money_site import Device, open_journal
from soak.mortal import Steps, ended, fork, opened
from terminal.fiscal.book import FiscalBook
from terminal.fiscal.checkbox import Account, CheckboxRegistrar, receipt_id
from terminal.fiscal.queue import FiscalQueue
from terminal.fiscal.registrar import FiscalState, Line, Sale
from terminal.money import Money


def sale(payment: str) -> Sale:
    return Sale(payment, "cash", (Line("copy", "Копія", Money(2_000, "UAH")),))


def queue(folder: Path, cloud: Device, payment: str, steps: Steps) -> None:
    """What the terminal does after a payment, from its start: whatever has no receipt yet is owed one."""
    account = Account(f"http://127.0.0.1:{cloud.facts['port']}", cloud.facts["licence"], cloud.facts["pin"])
    registrar = CheckboxRegistrar(account, "fiscal", rate=100_000)
    with opened(folder, steps, open_journal) as journal:
        book = FiscalBook(journal, "terminal-1")
        worker = FiscalQueue(book, registrar, "fiscal")
        for missing in book.missing([payment]):
            worker.owe(sale(missing))
        assert worker.turn()
        worker.stop(1.0)
    (folder / "steps").write_text(str(steps.count))


def test_killed_around_every_commit_a_sale_is_registered_once(tmp_path: Path) -> None:
    import checkbox_sdk  # noqa: F401  loaded before the forks: each child would load it for itself

    with Device("simulators.checkbox", tmp_path / "cloud") as cloud:
        queue(tmp_path, cloud, "p-0", Steps())
        steps = int((tmp_path / "steps").read_text())
        assert steps == 6  # owed, asked, registered: before and after each commit
        for at in range(1, steps + 1):
            payment = f"p-{at}"
            child = fork(partial(queue, tmp_path, cloud, payment, Steps(at)))
            assert ended(child) == "killed"
            queue(tmp_path, cloud, payment, Steps())
            with open_journal(tmp_path) as journal:
                entry = FiscalBook(journal, "terminal-1").entry(payment)
            made = [line for line in cloud.lines("receipts.jsonl") if line["id"] == receipt_id(f"{payment}/sale/1")]
            assert entry is not None
            assert (entry.state, [line["fiscal_code"] for line in made]) == (FiscalState.REGISTERED, [entry.number])
        assert len(cloud.lines("receipts.jsonl")) == steps + 1

"""`vikno soak payments`: each scenario killed at every step, its device cut off at every step, and both by chance.

What holds afterwards is checked against the devices' own ledgers, which the product cannot reach: I1, no order is charged twice; I2,
nothing that the bank took is missing from the books, and nothing is called paid that was not; I3, no note is lost or credited twice; I4,
the bank heard of no order before the books had it; I5, nothing was sent again by itself; I6, the day adds up on both sides;
I7, no field of a card stands in any file; and the journal's chain holds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.errors import DeviceError
from contract.words import PaymentState as State
from journal.schema import MONEY
from journal.verify import verify
from runtime import logs
from soak.money_site import POS, Device, card_till, cash_till, open_journal, plain
from soak.mortal import Crash, MortalWire, Steps, crash, ended, fork, kill_self, opened
from terminal.money import Money
from terminal.payments.book import Book
from terminal.payments.card_till import CardTill
from terminal.payments.note import NoteState
from terminal.payments.payment import DOUBTFUL, Payment

OUTCOMES: dict[str, tuple[str, ...]] = {
    "privat": ("approve", "decline", "decline_receipt", "partial", "late", "reverse"),
    "privat-serial": ("approve", "decline", "decline_receipt", "partial", "late", "reverse"),
    "zvt": ("approve", "decline", "decline_receipt", "partial", "reverse"),
    "zvt-serial": ("approve", "decline", "decline_receipt", "partial", "reverse"),
    "kaspi": ("approve", "decline", "unknown", "reverse"),
}
"""What a protocol's terminal can do with a sale. A success after the no was seen of one maker only."""
BYTES: dict[str, tuple[str, ...]] = {
    "privat": ("whole", "single", "garbage"),
    "privat-serial": ("whole", "single", "garbage"),
    "zvt": ("whole", "single"),
    "zvt-serial": ("whole", "single"),
    "kaspi": ("whole", "chunked"),
}
_BUSY = {"privat", "privat-serial", "kaspi"}
"""Whose terminals can be ordered to be busy."""
SECRETS = (b"TEST HOLDER", b"4000000000000002", b"40 00 00 00 00 00 00 02")
"""Of the simulated card: none of it may stand in a file of the product."""
LATE_S = 0.2
NEVER = 10**9
PURSES = ((6,), (5, 5), (4, 4, 4, 4, 4), (3, 6, 2, 1))
"""Notes by kind of the simulated acceptor: 100; 2 x 50; 5 x 20; 10, 100, 5, 2 hryvnias."""
DUE = 10000


@dataclass
class Row:
    """One line of the matrix."""

    steps: int = 0
    runs: int = 0
    kills: int = 0
    cuts: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Matrix:
    """Scenario → what became of its runs."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def row(self, name: str) -> Row:
        return self.rows.setdefault(name, Row())

    def add(self, other: Matrix) -> None:
        """The runs of another matrix, too."""
        for name, row in other.rows.items():
            own = self.row(name)
            own.steps = max(own.steps, row.steps)
            own.runs, own.kills, own.cuts = own.runs + row.runs, own.kills + row.kills, own.cuts + row.cuts
            own.ends.update(row.ends)
            own.faults.extend(row.faults)

    @property
    def runs(self) -> int:
        return sum(row.runs for row in self.rows.values())

    @property
    def kills(self) -> int:
        return sum(row.kills for row in self.rows.values())

    @property
    def faults(self) -> list[str]:
        return [f"{name}: {fault}" for name, row in self.rows.items() for fault in row.faults]

    def lines(self) -> Iterator[str]:
        yield f"{'scenario':36} {'steps':>6} {'runs':>6} {'SIGKILL':>8} {'cuts':>6}  how they ended"
        for name, row in sorted(self.rows.items()):
            ends = ", ".join(f"{end} {count}" for end, count in sorted(row.ends.items()) if count)
            steps = str(row.steps) if row.steps else ""
            yield f"{name:36} {steps:>6} {row.runs:6} {row.kills:8} {row.cuts:6}  {ends}"


class Cards:
    """One card terminal and one book; each run is an order with a price of its own: so the bank's lines can be told apart."""

    def __init__(self, folder: Path, protocol: str, pos: Device, matrix: Matrix) -> None:
        self.folder, self.protocol, self.pos, self.matrix = folder, protocol, pos, matrix
        self._make = POS[protocol][1]
        self._make(pos, plain)  # the operator allows it before anything else happens
        self._price = 10_000
        # Even: a part is exactly half. Kaspi takes whole tenge only.
        self._step, self._currency = (200, "KZT") if protocol == "kaspi" else (2, "UAH")

    def next_order(self) -> tuple[str, Money]:
        self._price += self._step
        return f"order-{self._price}", Money(self._price, self._currency)

    def act(self, outcome: str, order: str, price: Money, steps: Steps) -> None:
        """What the terminal's program does for one visitor, from its start."""
        with opened(self.folder, steps, open_journal) as journal:
            till = card_till(journal, self._make(self.pos, lambda wire: MortalWire(wire, steps)))
            with till, suppress(DeviceError):
                till.recover()
                payment = till.pay(order, price)
                if outcome == "reverse" and payment.state is State.APPROVED:
                    till.reverse(payment.id, "Olha R.", "the certificate was not issued")
            (self.folder / "steps").write_text(str(steps.count))

    def killed(self, outcome: str, how: str, at: int | None) -> int:
        """One run, dead at step `at`; how many steps there were (0: it died before it could say)."""
        row = self.matrix.row(f"{self.protocol} {outcome}, {how}, killed")
        order, price = self.next_order()
        (self.folder / "steps").write_text("0")
        self._script(outcome, how)
        end = ended(fork(lambda: self.act(outcome, order, price, Steps(at))))
        row.kills += end == "killed"
        if end == "failed":
            row.faults.append(f"step {at}: the program failed")
        self.settle(row, outcome, order, price)
        steps = int((self.folder / "steps").read_text())
        row.steps = max(row.steps, steps)
        return steps

    def cut(self, outcome: str, at: int) -> bool:
        """One run with the device's power gone at its step `at`; False when it has no such step."""
        row = self.matrix.row(f"{self.protocol} {outcome}, device cut")
        order, price = self.next_order()
        self._script(outcome, "whole")
        self.pos.do("cut_at", step=at)
        self.act(outcome, order, price, Steps())
        dark = not self.pos.do("state")["powered"]
        row.cuts += dark
        row.steps = max(row.steps, at if dark else 0)
        self._mend()
        self.settle(row, outcome, order, price)
        return dark

    def chance(self, seed: int) -> None:
        """One run in this process, with a crash at a step, a cut, or both, or neither."""
        row = self.matrix.row(f"{self.protocol}, by chance")
        dice = random.Random(seed)
        outcome = dice.choice([one for one in OUTCOMES[self.protocol] if one != "late"])
        how = dice.choice(BYTES[self.protocol][:2])
        order, price = self.next_order()
        self._script(outcome, how)
        if dice.random() < 0.3:
            self.pos.do("cut_at", step=dice.randint(1, 14))
        if self.protocol in _BUSY and dice.random() < 0.2:
            self.pos.do("busy", count=dice.randint(1, 2))
        if self.protocol.startswith("zvt"):
            self.pos.do("profile", no_answer=dice.choice(["keep", "reverse"]))
        try:
            self.act(outcome, order, price, Steps(dice.randint(1, 60), crash))
        except Crash:
            row.ends["(crashed)"] += 1
        row.cuts += not self.pos.do("state")["powered"]
        self._mend()
        self.settle(row, outcome, order, price)

    def settle(self, row: Row, outcome: str, order: str, price: Money) -> None:
        """The program starts again, a person decides what is left, the visitor tries once more; then the ledgers are compared."""
        row.runs += 1
        if outcome == "late":
            time.sleep(LATE_S)
        self._rest()
        self._script("approve", "whole")
        with open_journal(self.folder) as journal, card_till(journal, self._make(self.pos, plain)) as till:
            book = Book(journal, "terminal-1")
            unknown = till.recover()
            self._person(till, unknown, row)
            first = book.live(order)
            again = self._again(till, order, price, row) if outcome != "reverse" else first
            row.ends["paid before the end" if first else "paid at the second try" if again else "given back"] += 1
            row.faults.extend(self._compare(book, order, price))

    def _again(self, till: CardTill, order: str, price: Money, row: Row) -> Payment:
        """The visitor tries once more; what an earlier run left in the terminal may disturb that, and harms nothing."""
        for _ in range(3):
            with suppress(DeviceError):
                return till.pay(order, price)
            time.sleep(LATE_S)
            self._person(till, till.resolve(), row)
        return till.pay(order, price)

    def _rest(self) -> None:
        """What the terminal was doing when its till died comes to its end."""
        until = time.monotonic() + 5
        while self.pos.do("state")["working"] and time.monotonic() < until:
            time.sleep(0.005)

    def _person(self, till: CardTill, unknown: list[Payment], row: Row) -> None:
        """Decides by the bank's report."""
        for payment in unknown:
            row.ends["decided by a person"] += 1
            net = self._net(payment.amount)
            if net == payment.amount.minor // 2:  # a part was taken: voided on the terminal's own keys
                self.pos.do("void_last")
                net = 0
            gone = State.NOT_PERFORMED if payment.state is State.UNKNOWN else State.REVERSED
            till.decide(payment.id, State.APPROVED if net else gone, "Olha R.", "bank report")

    def _net(self, price: Money) -> int:
        """What the bank keeps of an order's price; a part counts as its part."""
        sign = {"sale": 1, "void": -1}
        return sum(sign[line["type"]] * line["minor"] for line in self._lines(price) if line["approved"])

    def _lines(self, price: Money) -> list[dict[str, Any]]:
        """The bank's lines over an order's price, or over the part of it that a terminal may take."""
        wanted = {price.minor, price.minor // 2 if "partial" in OUTCOMES[self.protocol] else price.minor}
        return [line for line in self.pos.lines("bank.jsonl") if line["minor"] in wanted]

    def _compare(self, book: Book, order: str, price: Money) -> Iterator[str]:
        net, paid = self._net(price), book.live(order)
        if net not in {0, price.minor}:
            yield f"{order}: the bank keeps {net} of {price.minor}"
        if paid is not None and paid.state is State.APPROVED and net != price.minor:
            yield f"{order}: called paid, the bank keeps {net}"
        if paid is None and net:
            yield f"{order}: the bank keeps {net}, the books say nothing"
        if paid is not None and paid.state in DOUBTFUL:
            yield f"{order}: still {paid.state}"
        yield from self._sent(book, order, price)

    def _sent(self, book: Book, order: str, price: Money) -> Iterator[str]:
        """I4, I5: each payment of the books was sent once at most, and nothing was sent that the books do not have."""
        payments = len(book.payments(order))
        for kind in ("sale", "void"):
            heard = sum(line["type"] == kind for line in self._lines(price))
            if heard > payments:
                yield f"{order}: {heard} of {kind} at the bank, {payments} in the books"

    def day(self) -> Iterator[str]:
        """I6: what the books call paid, what the bank keeps, and what the terminal says of its batch are one sum."""
        with open_journal(self.folder) as journal, card_till(journal, self._make(self.pos, plain)) as till:
            paid = Book(journal, "terminal-1").of_device("pos-1", frozenset({State.APPROVED}))
            told = till.totals()
        ours = sum(payment.captured_minor for payment in paid)
        sign = {"sale": 1, "void": -1}
        kept = sum(sign[line["type"]] * line["minor"] for line in self.pos.lines("bank.jsonl") if line["approved"])
        if ours != kept:
            yield f"{self.protocol}: the books add up to {ours}, the bank to {kept}"
        if told is not None and told.net_minor != ours:
            yield f"{self.protocol}: the books add up to {ours}, the terminal to {told.net_minor}"

    def _mend(self) -> None:
        self.pos.do("power", on=True)
        self.pos.do("cut_at", step=NEVER)
        if self.protocol in _BUSY:
            self.pos.do("busy", count=0)

    def _script(self, outcome: str, how: str) -> None:
        self.pos.do("next", outcome="approve" if outcome == "reverse" else outcome, bytes=how)


class Notes:
    """One note acceptor and one book; what lies in the cassette is held against them after every run."""

    def __init__(self, folder: Path, acceptor: Device, matrix: Matrix) -> None:
        self.folder, self.acceptor, self.matrix = folder, acceptor, matrix
        self.dark = False
        """The acceptor lost its power in the last run."""
        self._orders = 0

    @property
    def _left(self) -> Path:
        """There once the visitor has no more notes and goes."""
        return self.folder / "left"

    def act(self, order: str, steps: Steps, seconds: float = 2.0) -> None:
        """What the terminal's program does for one visitor, from its start."""
        until = time.monotonic() + seconds
        with opened(self.folder, steps, open_journal) as journal:
            with cash_till(journal, self.acceptor, lambda wire: MortalWire(wire, steps)) as till:
                with suppress(DeviceError):
                    till.recover()
                till.collect(order, Money(DUE, "UAH"), lambda: self._left.exists() or time.monotonic() > until)
            (self.folder / "steps").write_text(str(steps.count))

    def run(self, purse: tuple[int, ...], *, kill_at: int | None = None, cut_at: int | None = None) -> int:
        """One visitor with these notes; how many steps the program made (0: it died before it could say)."""
        name = "killed" if kill_at else "device cut" if cut_at else "undisturbed"
        row = self.matrix.row(f"cash {'+'.join(map(str, purse))}, {name}")
        self._orders += 1
        order = f"cash-{self._orders}"
        (self.folder / "steps").write_text("0")
        self._left.unlink(missing_ok=True)
        cuts = self.acceptor.do("state")["cuts"]
        if cut_at:
            self.acceptor.do("cut_at", step=cut_at)
        pid = fork(lambda: self.act(order, Steps(kill_at, kill_self)))
        end = self._visit(pid, purse)
        row.kills += end == "killed"
        self.acceptor.do("power", on=True)
        self.acceptor.do("cut_at", step=NEVER)
        self.settle(row, order)
        steps = int((self.folder / "steps").read_text())
        row.steps = max(row.steps, steps)
        self.dark = self.acceptor.do("state")["cuts"] > cuts
        row.cuts += self.dark
        return steps

    def _visit(self, pid: int, purse: tuple[int, ...]) -> str:
        """Put one note after the other into the acceptor while the program runs; power comes back after a while."""
        left, dark_since = list(purse), 0.0
        while not (end := ended(pid, wait=False)):
            state = self.acceptor.do("state")
            if not state["powered"]:
                dark_since = dark_since or time.monotonic()
                if time.monotonic() - dark_since > 0.05:
                    self.acceptor.do("power", on=True)
                    dark_since = 0.0
            elif left and state["word"] == "14" and not state["open"]:
                self.acceptor.do("insert", kind=left.pop(0))
            elif not left and state["word"] == "14" and not state["open"]:
                self._left.touch()
            time.sleep(0.002)
        return end

    def settle(self, row: Row, order: str) -> None:
        """The program starts again; then cassette and books are held against each other, of all runs so far."""
        row.runs += 1
        with open_journal(self.folder) as journal, cash_till(journal, self.acceptor) as till:
            book = Book(journal, "terminal-1")
            doubts = till.recover()
            credit = book.credit(order)
            row.ends[
                "paid" if credit >= DUE else "claim slip" if till.claim(order, Money(DUE, "UAH")) else "nothing taken"
            ] += 1
            row.ends["a note in doubt"] += len(doubts)
            row.faults.extend(self._compare(book))

    def _compare(self, book: Book) -> Iterator[str]:
        inside = Counter(line["kind"] for line in self.acceptor.lines("notes.jsonl") if line["event"] == "cassette")
        states = (NoteState.CREDITED, NoteState.UNEXPLAINED, NoteState.DOUBT)
        kinds = {state: Counter(note.kind for note in book.notes(state=state.value)) for state in states}
        sure = kinds[NoteState.CREDITED] + kinds[NoteState.UNEXPLAINED]
        if sure - inside:
            yield f"credited and not in the cassette: {dict(sure - inside)}"
        if inside - sure - kinds[NoteState.DOUBT]:
            yield f"in the cassette and not in the books: {dict(inside - sure)}"


@dataclass(frozen=True)
class Job:
    """A part of the soak with devices and a journal of its own. `what`: "kill" at steps `part`, `part` + `parts`, …; "cut" of a card
    terminal; "chance": `runs` from `seed` on; "cash": notes by kind, killed and cut.
    """

    what: str
    protocol: str
    outcome: str = "approve"
    how: str = "whole"
    purse: tuple[int, ...] = ()
    part: int = 1
    parts: int = 1
    runs: int = 0
    seed: int = 0

    @property
    def name(self) -> str:
        """For people, and for its folder."""
        words = [self.protocol, self.what, self.outcome, self.how, "+".join(map(str, self.purse)), self.part, self.seed]
        return " ".join(str(word) for word in words if word)


def jobs(
    *,
    every: int,
    chance: int,
    seed: int,
    protocols: tuple[str, ...] = tuple(POS),
    outcomes: tuple[str, ...] = (),
    purses: tuple[tuple[int, ...], ...] = PURSES,
) -> list[Job]:
    """All of the soak; `outcomes`: only these. The long ones first, so that the last to end is short."""
    found = []
    for protocol in protocols:
        for outcome in OUTCOMES[protocol]:
            if outcomes and outcome not in outcomes:
                continue
            for how in BYTES[protocol] if outcome == "approve" else ("whole",):
                parts = PARTS if how == "single" else 1
                found += [
                    Job("kill", protocol, outcome, how, part=1 + n * every, parts=parts * every) for n in range(parts)
                ]
            found.append(Job("cut", protocol, outcome, parts=every))
    for purse in purses:
        found += [Job("cash", "cash", what, purse=purse, parts=every) for what in ("kill", "cut")]
    share, rest = divmod(chance, len(protocols))
    lots = []
    for n, protocol in enumerate(protocols):
        runs = share + (n < rest)
        lots += [Job("chance", protocol, runs=min(LOT, runs - at), seed=seed + at) for at in range(0, runs, LOT)]
    return [*lots, *sorted(found, key=lambda job: job.what != "cash")]


PARTS = 4
"""Jobs into which the longest scenarios are divided."""
LOT = 250
"""Runs by chance of one job."""


def run_job(job: Job, folder: Path) -> Matrix:
    """One job, in `folder`; its runs and faults."""
    logs.configure("soak", level="error")
    matrix = Matrix()
    home = folder / job.name.replace(" ", "-")
    home.mkdir()
    if job.what == "cash":
        with Device("simulators.ccnet", folder / f"{home.name}-device") as acceptor:
            _notes(Notes(home, acceptor, matrix), job)
    else:
        with Device(POS[job.protocol][0], folder / f"{home.name}-device") as pos:
            cards = Cards(home, job.protocol, pos, matrix)
            _cards(cards, job)
            _check(matrix, f"{job.protocol}: the day's sums", cards.day())
    _check(matrix, "journals and files", _journal_faults(home))
    return matrix


def _check(matrix: Matrix, name: str, faults: Iterator[str]) -> None:
    row, found = matrix.row(name), list(faults)
    row.ends["checked"] += 1
    row.faults.extend(found)


def _cards(cards: Cards, job: Job) -> None:
    match job.what:
        case "kill":
            steps = cards.killed(job.outcome, job.how, None)
            for at in range(job.part, steps + 1, job.parts):
                cards.killed(job.outcome, job.how, at)
        case "cut":
            at = 1
            while cards.cut(job.outcome, at):
                at += job.parts
        case _:
            for n in range(job.runs):
                cards.chance(job.seed + n)


def _notes(notes: Notes, job: Job) -> None:
    steps = notes.run(job.purse)
    if job.outcome == "kill":
        for at in range(1, steps + 1, job.parts):
            notes.run(job.purse, kill_at=at)
        return
    at = 1
    while at == 1 or notes.dark:
        notes.run(job.purse, cut_at=at)
        at += job.parts


def _journal_faults(home: Path) -> Iterator[str]:
    report = verify(home / "money.db", "terminal-1", MONEY)
    yield from (f"{home.name} journal: {problem}" for problem in report.problems)
    files = b"".join(path.read_bytes() for path in home.iterdir())
    yield from (f"{home.name}: {secret.decode()} stands in a file" for secret in SECRETS if secret in files)


def soak(
    folder: Path, todo: list[Job], *, workers: int = 1, say: Callable[[str], None] = lambda _: None
) -> tuple[list[str], Matrix]:
    """All jobs in `folder`, so many at a time, each in a process of its own; the faults and the matrix."""
    matrix = Matrix()
    if workers == 1:
        for job in todo:
            matrix.add(run_job(job, folder))
        return matrix.faults, matrix
    # A process that forks must have no threads: fresh ones have none.
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(run_job, job, folder): job for job in todo}
        for n, done in enumerate(as_completed(waiting), 1):
            part = done.result()
            matrix.add(part)
            for fault in part.faults:
                say(f"FAULT {fault}")
            told = f"{matrix.runs} runs, {matrix.kills} SIGKILLs, {len(matrix.faults)} faults"
            say(f"{n} of {len(todo)}: {waiting[done].name}: {told}")
    return matrix.faults, matrix


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long."""
    parser.add_argument("--chance", type=int, default=10_000, help="runs with a crash by chance (default: 10000)")
    parser.add_argument("--every", type=int, default=1, help="kill and cut at every Nth step only (default: 1)")
    parser.add_argument("--seed", type=int, default=1, help="of the first run by chance (default: 1)")
    parser.add_argument(
        "--jobs", type=int, default=4 * (os.cpu_count() or 1), help="at a time: they wait more than they work"
    )
    parser.add_argument("--protocol", choices=tuple(POS), action="append", help="only these card terminals")


def run(args: argparse.Namespace) -> int:
    """0 when every ledger matches, 1 when one does not, with the places."""
    began = time.monotonic()
    chosen = tuple(args.protocol) if args.protocol else tuple(POS)
    todo = jobs(every=args.every, chance=args.chance, seed=args.seed, protocols=chosen)

    def say(text: str) -> None:
        print(f"  {time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="vikno-soak-") as name:
        faults, matrix = soak(Path(name), todo, workers=args.jobs, say=say)
    print("\n".join(matrix.lines()))
    cuts = sum(row.cuts for row in matrix.rows.values())
    print(
        f"{matrix.runs} runs, {matrix.kills} real SIGKILLs, {cuts} power cuts, {len(faults)} faults,"
        f" {time.monotonic() - began:.0f} s"
    )
    for fault in faults[:20]:
        print(f"  {fault}", file=sys.stderr)
    return 1 if faults else 0

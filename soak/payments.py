"""`vikno soak payments`: each scenario killed at every step, its device cut off at every step, and both by chance.

What holds afterwards is checked against the devices' own ledgers, which the product cannot reach: no order is charged
twice, nothing that the bank took is missing from the books, nothing is called paid that was not, no note is lost or
credited twice, and no field of a card stands in any file.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from contract.errors import DeviceError, TransientDeviceError
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

OUTCOMES = ("approve", "decline", "decline_receipt", "partial", "late", "reverse")
BYTES = ("whole", "single", "garbage")
SECRETS = (b"TEST HOLDER", b"4000000000000002", b"3012")
"""Of the simulated card: none of it may stand in a file of the product."""
LATE_S = 0.2
NEVER = 10**9
PURSES = ((6,), (5, 5), (4, 4, 4, 4, 4), (3, 6, 2, 1))
"""Notes by kind of the simulated acceptor: 100; 2 x 50; 5 x 20; 10, 100, 5, 2 hryvnias."""
DUE = 10000


@dataclass
class Row:
    """One line of the matrix."""

    runs: int = 0
    kills: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Matrix:
    """Scenario → what became of its runs."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def row(self, name: str) -> Row:
        return self.rows.setdefault(name, Row())

    @property
    def kills(self) -> int:
        return sum(row.kills for row in self.rows.values())

    @property
    def faults(self) -> list[str]:
        return [f"{name}: {fault}" for name, row in self.rows.items() for fault in row.faults]

    def lines(self) -> Iterator[str]:
        yield f"{'scenario':34} {'runs':>6} {'SIGKILL':>8}  how they ended"
        for name, row in self.rows.items():
            ends = ", ".join(f"{end} {count}" for end, count in sorted(row.ends.items()))
            yield f"{name:34} {row.runs:6} {row.kills:8}  {ends}"


class Cards:
    """One card terminal and one book; each run is an order with a price of its own: so the bank's lines can be told apart."""

    def __init__(self, folder: Path, protocol: str, pos: Device, matrix: Matrix) -> None:
        self.folder, self.protocol, self.pos, self.matrix = folder, protocol, pos, matrix
        self._make = POS[protocol][1]
        self._price = 10_000

    def next_order(self) -> tuple[str, Money]:
        self._price += 2  # even: a part is exactly half
        return f"order-{self._price}", Money(self._price, "UAH")

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
        return int((self.folder / "steps").read_text())

    def cut(self, outcome: str, at: int) -> bool:
        """One run with the device's power gone at its step `at`; False when it has no such step."""
        row = self.matrix.row(f"{self.protocol} {outcome}, device cut")
        order, price = self.next_order()
        self._script(outcome, "whole")
        self.pos.do("cut_at", step=at)
        self.act(outcome, order, price, Steps())
        dark = not self.pos.do("state")["powered"]
        self._mend()
        self.settle(row, outcome, order, price)
        return dark

    def chance(self, seed: int) -> None:
        """One run in this process, with a crash at a step, a cut, or both, or neither."""
        row = self.matrix.row(f"{self.protocol}, by chance")
        dice = random.Random(seed)
        outcome, how = dice.choice([o for o in OUTCOMES if o != "late"]), dice.choice(BYTES[:2])
        order, price = self.next_order()
        self._script(outcome, how)
        if dice.random() < 0.3:
            self.pos.do("cut_at", step=dice.randint(1, 14))
        if self.protocol == "privat" and dice.random() < 0.2:
            self.pos.do("busy", count=dice.randint(1, 2))
        if self.protocol != "privat":
            self.pos.do("profile", no_answer=dice.choice(["keep", "reverse"]))
        with suppress(Crash):
            self.act(outcome, order, price, Steps(dice.randint(1, 60), crash))
        self._mend()
        self.settle(row, outcome, order, price)

    def settle(self, row: Row, outcome: str, order: str, price: Money) -> None:
        """The program starts again, a person decides what is left, the visitor tries once more; then the ledgers are compared."""
        row.runs += 1
        if outcome == "late":
            time.sleep(LATE_S)
        self._script("approve", "whole")
        with open_journal(self.folder) as journal, card_till(journal, self._make(self.pos, plain)) as till:
            book = Book(journal, "terminal-1")
            unknown = till.recover()
            self._person(till, unknown, row)
            first = book.live(order)
            again = self._again(till, order, price) if outcome != "reverse" else first
            row.ends["paid before the end" if first else "paid at the second try" if again else "given back"] += 1
            row.faults.extend(self._compare(book, order, price))

    def _again(self, till: CardTill, order: str, price: Money) -> Payment:
        """The visitor tries once more; what an earlier run left in the terminal may disturb that, and harms nothing."""
        for _ in range(3):
            with suppress(TransientDeviceError):
                return till.pay(order, price)
            time.sleep(LATE_S)
        return till.pay(order, price)

    def _person(self, till: CardTill, unknown: list[Payment], row: Row) -> None:
        for payment in unknown:
            row.ends["decided by a person"] += 1
            net = self._net(payment.amount)
            if net == payment.amount.minor // 2:  # a part was taken: voided on the terminal's own keys
                self.pos.do("void_last")
                net = 0
            sold = State.APPROVED if net else State.NOT_PERFORMED
            till.decide(
                payment.id, State.REVERSED if not net and payment.captured_minor else sold, "Olha R.", "bank report"
            )

    def _net(self, price: Money) -> int:
        """What the bank keeps of an order's price; a part counts as its part."""
        lines = [line for line in self.pos.lines("bank.jsonl") if line["minor"] in {price.minor, price.minor // 2}]
        sign = {"sale": 1, "void": -1}
        return sum(sign[line["type"]] * line["minor"] for line in lines if line["approved"])

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

    def _mend(self) -> None:
        self.pos.do("power", on=True)
        self.pos.do("cut_at", step=NEVER)
        if self.protocol == "privat":
            self.pos.do("busy", count=0)

    def _script(self, outcome: str, how: str) -> None:
        self.pos.do("next", outcome="approve" if outcome == "reverse" else outcome, bytes=how)


class Notes:
    """One note acceptor and one book; what lies in the cassette is held against them after every run."""

    def __init__(self, folder: Path, acceptor: Device, matrix: Matrix) -> None:
        self.folder, self.acceptor, self.matrix = folder, acceptor, matrix
        self._orders = 0

    def act(self, order: str, steps: Steps, seconds: float = 1.0) -> None:
        """What the terminal's program does for one visitor, from its start."""
        until = time.monotonic() + seconds
        with opened(self.folder, steps, open_journal) as journal:
            with cash_till(journal, self.acceptor, lambda wire: MortalWire(wire, steps)) as till:
                with suppress(DeviceError):
                    till.recover()
                till.collect(order, Money(DUE, "UAH"), lambda: time.monotonic() > until)
            (self.folder / "steps").write_text(str(steps.count))

    def run(self, purse: tuple[int, ...], *, kill_at: int | None = None, cut_at: int | None = None) -> int:
        """One visitor with these notes; how many steps the program made (0: it died before it could say)."""
        name = "killed" if kill_at else "device cut" if cut_at else "undisturbed"
        row = self.matrix.row(f"cash {'+'.join(map(str, purse))}, {name}")
        self._orders += 1
        order = f"cash-{self._orders}"
        (self.folder / "steps").write_text("0")
        if cut_at:
            self.acceptor.do("cut_at", step=cut_at)
        pid = fork(lambda: self.act(order, Steps(kill_at, kill_self)))
        end = self._visit(pid, purse)
        row.kills += end == "killed"
        self.acceptor.do("power", on=True)
        self.acceptor.do("cut_at", step=NEVER)
        self.settle(row, order)
        return int((self.folder / "steps").read_text())

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long."""
    parser.add_argument("--chance", type=int, default=10_000, help="runs with a crash by chance (default: 10000)")
    parser.add_argument("--every", type=int, default=1, help="kill and cut at every Nth step only (default: 1)")
    parser.add_argument("--seed", type=int, default=1, help="of the first run by chance (default: 1)")


def run(args: argparse.Namespace) -> int:
    """0 when every ledger matches, 1 when one does not, with the places."""
    logs.configure("soak", level="error")
    with tempfile.TemporaryDirectory(prefix="vikno-soak-") as name:
        faults, matrix = soak(Path(name), every=args.every, chance=args.chance, seed=args.seed, say=_say)
    print("\n".join(matrix.lines()))
    print(f"{sum(row.runs for row in matrix.rows.values())} runs, {matrix.kills} real SIGKILLs, {len(faults)} faults")
    for fault in faults[:20]:
        print(f"  {fault}", file=sys.stderr)
    return 1 if faults else 0


def soak(
    folder: Path,
    *,
    every: int,
    chance: int,
    seed: int,
    protocols: tuple[str, ...] = tuple(POS),
    outcomes: tuple[str, ...] = OUTCOMES,
    purses: tuple[tuple[int, ...], ...] = PURSES,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[list[str], Matrix]:
    """All of it in `folder`, every `every`th step, `chance` runs by chance over all protocols; the faults and the matrix."""
    matrix = Matrix()
    for name in protocols:
        (folder / name).mkdir()
        with Device(POS[name][0], folder / f"{name}-pos") as pos:
            cards = Cards(folder / name, name, pos, matrix)
            _soak_cards(cards, every, outcomes, say)
            for n in range(chance // len(protocols)):
                if n % 500 == 0:
                    say(f"{name} by chance: {n} of {chance // len(protocols)}")
                cards.chance(seed + n)
    (folder / "cash").mkdir()
    with Device("simulators.ccnet", folder / "acceptor") as acceptor:
        _soak_notes(Notes(folder / "cash", acceptor, matrix), every, purses, say)
    return matrix.faults + list(_journal_faults(folder, (*protocols, "cash"))), matrix


def _soak_cards(cards: Cards, every: int, outcomes: tuple[str, ...], say: Callable[[str], None]) -> None:
    own = {"late"} if cards.protocol != "privat" else set()  # a success after the no was seen of that maker only
    for outcome in (outcome for outcome in outcomes if outcome not in own):
        ways = BYTES if cards.protocol == "privat" else BYTES[:2]
        for how in ways if outcome == "approve" else BYTES[:1]:
            say(f"{cards.protocol} {outcome}, {how}")
            steps = cards.killed(outcome, how, None)
            for at in range(1, steps + 1, every):
                cards.killed(outcome, how, at)
        at = 1
        while cards.cut(outcome, at):
            at += every


def _soak_notes(notes: Notes, every: int, purses: tuple[tuple[int, ...], ...], say: Callable[[str], None]) -> None:
    for purse in purses:
        say(f"cash {purse}")
        steps = notes.run(purse)
        for at in range(1, steps + 1, every):
            notes.run(purse, kill_at=at)
        for at in range(1, steps + 1, every):
            notes.run(purse, cut_at=at)


def _journal_faults(folder: Path, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        report = verify(folder / name / "money.db", "terminal-1", MONEY)
        yield from (f"{name} journal: {problem}" for problem in report.problems)
        files = b"".join(path.read_bytes() for path in (folder / name).iterdir())
        yield from (f"{name}: {secret.decode()} stands in a file" for secret in SECRETS if secret in files)


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)

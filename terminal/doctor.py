"""What payment devices answer, line by line, and what to do next. Nothing here sells, gives back, closes a batch or moves a note."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contract.errors import ContractError, DeviceError
from contract.hints import HINTS
from terminal.cash.acceptor import FAULTS, BillAcceptor, Word
from terminal.pos.terminal import CardTerminal


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `ok` False: the device cannot be used as it is; `step`: what to do next, "" for nothing."""

    text: str
    ok: bool = True
    step: str = ""


_SAYS = {
    Word.POWER_UP: Finding("just got its power", step="the terminal's program resets it when it starts: nothing to do"),
    Word.STARTING: Finding("starting", step="ask again in half a minute"),
    Word.IDLE: Finding("takes notes", step="a visitor may be paying: is the terminal's program running?"),
    Word.DISABLED: Finding("ready, takes nothing just now"),
    Word.ESCROW: Finding("holds a note", step="start the terminal's program: it gives the note back"),
    Word.STACKED: Finding(
        "a note was stacked that nobody heard of", step="start the terminal's program: it is remembered"
    ),
}


def card(terminal: CardTerminal) -> Iterator[Finding]:
    """A card terminal: the line, who it is, whether it is free, its last receipt, its batch. Ends at the first thing that is broken."""
    what = "handshake"
    try:
        yield Finding(f"handshake: it is {terminal.open() or 'a terminal that tells no name'}")
        what = "state"
        terminal.settle()
        yield Finding("state: free, nothing goes on in it")
        what = "last receipt"
        yield _last(terminal)
        what = "batch"
        totals = terminal.totals()
        told = f"{totals.sales} sales, {totals.net_minor / 100:.2f} {totals.currency}" if totals else "not told by it"
        yield Finding(f"batch: {told}")
    except (DeviceError, ContractError) as exc:
        yield _broken(what, exc)


def acceptor(device: BillAcceptor) -> Iterator[Finding]:
    """A note acceptor: the line, its bill table, what it says of itself and its cassette. Ends at the first thing that is broken."""
    what = "bill table"
    try:
        table = device.open()
        yield Finding(f"bill table: {', '.join(str(table[kind]) for kind in sorted(table))}")
        what = "state"
        word = device.poll().word
    except (DeviceError, ContractError) as exc:
        yield _broken(what, exc)
        return
    if word in FAULTS:
        hint = HINTS[word.value]
        yield Finding(f"state: {hint.cause}", ok=False, step=hint.step)
        return
    found = _SAYS.get(word, Finding(f"it says {word.value}"))
    yield Finding(f"state: {found.text}", step=found.step)
    yield Finding("cassette: in its place, not full")


def _last(terminal: CardTerminal) -> Finding:
    if terminal.by_name:
        return Finding(
            "last receipt: this protocol tells none (a sale whose beginning was not heard is for staff to look up)"
        )
    last = terminal.last()
    if last is None:
        return Finding("last receipt: none, its batch is empty")
    result = "approved" if last.approved else "declined"
    return Finding(
        f"last receipt: {last.number}, a {last.kind} over {last.amount}, {result}, terminal {last.tid or 'without a name'}"
    )


def _broken(what: str, exc: DeviceError | ContractError) -> Finding:
    if isinstance(exc, ContractError):
        return Finding(
            f"{what}: {exc}", ok=False, step="check the protocol and the address: another device may answer there"
        )
    return Finding(f"{what}: {HINTS[exc.fault].cause} ({exc.fault})", ok=False, step=exc.hint)

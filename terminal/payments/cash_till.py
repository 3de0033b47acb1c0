"""Notes at one acceptor: each is credited once, when it lies in the cassette, and none is ever lost from the books."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import structlog

from contract.errors import TransientDeviceError
from terminal.cash.acceptor import FAULTS, BillAcceptor, Status, Word
from terminal.money import Money
from terminal.payments.book import Book
from terminal.payments.note import Note, NoteState

POLL_S = 0.15
"""Between two questions to the acceptor (CCNET asks for 100 to 200 ms)."""
_IN_HAND = (NoteState.STACKING.value,)
_REST = {Word.IDLE, Word.DISABLED}
_AWAY_LIMIT = 20
"""So many unanswered questions in a row end a session."""


@dataclass(frozen=True, slots=True)
class Collected:
    """How a session ended. `credit`: all that notes have brought for the order; `fault`: a key of `contract.hints`, "" for none."""

    credit: Money
    fault: str = ""


class CashTill:
    """Owns one acceptor; used by one thread. No change is given: a screen says so before the first note."""

    def __init__(
        self, book: Book, acceptor: BillAcceptor, device: str, currency: str, *, poll_s: float = POLL_S
    ) -> None:
        self._book, self._acceptor, self._device, self._currency, self._poll_s = (
            book,
            acceptor,
            device,
            currency,
            poll_s,
        )
        self._log = structlog.get_logger(__name__).bind(device=device)
        self._values: Mapping[int, Money] = {}
        self._fresh = True
        """Nothing but start-up was heard since the line or the acceptor began: what is told of as stacked may have been told before."""
        self._last: Status | None = None
        self._cassette_out = False
        self.heard = 0
        """How many steps of notes and cassettes were written down."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the line up; twice is fine."""
        self._acceptor.close()

    def recover(self) -> list[Note]:
        """Bring the acceptor to rest with nothing in its hands; the notes of which nobody knows where they are.

        A note that is held is given back: its visitor may be gone. Raises: TransientDeviceError: nobody answers.
        """
        self._connect()
        for _ in range(400):
            status = self._hear()
            if status.word in _REST or status.word in FAULTS:
                break
            if status.word is Word.ESCROW:
                self._acceptor.give_back()
            time.sleep(self._poll_s)
        self._settle_rest(status)
        return self._book.notes(device=self._device, state=NoteState.DOUBT.value)

    @property
    def values(self) -> tuple[Money, ...]:
        """What notes are taken; none while the acceptor is away."""
        return tuple(self._values.values())

    def watch(self) -> str:
        """Hear the acceptor while nobody pays: what is wrong with it, a key of `contract.hints`, "" for nothing.

        Raises: TransientDeviceError: nobody answers.
        """
        try:
            if not self._values:
                self.recover()
            status = self._hear()
            if status.word is Word.ESCROW:
                self._acceptor.give_back()
            elif status.word is Word.IDLE:
                self._acceptor.accept(frozenset())
        except TransientDeviceError:
            self._away()
            raise
        return status.word.value if status.word in FAULTS else ""

    def collect(
        self, order: str, due: Money, ended: Callable[[], bool], told: Callable[[Money], object] = lambda _: None
    ) -> Collected:
        """Take notes for `order` until `due` is reached, a fault, or `ended()`; `told` hears each new credit.

        What was credited before, for the same order, counts. Only notes that fit the rest are taken; where none is small
        enough the smallest one that covers it, and the rest of that is kept as paid over.
        """
        try:
            if not self._values:
                self.recover()
            fault = self._session(order, due, ended, told)
        except TransientDeviceError as exc:
            self._away()
            fault = exc.fault
        return Collected(self._credit(order), fault)

    def claim(self, order: str, due: Money, *, by_card: bool = False) -> tuple[str, Money] | None:
        """The visitor left before `due` was reached: a code for what lies inside; None where nothing does, or all.

        `by_card`: a card has paid the order, so that whatever lies inside is owed. The same code when asked again.
        """
        credit = self._credit(order)
        if not credit.minor or (credit.minor >= due.minor and not by_card):
            return None
        known = self._book.claims().get(order)
        code = known[0] if known else f"{secrets.randbelow(10**8):08}"
        if known is None or known[1] != credit.minor:
            self._book.claim(order, code, credit)
        return code, credit

    # -- a session --------------------------------------------------------------------------------------------------

    def _session(self, order: str, due: Money, ended: Callable[[], bool], told: Callable[[Money], object]) -> str:
        taking: frozenset[int] | None = None
        away, over = 0, False
        while True:
            credit = self._credit(order)
            over = over or ended() or credit.minor >= due.minor
            wanted = frozenset() if over else self._fitting(due.minor - credit.minor)
            try:
                if wanted != taking:
                    self._acceptor.accept(wanted)
                    taking = wanted
                status = self._hear()
                away = 0
            except TransientDeviceError as exc:
                away, taking = away + 1, None
                if away >= _AWAY_LIMIT:
                    raise
                self._again(exc)
                continue
            if status.word is Word.ESCROW:
                self._decide(order, status.kind, wanted)
            if status.word is Word.STACKED:
                told(self._credit(order))
            if status.word in FAULTS:
                return status.word.value
            if over and status.word in _REST and not self._in_hand():
                return ""
            if status.word in _REST and self._in_hand():
                self._settle_rest(status)
            time.sleep(self._poll_s)

    def _decide(self, order: str, kind: int | None, wanted: frozenset[int]) -> None:
        held = self._in_hand()
        if kind is None or kind not in self._values:
            self._acceptor.give_back()
        elif held or kind in wanted:
            if not held:
                cassette = self._book.cassette(self._device)
                note = Note(
                    f"n-{secrets.token_hex(8)}",
                    self._device,
                    order,
                    kind,
                    self._values[kind],
                    cassette,
                    self._book.now(),
                )
                self._book.put(note)
            self._acceptor.stack()  # still held: the word to take it was lost, and may be said again
        else:
            self._acceptor.give_back()

    def _fitting(self, rest: int) -> frozenset[int]:
        fitting = {kind for kind, value in self._values.items() if value.minor <= rest}
        if not fitting:
            least = min(value.minor for value in self._values.values() if value.minor >= rest)
            fitting = {kind for kind, value in self._values.items() if value.minor == least}
        return frozenset(fitting)

    # -- what the acceptor says -------------------------------------------------------------------------------------

    def _hear(self) -> Status:
        """One word of the acceptor, remembered before it is acknowledged."""
        status = self._acceptor.poll()
        match status.word:
            case Word.STACKED if status.kind is not None:
                self._stacked(status.kind)
            case Word.RETURNED:
                self._returned(status.kind)
            case Word.CASSETTE_OUT if not self._cassette_out:
                self._log.info("cash.collected", totals=self._book.collect(self._device))
                self.heard += 1
            case _:
                pass
        self._cassette_out = status.word is Word.CASSETTE_OUT
        self._acceptor.ack()
        if status.word is Word.POWER_UP:
            self._acceptor.reset()
        if status.word is Word.POWER_UP:
            self._fresh = True  # it may say again what it said before its power went
        elif status.word not in {Word.STARTING, Word.STACKED, Word.RETURNED}:
            self._fresh = False
        self._last = status
        return status

    def _stacked(self, kind: int) -> None:
        held = self._on_its_way(kind)
        if held is not None:
            self._put(held.moved(NoteState.CREDITED, self._book.now()))
        elif not self._told_before(kind):
            value = self._values[kind] if kind in self._values else Money(0, self._currency)
            cassette, at = self._book.cassette(self._device), self._book.now()
            self._put(
                Note(f"n-{secrets.token_hex(8)}", self._device, "", kind, value, cassette, at, NoteState.UNEXPLAINED)
            )

    def _returned(self, kind: int | None) -> None:
        held = None if kind is None else self._on_its_way(kind)
        if held is not None:
            self._put(held.moved(NoteState.RETURNED, self._book.now()))

    def _on_its_way(self, kind: int) -> Note | None:
        """The note that was written down before it was taken, or the oldest of that kind of which nothing was heard since."""
        states = (NoteState.STACKING.value, NoteState.DOUBT.value)
        notes = [note for note in self._book.notes(device=self._device, state=states) if note.kind == kind]
        return next((note for note in notes if note.state is NoteState.STACKING), notes[0] if notes else None)

    def _told_before(self, kind: int) -> bool:
        """Whether this is the word about a note that was credited, come again because its acknowledgement was lost."""
        if self._last is not None and self._last == Status(Word.STACKED, kind):
            return True
        newest = self._book.notes(device=self._device)[-1:]
        return self._fresh and any(note.state is NoteState.CREDITED and note.kind == kind for note in newest)

    def _settle_rest(self, status: Status) -> None:
        """At rest with a note written down as on its way: it went somewhere, and nobody said where."""
        for note in self._in_hand() if status.word in _REST else []:
            self._put(note.moved(NoteState.DOUBT, self._book.now()))

    def _put(self, note: Note) -> None:
        self._book.put(note)
        self.heard += 1
        self._log.info("note", note=note.id, order=note.order, state=note.state, minor=note.value.minor)

    def _in_hand(self) -> list[Note]:
        return self._book.notes(device=self._device, state=_IN_HAND)

    def _credit(self, order: str) -> Money:
        return Money(self._book.credit(order), self._currency)

    # -- the line ---------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._fresh, self._last = True, None
        self._values = self._acceptor.open()

    def _again(self, exc: TransientDeviceError) -> None:
        self._log.warning("cash.unanswered", fault=exc.fault)
        time.sleep(self._poll_s)
        try:
            self._connect()
        except TransientDeviceError:
            return

    def _away(self) -> None:
        self._acceptor.close()
        self._values = {}

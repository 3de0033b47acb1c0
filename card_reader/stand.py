"""A card reader on its stand before a screen: one visitor's read after another, in a thread of its own, and how the reader is."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from card_reader.config import CardReaderSection
from card_reader.errors import Code
from card_reader.key import CanKey, Key
from card_reader.mrz import MrzKey
from card_reader.outcome import Failure, Progress, Reading
from card_reader.purpose import EVERYDAY, Purpose
from card_reader.readers.frame import Swipe
from card_reader.readers.swipe import SwipeReader
from card_reader.service import Reader
from contract import messages as m
from runtime.supervise import crash

log = structlog.get_logger(__name__)

WAIT_S = 30.0
"""So long a card is waited for."""
LOOK_S = 0.5
"""How often the reader's own state is looked at."""
ORDERS = 8
MRZ_MISSING = "mrz_reader_missing"


@dataclass(frozen=True, slots=True)
class There:
    """Whether a card can be read, and its zone swiped."""

    ready: bool
    swipe: bool


@dataclass(frozen=True, slots=True)
class Swiped:
    """A zone was swiped: its fields as they are typed, none where they do not hold."""

    typed: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Came:
    """The read `key` has come to a step."""

    key: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Ended:
    """The read `key` is over. A reading is wiped when the visitor has gone, at the latest after `service.LIFE_S`."""

    key: str
    outcome: Reading | Failure


News = There | Swiped | Came | Ended


@dataclass(frozen=True, slots=True)
class Wanted:
    """A read: `key` names it, `opens` opens the card; the rest as `Reader.read` has it."""

    key: str
    purpose: Purpose
    opens: Key = field(repr=False)
    fields: frozenset[str] = EVERYDAY
    day_key: bytes | None = field(default=None, repr=False)


def opens(typed: tuple[str, ...]) -> Key:
    """The key in what was typed: six digits, or number, birth and expiry as day, month, year. The reading process checks it."""
    if len(typed) == 1:
        return CanKey(typed[0])
    number, birth, expiry = typed
    return MrzKey(number, _yymmdd(birth), _yymmdd(expiry))


def _yymmdd(ddmmyy: str) -> str:
    """And the other way: the same turn."""
    return ddmmyy[4:] + ddmmyy[2:4] + ddmmyy[:2]


def as_typed(swipe: Swipe) -> tuple[str, ...]:
    """A swiped zone as its fields would be typed; () where it does not hold."""
    if swipe.zone is None:
        return ()
    key = swipe.zone.key
    return key.number, _yymmdd(key.birth), _yymmdd(key.expiry)


class Stand:
    """One reader and its thread, perhaps an MRZ reader beside it. `expect` first, then `read`; `forget` when the visitor has gone.

    `tell`: news for the screen; `on_fault(before, now)`: keys of `contract.hints`, None for nothing; `on_units`: what is connected.
    They are called in this thread, or the MRZ reader's.
    Raises: ConfigError: the bundle cannot be used.
    """

    def __init__(
        self,
        section: CardReaderSection,
        tell: Callable[[News], None],
        on_fault: Callable[[str | None, str | None], None],
        on_units: Callable[[dict[str, m.UnitHealth]], None],
    ) -> None:
        self._reader = Reader(section)
        self._tell, self._on_fault, self._on_units = tell, on_fault, on_units
        self._orders: queue.Queue[Wanted | None] = queue.Queue(ORDERS)
        self._wanted = ""
        self._ready = (False, False)
        self._fault: str | None = None
        self._swipe = SwipeReader(section.swipe, self._swiped) if section.swipe is not None else None
        self._swipe_there = True
        self._units: dict[str, m.UnitHealth] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=crash(self._run), name="cards", daemon=True)

    def start(self) -> None:
        """Start the threads."""
        if self._swipe is not None:
            self._swipe.start()
        self._thread.start()

    def expect(self, key: str) -> None:
        """The read `key` is wanted from now on, and no other."""
        self._wanted = key

    def read(self, wanted: Wanted) -> None:
        """Read a card; told as `Came` and, once, `Ended`."""
        if not self._put(wanted):
            self._tell(Ended(wanted.key, Failure(Code.CARD_ERROR)))

    def forget(self) -> None:
        """The visitor has gone: a read ends and is told to nobody, what was read is wiped."""
        self._wanted = ""
        self._reader.cancel()
        self._put(None)

    def stop(self, timeout_s: float = 5.0) -> None:
        """End a read, the thread and the reading process; may be called twice."""
        self._stopping.set()
        self.forget()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if self._swipe is not None:
            self._swipe.stop()
        self._reader.close()

    def _put(self, order: Wanted | None) -> bool:
        try:
            self._orders.put_nowait(order)
        except queue.Full:
            log.warning("cards.busy")
            return False
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                order = self._orders.get(timeout=LOOK_S)
            except queue.Empty:
                self._look()
                continue
            if order is None:
                self._reader.forget()
            elif order.key == self._wanted:
                self._tell(Ended(order.key, self._outcome(order)))

    def _outcome(self, order: Wanted) -> Reading | Failure:
        def on_progress(progress: Progress) -> None:
            if order.key == self._wanted:
                self._tell(Came(order.key, progress))
            else:  # given up just before the read began
                self._reader.cancel()

        return self._reader.read(
            order.purpose, order.opens, on_progress, fields=order.fields, day_key=order.day_key, wait_s=WAIT_S
        )

    def _swiped(self, swipe: Swipe) -> None:
        self._tell(Swiped(as_typed(swipe)))

    def _look(self) -> None:
        ready, fault = self._reader.present, self._reader.fault
        swipe = self._swipe is not None and self._swipe.connected
        if (ready, swipe) != self._ready:
            self._ready = (ready, swipe)
            self._tell(There(ready, swipe))
        self._look_at_units(ready=ready, swipe=swipe)
        if fault != self._fault:
            self._on_fault(self._fault, fault)
            self._fault = fault
        if self._swipe is not None and swipe != self._swipe_there:
            self._swipe_there = swipe
            self._on_fault(MRZ_MISSING if swipe else None, None if swipe else MRZ_MISSING)

    def _look_at_units(self, *, ready: bool, swipe: bool) -> None:
        units = {}
        if ready:
            units["card_reader"] = m.UnitHealth(kind="card_reader", model=self._reader.model[:64])
        if swipe and self._swipe is not None:
            units["mrz_reader"] = m.UnitHealth(kind="mrz_reader", figures={"dropped_count": float(self._swipe.dropped)})
        if units != self._units:
            self._units = units
            self._on_units(units)

"""The box with a reader at a window: it reads when a console asks, tells the fields sealed to that read's key, and keeps nothing."""

from __future__ import annotations

import json
import queue
import threading
import time
from types import TracebackType
from typing import Self, assert_never

import structlog
from pydantic import TypeAdapter, ValidationError

from card_reader.config import Options
from card_reader.errors import CardError, Code
from card_reader.key import Key
from card_reader.mrz import Mrz, MrzError
from card_reader.outcome import Failure, Progress, Reading
from card_reader.purpose import Purpose
from card_reader.readers.frame import Swipe
from card_reader.readers.swipe import SwipeReader
from card_reader.service import Reader
from card_reader.worker import key_of
from contract import messages as m
from contract import topics
from contract.errors import ContractError
from contract.words import Role
from runtime.asker import new_id
from runtime.box import Box, Heard, Occurrence
from runtime.seal import Opener, seal
from runtime.supervise import crash

log = structlog.get_logger(__name__)

UNIT, SWIPE_UNIT = "card_reader", "mrz_reader"
WAIT_S = 30.0
"""So long a card is waited for, and a swipe before it."""
LOOK_S = 0.5
ORDERS = 8
SWIPE, SWIPE_AGAIN = "swipe", "swipe_again"
"""Steps before those of `card_reader.outcome.Step`: a zone is waited for; the one that came does not hold."""
_TYPED: TypeAdapter[dict[str, str] | None] = TypeAdapter(dict[str, str] | None)


class WindowReader:
    """One box: its place on the broker, a reader, perhaps an MRZ reader, and the thread that reads. A context manager.

    Raises: ConfigError: the bundle cannot be used.
    """

    def __init__(self, options: Options) -> None:
        self._reader = Reader(options.card_reader)
        self._opener = Opener()
        self._swipes: queue.Queue[Swipe] = queue.Queue(1)
        self._swiping = threading.Event()
        url = options.card_reader.swipe
        self._swipe = SwipeReader(url, self._swiped) if url is not None else None
        self.box = Box(options.broker.broker(), Role.READER, [topics.DOWN_CARD], self._tell)
        self._orders: queue.Queue[m.CardRead] = queue.Queue(ORDERS)
        self._wanted = ""
        self._told = ("", "", 0.0)
        self._fault: str | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=crash(self._run), name="window-reader", daemon=True)

    def start(self) -> None:
        """Begin to hear and to read."""
        if self._swipe is not None:
            self._swipe.start()
        self.box.start()
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End a read, the threads and the reading process; may be called twice."""
        self._stopping.set()
        self._give_up()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        self.box.stop(timeout_s)
        if self._swipe is not None:
            self._swipe.stop()
        self._reader.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- what comes in, from other threads -----------------------------------------------------------------------------

    def _tell(self, occurrence: Occurrence) -> None:
        match occurrence:
            case Heard(retained=True, message=m.CardRead() | m.CardForget()):
                self.box.count_drop("retained card word")
            case Heard(message=m.CardRead() as order):
                self._give_up()
                self._put(order)
            case Heard(message=m.CardForget(re=read)) if read == self._wanted:
                self._give_up()

    def _put(self, order: m.CardRead) -> None:
        try:
            self._orders.put_nowait(order)
        except queue.Full:
            self.box.count_drop("too many reads")
        else:
            self._wanted = order.id

    def _give_up(self) -> None:
        self._wanted = ""
        self._reader.cancel()

    def _swiped(self, swipe: Swipe) -> None:
        """What nobody asked for is nobody's."""
        if not self._swiping.is_set() or self._swipes.full():
            self.box.count_drop("swipe nobody asked for")
        else:
            self._swipes.put_nowait(swipe)

    # --- reading, in our own thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._look()
            try:
                order = self._orders.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if order.id != self._wanted:
                continue
            said = self._outcome(order)
            if order.id == self._wanted:
                self.box.publish(topics.UP_CARD, said)
            self._reader.forget()

    def _outcome(self, order: m.CardRead) -> m.CardFields | m.CardFailed:
        try:
            key = self._key(order)
            outcome = self._reader.read(
                Purpose.PREFILL, key, lambda p: self._progress(order, p), fields=frozenset(order.fields), wait_s=WAIT_S
            )
            match outcome:
                case Reading():
                    return _fields(order, outcome)
                case Failure(code, compare):
                    return _failed(order, code, compare)
                case _:
                    assert_never(outcome)
        except MrzError as exc:
            return _failed(order, Code.BAD_KEY, exc.fields)
        except CardError as exc:
            return _failed(order, exc.code)
        except ContractError as exc:
            self.box.count_drop("card order")
            log.warning("card.order", fault=str(exc))
            return _failed(order, Code.CARD_ERROR)

    def _key(self, order: m.CardRead) -> Key | None:
        """Raises: CardError: the key cannot be right, or no zone was swiped. ContractError: it was not sealed to us."""
        if order.opens is None:
            return self._swiped_key(order)
        return opened(self._opener.open(order.opens, f"card.opens {order.id}"))

    def _swiped_key(self, order: m.CardRead) -> Key | None:
        """None where there is no MRZ reader: the card may need no key."""
        if self._swipe is None:
            return None
        self._swiping.set()
        try:
            return self._next_zone(order).key
        finally:
            self._swiping.clear()
            while not self._swipes.empty():
                self._swipes.get_nowait()

    def _next_zone(self, order: m.CardRead) -> Mrz:
        """Raises: CardError: none came in time, or the read is not wanted any more."""
        end = time.monotonic() + WAIT_S
        self._say(order, SWIPE)
        while time.monotonic() < end:
            if order.id != self._wanted:
                raise CardError("given up", Code.CANCELLED)
            try:
                zone = self._swipes.get(timeout=0.2).zone
            except queue.Empty:
                continue
            if zone is not None:
                return zone
            self._say(order, SWIPE_AGAIN)
        raise CardError("nothing was swiped", Code.NO_CARD)

    def _progress(self, order: m.CardRead, progress: Progress) -> None:
        if order.id != self._wanted:
            self._reader.cancel()
        else:
            self._say(order, progress.step.value, round(progress.done * 4) / 4)

    def _say(self, order: m.CardRead, step: str, done: float = 0.0) -> None:
        """Every step once; a bar that moves more often than by quarters tells nothing."""
        if self._told != (order.id, step, done):
            self._told = (order.id, step, done)
            self.box.publish(topics.UP_CARD, m.CardStep(id=new_id("s"), re=order.id, step=step, done=done))

    def _look(self) -> None:
        """What stands behind the box, and what is wrong with it."""
        reader, swipe = self._reader, self._swipe
        units = {}
        if reader.present:
            units[UNIT] = m.UnitHealth(kind="card_reader", model=reader.model[:64], seal=self._opener.public)
        if swipe is not None and swipe.connected:
            units[SWIPE_UNIT] = m.UnitHealth(kind="mrz_reader", figures={"dropped_count": float(swipe.dropped)})
        self.box.units = units
        if swipe is not None and not swipe.connected:
            self.box.troubles.raise_("mrz_reader_missing")
        elif swipe is not None:
            self.box.troubles.clear("mrz_reader_missing")
        if reader.fault != self._fault:
            if self._fault is not None:
                self.box.troubles.clear(self._fault)
            if reader.fault is not None:
                self.box.troubles.raise_(reader.fault)
            self._fault = reader.fault


def opened(plain: bytes) -> Key | None:
    """The key in what a console sealed. Raises: MrzError: it cannot be right. ContractError: it is no key."""
    try:
        return key_of(_TYPED.validate_json(plain, strict=True))
    except (ValidationError, KeyError):
        raise ContractError("what opens the card cannot be read") from None  # its cause would show it


def _fields(order: m.CardRead, reading: Reading) -> m.CardFields | m.CardFailed:
    """Raises: ContractError: the order's key is none."""
    plain = {
        "level": reading.level.name.lower(), "reason": reading.reason.value, "notes": sorted(reading.notes),
        "country": reading.country, "fields": reading.fields,
    }  # fmt: skip
    sealed = seal(json.dumps(plain, ensure_ascii=False).encode(), order.seal, f"card.fields {order.id}")
    if len(sealed) > m.MOST_SEALED:
        return _failed(order, Code.UNSUPPORTED)
    return m.CardFields(id=new_id("c"), re=order.id, sealed=sealed)


def _failed(order: m.CardRead, code: Code, compare: tuple[str, ...] = ()) -> m.CardFailed:
    return m.CardFailed(id=new_id("c"), re=order.id, code=code.value, compare=compare[:4])

"""What kiosk, terminal and a reader at a window call: `Reader.read`. The card itself is touched by another process (see `worker`)."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import structlog

from card_reader.config import CardReaderSection
from card_reader.errors import Code
from card_reader.key import Key
from card_reader.outcome import Failure, Progress, Reading, Step, unpack
from card_reader.process import WorkerProcess
from card_reader.purpose import EVERYDAY, Purpose, plan
from card_reader.trust import store
from card_reader.worker import key_data

log = structlog.get_logger(__name__)
LIFE_S = 60.0
"""So long fields live in this process at most."""
WRONG_KEYS = 3
BROKEN = 2
"""So many broken conversations in a row are the reader's fault, not a card's."""
CANCEL_S = 2.0
SILENT_S = 30.0
"""A card that is there and gives no sign for so long hangs, and its reader with it."""
MISSING_S = 30.0


class Reader:
    """One box's card reader, owned by one thread at a time. A context manager; `close` may be called twice.

    Call `read` only after the visitor has agreed to what `plan(purpose, fields)` says, and `forget` when the visitor leaves.
    Raises: ConfigError: the bundle cannot be used.
    """

    def __init__(self, config: CardReaderSection, clock: Callable[[], float] = time.monotonic) -> None:
        self._config, self._clock = config, clock
        if config.trust is not None:
            store.read(config.trust)  # said here, at start, rather than by a process that ends again and again
        self._turn = threading.Lock()
        self._gave_up = threading.Event()
        self._reads = self._wrong_keys = self._broken = 0
        self._last: Reading | None = None
        self._wiper: threading.Timer | None = None
        self._missing_since: float | None = None
        self._worker: WorkerProcess | None = self._fresh([])

    def read(
        self,
        purpose: Purpose,
        key: Key | None,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        *,
        fields: frozenset[str] = EVERYDAY,
        day_key: bytes | None = None,
        wait_s: float = 30.0,
    ) -> Reading | Failure:
        """Waits up to `wait_s` for a card and reads what the purpose allows. `key`: None for cards that need none.

        `fields`: what the form has (`purpose.FIELDS`); `day_key`: 32 bytes, for `Purpose.MATCH`. `on_progress` is called in this
        thread. The reading is wiped after `LIFE_S`. Raises: ValueError: an unknown field, MATCH without a key of the day, or a
        read is running.
        """
        plan(purpose, fields)
        if (day_key is None) == (purpose is Purpose.MATCH):
            raise ValueError("a key of the day belongs to a match, and only there")
        if not self._turn.acquire(blocking=False):
            raise ValueError("a read is running")
        try:
            self._gave_up.clear()
            if self._wrong_keys >= WRONG_KEYS:
                return Failure(Code.TOO_MANY_TRIES)
            order: dict[str, Any] = {
                "do": "read", "purpose": purpose.value, "fields": sorted(fields), "key": key_data(key),
                "day_key": day_key.hex() if day_key else "", "wait_s": wait_s,
            }  # fmt: skip
            return self._counted(self._asked(order, wait_s, on_progress))
        finally:
            self._turn.release()

    def cancel(self) -> None:
        """From another thread: the running read ends with CANCELLED, within two seconds whatever the reader does."""
        self._gave_up.set()
        if self._worker is not None:
            self._worker.send({"do": "cancel"})

    def forget(self) -> None:
        """The visitor has gone: what was read is wiped, refused keys count anew."""
        self._wrong_keys = 0
        if self._wiper is not None:
            self._wiper.cancel()
            self._wiper = None
        if self._last is not None:
            self._last.wipe()
            self._last = None

    @property
    def present(self) -> bool:
        """A reader that fits is connected."""
        worker = self._worker
        return worker is not None and worker.alive and bool(worker.scene["readers"])

    @property
    def model(self) -> str:
        """The reader's name as PC/SC has it; "" without one."""
        worker = self._worker
        return str(worker.scene["model"]) if worker is not None and worker.alive else ""

    @property
    def fault(self) -> str | None:
        """What is wrong with the reader, a key of `contract.hints.HINTS`; None: nothing. Ask again now and then."""
        if self._broken >= BROKEN:
            return "card_reader_faulty"
        worker = self._worker
        scene = worker.scene if worker is not None and worker.alive else {"service": False, "readers": 0, "model": ""}
        if scene["readers"]:
            self._missing_since = None
            return None
        now = self._clock()
        self._missing_since = now if self._missing_since is None else self._missing_since
        if now - self._missing_since < MISSING_S:
            return None
        return "card_reader_missing" if scene["service"] else "card_service_down"

    def close(self) -> None:
        """Wipes, and ends the reading process."""
        self.cancel()
        self.forget()
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _asked(
        self, order: dict[str, object], wait_s: float, on_progress: Callable[[Progress], None]
    ) -> Reading | Failure:
        worker = self._ready()
        if not worker.send(order):
            return Failure(Code.WORKER_LOST)
        patience, heard, cancelled_at = wait_s + SILENT_S, self._clock(), None
        while True:
            now = self._clock()
            if self._gave_up.is_set():
                cancelled_at = cancelled_at or now
            if now - heard > patience or (cancelled_at and now - cancelled_at > CANCEL_S):
                worker.kill()
                return Failure(Code.CANCELLED if cancelled_at else Code.WORKER_LOST)
            try:
                told = worker.told.get(timeout=0.1)
            except queue.Empty:
                continue
            heard = self._clock()
            outcome = unpack(told) if told is not None else Failure(Code.WORKER_LOST)
            if not isinstance(outcome, Progress):
                return outcome
            patience = SILENT_S if outcome.step in {Step.OPEN, Step.READ} else wait_s + SILENT_S
            on_progress(outcome)

    def _counted(self, outcome: Reading | Failure) -> Reading | Failure:
        self._reads += 1
        match outcome:
            case Reading():
                self._wrong_keys = self._broken = 0
                self._keep(outcome)
            case Failure(code):
                self._broken = self._broken + 1 if code is Code.MESSAGING_BROKEN else 0
                self._wrong_keys += code is Code.WRONG_KEY
                if code is Code.WRONG_KEY and self._wrong_keys >= WRONG_KEYS:
                    outcome = Failure(Code.TOO_MANY_TRIES)
        self._recycle()
        return outcome

    def _keep(self, reading: Reading) -> None:
        if self._last is not None:
            self._last.wipe()
        if self._wiper is not None:
            self._wiper.cancel()
        self._last = reading
        self._wiper = threading.Timer(LIFE_S, reading.wipe)
        self._wiper.daemon = True
        self._wiper.start()

    def _ready(self) -> WorkerProcess:
        if self._worker is None or not self._worker.alive:
            blocks = self._worker.blocks if self._worker is not None else []
            if self._worker is not None:
                log.warning("card_worker.lost")
                self._worker.stop()
            self._worker = self._fresh(blocks)
        return self._worker

    def _recycle(self) -> None:
        if self._reads >= self._config.recycle_after and self._worker is not None:
            self._reads = 0
            blocks = self._worker.blocks
            self._worker.stop()
            self._worker = self._fresh(blocks)

    def _fresh(self, blocks: list[list[Any]]) -> WorkerProcess:
        return WorkerProcess(
            {
                "names": self._config.names,
                "profiles": list(self._config.profiles),
                "trust": str(self._config.trust) if self._config.trust else "",
                "blocks": blocks,
            }
        )

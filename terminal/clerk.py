"""A thread that owns one thing a terminal works with: it does what it is given one by one, and looks after it between."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import structlog

from runtime.supervise import crash

log = structlog.get_logger(__name__)

ORDERS = 16


class Clerk:
    """`give` from any thread; what is given is done in this thread, in order.

    Subclasses have `_begin`, done once before anything, and `_idle`, done at least every `rest_s` while nothing is given.
    A bug in either ends the process (`runtime.supervise.crash`).
    """

    def __init__(self, name: str, rest_s: float) -> None:
        self._rest_s = rest_s
        self._given: queue.Queue[Callable[[], None]] = queue.Queue(ORDERS)
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=crash(self._run), name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End what goes on as soon as that is possible, and the thread; may be called twice."""
        self.stopping.set()
        self._put(lambda: None)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def give(self, do: Callable[[], None]) -> bool:
        """Have it done; False: too much is waiting already, it will not be done."""
        if self._put(do):
            return True
        log.warning("clerk.busy", clerk=self._thread.name)
        return False

    def _put(self, do: Callable[[], None]) -> bool:
        try:
            self._given.put_nowait(do)
        except queue.Full:
            return False
        return True

    def _run(self) -> None:
        try:
            self._begin()
            while not self.stopping.is_set():
                try:
                    do = self._given.get(timeout=self._rest_s)
                except queue.Empty:
                    do = self._idle
                do()
        finally:
            self._end()

    def _begin(self) -> None:
        """Before anything else."""

    def _idle(self) -> None:
        """Nothing was given for `rest_s`."""

    def _end(self) -> None:
        """The thread ends."""

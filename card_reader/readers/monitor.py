"""Which readers and cards are there: one thread over SCardGetStatusChange that outlives pcscd. It never dies by itself.

pyscard's own monitors end for good when pcscd is restarted.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import structlog

from card_reader.readers import result
from runtime.supervise import crash

log = structlog.get_logger(__name__)
PNP = r"\\?PnP?\Notification"
BACK_OFF_S = (0.1, 0.2, 0.4, 0.8, 1.0)
LOOK_AGAIN_MS = 60_000


@dataclass(frozen=True, slots=True)
class ReaderState:
    """One reader. `atr` is empty without a card; `mute`: a card that does not answer."""

    name: str
    present: bool
    mute: bool
    atr: bytes


@dataclass(frozen=True, slots=True)
class Scene:
    """What is there now. `service`: pcscd answers."""

    service: bool = False
    readers: tuple[ReaderState, ...] = ()

    @property
    def occupied(self) -> ReaderState | None:
        """A reader with a card; one whose card answers comes first."""
        return min((r for r in self.readers if r.present), key=lambda r: r.mute, default=None)


@dataclass(slots=True)
class _Watched:
    """What pcscd said last, in its own numbers, so that it tells only of changes."""

    states: dict[str, int] = field(default_factory=dict)
    pnp: int = 0


class Monitor:
    """Owns the thread from `start` to `stop`. `names`: a pattern a reader's name must contain; `changed` is called in the thread."""

    def __init__(self, names: str = "", changed: Callable[[Scene], None] = lambda _scene: None) -> None:
        self._names = re.compile(names, re.IGNORECASE)
        self._changed = changed
        self._news = threading.Condition()
        self._stopping = threading.Event()
        self._context: Any = None
        self._thread: threading.Thread | None = None
        self.scene = Scene()

    def start(self) -> None:
        """Begins watching; once."""
        self._thread = threading.Thread(target=crash(self._run), name="card-monitor", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Ends the thread; True when it has ended. Twice is fine."""
        deadline = time.monotonic() + timeout_s
        self._stopping.set()
        while self._thread is not None and self._thread.is_alive() and time.monotonic() < deadline:
            self._interrupt()
            self._thread.join(0.05)
        self.wake()
        return self._thread is None or not self._thread.is_alive()

    def wait(self, wanted: Callable[[Scene], bool], timeout_s: float, given_up: Callable[[], bool]) -> Scene:
        """The scene when `wanted` holds, `given_up` does, or time is over: look which. `wake` makes it look at `given_up`."""
        with self._news:
            self._news.wait_for(
                lambda: wanted(self.scene) or given_up() or self._stopping.is_set(), timeout=max(0.0, timeout_s)
            )
            return self.scene

    def wake(self) -> None:
        """Those who wait look again."""
        with self._news:
            self._news.notify_all()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            code = self._watch()
            if self._stopping.is_set():
                break
            failures = 0 if self.scene.service else failures + 1
            self._show(Scene())
            log.info("card_service.lost", cause=result.name(code), failures=failures)
            self._stopping.wait(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])

    def _watch(self) -> int:
        """Watches until something breaks; the code it broke with."""
        from smartcard import scard

        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != scard.SCARD_S_SUCCESS:
            return result.unsigned(code)
        self._context = context
        watched = _Watched()
        try:
            while not self._stopping.is_set():
                code = self._look(context, watched)
                if code not in result.FINE:
                    return code
        finally:
            self._context = None
            scard.SCardReleaseContext(context)
        return 0

    def _look(self, context: Any, watched: _Watched) -> int:
        """One wait for changes, after which the scene is what it is."""
        from smartcard import scard

        code, names = scard.SCardListReaders(context, [])
        if (code := result.unsigned(code)) not in {0, result.NO_READERS}:
            return code
        ours = [n for n in names if self._names.search(n)]
        watched.states = {n: watched.states.get(n, scard.SCARD_STATE_UNAWARE) for n in ours}
        asked = [*watched.states.items(), (PNP, watched.pnp)]
        # Without a reader of ours the scene is known already; with one, its first look returns at once.
        if not ours:
            self._show(Scene(service=True))
        code, states = scard.SCardGetStatusChange(context, LOOK_AGAIN_MS, asked)
        if (code := result.unsigned(code)) == 0:
            self._take(watched, states)
        return code

    def _take(self, watched: _Watched, states: list[tuple[str, int, list[int]]]) -> None:
        from smartcard import scard

        readers = []
        for name, state, atr in states:
            known = state & ~scard.SCARD_STATE_CHANGED
            if name == PNP:
                watched.pnp = known
            elif not state & scard.SCARD_STATE_UNKNOWN:
                watched.states[name] = known
                present = bool(state & scard.SCARD_STATE_PRESENT)
                readers.append(
                    ReaderState(name, present, bool(state & scard.SCARD_STATE_MUTE), bytes(atr) if present else b"")
                )
            else:
                watched.states.pop(name, None)
        self._show(Scene(True, tuple(readers)))

    def _show(self, scene: Scene) -> None:
        if scene == self.scene:
            return
        with self._news:
            self.scene = scene
            self._news.notify_all()
        self._changed(scene)

    def _interrupt(self) -> None:
        from smartcard import scard

        if (context := self._context) is not None:
            scard.SCardCancel(context)

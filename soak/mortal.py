"""A process that dies at a chosen step of its input and output: around a commit, around bytes that leave, after bytes that came."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from journal.event import Event
from journal.journal import Also, Journal
from terminal.wire import Wire


class Crash(BaseException):
    """Everything in this process's memory is gone: for runs that do not fork. Nothing of the product catches it."""


class Steps:
    """Counts steps; at number `at` the end comes."""

    def __init__(self, at: int | None = None, end: Callable[[], NoReturn] | None = None) -> None:
        self.count, self._at, self._end = 0, at, end or kill_self

    def step(self) -> None:
        self.count += 1
        if self.count == self._at:
            self._end()


class SwiftJournal(Journal):
    """Builds its statements once a process: a soak opens thousands of journals of one kind. Whatever is durable is as it was."""

    _built: ClassVar[dict[str, object]] = {}
    _NAMES = ("_projector", "_insert_event", "_insert_reply", "_select_replies")

    def _prepare(self) -> None:
        if not self._built:
            super()._prepare()
            self._built.update({name: getattr(self, name) for name in self._NAMES})
        for name, built in self._built.items():
            setattr(self, name, built)


class MortalJournal(SwiftJournal):
    """Dies around a commit. `steps`: None while it is opened."""

    steps: Steps | None = None

    def commit(
        self, events: Sequence[Event] = (), replies: Sequence[tuple[str, str]] = (), also: Also | None = None
    ) -> range:
        if self.steps is not None:
            self.steps.step()
        done = super().commit(events, replies, also)
        if self.steps is not None:
            self.steps.step()
        return done


class MortalWire:
    """Dies around bytes."""

    def __init__(self, inner: Wire, steps: Steps) -> None:
        self._inner, self._steps = inner, steps

    def write(self, data: bytes) -> None:
        self._steps.step()
        self._inner.write(data)
        self._steps.step()

    def read(self, timeout_s: float) -> bytes:
        data = self._inner.read(timeout_s)
        if data:
            self._steps.step()
        return data

    def close(self) -> None:
        self._inner.close()


def kill_self() -> NoReturn:
    """SIGKILL: no handler, no flush, no last word."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit


def crash() -> NoReturn:
    """The same inside one process."""
    raise Crash


def fork(act: Callable[[], Any]) -> int:
    """Run `act` in a child of its own; its process id. The caller must have no threads and no open journal."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        act()
        code = 0
    except BaseException:  # noqa: BLE001  the child says what happened, and ends
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(pid: int, *, wait: bool = True) -> str:
    """How a child ended: "killed", "done", "failed"; "" while it runs."""
    found, status = os.waitpid(pid, 0 if wait else os.WNOHANG)
    if not found:
        return ""
    return "killed" if os.WIFSIGNALED(status) else "failed" if os.WEXITSTATUS(status) else "done"


def opened(folder: Path, steps: Steps, open_journal: Callable[[Path, type[Journal]], Journal]) -> Journal:
    """A money journal that counts steps from now on."""
    journal = open_journal(folder, MortalJournal)
    assert isinstance(journal, MortalJournal)
    journal.steps = steps
    return journal

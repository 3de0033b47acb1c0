"""Keeps the forecasting child: asks it one question at a time, starts it again when it dies, never makes the reactor wait."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, Full, Queue
from types import TracebackType
from typing import IO, Self

import structlog

from coordinator.question import HEAD, Answer, AnyQuestion, packed
from runtime.supervise import crash

log = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-m", "coordinator.forecasting")
ANSWER_S = 30.0
"""A child that is silent for longer is ended."""
AGAIN_S = 2.0
"""How long after a child died the next one is started, wire seconds."""
DEAD_AFTER = 3
"""So many deaths in a row, and a person must know."""


class Foreteller:
    """One child and the thread that talks with it. A context manager."""

    def __init__(self, command: Sequence[str] = COMMAND, again_s: float = AGAIN_S) -> None:
        """`again_s`: how long after a child died the next one is started."""
        self._command, self._again_s = command, again_s
        self._questions: Queue[AnyQuestion | None] = Queue(1)
        self._answers: Queue[Answer | None] = Queue(1)
        self._stop = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._deaths = 0
        self._thread = threading.Thread(target=crash(self._run), name="foreteller", daemon=True)
        self._thread.start()

    @property
    def dead(self) -> bool:
        """Whether the child died again and again, so that waits are not known."""
        return self._deaths >= DEAD_AFTER

    @property
    def pid(self) -> int | None:
        """The child's process, None while there is none."""
        child = self._child
        return None if child is None else child.pid

    def ask(self, question: AnyQuestion) -> bool:
        """Hand over a question, whose parts nobody changes any more; False while another one is not taken."""
        try:
            self._questions.put_nowait(question)
        except Full:
            return False
        return True

    def answer(self) -> tuple[bool, Answer | None]:
        """Whether the question has come to an end, and what to; None: the child died over it."""
        try:
            return True, self._answers.get_nowait()
        except Empty:
            return False, None

    def stop(self, timeout_s: float = 5.0) -> None:
        """End thread and child; twice is fine."""
        self._stop.set()
        if (child := self._child) is not None:
            child.kill()  # a thread that waits for its answer wakes up
        with suppress(Full):
            self._questions.put_nowait(None)
        self._thread.join(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    # --- the thread ------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                question = self._questions.get(timeout=0.5)
            except Empty:
                continue
            if question is not None:
                self._answers.put(self._asked(question), timeout=ANSWER_S)
        self._end_child()

    def _asked(self, question: AnyQuestion) -> Answer | None:
        try:
            answer = self._talk(packed(question))
        except (OSError, EOFError) as exc:
            self._end_child()
            if not self._stop.is_set():
                self._deaths += 1
                log.warning("forecast.died", fault=str(exc), deaths=self._deaths)
                self._stop.wait(self._again_s)
            return None
        self._deaths = 0
        return answer

    def _talk(self, question: bytes) -> Answer:
        if self._child is None:
            self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child = self._child
        assert child.stdin is not None  # both are pipes
        assert child.stdout is not None
        watch = threading.Timer(ANSWER_S, child.kill)
        watch.start()
        try:
            child.stdin.write(question)
            child.stdin.flush()
            length = int.from_bytes(_exactly(child.stdout, HEAD), "big")
            answer: Answer = pickle.loads(_exactly(child.stdout, length))  # noqa: S301 - our own child's, an empty one is EOFError
        finally:
            watch.cancel()
        return answer

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait(ANSWER_S)
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with suppress(OSError):  # a question may be half written
                        pipe.close()


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    """Raises: EOFError: the child ended."""
    found = pipe.read(length)
    if len(found) < length:
        raise EOFError("the child ended")
    return found

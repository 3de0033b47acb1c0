"""`python -m coordinator.forecasting`: the coordinator's child that works out forecasts and recommendations beside the writer.

It reads questions on stdin and answers on stdout, one at a time (`question.packed`); it ends when stdin does. Only the
coordinator writes to it: nothing from outside is ever unpickled.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from typing import BinaryIO

from contract.errors import ContractError
from coordinator.question import HEAD, Answer, AnyQuestion, LookBack, Planning, Question, answered, packed
from coordinator.replays.so_far import SoFar, so_far

NICE = 10


def main() -> int:
    """Answer until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it closes the pipe
    os.nice(NICE)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    try:
        while (question := _read(source)) is not None:
            sink.write(packed(_answer(question)))
            sink.flush()
    except BrokenPipeError:  # the coordinator has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sink.fileno())  # so that Python's last flush is quiet
    return 0


def _answer(question: AnyQuestion) -> Answer:
    if not isinstance(question, LookBack):
        return answered(question)
    from coordinator.replays import journal_day  # SQLAlchemy, 20 MB, for who looks back only
    from journal import database
    from journal.errors import JournalError

    try:
        with database.snapshot(question.journal) as connection:
            log = journal_day.log(connection, question.hall, question.day)
        return so_far(question.hall, log, question.now)
    except (ContractError, JournalError):  # nobody was called yet, or the disk is busy
        return SoFar(0, 0.0, 0.0)


def _read(source: BinaryIO) -> AnyQuestion | None:
    head = source.read(HEAD)
    body = source.read(int.from_bytes(head, "big")) if len(head) == HEAD else b""
    if not body:
        return None
    question = pickle.loads(body)  # noqa: S301 - from our own parent through our own pipe
    assert isinstance(question, Question | Planning | LookBack)
    return question


if __name__ == "__main__":
    sys.exit(main())

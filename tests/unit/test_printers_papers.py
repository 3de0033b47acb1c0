"""What an answer proves about the paper on its way."""

from __future__ import annotations

from datetime import UTC, datetime

from printers.job import Job, JobState
from printers.model import CLONE
from printers.papers import BY_ORDER, Papers
from printers.session import POLL_S, Session

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
FINE = bytes.fromhex("12121212")
PLACE = b"\x00"
"""The answer to GS r 1."""


def conversed(papers: Papers, session: Session, said: bytes, now: float) -> None:
    """Take what the printer said, and end what it ends."""
    for _ in session.receive(said, now):
        papers.reached(session, now)
    papers.watch(session, now)


def all_out(session: Session, now: float) -> None:
    while session.outgoing:
        session.sent(len(session.outgoing), now)


def test_answer_that_comes_before_the_question_is_out_proves_no_paper() -> None:
    said: list[Job] = []
    papers, session = Papers(said.append, lambda: NOW, CLONE), Session(0.0, known=CLONE)
    job = Job("job-1", "t-1", "ticket", "cmd-1", "0" * 64, NOW)
    papers.begin(job, b"x" * 20_000, session, 0.0, 1.0)
    session.sent(8192, 0.1)
    conversed(papers, session, PLACE, 0.2)  # to a box that was killed while it waited for it
    all_out(session, 0.3)
    session.ask(1.0)
    all_out(session, 1.0)
    conversed(papers, session, FINE, 1.1)
    assert [job.state for job in said] == [JobState.SENT]
    conversed(papers, session, PLACE, 1.2)
    all_out(session, 1.2)
    conversed(papers, session, FINE, 1.2 + POLL_S)
    assert [(job.state, job.note) for job in said] == [(JobState.SENT, None), (JobState.CONFIRMED, BY_ORDER)]

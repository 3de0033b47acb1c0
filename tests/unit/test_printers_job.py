from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest

from contract.words import Paper
from printers.job import NEXT, OPEN, Job, JobError, JobState, process_mark

S = JobState
AT = datetime(2026, 3, 17, 8, 24, tzinfo=UTC)
LIVES = [
    [S.NEW, S.SENT, S.CONFIRMED],
    [S.NEW, S.SENT, S.UNKNOWN, S.CONFIRMED_LATE],
    [S.NEW, S.SENT, S.UNKNOWN, S.VOIDED],
    [S.NEW, S.SENT, S.UNPROVED],
    [S.NEW, S.VOIDED],
]


def new(job_id: str = "job-1") -> Job:
    return Job(job_id, "t-1", "ticket", "cmd-1", "00" * 32, AT)


@pytest.mark.parametrize("life", LIVES)
def test_every_life_ends_with_its_times(life: list[JobState]) -> None:
    job = new()
    for step, state in enumerate(life[1:], 1):
        job = job.moved(state, AT + timedelta(seconds=step))
    assert job.state is life[-1]
    assert job.at_end == AT + timedelta(seconds=len(life) - 1)
    assert job.at_sent == (AT + timedelta(seconds=1) if S.SENT in life else None)


def test_no_other_step_exists() -> None:
    allowed = {step for life in LIVES for step in pairwise(life)}
    for state, then in product(S, S):
        assert (then in NEXT[state]) == ((state, then) in allowed)


def test_wrong_step_is_refused_with_the_job_and_what_is_allowed() -> None:
    done = new().moved(S.SENT, AT).moved(S.CONFIRMED, AT)
    with pytest.raises(JobError, match="job-1: CONFIRMED → SENT: allowed nothing"):
        done.moved(S.SENT, AT)


def test_what_can_still_change_is_open() -> None:
    assert {S.NEW, S.SENT, S.UNKNOWN} == OPEN


def test_paper_is_told_in_the_halls_words() -> None:
    sent = new().moved(S.SENT, AT)
    assert (new().paper, sent.paper) == (None, Paper.SENT)
    assert sent.moved(S.UNKNOWN, AT).moved(S.CONFIRMED_LATE, AT).paper is Paper.CONFIRMED
    assert sent.moved(S.UNPROVED, AT).paper is Paper.UNKNOWN
    assert new().moved(S.VOIDED, AT).paper is Paper.VOID


def test_note_of_the_fault_is_kept_to_the_end() -> None:
    job = new().moved(S.SENT, AT).moved(S.UNKNOWN, AT, "no proof in time").moved(S.VOIDED, AT)
    assert job.note == "no proof in time"


def test_marks_are_printable_stable_and_different() -> None:
    marks = {process_mark(f"job-{number}") for number in range(5000)}
    assert len(marks) == 5000
    assert all(len(mark) == 4 and all(0x20 <= byte <= 0x7E for byte in mark) for mark in marks)
    assert process_mark("job-1") == new().mark == b"d//M"

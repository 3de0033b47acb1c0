"""Where jobs are remembered: the port that the printer needs, and its fulfilment by the box's journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from journal.event import Event, Row, Scalar
from journal.journal import Journal, stamp
from printers.job import OPEN, Job, JobState
from runtime.clock import utc_now


class JobStore(Protocol):
    """Called from the printer's thread only."""

    def save(self, job: Job) -> None:
        """Remember `job` under its id, replacing what was known; durable before this returns."""

    def get(self, job_id: str) -> Job | None:
        """The job as last saved, None when it was never saved."""

    def load_open(self) -> list[Job]:
        """All jobs whose state may still change, oldest first."""


class JournalStore:
    """Jobs as rows of the box's journal, each step an event of its own; times to the millisecond."""

    def __init__(self, journal: Journal, who: str, utc: Callable[[], datetime] = utc_now) -> None:
        """`journal`: open, of kind BOX; `who`: the device that prints."""
        self._journal, self._who, self._utc = journal, who, utc

    def save(self, job: Job) -> None:
        self._journal.commit([job_event(job, self._who, self._utc())])

    def get(self, job_id: str) -> Job | None:
        found = self._journal.rows("job", id=job_id)
        return job_of(found[0]) if found else None

    def load_open(self) -> list[Job]:
        rows = self._journal.rows("job", state=tuple(sorted(OPEN)))
        return sorted(map(job_of, rows), key=lambda job: job.at_new)


def job_event(job: Job, who: str, at: datetime) -> Event:
    """`job`'s newest step as an event with its row: for a box that commits it together with something of its own."""
    return Event(f"job.{job.state.lower()}", stamp(at), who, job.cmd, {"job": job.id, "note": job.note}, (_row(job),))


def job_of(row: Mapping[str, Scalar]) -> Job:
    """The job in a row of table `job`."""
    return Job(
        id=str(row["id"]),
        ticket=_text(row["ticket"]),
        kind=str(row["kind"]),
        cmd=str(row["cmd"]),
        hash=str(row["hash"]),
        at_new=datetime.fromisoformat(str(row["at_new"])),
        state=JobState(str(row["state"])),
        at_sent=_moment(row["at_sent"]),
        at_end=_moment(row["at_end"]),
        note=_text(row["note"]),
    )


def _row(job: Job) -> Row:
    words = {"id": job.id, "ticket": job.ticket, "kind": job.kind, "cmd": job.cmd, "hash": job.hash, "note": job.note}
    times = {"at_new": stamp(job.at_new), "at_sent": _stamp(job.at_sent), "at_end": _stamp(job.at_end)}
    return Row("job", {**words, **times, "state": job.state.value})


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def _moment(value: Scalar) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


def _text(value: Scalar) -> str | None:
    return None if value is None else str(value)

"""Where jobs are remembered: the port that the printer needs, and its fulfilment by the box's journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from journal.event import Event, Row, Scalar
from journal.journal import Journal, stamp
from printers.job import OPEN, Job, JobState
from printers.roll import Roll
from runtime.clock import utc_now


class JobStore(Protocol):
    """Called from the printer's thread only."""

    def save(self, job: Job, roll: Roll | None = None) -> None:
        """Remember `job` under its id, and the paper `roll` where given, replacing what was known; durable before this returns."""

    def save_roll(self, roll: Roll) -> None:
        """Remember the paper roll; durable before this returns."""

    def load_roll(self) -> Roll | None:
        """The roll as last saved, None when it never was."""

    def get(self, job_id: str) -> Job | None:
        """The job as last saved, None when it was never saved."""

    def load_open(self) -> list[Job]:
        """All jobs whose state may still change, oldest first."""


class JournalStore:
    """Jobs as rows of the box's journal, each step an event of its own; times to the millisecond."""

    def __init__(
        self, journal: Journal, who: str, utc: Callable[[], datetime] = utc_now, *, printer: str = "printer", kind: str = "ticket",
    ) -> None:  # fmt: skip
        """`journal`: open, of kind BOX; `who`: the device that prints, by its `printer`; `kind`: of the jobs that are open there."""
        self._journal, self._who, self._utc, self._printer, self._kind = journal, who, utc, printer, kind
        self._roll: Roll | None = None

    def save(self, job: Job, roll: Roll | None = None) -> None:
        event = job_event(job, self._who, self._utc())
        if roll is not None and roll != self._roll:
            event = replace(event, rows=(*event.rows, self._row_of(roll)))
        self._journal.commit([event])
        self._roll = roll

    def save_roll(self, roll: Roll) -> None:
        event = Event(
            "roll", stamp(self._utc()), self._who, None, {"left_mm": round(roll.left_mm)}, (self._row_of(roll),)
        )
        self._journal.commit([event])
        self._roll = roll

    def load_roll(self) -> Roll | None:
        for row in self._journal.rows("roll", printer=self._printer):
            return Roll(float(str(row["length_mm"])), float(str(row["used_mm"])), int(str(row["tickets"])))
        return None

    def _row_of(self, roll: Roll) -> Row:
        return Row(
            "roll",
            {"printer": self._printer, "length_mm": roll.length_mm, "used_mm": roll.used_mm, "tickets": roll.tickets},
        )

    def get(self, job_id: str) -> Job | None:
        found = self._journal.rows("job", id=job_id)
        return job_of(found[0]) if found else None

    def load_open(self) -> list[Job]:
        rows = self._journal.rows("job", state=tuple(sorted(OPEN)), kind=self._kind)
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

"""A full disk under a running hall: it stops, comes back, refuses in words, and goes on when there is room. Needs a mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from contract import messages as m
from contract import topics
from contract.words import Refusal
from journal.schema import HALL
from journal.verify import verify
from runtime.supervise import EXIT_AGAIN
from tests.hall_rig import HallRig
from tests.until import until

ROOM_MIB = 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "vikno-test", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(disk: Path) -> Path:
    """Take every byte that is left; the file that holds them."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return filler
    raise AssertionError("the disk has no end")


def refusing(rig: HallRig) -> Refusal | None:
    beats = rig.peer("kiosk-1").of(m.Heartbeat)
    return beats[-1].refusing if beats else None


def issue(n: int) -> m.TicketIssue:
    return m.TicketIssue(id=f"visit-{n}", service="advice", lang="en", paper=False)


def test_a_full_disk_loses_nothing_and_is_refused_in_words_until_there_is_room(disk: Path, tmp_path: Path) -> None:
    with HallRig(tmp_path / "rig", journal=disk / "journal.db", room_mib=ROOM_MIB) as rig:
        kiosk = rig.peer("kiosk-1")
        got = {n: kiosk.ok(issue(n)) for n in range(5)}
        filler, killed_by = fall_over(rig, disk, first=5)
        fill(disk)  # what the end of the process gave back is gone too
        rig.start()
        assert rig.said("ballast.released") == 1
        until(lambda: refusing(rig) is Refusal.NO_ROOM, "the heartbeat says why")
        refused = kiosk.ask(issue(999))
        assert (refused.code, bool(refused.text)) == (Refusal.NO_ROOM, True)
        assert [kiosk.ask(issue(n)) for n in got] == list(got.values()), "what was answered is answered the same"

        filler.unlink()
        until(lambda: refusing(rig) is None, "there is room")
        kiosk.heard.clear()  # for want of room is no last word: the same id is done now
        got[killed_by] = kiosk.ok(issue(killed_by))
        got[999] = kiosk.ok(issue(999))
        assert len({ticket.label for ticket in got.values()}) == len(got)
        assert {row[1] for row in rig.rows("ticket")} == {ticket.ticket for ticket in got.values()}
        assert (disk / "journal.db.ballast").stat().st_size == 4 * 2**20
        assert rig.stop() == 0
        assert verify(rig.journal, "small", HALL).problems == ()


def fall_over(rig: HallRig, disk: Path, first: int) -> tuple[Path, int]:
    """Fill the disk and ask at once, until a commit failed; the filler and the visit that was not answered.

    Where the coordinator looked at the disk before the question came it refuses and lives on: then once more.
    """
    kiosk = rig.peer("kiosk-1")
    for visit in range(first, first + 10):
        filler = fill(disk)
        kiosk.say(topics.UP_CMD, issue(visit))
        until(partial(answered_or_ended, rig, f"visit-{visit}"), "neither an answer nor an end")
        if ended(rig):
            assert rig.process is not None
            assert rig.process.returncode == EXIT_AGAIN
            assert not kiosk.replies(f"visit-{visit}")
            return filler, visit
        assert kiosk.replies(f"visit-{visit}")[0].code is Refusal.NO_ROOM
        filler.unlink()
        until(lambda: refusing(rig) is None, "there is room again")
    raise AssertionError("no commit ever failed")


def answered_or_ended(rig: HallRig, visit: str) -> bool:
    return bool(rig.peer("kiosk-1").replies(visit)) or ended(rig)


def ended(rig: HallRig) -> bool:
    return rig.process is not None and rig.process.poll() is not None


def test_a_disk_that_runs_low_refuses_before_anything_fails(disk: Path, tmp_path: Path) -> None:
    with HallRig(tmp_path / "rig", journal=disk / "journal.db", room_mib=ROOM_MIB) as rig:
        kiosk = rig.peer("kiosk-1")
        first = kiosk.ok(issue(1))
        filler = disk / "filler"
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        filler.write_bytes(b"\0" * (free - 600_000))
        until(lambda: refusing(rig) is Refusal.NO_ROOM)
        before = rig.state("cmd_seen")
        assert kiosk.ask(issue(2)).code is Refusal.NO_ROOM
        assert kiosk.ask(issue(1)) == first
        kiosk.say(topics.UP_EV, m.FaultFact(id="f", inc="i", ep=1, sq=1, fault="paper_low", since=first.issued_at))
        rig.settle()
        assert rig.state("cmd_seen") == before
        assert not kiosk.of(m.Ack), "a fact that is not kept is not acknowledged"
        filler.unlink()
        until(lambda: refusing(rig) is None)
        assert kiosk.ok(m.TicketIssue(id="visit-2b", service="advice", lang="en", paper=False)).label == "A002"
        kiosk.say(topics.UP_EV, m.FaultFact(id="f", inc="i", ep=1, sq=1, fault="paper_low", since=first.issued_at))
        until(lambda: kiosk.of(m.Ack), "the outbox says it again and it is kept")

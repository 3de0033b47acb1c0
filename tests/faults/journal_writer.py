"""A program to be killed: commits to journals in a loop and says each commit that was done.

Arguments: folder (of `hall.db` and `box.db`), seed. Says: hall's seq, outbox's last, outbox's upto, command id.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from journal.event import Event, Row
from journal.journal import Journal
from journal.outbox import Outbox
from journal.schema import BOX
from tests.journal_sample import HALL_ID, SampleDay, clock, opened

JOB = {"ticket": None, "kind": "ticket", "state": "CONFIRMED", "hash": "ab", "cmd": "c", "at_new": "t"}


def main(folder: Path, seed: int) -> None:
    """Until killed."""
    chance = random.Random(seed)
    letters = "".join(chance.sample("ABCEHKMOPTX", 3))
    with opened(folder / "hall.db") as hall, Journal.open(folder / "box.db", HALL_ID, BOX, clock) as box:
        day, outbox = SampleDay(seed, f"{letters}{hall.ep}"), Outbox(box)
        _free_windows(hall)
        while True:
            command = f"{hall.ep}-{hall.last_seq}"
            hall.commit(day.events(chance.randint(1, 16)), [(command, "{}")])
            job = Row("job", {"id": command, **JOB})
            outbox.put(f'"{command}"', [Event("job.confirmed", "t", "box", rows=(job,))])
            if chance.random() < 0.3:
                outbox.acked(box.inc, chance.randint(outbox.upto, outbox.last))
            print(hall.last_seq, outbox.last, outbox.upto, command, flush=True)


def _free_windows(hall: Journal) -> None:
    live = hall.rows("ticket", state="called")
    rows = tuple(Row("ticket", {**row, "state": "finished"}) for row in live)
    hall.commit([Event("hall.cleared", "t", "hall", rows=rows)])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

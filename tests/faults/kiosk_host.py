"""A kiosk whose visitor takes a ticket, and that dies where it is told to: `python -m tests.faults.kiosk_host CONFIG POINT`.

POINT is `WHAT:N:before` or `WHAT:N:after` around the Nth commit of a kind (`asking`, `job`, `ended`), `answered:N` (the hall's
Nth answer has arrived, nothing was done with it) or `bytes:N` (the Nth byte of the ticket is with the kernel).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from glass.occurrence import Answered
from kiosk.config import Options
from kiosk.service import Kiosk
from kiosk.visits import Visits
from printers import tcp as wire
from printers.store import JournalStore
from runtime import config
from tests.faults.death import die, mortal
from tests.faults.printing_host import MortalLink
from tests.until import until

STEPS: dict[str, tuple[type, str]] = {
    "asking": (Visits, "asking"), "job": (JournalStore, "save"), "ended": (Visits, "ended"),
}  # fmt: skip
CHOICE = ("start", "lang:uk", "group:residence", "service:res-register", "take")


class Mortal(Kiosk):
    """Dies when the hall's answer comes in."""

    answers = 0

    def _put(self, occurrence: Any) -> None:
        if isinstance(occurrence, Answered) and self.answers:
            self.answers -= 1
            if not self.answers:
                die()
        super()._put(occurrence)


def main(file: Path, point: str) -> None:
    what, number, *when = point.split(":")
    if what == "bytes":
        MortalLink.left = int(number)
        vars(wire)["TcpLink"] = MortalLink
    elif what == "answered":
        Mortal.answers = int(number)
    else:
        owner, name = STEPS[what]
        setattr(owner, name, mortal(getattr(owner, name), int(number), when[0]))
    kiosk = Mortal(config.read(file, Options))
    kiosk.start()
    until(lambda: kiosk.face.name == "attract" and kiosk._printer.ready().ready, "the attract screen")
    for key in CHOICE:
        press(kiosk, key)
    until(lambda: kiosk.face.name == "attract", "the end of the visit")
    kiosk.stop()


def press(kiosk: Kiosk, key: str) -> None:
    """Press until the screen changes: a touch right after a change is not meant for it."""
    until(lambda: kiosk.face.control(key), key)
    before = kiosk.face.name

    def gone() -> bool:
        if kiosk.face.name == before:
            kiosk.press(key)
        elif key == "take":
            kiosk.press("done")
        return kiosk.face.name != before

    until(gone, key)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

"""What happened in the demo, told by the wires' own ledgers and held against the journal. Reads files, decides nothing else."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import select

from contract.errors import ContractError
from contract.hall import Hall
from contract.words import LIVE, BookingState, TicketState
from coordinator.state import load
from journal.database import snapshot
from journal.event import Row, facts_of
from journal.schema import HALL
from journal.verify import verify

CHIME_ONLY_S = 2.0
"""A sound of the voice that is shorter holds no sentence."""
ANNOUNCED = ("ticket.called", "ticket.recalled")
QUEUED = {TicketState.ISSUED, TicketState.WAITING}


@dataclass(frozen=True, slots=True)
class Ledgers:
    """Where the wires wrote: one folder of papers per printer, the displays', the pads', the speaker's and the people's ledgers."""

    printers: tuple[Path, ...]
    displays: Path
    pads: Path
    people: Path
    speaker: Path


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The entries of a ledger; a last line cut short by a kill is passed over."""
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return


def drawn(displays: Path) -> Iterator[dict[str, Any]]:
    """What could be read on the displays, entry by entry."""
    return (entry for entry in lines(displays) if "cells" in entry)


def papers(folders: Iterable[Path]) -> list[tuple[str, str]]:
    """(label, ticket id) of every paper on which a code can be read, whole or torn, by zbarimg."""
    pictures = [str(p) for folder in folders for p in sorted(folder.glob("*.png"))]
    if not pictures:
        return []
    out = subprocess.run(["zbarimg", "--xml", "-q", *pictures], capture_output=True, text=True, check=False).stdout
    texts = [data.text or "" for data in ElementTree.fromstring(out).iter() if data.tag.endswith("data")]  # noqa: S314 - zbarimg's own
    pairs = [text.partition(" ")[::2] for text in texts]
    return [(label, ticket) for label, ticket in pairs]


class Story:
    """The journal's side: tickets, calls and who pressed."""

    def __init__(self, journal: Path, hall: Hall) -> None:
        self.hall = hall
        with snapshot(journal) as connection:
            self.tickets = {str(r["id"]): dict(r) for r in connection.execute(select(HALL.table("ticket"))).mappings()}
            self.bookings = [dict(r) for r in connection.execute(select(HALL.table("booking"))).mappings()]
            self.windows = [dict(r) for r in connection.execute(select(HALL.table("window"))).mappings()]
            self.days = [dict(r) for r in connection.execute(select(HALL.table("day"))).mappings()]
            event = HALL.table("event")
            query = select(event.c.cmd, event.c.body).where(event.c.kind == "ticket.called").order_by(event.c.seq)
            kinds = select(event.c.kind).where(event.c.kind.in_(ANNOUNCED))
            self.announced = len(connection.execute(kinds).all())
            self.calls = [(cmd, facts_of(body)) for cmd, body in connection.execute(query)]

    def lost(self, seen: Iterable[tuple[str, str]]) -> list[str]:
        """Labels on paper without a row, and live rows that a restart would leave in no queue, window or parking."""
        lost = [label for label, ticket in seen if self.tickets.get(ticket, {}).get("label") != label]
        rows = [Row(t, {k: v for k, v in r.items() if k != "hall"}) for t, r in self._rows()]
        try:
            state = load(self.hall, rows)
        except ContractError as exc:
            return [*lost, str(exc)]
        queued = state.waiting(s.id for s in self.hall.services)
        if queued != sum(len(state.in_state(s)) for s in QUEUED):
            lost.append(f"{queued} in the lines")
        at_window = {w.ticket for w in state.windows.values()}
        at = [
            t.label
            for t in state.tickets.values()
            if t.state in LIVE - QUEUED and t.state != TicketState.PARKED and t.id not in at_window
        ]
        return lost + at

    def _rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from (("day", row) for row in self.days)
        yield from (("window", row) for row in self.windows)
        yield from (("ticket", row) for row in self.tickets.values())


def twice_called(story: Story, displays: Path) -> list[str]:
    """Presses that called two tickets, and labels that stood at two windows at once on the displays."""
    by_press = Counter(cmd for cmd, _ in story.calls if cmd)
    faults = [f"press {cmd} called {count}" for cmd, count in by_press.items() if count > 1]
    shown: dict[str, str] = {}
    for entry in drawn(displays):
        label = entry["cells"][0].strip("<> ")
        if label and label[0].isalpha() and any(label == other for d, other in shown.items() if d != entry["display"]):
            faults.append(f"{label} at {entry['display']} and another window")
        shown[entry["display"]] = label
    return faults


def press_to_display_ms(story: Story, ledgers: Ledgers, display_of: dict[str, str]) -> list[float]:
    """Milliseconds from the pad's press said on its cable to the label on that window's display, per call by a press."""
    said = {
        f"pad-{e['pad']}-{e['boot']}-{e['seq']}": e["at"] - e.get("age_ms", 0) / 1000
        for e in lines(ledgers.pads)
        if e["what"] == "event"
    }
    shown: dict[tuple[str, str], list[float]] = {}
    for entry in drawn(ledgers.displays):
        shown.setdefault((entry["display"], entry["cells"][0].strip("<> ")), []).append(entry["t"])
    delays = []
    for cmd, facts in story.calls:
        press = said.get(str(cmd))
        times = shown.get((display_of[str(facts["window"])], str(facts["label"])), [])
        if press is not None and (after := [t for t in times if t >= press]):
            delays.append((after[0] - press) * 1000)
    return delays


def report(journal: Path, hall: Hall, ledgers: Ledgers, display_of: dict[str, str]) -> dict[str, Any]:
    """All figures. Counts that must be 0: duplicate_labels, double_calls, lost_tickets."""
    story = Story(journal, hall)
    seen = papers(ledgers.printers)
    labels = Counter(label for label, _ in seen)
    people = list(lines(ledgers.people))
    proofs = sum(e["event"] == "proof" for folder in ledgers.printers for e in lines(folder / "ledger.jsonl"))
    sounds = [e for e in lines(ledgers.speaker) if e["what"] == "start"]
    spoken = sum(e["seconds"] >= CHIME_ONLY_S for e in sounds)
    served = {e["label"] for e in people if e["what"] == "served"}
    finished = {str(t["label"]) for t in story.tickets.values() if t["state"] == TicketState.FINISHED}
    delays = sorted(press_to_display_ms(story, ledgers, display_of))
    proof = verify(journal, hall.id, HALL)
    double, lost = twice_called(story, ledgers.displays), story.lost(seen)
    return {
        "visitors_served": len(served & finished),
        "visitors_arrived": sum(e["what"] == "arrived" for e in people),
        "visitors_turned_away": sum(e["what"] == "turned_away" for e in people),
        "bookings_made": sum(e["what"] == "booked" for e in people),
        "bookings_checked_in": sum(b["state"] == BookingState.CHECKED_IN for b in story.bookings),
        "card_check_ins": len(
            {e["ticket"] for e in people if e.get("by_card")} & {b["ticket"] for b in story.bookings}
        ),
        "tickets_issued": len(story.tickets),
        "papers_seen": len(seen),
        "papers_proved_by_printers": proofs,
        "papers_confirmed_in_journal": sum(t["paper"] == "confirmed" for t in story.tickets.values()),
        "calls": len(story.calls),
        "calls_by_press": sum(str(cmd).startswith("pad-") for cmd, _ in story.calls),
        "announcements_spoken": spoken,
        "announcements_shown_only": story.announced - spoken,
        "announcements_overlapping": sum(e["overlap"] for e in sounds),
        "duplicate_labels": sum(count - 1 for count in labels.values()),
        "double_calls": len(double),
        "lost_tickets": len(lost),
        "faults": [*double, *lost, *proof.problems],
        "press_to_display_ms": _spread(delays),
        "journal_events": proof.events,
        "journal_verified": proof.ok,
    }


def _spread(values: list[float]) -> dict[str, float | int | None]:
    if len(values) < 2:
        return {"n": len(values), "p50": None, "p99": None}
    cuts = quantiles(values, n=100, method="inclusive")
    return {"n": len(values), "p50": round(cuts[49], 1), "p99": round(cuts[98], 1)}

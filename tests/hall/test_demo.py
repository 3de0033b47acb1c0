"""The README's first command: a hall on real wires, broken on purpose, that doubles and loses nothing and leaves nothing behind."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulators.card.person import PEOPLE
from simulators.card.readers import missing

ROOT = Path(__file__).parents[2]
DEADLINE_S = 120.0


@contextmanager
def demo(out: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(ROOT / "vikno.py"), "demo", "--headless", "--out", str(out), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def left_behind(out: Path) -> list[str]:
    """Command lines of processes that still have the demo's folder in their words."""
    found = []
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = words.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(out) in text:
            found.append(text)
    return found


def entries(people: Path) -> list[dict[str, Any]]:
    """What the simulated people did so far."""
    said = people.read_text(encoding="utf-8").splitlines() if people.exists() else []
    return [json.loads(line) for line in said if line.endswith("}")]


def booked_tickets(people: Path, *, by_card: bool) -> list[str]:
    """Labels of the papers that visitors with a booking have taken; `by_card`: of those who laid their card on the reader."""
    booked = {e["visitor"] for e in entries(people) if e["what"] == "booked"}
    papers = [e for e in entries(people) if e["what"] == "paper" and e["visitor"] in booked]
    return [e["label"] for e in papers if e["by_card"] >= by_card]


def forms(people: Path) -> list[int]:
    """How many fields each form had that an operator filled from a card."""
    return [e["fields"] for e in entries(people) if e["what"] == "form" and e["fields"]]


def served_after(people: Path, second: float) -> int:
    """How many visitors were served later than `second` of the demo."""
    began, *_ = [e["at"] for e in entries(people)] or [0.0]
    return sum(e["what"] == "served" and e["at"] - began > second for e in entries(people))


def canaries() -> set[bytes]:
    """What stands on the cards that are read in the demo, and must stand in no file of it."""
    people = (PEOPLE["ua"], PEOPLE["kz"])
    texts = {text for p in people for text in (p.surname, p.given, p.number, p.personal_number, *p.native)}
    return {text.encode() for text in texts}


def found_in(folder: Path, secrets: set[bytes]) -> list[tuple[str, bytes]]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [(file.name, secret) for file in files for secret in secrets if secret in file.read_bytes()]


def test_kills_double_and_lose_nothing_and_ctrl_c_ends_with_the_report(tmp_path: Path) -> None:
    out, people, file = tmp_path / "out", tmp_path / "out" / "people.jsonl", tmp_path / "report.json"
    reading = missing() is None
    wanted: dict[str, Callable[[], object]] = {
        "a visitor is served after the kills": lambda: served_after(people, 30),
        "somebody gets a ticket for a booking": lambda: booked_tickets(people, by_card=reading),
        "a form is filled": lambda: not reading or forms(people),
    }
    with demo(out, "--kill", "coordinator@12,broker@17,bridge@22", "--report", str(file)) as process:
        deadline = time.monotonic() + DEADLINE_S
        while missed := [what for what, seen in wanted.items() if not seen()]:
            assert process.poll() is None, "the demo ended by itself"
            assert time.monotonic() < deadline, missed
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, said
    assert reading or "id cards   none in this demo: " in said
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert all(
        f"  {name:<28} {report[name]}\n" in said for name in ("journal_verified", "interrupted", "visitors_served")
    )
    assert (report["journal_verified"], report["interrupted"]) == (True, True)
    assert [report[name] for name in ("duplicate_labels", "double_calls", "lost_tickets")] == [0, 0, 0]
    assert report["announcements_overlapping"] == 0
    assert report["announcements_spoken"] >= bool(shutil.which("espeak-ng"))
    assert report["announcements_spoken"] + report["announcements_shown_only"] >= report["calls"]
    assert report["killed"] == ["coordinator", "broker", "bridge"]
    assert report["visitors_served"] >= 3, said
    assert report["papers_seen"] >= report["visitors_served"]
    assert report["terminal"]["mismatches"] == []
    assert sum(report["terminal"]["visits"].values()) >= 1
    assert report["bookings_made"] >= report["bookings_checked_in"] >= 1
    assert report["card_check_ins"] == reading
    assert (report["forms_filled"] > 0) == reading
    assert found_in(out, canaries()) == []
    assert left_behind(out) == []


def test_folder_that_is_not_its_own_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    with demo(tmp_path, "--seconds", "5") as process:
        said, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 2
    assert "not made by the demo" in said
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "mine"

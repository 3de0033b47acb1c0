"""The README's first command: a hall on real wires, broken on purpose, that doubles and loses nothing and leaves nothing behind."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
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


def booked_tickets(people: Path, *, by_card: bool) -> list[str]:
    """Labels of the papers that visitors with a booking have taken; `by_card`: of those who laid their card on the reader."""
    said = people.read_text(encoding="utf-8").splitlines() if people.exists() else []
    entries = [json.loads(line) for line in said if line.endswith("}")]
    booked = {e["visitor"] for e in entries if e["what"] == "booked"}
    return [e["label"] for e in entries if e["what"] == "paper" and e["visitor"] in booked and e["by_card"] >= by_card]


def forms(people: Path) -> list[int]:
    """How many fields each form had that an operator filled from a card."""
    said = people.read_text(encoding="utf-8").splitlines() if people.exists() else []
    entries = [json.loads(line) for line in said if line.endswith("}")]
    return [e["fields"] for e in entries if e["what"] == "form" and e["fields"]]


def canaries() -> set[bytes]:
    """What stands on the cards that are read in the demo, and must stand in no file of it."""
    people = (PEOPLE["ua"], PEOPLE["kz"])
    texts = {text for p in people for text in (p.surname, p.given, p.number, p.personal_number, *p.native)}
    return {text.encode() for text in texts}


def found_in(folder: Path, secrets: set[bytes]) -> list[tuple[str, bytes]]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [(file.name, secret) for file in files for secret in secrets if secret in file.read_bytes()]


def test_kills_double_nothing_and_lose_nothing(tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "report.json"
    kills = "coordinator@12,broker@17,bridge@22"
    with demo(out, "--seconds", "35", "--kill", kills, "--report", str(file)) as process:
        said, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, said
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert [report[name] for name in ("duplicate_labels", "double_calls", "lost_tickets")] == [0, 0, 0]
    assert report["announcements_overlapping"] == 0
    assert report["announcements_spoken"] >= bool(shutil.which("espeak-ng"))
    assert report["announcements_spoken"] + report["announcements_shown_only"] >= report["calls"]
    assert report["journal_verified"]
    assert report["killed"] == ["coordinator", "broker", "bridge"]
    assert report["visitors_served"] >= 3, said
    assert report["terminal"]["mismatches"] == []
    assert sum(report["terminal"]["visits"].values()) >= 1
    assert report["papers_seen"] >= report["visitors_served"]
    assert left_behind(out) == []


def test_ctrl_c_ends_with_the_report_and_leaves_no_process(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with demo(out) as process:
        deadline = time.monotonic() + DEADLINE_S
        reading = missing() is None
        people = out / "people.jsonl"
        while not booked_tickets(people, by_card=reading) or (reading and not forms(people)):
            assert process.poll() is None, "the demo ended by itself"
            assert time.monotonic() < deadline, "nobody got a ticket for a booking, or no form was filled"
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, said
    assert "journal_verified             True" in said
    assert "interrupted                  True" in said
    figures = dict(line.split()[:2] for line in said.splitlines() if line.startswith("  bookings_"))
    said_of_cards = next(line for line in said.splitlines() if "card_check_ins" in line)
    assert int(said_of_cards.split()[1]) == reading
    said_of_forms = next(line for line in said.splitlines() if "forms_filled" in line)
    assert (int(said_of_forms.split()[1]) > 0) == reading
    assert reading or "id cards   none in this demo: " in said
    assert found_in(out, canaries()) == []
    assert int(figures["bookings_made"]) >= int(figures["bookings_checked_in"]) >= 1
    assert left_behind(out) == []


def test_folder_that_is_not_its_own_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    with demo(tmp_path, "--seconds", "5") as process:
        said, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 2
    assert "not made by the demo" in said
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "mine"

"""`vikno soak printers`: tickets by the thousand on printers that break in every way, and boxes that are killed in between.

Several lanes run side by side, each a simulated printer of its kind and a box (`soak.printing_host`) in processes of their own. A lane
does what kiosk and hall do: a visitor gets a label, the label one job; a label whose paper died is followed by a new one. In the
end the simulators' ledgers (which papers came out, and what is on them) are held against the boxes' job stores: every visitor
has exactly one live paper, every paper that came out whole is confirmed or void, none came out twice.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from queue import Empty, Queue

from contract.errors import ViknoError
from journal.schema import BOX
from journal.verify import verify
from printers.escpos import without_commands
from printers.layout import render
from soak.printing_host import slip

ROOT = Path(__file__).parent.parent
KINDS = ("tm-t20iii", "clone", "vkp80iii", "tm-t20iii")
"""One lane each: proof by mark, by order, by order with a presenter."""
PURGING = ("tm-t20iii",)
"""Others keep what they hold: what a broken line left of a ticket is cut off, and looks whole to the printer."""
GOOD = ("CONFIRMED", "CONFIRMED_LATE")
ENDED = (*GOOD, "VOIDED", "UNPROVED")
DAY_TICKETS = 1200
OPENING = datetime(2026, 3, 2, 8, tzinfo=UTC)
STUCK_S = 90.0
FAULTS = (
    "paper_out", "near_end", "cover", "cutter", "jam", "line_cut", "dark", "power_cut", "killed", "killed_without_paper",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many, how bad."""
    parser.add_argument("--tickets", type=int, default=10_000, help="visitors who get a paper (default: %(default)s)")
    parser.add_argument(
        "--faults", type=float, default=0.04, help="share of tickets that meet a fault (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the faults (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="keep journals and ledgers here (default: a temporary folder)")


def run(args: argparse.Namespace) -> int:
    """0 when the ledgers match, 1 when they do not; Ctrl-C judges what was done so far."""
    with tempfile.TemporaryDirectory(prefix="vikno-soak-") as name:
        folder: Path = args.folder or Path(name)
        lanes = [
            Lane(folder / f"lane-{n}", kind, args.tickets // len(KINDS) + (n < args.tickets % len(KINDS)), args.faults, args.seed * 100 + n)
            for n, kind in enumerate(KINDS)
        ]  # fmt: skip
        began = time.monotonic()
        for lane in lanes:
            lane.start()
        try:
            _watch(lanes, args.tickets)
        except KeyboardInterrupt:
            print("\nstopped: the ledger so far")
        verdict = Verdict()
        for lane in lanes:
            lane.stop()
            verdict.add(lane)
        return verdict.tell(time.monotonic() - began)


def _watch(lanes: list[Lane], tickets: int) -> None:
    while any(lane.alive for lane in lanes):
        time.sleep(1.0)
        done, faults = sum(lane.done for lane in lanes), sum(lane.faults.total() for lane in lanes)
        day = max(lane.day for lane in lanes)
        print(f"\r{done} of {tickets} tickets, hall day {day}, {faults} faults", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


class Box:
    """The box as a process: orders in, news out."""

    def __init__(self, url: str, folder: Path) -> None:
        command = [sys.executable, "-m", "soak.printing_host", url, str(folder)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, bufsize=1
        )
        self._news: Queue[dict[str, str] | None] = Queue()
        self.ready = False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as said:
            for line in said:
                if line.endswith("\n"):
                    self._news.put(json.loads(line))
        self._news.put(None)

    def order(self, job: str, number: int, at: datetime) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"print": job, "number": number, "at": at.isoformat()}) + "\n")

    def news(self, wait_s: float) -> dict[str, str] | None:
        """What happened next; None when nothing did. Raises: ViknoError: the box ended by itself."""
        try:
            said = self._news.get(timeout=wait_s)
        except Empty:
            return None
        if said is None:
            raise ViknoError(f"the box ended with {self._process.wait(5)}")
        if "ready" in said:
            self.ready = not said["ready"]
        return said

    def kill(self) -> None:
        self._process.kill()
        self._close()

    def close(self, timeout_s: float = 15.0) -> None:
        """Let it settle what is open, then end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._close()

    def _close(self) -> None:
        self._process.wait(5)
        self._listener.join(5)
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()


class Simulator:
    """The printer as a process, and its control port."""

    def __init__(self, folder: Path, kind: str) -> None:
        import socket

        self.folder = folder
        words = ["--port", "0", "--control-port", "0", "--out", str(folder), "--model", kind, "--no-pictures"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "simulators.printer", *words], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self._process.stdout is not None
        ports = json.loads(self._process.stdout.readline())
        self.url = f"tcp://127.0.0.1:{ports['port']}"
        self._control = socket.create_connection(("127.0.0.1", ports["control_port"]), 5)
        self._answers = self._control.makefile("r")

    def do(self, what: str, **facts: object) -> dict[str, object]:
        self._control.sendall(json.dumps({"do": what, **facts}).encode() + b"\n")
        answer: dict[str, object] = json.loads(self._answers.readline())
        if "error" in answer:
            raise ViknoError(str(answer))
        return answer

    def papers(self) -> list[dict[str, object]]:
        """Every paper that came out."""
        lines = (self.folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == "paper"]

    def close(self) -> None:
        self._answers.close()
        self._control.close()
        self._process.terminate()
        self._process.wait(5)
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class Visitor:
    """One who waits for a paper; `labels`: the numbers he had, the last one lives."""

    labels: list[int] = field(default_factory=list)


class Lane:
    """One printer, one box, and the visitors before it, one after the other."""

    def __init__(self, folder: Path, kind: str, tickets: int, share: float, seed: int) -> None:
        folder.mkdir(parents=True)
        self.folder, self.kind, self._tickets, self._share = folder, kind, tickets, share
        self._random = random.Random(seed)
        self.sim = Simulator(folder / "printer", kind)
        self.visitors: list[Visitor] = []
        self.faults: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.failed = ""
        self._labels = 0
        self._box = Box(self.sim.url, folder)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._size = 20_000

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def done(self) -> int:
        return len(self.visitors)

    @property
    def day(self) -> int:
        return self._labels // DAY_TICKETS + 1

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the visitor who is before it; the box settles what is open."""
        self._stopping.set()
        self._thread.join(STUCK_S)
        self._box.close()
        self.sim.close()

    def _run(self) -> None:
        try:
            while len(self.visitors) < self._tickets and not self._stopping.is_set():
                self._serve()
        except (ViknoError, OSError) as exc:
            self.failed = str(exc)

    def _serve(self) -> None:
        """A visitor comes, and goes with a paper."""
        visitor = Visitor()
        while True:
            self._until_ready()
            self._labels += 1
            visitor.labels.append(self._labels)
            fault = self._random.choice(FAULTS) if self._random.random() < self._share else ""
            if self._printed(self._labels, fault):
                break
        self.visitors.append(visitor)

    def _printed(self, number: int, fault: str) -> bool:
        """One label, one job; False when its paper is dead."""
        job, at = (
            f"job-{number}",
            OPENING + timedelta(days=(number - 1) // DAY_TICKETS, seconds=(number - 1) % DAY_TICKETS * 30),
        )
        if fault:
            self.faults[fault] += 1
            self._spoil_before(fault)
        self._box.order(job, number, at)
        if fault:
            self._spoil_meanwhile(fault)
        mend_at = time.monotonic() + self._random.uniform(0.02, 0.4)
        give_up_at = time.monotonic() + STUCK_S
        state = ""
        while state not in ENDED:
            if time.monotonic() > give_up_at:
                raise ViknoError(f"{self.kind}: {job} hangs at {state or 'nothing'} after {fault or 'no fault'}")
            if fault and time.monotonic() > mend_at:
                self._mend(fault)
                if fault.startswith("killed"):
                    self._box.order(job, number, at)  # as a kiosk asks again after a restart
                fault = ""
            said = self._box.news(0.05)
            if said is not None and said.get("job") == job:
                state = said["state"]
        if fault:
            self._mend(fault)
        self.states[state] += 1
        return state in GOOD

    def _spoil_before(self, fault: str) -> None:
        rows = self._random.choice((1, self._random.randrange(1, 500), 10_000))
        match fault:
            case "paper_out" | "killed_without_paper":
                self.sim.do("paper_out_at", rows=rows)
            case "near_end":
                self.sim.do("paper", value="low")
            case "power_cut":
                share = self._random.choice((0.0, 0.0002, self._random.random(), 0.995, 0.9998, 1.0))
                self.sim.do("power_off_at", bytes=max(1, int(self._size * share)))
            case _:
                pass

    def _spoil_meanwhile(self, fault: str) -> None:
        if fault in {"paper_out", "near_end", "power_cut"}:
            return
        time.sleep(self._random.choice((0.0, self._random.uniform(0.0, 0.06))))
        match fault:
            case "cover":
                self.sim.do("cover", open=True)
            case "cutter":
                self.sim.do("cutter", jam=True)
            case "jam":
                self.sim.do("jam", on=True)
            case "line_cut":
                self.sim.do("cut")
            case "dark":
                self.sim.do("freeze")
            case _:
                self._box.kill()
                self._box = Box(self.sim.url, self.folder)

    def _mend(self, fault: str) -> None:
        match fault:
            case "paper_out" | "near_end" | "killed_without_paper":
                self.sim.do("paper_out_at", rows=1_000_000)
                self.sim.do("paper", value="ok")
            case "cover":
                self.sim.do("cover", open=False)
            case "cutter":
                self.sim.do("cutter", jam=False)
            case "jam":
                self.sim.do("jam", on=False)
            case "power_cut":
                self.sim.do("power_off_at", bytes=10**9)
                self.sim.do("power", on=True)
            case _:
                pass

    def _until_ready(self) -> None:
        give_up_at = time.monotonic() + STUCK_S
        while not self._box.ready or self._box.news(0.0) is not None:
            if time.monotonic() > give_up_at:
                raise ViknoError(f"{self.kind}: the printer is not ready again: {self.sim.do('state')}")
            if not self._box.ready:
                self._box.news(0.05)


class Verdict:
    """Both ledgers, side by side."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.wrong: list[str] = []

    def add(self, lane: Lane) -> None:
        """Hold a lane's printer against its box and its visitors."""
        from journal.journal import Journal
        from runtime.clock import utc_now

        if lane.failed:
            self.wrong.append(lane.failed)
        self.faults += lane.faults
        labels = {paper_of(number): number for visitor in lane.visitors for number in visitor.labels}
        papers = lane.sim.papers()
        whole = Counter(labels.get(str(paper["dots"]), 0) for paper in papers if not paper["torn"])
        pieced = Counter(labels.get(str(paper["pieces"]), 0) for paper in papers if "pieces" in paper)
        pieced.pop(0, 0)  # a ticket that was cleared away in the middle
        self.sums["papers in two pieces, the roll ended in them"] += pieced.total()
        with Journal.open(lane.folder / "box.db", "hall-1", BOX, utc_now) as journal:
            jobs = {str(row["id"]): str(row["state"]) for row in journal.rows("job")}
        found = verify(lane.folder / "box.db", "hall-1", BOX)
        self.wrong += [f"{lane.kind}: journal: {problem}" for problem in found.problems]
        self.sums["papers torn"] += sum(1 for paper in papers if paper["torn"])
        pieces = whole.pop(0, 0)
        if lane.kind in PURGING and pieces and not lane.failed:
            self.wrong.append(f"{lane.kind}: {pieces} papers that are no ticket and not torn")
        self.sums["papers cut off in the middle"] += pieces
        self.sums["papers whole"] += sum(whole.values())
        whole += pieced
        for visitor in lane.visitors:
            self.judge(lane.kind, visitor, whole, jobs)

    def judge(self, kind: str, visitor: Visitor, whole: Counter[int], jobs: dict[str, str]) -> None:
        """One visitor's papers: `whole` by label as the printer has them, `jobs` by id as the box has them."""
        self.sums["visitors"] += 1
        live = 0
        for number in visitor.labels:
            state, papers = jobs.get(f"job-{number}", "nothing"), whole[number]
            self.sums[f"jobs {state}"] += 1
            if state not in (*GOOD, "VOIDED"):
                self.wrong.append(f"{kind}: K{number:05} is {state}")
            if papers > 1:
                self.wrong.append(f"{kind}: K{number:05} came out {papers} times")
            if state in GOOD and not papers:
                self.wrong.append(f"{kind}: K{number:05} is {state} and never came out")
            self.sums["papers whole and void"] += papers * (state == "VOIDED")
            live += papers * (state in GOOD)
        self.sums["visitors with one live paper"] += live == 1
        if live != 1:
            self.wrong.append(f"{kind}: labels {visitor.labels}: {live} live papers")

    def tell(self, took_s: float) -> int:
        """Print it; 0 when all is right."""
        print(f"\nfaults: {', '.join(f'{name} {count}' for name, count in sorted(self.faults.items())) or 'none'}")
        for name, count in sorted(self.sums.items()):
            print(f"  {name:46} {count:7}")
        print(f"  {'duplicated, lost or unknown':46} {len(self.wrong):7}   in {took_s:.0f} s")
        for line in self.wrong[:20]:
            print(f"  WRONG {line}")
        return 1 if self.wrong else 0


def paper_of(number: int) -> str:
    """What the printer's ledger calls the whole paper of a label: SHA-256 over its rows, each without its white end, after its length."""
    image = render(slip(number))
    row = image.width // 8
    dots = without_commands(bytes(255 - byte for byte in image.tobytes()))
    rows = [dots[at : at + row].rstrip(b"\0") for at in range(0, len(dots), row)]
    return sha256(b"".join(len(each).to_bytes(2, "big") + each for each in rows)).hexdigest()

"""`vikno soak pads`: presses over bad cables, by USB and by bus, through the real bridge into the journal of a real coordinator.

First the adapters are pulled and plugged in (`plugs`). Then two ledgers that cannot see each other: what the cables carried (the
simulators') and what the hall decided (its journal). A press is a name, (uid, boot, seq); each has to stand on both sides, once.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.rig import CONSOLE, Rig, open_windows, wait
from contract import hall as hall_document
from contract.errors import ViknoError
from contract.hall import Hall
from contract.hall_part import Box, Unit
from contract.words import Role
from coordinator.hall_command import template
from demo.process import Processes
from runtime import logs
from soak.plugs import Wear, wear

BRIDGE = "bridge-1"
USB_PADS, BUS_PADS = 4, 8
"""Real firmware each on a port of its own; on one bus, the first of them real firmware too."""
PRESS_S = 30.0
TOLD_EVERY_S = 5.0
ANSWER_MS = 200
"""A simulated line on a busy machine is slower than a real one."""


@dataclass
class Cable:
    """A simulator of pads: its commands and its ledger."""

    control: socket.socket
    file: Path
    uids: list[str]
    landed: Counter[str] = field(default_factory=Counter)
    named: dict[str, set[str]] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)
    resent: int = 0
    _read: int = 0

    def do(self, do: str, uid: str | None = None, **facts: object) -> None:
        """Raises: ViknoError: the simulator refused."""
        told = {"do": do, **({"pad": uid} if uid else {}), **facts}
        self.control.sendall(json.dumps(told).encode() + b"\n")
        answer = json.loads(self.control.recv(65536))
        if "error" in answer:
            raise ViknoError(f"the pads' simulator: {answer['error']}")

    def look(self) -> None:
        """Read what was added to the ledger."""
        with self.file.open("rb") as file:
            file.seek(self._read)
            lines = file.read().split(b"\n")
        self._read += sum(len(line) + 1 for line in lines[:-1])
        for line in lines[:-1]:
            self._take(json.loads(line))

    def _take(self, row: dict[str, Any]) -> None:
        uid = row["pad"]
        if row["what"] == "press":
            self.landed[uid] += 1
        elif row["what"] == "event":
            name = f"pad-{uid}-{row['boot']}-{row['seq']}"
            names = self.named.setdefault(uid, set())
            self.resent += name in names
            names.add(name)
        elif row["what"] == "ack" and row["heard"]:
            self.ends[f"pad-{uid}-{row['boot']}-{row['seq']}"] = row["result"]

    def idle(self, uid: str) -> bool:
        """Whether every finger's press was ended by an ACK that came through."""
        names = self.named.get(uid, set())
        return self.landed[uid] == len(names) and all(name in self.ends for name in names)


@dataclass
class Ledger:
    """Both sides."""

    presses: int
    names: set[str]
    ends: dict[str, str]
    resent: int
    seen: set[str]
    decided_twice: int
    wear: Wear | None = None
    """None: nothing was pulled."""

    @property
    def good(self) -> bool:
        """The sides are equal and the bridge gave back what it took."""
        return self.equal and not (self.wear and self.wear.leaked)

    @property
    def expired(self) -> set[str]:
        return {name for name, end in self.ends.items() if end == "expired"}

    @property
    def equal(self) -> bool:
        """Each press has one name, each name that did not expire was decided, once, and nothing else was."""
        lost = self.presses - len(self.names)
        return not lost and not self.decided_twice and self.names - self.expired == self.seen - self.expired

    def lines(self) -> Iterator[str]:
        ends = Counter(self.ends[name] for name in self.names if name in self.ends)
        yield f"{'pads':>12} {'hall':>8}"
        yield f"{self.presses:>12} {'':>8}  fingers landed"
        yield f"{len(self.names):>12} {len(self.seen):>8}  presses by name, each once"
        decided = ends["done"] + ends["refused"]
        yield f"{decided:>12} {len(self.seen - self.expired):>8}  decided ({ends['done']} done, {ends['refused']} refused)"
        yield f"{len(self.expired):>12} {'':>8}  expired: too old, the pad was told"
        yield f"{self.resent:>12} {'':>8}  said again"
        yield f"{'':>12} {self.decided_twice:>8}  decided twice"
        yield "the ledgers are equal" if self.equal else "THE LEDGERS DIFFER"
        if self.wear is not None:
            yield self.wear.line()
            yield "nothing was left behind" if not self.wear.leaked else "SOMETHING WAS LEFT BEHIND"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many presses and plug cycles, how bad the cables are."""
    parser.add_argument("--presses", type=int, default=10000, metavar="N")
    parser.add_argument(
        "--cycles", type=int, default=1000, metavar="N", help="adapters pulled and plugged in before that"
    )
    parser.add_argument("--corrupt", type=float, default=20.0, metavar="PERCENT", help="of frames, both ways")
    parser.add_argument("--drop-acks", type=float, default=30.0, metavar="PERCENT", help="of acknowledgements")
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> int:
    """0 when the ledgers are equal and nothing was left behind, 1 when not."""
    logs.configure("soak")
    with tempfile.TemporaryDirectory(prefix="vikno-soak-") as folder:
        ledger = soak(Path(folder), args.presses, args.corrupt, args.drop_acks, args.seed, cycles=args.cycles)
    print("\n".join(ledger.lines()))
    return 0 if ledger.good else 1


def soak(folder: Path, presses: int, corrupt: float, drop_acks: float, seed: int, *, cycles: int = 0) -> Ledger:
    """Pull and plug in so often, press so often, wait for every ACK, and put both ledgers beside each other."""
    dice = random.Random(seed)
    uids = [f"{dice.getrandbits(64):016x}" for _ in range(USB_PADS + BUS_PADS)]
    hall = furnished(uids)
    (folder / "logs").mkdir()
    with (
        Rig(folder / "hall", "coordinator", hall=hall) as rig,
        Processes(folder / "logs") as processes,
        ExitStack() as stack,
    ):
        open_windows(rig, [w.id for w in hall.windows])
        cables = _cables(folder, processes, uids, seed, stack)
        bridge = processes.start("bridge", "firmware_bridge", "--config", str(_bridge_file(folder, rig, cables)))
        _all_welcome(cables)
        worn = wear(bridge.process.pid, _plugs(*cables), cycles) if cycles and bridge.process else None
        for cable in cables:
            cable.do("wire", corrupt=corrupt, drop_acks=drop_acks)
        _press(cables, presses, dice)
        rig.kill()
        return replace(_ledger(cables, rig.journal), wear=worn)


def furnished(uids: list[str]) -> Hall:
    """A hall with these pads, each at a window of its own."""
    base = template("kz-con")
    pads = tuple(Unit(id=uid, window=w.id, keys=4) for uid, w in zip(uids, base.windows, strict=False))
    boxes = (Box(id=BRIDGE, kind=Role.BRIDGE, units=pads), Box(id=CONSOLE, kind=Role.CONSOLE))
    rules = {**base.rules, "call.double_press_s": 0}
    return hall_document.load(base.model_copy(update={"boxes": boxes, "rules": rules}).model_dump_json())


def _cables(folder: Path, processes: Processes, uids: list[str], seed: int, stack: ExitStack) -> list[Cable]:
    kinds: tuple[tuple[str, str, list[str], list[str]], ...] = (
        ("usb", "simulators.pad", uids[:USB_PADS], []),
        ("bus", "simulators.pad_bus", uids[USB_PADS:], ["--real", "1", "--pads", str(BUS_PADS - 1)]),
    )
    cables = []
    for name, module, own, more in kinds:
        room = folder / name
        words = [word for uid in own for word in ("--uid", uid)]
        where = f"unix:{room / 'control'}"
        ledger = room / "ledger"
        options = ["--dir", str(room), "--ledger", str(ledger), "--control", where, "--seed", str(seed), *words, *more]
        processes.start(name, module, *options, restart=False)
        wait((room / "control").exists, f"the {name} pads did not start")
        control = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
        control.settimeout(30)
        control.connect(str(room / "control"))
        cables.append(Cable(control, ledger, own))
    return cables


def _bridge_file(folder: Path, rig: Rig, cables: list[Cable]) -> Path:
    usb, bus = cables
    ports = [f"serial://{usb.file.parent / uid}" for uid in usb.uids]
    ports.append(f"serial://{bus.file.parent / 'bus'}?pads=1-32&answer_ms={ANSWER_MS}")
    settings = rig.settings(BRIDGE)
    broker = "\n".join(f'{name} = "{getattr(settings, name)}"' for name in ("hall", "dev", "host", "ca", "cert", "key"))
    file = folder / "bridge.toml"
    file.write_text(
        f'data = "{folder / "bridge"}"\nports = {json.dumps(ports)}\n[broker]\n{broker}\nport = {settings.port}\n',
        encoding="utf-8",
    )
    return file


def _plugs(usb: Cable, bus: Cable) -> dict[Path, Callable[[str], None]]:
    """Device link of each adapter → what moves it."""
    plugs: dict[Path, Callable[[str], None]] = {usb.file.parent / uid: partial(usb.do, uid=uid) for uid in usb.uids}
    return {**plugs, bus.file.parent / "bus": bus.do}


def _all_welcome(cables: list[Cable]) -> None:
    """Every pad shows what the hall says."""

    def shown() -> bool:
        lamps: dict[str, str] = {}
        for cable in cables:
            for line in cable.file.read_text("utf-8").splitlines():
                row = json.loads(line)
                if row["what"] == "lamp":
                    lamps[row["pad"]] = row["pattern"]
        return all(lamps.get(uid) in ("off", "slow") for cable in cables for uid in cable.uids)

    wait(shown, "not every pad was welcomed", 90.0)


def _press(cables: list[Cable], presses: int, dice: random.Random) -> None:
    """Each pad presses again as soon as its last press was acknowledged."""
    fingers = {uid: cable for cable in cables for uid in cable.uids}
    pressed: Counter[str] = Counter()
    told_at = moved_at = time.monotonic()
    done = 0
    while done < presses:
        for cable in cables:
            cable.look()
        free = [uid for uid, cable in fingers.items() if cable.landed[uid] == pressed[uid] and cable.idle(uid)]
        before, done = (
            done,
            sum(pressed[uid] for uid in free) + sum(pressed[uid] - 1 for uid in fingers if uid not in free),
        )
        for uid in free[: max(0, presses - pressed.total())]:
            fingers[uid].do("press", uid, key=dice.randrange(4))
            pressed[uid] += 1
        now = time.monotonic()
        moved_at = now if done > before else moved_at
        if now - moved_at > PRESS_S:
            busy = [uid for uid in fingers if uid not in free]
            unfelt = [uid for uid in busy if fingers[uid].landed[uid] > len(fingers[uid].named.get(uid, ()))]
            raise ViknoError(
                f"no press ended within {PRESS_S:.0f} s; waiting: {', '.join(busy)}; fingers that left no press: {unfelt}"
            )
        if now - told_at >= TOLD_EVERY_S:
            told_at = now
            print(f"{done} of {presses} presses", file=sys.stderr)
        time.sleep(0.02)


def _ledger(cables: list[Cable], journal: Path) -> Ledger:
    with closing(sqlite3.connect(journal)) as db:
        seen = {
            str(key).partition("/")[2]
            for (key,) in db.execute("SELECT id FROM cmd_seen WHERE id LIKE ?", (f"{BRIDGE}/%",))
        }
        asked = db.execute(
            "SELECT cmd, count(*), max(seq) - min(seq) + 1 FROM event WHERE cmd LIKE 'pad-%' GROUP BY cmd"
        )
        # What one decision brings stands together.
        twice = sum(count != span for _, count, span in asked)
    names = {name for cable in cables for one in cable.named.values() for name in one}
    ends = {name: end for cable in cables for name, end in cable.ends.items()}
    landed = sum(cable.landed.total() for cable in cables)
    return Ledger(landed, names, ends, sum(cable.resent for cable in cables), seen, twice)

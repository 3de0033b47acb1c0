"""`vikno demo`: a hall from one command, on real wires; ends with a report made from the wires' ledgers."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from broker_config.broker import Broker
from consoles.staff.role import StaffRole
from consoles.staff.staff import Staff
from contract.hall import Hall
from coordinator.hall_command import template, templates
from demo import cards, fault, money, terminal
from demo import layout as plan_of
from demo.layout import BOARD, BRIDGE, CARD_KIOSK, CONSOLE, DISPLAYS, DOCTOR, KIOSKS, READER, TERMINAL, VOICE, Layout
from demo.process import ROOT, DemoError, Processes, announcements, free_port
from demo.report import Ledgers, lines, report
from displays.voice import espeak
from runtime.clock import utc_now
from simulators.card.readers import Readers

ROLES = (StaffRole.ADMIN, StaffRole.MANAGER, StaffRole.LEAD, StaffRole.AUDITOR, StaffRole.TECHNICIAN)
PASSWORD = "open the window"  # noqa: S105 - no secret: it is printed
"""Of the demo's accounts."""
KILLABLE = ("coordinator", "broker", "bridge", TERMINAL)
READY_S = 60.0
LAST_ERRAND_S = 25.0
MUST_BE_ZERO = ("duplicate_labels", "double_calls", "lost_tickets", "announcements_overlapping", "money_mismatches")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How fast, how long, where, and what to break."""
    parser.add_argument("--hall", default="ua-cnap", help=f"one of {', '.join(templates())} (default: ua-cnap)")
    parser.add_argument("--speed", type=float, default=90.0, help="hall seconds per second (default: 90)")
    parser.add_argument("--seconds", type=float, help="end after so long (default: until Ctrl-C)")
    parser.add_argument("--headless", action="store_true", help="draw off-screen, also where there is a display")
    parser.add_argument("--report", type=Path, metavar="FILE.json", help="write the report there too")
    parser.add_argument(
        "--kill",
        type=_kills,
        default=[],
        metavar="WHO@S,…",
        help="SIGKILL coordinator, broker, bridge or terminal-1 at second S",
    )
    parser.add_argument(
        "--fault",
        default="",
        metavar="WHAT@WHERE,…",
        help="break devices: paper@kiosk-1, unplug@pad-W01, unplug@pos-1, … (vikno doctor)",
    )
    parser.add_argument(
        "--out", type=Path, default=ROOT / "demo-out", help="folder for everything the demo makes (emptied)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the simulated people")
    parser.set_defaults(port=0)


def run(args: argparse.Namespace) -> int:
    """0 when nothing was doubled or lost and the journal holds; 1 otherwise."""
    return play(args, template(args.hall), partial(_reported, args.report))


def play(args: argparse.Namespace, hall: Hall, ended: Callable[[Demo, bool], int]) -> int:
    """A day of `hall` until it is over or somebody stops it; `ended` is told it, and whether it was stopped, and gives the exit code."""
    if not 1 <= args.speed <= 600:
        raise DemoError(f"--speed {args.speed}: allowed: 1 to 600")
    folder = _empty(args.out.absolute())
    stop = _Stop()
    # What the registers know of people is no part of the hall: it stands beside the demo's folder, and goes with it.
    with cards.readers(print) as readers, tempfile.TemporaryDirectory(prefix="vikno-register-") as register:
        started = Demo(args, folder, readers, Path(register), hall)
        with started.broker, Processes(folder / "logs") as processes:
            started.start(processes)
            stop.patient = True
            started.watch(processes, stop)
        return ended(started, stop.asked)


def _reported(file: Path | None, ended: Demo, interrupted: bool) -> int:
    result = {**ended.report(), "interrupted": interrupted}
    _tell(result, ended)
    if file is not None:
        file.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if result["journal_verified"] and not any(result[name] for name in MUST_BE_ZERO) else 1


class _Stop:
    """Ctrl-C and SIGTERM: while all starts they end at once; `patient`, the first lets the day end and the second does not."""

    def __init__(self) -> None:
        self.asked = self.patient = False
        signal.signal(signal.SIGINT, self._ask)
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        if self.asked or not self.patient:
            raise KeyboardInterrupt
        self.asked = True
        print("\nstopping… (Ctrl-C again to end at once)", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class _Kill:
    who: str
    at_s: float


def _kills(text: str) -> list[_Kill]:
    kills = []
    for part in text.split(","):
        who, at, second = part.partition("@")
        if who not in KILLABLE or not at or not second.replace(".", "", 1).isdigit():
            raise argparse.ArgumentTypeError(f"{part!r}: allowed: {', '.join(f'{k}@SECONDS' for k in KILLABLE)}")
        kills.append(_Kill(who, float(second)))
    return sorted(kills, key=lambda k: k.at_s)


class Demo:
    """The demo's parts and where they are. `readers`: of ID cards, for the first kiosk, a window
    and the terminal, None: there are none; `register`: an empty folder for the community."""

    def __init__(
        self, args: argparse.Namespace, folder: Path, readers: Readers | None, register: Path, hall: Hall
    ) -> None:
        self._args, self.folder, self._readers, self._register = args, folder, readers, register
        (folder / "logs").mkdir()
        self.pads = {w.id: f"{0xD000 + w.number:016x}" for w in hall.windows}
        self.faults = fault.named(args.fault, self.pads, terminal=terminal.has_one(hall))
        self.hall = plan_of.furnished(hall, self.pads, reader=readers is not None, terminal=terminal.has_one(hall))
        self.broker = Broker(folder / "broker", self.hall.id, self.hall.boxes)
        self.layout = Layout(folder, self.hall, self.broker, plan_of.pace(self.hall, args.speed, utc_now()))
        self.ledgers = Ledgers(
            printers=tuple(folder / f"printer-{kiosk}" for kiosk in KIOSKS),
            displays=folder / "displays" / "ledger.jsonl",
            pads=folder / "pads" / "ledger.jsonl",
            people=folder / "people.jsonl",
            speaker=folder / "speaker.jsonl",
        )
        self.panel = ""
        self.terminal: terminal.Running | None = None
        self.killed: list[str] = []
        self.began = 0.0

    # --- starting ------------------------------------------------------------------------------------------------------

    def start(self, processes: Processes) -> None:
        """Start everything; returns when every part answered."""
        name, began = self.hall.names[self.hall.default_language], self.hall.local(self.layout.pace.anchor)
        print(
            f"{name}: hall time begins at {began:%H:%M on %d.%m.%Y} and runs {self._args.speed:g} times as fast; starting…"
        )
        pads, displays = self._start_wires(processes)
        processes.start("coordinator", "coordinator", "--config", str(self.layout.coordinator()))
        ports = "".join(f'"serial://{path}", ' for path in pads)
        bridge = self.layout.box(BRIDGE, f'data = "{self.layout.room(BRIDGE)}"\nports = [{ports}]\n')
        processes.start("bridge", "firmware_bridge", "--config", str(bridge))
        tables = [f'[[display]]\nunit = "{unit}"\nurl = "serial://{path}"\n' for unit, path in displays.items()]
        processes.start("displays", "displays.window", "--config", str(self.layout.box(DISPLAYS, "", *tables)))
        self._start_screens(processes)
        self._start_panel(processes)
        self._start_reader(processes)
        self._start_terminal(processes)
        self._start_people(processes)
        self._start_voice(processes)
        self._make_faults(processes)
        self._tell_where()

    def _start_wires(self, processes: Processes) -> tuple[list[str], dict[str, str]]:
        for kiosk, folder in zip(KIOSKS, self.ledgers.printers, strict=True):
            processes.start(
                f"printer-{kiosk}", "simulators.printer", "--port", "0", "--out", str(folder), "--speed-model"
            )
        units = [plan_of.display(w.id) for w in self.hall.windows]
        names = [word for unit in units for word in ("--display", unit)]
        processes.start("display-wires", "simulators.display", "--dir", str(self.layout.room("displays")), *names)
        uids = [word for uid in self.pads.values() for word in ("--uid", uid)]
        room = self.layout.room("pads")
        control = f"unix:{room / 'control.sock'}"
        processes.start(
            "pads",
            "simulators.pad",
            "--dir",
            str(room),
            *uids,
            "--ledger",
            str(self.ledgers.pads),
            "--control",
            control,
        )
        pads = [str(room / uid) for uid in self.pads.values()]
        self._until(lambda: all(Path(p).exists() for p in pads), "the pads", processes)
        displays = self._announced(processes, "display-wires")["displays"]
        return pads, displays

    def _start_screens(self, processes: Processes) -> None:
        env = self._screen_env()
        for kiosk in KIOSKS:
            port = self._announced(processes, f"printer-{kiosk}")["port"]
            head = f'data = "{self.layout.room(kiosk)}"\n'
            screen = "[screen]\nwidth = 540\nheight = 960\n"
            reading = self._readers if kiosk == CARD_KIOSK else None
            tables = [screen, cards.table(reading, cards.KIOSK_SLOT, self.layout.room(kiosk))] if reading else [screen]
            config = self.layout.box(kiosk, head, f'[printer]\nurl = "tcp://127.0.0.1:{port}"\n', *tables)
            home = {"KIVY_HOME": str(self.layout.room(f"{kiosk}/kivy")), **(reading.environment if reading else {})}
            ledger = str(self.folder / f"fingers-{kiosk}.jsonl")
            processes.start(
                kiosk, "simulators.screen_host", "--ledger", ledger, "kiosk", "--config", str(config),
                env={**env, **home},
            )  # fmt: skip
        zones = ", ".join(f'"{zone.id}"' for zone in self.hall.zones)
        pictures = self.layout.room("board-pictures")
        screen = f'[screen]\nwidth = 1280\nheight = 720\nfullscreen = false\nreduced_motion = true\nscreenshot_dir = "{pictures}"\n'
        config = self.layout.box(BOARD, f"zones = [{zones}]\n", screen)
        home = {"KIVY_HOME": str(self.layout.room("board-1/kivy"))}
        processes.start("board", "displays.board", "--config", str(config), env={**env, **home})

    def _screen_env(self) -> dict[str, str]:
        if self._args.headless or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            # Software drawing: one thread and one memory arena each keep three screens small.
            return {
                "SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1", "LP_NUM_THREADS": "0", "MALLOC_ARENA_MAX": "2",
            }  # fmt: skip
        return {}

    def _start_panel(self, processes: Processes) -> None:
        port = self._args.port or free_port()
        self.panel = f"http://127.0.0.1:{port}"
        head = f'data = "{self.layout.room("console-1")}"\njournal = "{self.layout.journal}"\n'
        config = self.layout.box(CONSOLE, head, f"[web]\nport = {port}\n")
        with Staff(self.layout.room(CONSOLE), utc_now) as staff:
            for role in ROLES:
                staff.accounts.add(role, f"Demo {role}", role, None, PASSWORD)
        processes.start("consoles", "consoles", "--config", str(config))

    def _start_reader(self, processes: Processes) -> None:
        if self._readers is not None:
            section = cards.table(self._readers, cards.WINDOW_SLOT, self.layout.room(READER))
            config = self.layout.box(READER, "", section)
            processes.start("reader", "card_reader", "--config", str(config), env=self._readers.environment)

    def _start_terminal(self, processes: Processes) -> None:
        """The self-service terminal, its devices, the connector, and people who use it."""
        if not terminal.has_one(self.hall):
            return
        running, wires, codes = terminal.start(
            self.layout, self._register, processes, lambda name: self._announced(processes, name), self._readers, self._screen_env(),
            (free_port(), free_port()),
        )  # fmt: skip
        self.terminal = running
        broken = [name for name, unit in terminal.DEVICES.items() if f"unplug@{unit}" in self.faults]
        plan = self.folder / "errands.json"
        plan.write_text(
            terminal.plan(self.layout, wires, running.screen, codes, self._readers, self._args.seed, broken),
            encoding="utf-8",
        )
        # The last errand ends, and its facts are told, before the report looks.
        seconds = max(self._args.seconds - LAST_ERRAND_S, 1.0) if self._args.seconds else 10**9
        told_to = ("--plan", str(plan), "--ledger", str(self.folder / "errands.jsonl"), "--seconds", str(seconds))
        processes.start("errands", "simulators.errand", *told_to, restart=False)

    def _start_people(self, processes: Processes) -> None:
        kiosks = [
            {"id": kiosk, "screen": f"tcp:{self._announced(processes, kiosk)['port']}", "papers": str(folder)}
            for kiosk, folder in zip(KIOSKS, self.ledgers.printers, strict=True)
        ]
        addresses: dict[str, Any] = {
            "kiosks": kiosks,
            "pads": {"control": f"unix:{self.layout.room('pads') / 'control.sock'}", "ledger": str(self.ledgers.pads)},
            "displays": {"control": f"unix:{self.layout.room('displays') / 'control.sock'}"},
            "panel": self.panel,
            "reception": {"name": "lead", "password": PASSWORD},
        }
        if self._readers is not None:
            control = f"unix:{self._readers.control}"
            addresses["card"] = {"control": control, "name": "ua", "slot": str(cards.KIOSK_SLOT), "kiosk": CARD_KIOSK}
            window, group = plan_of.card_window(self.hall)
            addresses["window_card"] = {
                "control": control, "name": "kz", "slot": str(cards.WINDOW_SLOT), "window": window, "group": group,
            }  # fmt: skip
        file = self.folder / "people.json"
        file.write_text(plan_of.plan(self.layout, addresses, self.pads, self._args.seed), encoding="utf-8")
        seconds = str(self._args.seconds or 10**9)
        words = ("--plan", str(file), "--ledger", str(self.ledgers.people), "--seconds", seconds)
        processes.start("people", "simulators.hall", *words, restart=False)
        self.began = time.monotonic()

    def _start_voice(self, processes: Processes) -> None:
        """The voice, whose bank is filled meanwhile; what is not in it yet is shown only."""
        bank = self.layout.room("voice-bank")
        ledger, pace = str(self.ledgers.speaker), str(self._args.speed)
        player = [sys.executable, "-S", "-m", "simulators.speaker", "--ledger", ledger, "--pace", pace]
        player += ["--fault", str(self.folder / "speaker.fault")]
        zones = json.dumps([zone.id for zone in self.hall.zones])
        head = f'zones = {zones}\nbank = "{bank}"\nplayer = {json.dumps(player)}\n'
        processes.start("voice", "displays.voice", "--config", str(self.layout.box(VOICE, head)))
        if espeak.installed():
            languages = [word for language in self.hall.languages for word in ("--lang", language)]
            words = ("voice", "render", "--folder", str(bank), *languages)
            processes.start("voice-bank", "vikno", *words, restart=False)
        else:
            print("  voice      a chime only: espeak-ng is not installed (sudo apt-get install espeak-ng)")

    def _make_faults(self, processes: Processes) -> None:
        wires = fault.Wires(
            {
                **{kiosk: self._announced(processes, f"printer-{kiosk}")["control_port"] for kiosk in KIOSKS},
                **(self.terminal.controls if self.terminal is not None else {}),
            },
            self.layout.room("displays") / "control.sock",
            self.layout.room("pads") / "control.sock",
            self.folder / "speaker.fault",
        )
        for name in self.faults:
            fault.make(name, wires, self.pads, processes)
        if self.faults:
            print(f"  broken     {', '.join(self.faults)}")

    def _announced(self, processes: Processes, name: str) -> dict[str, Any]:
        """The line of JSON with which a simulator says where it listens."""
        log = processes.children[name].log
        self._until(lambda: bool(announcements(log)), name, processes)
        return announcements(log)[0]

    def _until(self, true: Callable[[], bool], what: str, processes: Processes) -> None:
        deadline = time.monotonic() + READY_S
        while not true():
            dead = [c.name for c in processes.children.values() if not c.alive]
            if dead or time.monotonic() > deadline:
                culprit = dead[0] if dead else what
                log = processes.children[culprit].log if culprit in processes.children else self.folder / "logs"
                raise DemoError(f"{culprit} did not start: see {log}\n{_tail(log)}")
            time.sleep(0.02)

    def _tell_where(self) -> None:
        print(f"  panel      {self.panel}   (windows log in with operator op01… and PIN 1001…)")
        print(f"  live hall  {self.panel}/hall   (sign in as {', '.join(ROLES)}; password {PASSWORD})")
        print(f"  tickets    {self.folder}/printer-kiosk-*/*.png")
        print(f"  board      {self.folder}/board-pictures/")
        print(f"  displays   {self.folder}/displays/*.png")
        print(f"  voice      {self.ledgers.speaker}")
        print(f"  logs       {self.folder}/logs/")
        print(
            f"  doctor     ./vikno doctor --config {self.layout.box(DOCTOR, '')}   (in another terminal, while this runs)"
        )

    # --- running -------------------------------------------------------------------------------------------------------

    def watch(self, processes: Processes, stop: _Stop) -> None:
        """Show progress, break what is to be broken, start again what ended, until the time is over."""
        kills = list(self._args.kill)
        progress = Progress(self.ledgers)
        while not stop.asked:
            second = time.monotonic() - self.began
            if self._args.seconds and second >= self._args.seconds:
                break
            while kills and kills[0].at_s <= second:
                self._break(kills.pop(0).who, processes)
            processes.watch()
            if self.broker.pid is None:
                self.broker.start()
            progress.show(second)
            time.sleep(0.1)
        progress.end()
        processes.children["people"].stop(5.0)
        self._pictures()

    def _break(self, who: str, processes: Processes) -> None:
        print(f"\n  SIGKILL {who}")
        self.killed.append(who)
        if who == "broker":
            self.broker.kill()
            time.sleep(1.0)
        else:
            processes.children[who].kill()

    def _pictures(self) -> None:
        """What the kiosks show at the end, beside the tickets."""
        for kiosk in json.loads((self.folder / "people.json").read_text(encoding="utf-8"))["kiosks"]:
            _ask(int(kiosk["screen"].removeprefix("tcp:")), {"screenshot": str(self.folder / f"{kiosk['id']}.png")})
        if self.terminal is not None:
            _ask(self.terminal.screen, {"screenshot": str(self.folder / f"{TERMINAL}.png")})

    def _money(self) -> dict[str, Any]:
        if self.terminal is None:
            return {"terminal": None, "money_mismatches": 0}
        found = money.told(money.read(self.layout, self._register, self.folder))
        return {"terminal": found, "money_mismatches": len(found["mismatches"])}

    def report(self) -> dict[str, Any]:
        """The figures, from the ledgers and the journal."""
        display_of = {w.id: plan_of.display(w.id) for w in self.hall.windows}
        interpreters = {e["interpreter"] for e in lines(self.ledgers.pads) if e["what"] == "start"}
        return {
            "hall": self.hall.id,
            "speed": self._args.speed,
            "seconds": round(time.monotonic() - self.began, 1),
            "killed": self.killed,
            "pads_run_under": sorted(interpreters),
            **report(self.layout.journal, self.hall, self.ledgers, display_of),
            **self._money(),
        }


class Progress:
    """One line that is written over on a terminal, a line every ten seconds elsewhere."""

    def __init__(self, ledgers: Ledgers) -> None:
        self._ledgers = ledgers
        self._terminal = sys.stdout.isatty()
        self._next = 0.0

    def show(self, second: float) -> None:
        """Where the day stands."""
        if second < self._next:
            return
        self._next = second + (1.0 if self._terminal else 10.0)
        counts = dict.fromkeys(("arrived", "paper", "called", "served"), 0)
        for entry in lines(self._ledgers.people):
            if entry["what"] in counts:
                counts[entry["what"]] += 1
        words = "  ".join(f"{what} {count}" for what, count in counts.items())
        print(f"\r  {second:5.0f} s  {words}", end="" if self._terminal else "\n", flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._terminal:
            print()


def _tell(result: dict[str, Any], ended: Demo) -> None:
    print("report, from the wires' ledgers held against the journal:")
    for name, value in result.items():
        if name == "terminal" and value is not None:
            print("  terminal")
            print("\n".join(f"    {line}" for line in money.lines_of(value, ended.hall.currency)))
        else:
            print(f"  {name:<28} {value}")
    good = result["journal_verified"] and not any(result[name] for name in MUST_BE_ZERO)
    print(
        f"vikno demo: {'nothing doubled, nothing lost' if good else 'FAULTS: see above'}; everything is in {ended.folder}"
    )


def _empty(folder: Path) -> Path:
    mark = folder / ".vikno-demo"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise DemoError(f"--out {folder}: not empty and not made by the demo: choose another folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
    return folder


def _ask(port: int, question: dict[str, Any]) -> None:
    import contextlib
    import socket

    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(json.dumps(question).encode() + b"\n")
        sock.makefile().readline()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]) if log.is_file() else ""

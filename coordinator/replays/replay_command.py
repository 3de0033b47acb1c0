"""`vikno replay`: what other rules would have done on recorded days, beside FIFO by profile and the rules of now."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from contract import hall as hall_document
from contract import rules as knobs
from contract.errors import ConfigError, ContractError
from contract.hall import Hall
from coordinator.policy import Rules
from coordinator.replays import day_file, journal_day, replay, training
from coordinator.replays.recording import Recording, recording
from coordinator.replays.replay import Spread, Way
from coordinator.replays.training import Step
from coordinator.script import Script
from journal import database

Document = TypeVar("Document")
MOST_SKILLS = 10

HEAD = {
    "late": ("late %", 100), "debt": ("overdue", 1), "worst_service": ("worst %", 100), "booked": ("booked %", 100),
    "priority": ("prio %", 100), "longest": ("longest", 1), "lost": ("lost %", 100), "switches": ("changes", 1),
}  # fmt: skip
"""figure → its heading in the table, and times what it is shown."""
LEGEND = (
    "late: waits over the promise, or left · overdue: minutes over the own target, a visitor · worst: on time in the worst service\n"
    "booked, prio: called within their target · longest: minutes · lost: left unserved · changes of group, a visit"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which days, which rules, against what."""
    parser.add_argument("days", nargs="*", type=Path, help="days, hall-day/1 (python -m simulators.day makes some)")
    parser.add_argument("--rules", type=Path, help="TOML: knobs of contract/rules.json with the values to try")
    parser.add_argument(
        "--against", choices=("fifo", "current"), default="fifo", help="what ratios are to (default: fifo)"
    )
    parser.add_argument(
        "--train", type=_few, default=0, metavar="N", help="also: which N skills, for whom, would have helped most"
    )
    parser.add_argument("--json", action="store_true", help="for a program")
    parser.add_argument("--hall", type=Path, help="the hall document: its rules are the rules of now; for --journal")
    parser.add_argument("--journal", type=Path, help="a hall's journal: replays the day --day of it")
    parser.add_argument("--day", type=date.fromisoformat, help="hall-local, YYYY-MM-DD")
    parser.add_argument("--export", type=Path, help="write the journal's day here (hall-day/1), replay nothing")


def run(args: argparse.Namespace) -> int:
    """0; faults are raised."""
    hall = None if args.hall is None else _hall(args.hall)
    recorded = _recorded(args, hall)
    if args.export is not None:
        _export(args, recorded)
        return 0
    days = [_day(file) for file in args.days] + ([recorded.day] if recorded else [])
    if not days:
        raise ContractError("no day to replay: name files, or --journal, --hall and --day")
    rule = hall.rule if hall is not None else lambda name: knobs.value({}, name)
    current, progress = replay.drafted(rule, {}), _Progress(len(days))
    scripts = [*map(day_file.script, days[: len(args.days)]), *([recorded.script] if recorded else [])]
    found = _compared(args, rule, current, scripts, progress)
    base = found[0 if args.against == "fifo" else 1]
    steps = training.steps(days, current, args.train, progress.tell) if args.train else []
    progress.end()
    if args.json:
        print(json.dumps({**_as_json(days, found, base, recorded), "training": list(map(asdict, steps))}, indent=1))
    else:
        print("\n".join([_table(days, found, base, recorded), *_advice(args.train, steps)]))
    return 0


def _compared(
    args: argparse.Namespace,
    rule: Callable[[str], Any],
    current: Rules,
    scripts: Sequence[Script],
    progress: _Progress,
) -> list[Way]:
    rules: dict[str, Rules] = {"current rules": current}
    if args.rules is not None:
        rules["draft"] = _draft(args.rules, rule)
    return replay.ways(scripts, rules, current, progress.step)


# --- files -----------------------------------------------------------------------------------------------------------------


def _hall(file: Path) -> Hall:
    return _named(file, hall_document.load, "a readable hall document (JSON)")


def _day(file: Path) -> day_file.Day:
    return _named(file, day_file.load, "a readable day, hall-day/1")


def _named(file: Path, load: Callable[[bytes], Document], allowed: str) -> Document:
    try:
        return load(file.read_bytes())
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", allowed) from exc
    except ContractError as exc:
        raise ContractError(f"{file}: {exc}") from exc


def _draft(file: Path, rule: Callable[[str], Any]) -> Rules:
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a readable TOML file") from exc
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigError(file, None, "syntax", str(exc), "TOML 1.0") from exc
    try:
        return replay.drafted(rule, dict(_flat(said)))
    except ContractError as exc:
        raise ContractError(f"{file}: {exc}") from exc


def _flat(table: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """`[route] guard_min = 45` is `"route.guard_min" = 45`."""
    found: list[tuple[str, Any]] = []
    for name, value in table.items():
        found += _flat(value, f"{before}{name}.") if isinstance(value, dict) else [(before + name, value)]
    return found


def _export(args: argparse.Namespace, recorded: Recording | None) -> None:
    if recorded is None:
        raise ContractError("--export needs --journal, --hall and --day")
    try:
        args.export.write_text(day_file.dump(recorded.day), encoding="utf-8")
    except OSError as exc:
        raise ConfigError(args.export, None, "file", exc.strerror or "", "a file that can be written") from exc
    print(f"{args.export}: {recorded.day.name}: {len(recorded.day.truth.tickets)} visitors, {recorded.late:.1%} late")


# --- the journal -----------------------------------------------------------------------------------------------------------


def _recorded(args: argparse.Namespace, hall: Hall | None) -> Recording | None:
    given = [args.journal, args.day]
    if not any(given):
        return None
    if hall is None or not all(given):
        raise ContractError("a journal's day needs all of --journal, --hall and --day")
    try:
        with database.snapshot(args.journal) as connection:
            return recording(hall, journal_day.log(connection, hall, args.day))
    except ContractError as exc:
        raise ContractError(f"{args.journal}: {exc}") from exc


# --- telling ---------------------------------------------------------------------------------------------------------------


class _Progress:
    """A line that counts on a terminal; silent elsewhere."""

    def __init__(self, total: int) -> None:
        self._done, self._total, self._terminal = 0, total, sys.stderr.isatty()

    def step(self) -> None:
        """One day more."""
        self._done += 1
        self.tell(f"{self._done} of {self._total} days")

    def tell(self, line: str) -> None:
        """How far it is."""
        if self._terminal:
            print(f"\r  {line:<40}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Nothing more follows."""
        if self._terminal:
            print(file=sys.stderr)


def _table(days: Sequence[day_file.Day], found: Sequence[Way], base: Way, recorded: Recording | None) -> str:
    names = ", ".join(day.name for day in days[:6]) + (", …" if len(days) > 6 else "")
    visitors = sum(len(day.truth.tickets) for day in days)
    lines = [f"{len(days)} day{'s' if len(days) > 1 else ''}, {visitors} visitors: {names}", ""]
    lines.append(f"{'':16}" + "".join(f"{head:>9}" for head, _ in HEAD.values()) + f"   late, overdue / {base.name}")
    lines += [_line(way, base) for way in found]
    if recorded is not None:
        lines.append(f"{'as it was':16}{recorded.late * 100:9.1f}   as the journal has it")
    for way in found[2:]:
        words = [HEAD[figure][0].removesuffix(" %") for figure in replay.worse(way, found[1])]
        if words:
            lines.append(f"\n{way.name}: worse than the current rules beyond chance: {', '.join(words)}")
    return "\n".join([*lines, "", LEGEND])


def _advice(wanted: int, steps: Sequence[Step]) -> Iterator[str]:
    if wanted:
        yield "\nTraining, each with those above it (on other days the gain is smaller):"
    for step in steps:
        yield f"  {step.window}: {step.service}: then late {step.late:.1%}, overdue {step.debt:.2f} minutes"
    if len(steps) < wanted:
        yield "  no other skill spares a hundredth of the overdue minutes"


def _few(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= MOST_SKILLS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r}: allowed: 1 to {MOST_SKILLS}")


def _line(way: Way, base: Way) -> str:
    cells = (_cell(way.means[figure], times) for figure, (_, times) in HEAD.items())
    ratios = ("" if way is base else _said(replay.ratio(way, base, figure)) for figure in replay.RATIOS)
    return f"{way.name:16}" + "".join(cells) + "   " + "  ".join(ratios)


def _cell(value: float | None, times: int) -> str:
    if value is None:
        return f"{'-':>9}"
    return f"{value * times:9.2f}" if abs(value * times) < 10 and times == 1 else f"{value * times:9.1f}"


def _said(spread: Spread | None) -> str:
    if spread is None:
        return "-"
    return f"{spread.value:.2f}" + (f" [{spread.low:.2f}-{spread.high:.2f}]" if spread.low is not None else "")


def _as_json(
    days: Sequence[day_file.Day], found: Sequence[Way], base: Way, recorded: Recording | None
) -> dict[str, Any]:
    return {
        "days": [day.name for day in days],
        "as_it_was": None if recorded is None else {"late": recorded.late},
        "against": base.name,
        "ways": [_way(way, found[1], base) for way in found],
    }


def _way(way: Way, current: Way, base: Way) -> dict[str, Any]:
    return {
        "name": way.name,
        "means": dict(way.means),
        "ratios": {figure: _spread(replay.ratio(way, base, figure)) for figure in replay.RATIOS},
        "differences": {figure: _spread(replay.difference(way, base, figure)) for figure in replay.TOLD},
        "worse_than_current": replay.worse(way, current) if way is not current else [],
        "days": [asdict(day) for day in way.days],
    }


def _spread(spread: Spread | None) -> list[float | None] | None:
    return None if spread is None else list(spread)

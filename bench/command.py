"""`vikno bench`: every figure, its limit and the ratio."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import commit
from bench.rig import Figure, dump, percentile
from runtime import logs

QUICK, WHOLE = 0.25, 1.0


def measurements(share: float) -> dict[str, Callable[[Path], list[Figure]]]:
    """name → measurement; `share` of the full number of repetitions."""
    from bench import board, callers, cards, choose, consoles, engine, press, start, switch, terminal, touch

    return {
        "press": lambda folder: press.measure(folder, max(60, int(400 * share))),
        "switch": lambda folder: switch.measure(folder, max(30, int(100 * share))),
        "callers": lambda folder: callers.measure(folder, max(3, int(7 * share)), slow_fsync=False),
        "callers-slow-disk": lambda folder: callers.measure(folder, max(3, int(7 * share)), slow_fsync=True),
        "engine": lambda folder: engine.measure(folder, max(2000, int(5000 * share))),
        "start": lambda folder: start.measure(folder, int(1_000_000 * share)),
        "choose": lambda _: choose.measure(max(500, int(4000 * share))),
        "touch": lambda folder: touch.measure(folder, max(15, int(60 * share))),
        "terminal": lambda folder: terminal.measure(folder, max(2, int(10 * share))),
        "board": lambda folder: board.measure(folder, max(30, int(100 * share))),
        "consoles": lambda folder: consoles.measure(folder, max(5, int(15 * share)), max(50, int(250 * share))),
        "cards": lambda folder: cards.measure(folder, max(20, int(100 * share))),
        "card-insertions": lambda folder: cards.cycles(folder, int(1000 * share)),
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which, how, where."""
    parser.add_argument("what", nargs="*", help=f"some of {', '.join(measurements(1))} (default: all)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--quick", action="store_true", help="a quarter of the repetitions")
    parser.add_argument(
        "--folder", type=Path, help="where the journals lie: the disk that is measured (default: a temporary one)"
    )


def run(args: argparse.Namespace) -> int:
    """0 when every figure keeps its budget, 1 when one does not."""
    table = measurements(QUICK if args.quick else WHOLE)
    unknown = [name for name in args.what if name not in table]
    if unknown:
        print(f"vikno bench: {', '.join(unknown)}: allowed: {', '.join(table)}", file=sys.stderr)
        return 2
    logs.configure("bench", level="warning")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(dir=args.folder, prefix="vikno-bench-") as name:
        folder = Path(name)
        syncs = commit.fdatasync_s(folder)
        print(
            f"disk: fdatasync p50 {percentile(syncs, 0.5) * 1000:.2f} ms, p99 {percentile(syncs, 0.99) * 1000:.2f} ms",
            file=sys.stderr,
        )
        for what in args.what or table:
            print(f"measuring {what} …", file=sys.stderr, flush=True)
            room = folder / what
            room.mkdir()
            found = table[what](room)
            figures += found
            for figure in found:
                print(_line(figure), file=sys.stderr, flush=True)
    print(dump(figures) if args.json else "\n".join(map(_line, figures)))
    return 0 if all(f.good for f in figures) else 1


def _line(figure: Figure) -> str:
    if figure.budget is None:
        return f"     {figure.name:<44} {figure.value:>10.2f} {figure.unit:<5} {'':<43}   {figure.note}"
    sign = "≥" if figure.at_least else "≤"
    mark = "ok  " if figure.good else "MISS"
    return (
        f"{mark} {figure.name:<44} {figure.value:>10.2f} {figure.unit:<5} limit {figure.limit:>10.2f}"
        f"  ratio {figure.ratio:>6.2f} {sign} {figure.budget:g}   {figure.note}"
    )

"""`vikno verify`: prove a journal while its service runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from journal.schema import BOX, HALL, MONEY
from journal.verify import verify

KINDS = {"hall": HALL, "box": BOX, "money": MONEY}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, whose it is and of which kind."""
    add_journal(parser)


def add_journal(parser: argparse.ArgumentParser) -> None:
    """The words every journal command has."""
    parser.add_argument("journal", type=Path, help="the journal's file")
    parser.add_argument("--hall", required=True, help="the hall (or box) it belongs to")
    parser.add_argument(
        "--kind",
        choices=KINDS,
        default="hall",
        help="hall: a coordinator's; box: a kiosk's; money: a terminal's (default: hall)",
    )


def run(args: argparse.Namespace) -> int:
    """0 when everything holds, 1 with the first broken place and the problems."""
    report = verify(args.journal, args.hall, KINDS[args.kind], Progress("verified"))
    for problem in report.problems:
        print(f"vikno verify: {problem}", file=sys.stderr)
    if not report.ok:
        print(
            f"vikno verify: first bad event: {report.first_bad_seq}; restore a backup (vikno backup)", file=sys.stderr
        )
        return 1
    print(f"{args.journal}: {report.events} events, {report.rows} rows: chain whole, tables equal their events")
    return 0


class Progress:
    """A line that counts on a terminal; silent elsewhere."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._terminal = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` events."""
        if self._terminal:
            end = "\n" if done >= total else "\r"
            print(f"  {self._what} {done} of {total} events", end=end, file=sys.stderr, flush=True)

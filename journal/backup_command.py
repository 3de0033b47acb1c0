"""`vikno backup`: copy a hall's journal while it runs, and prove the copy."""

from __future__ import annotations

import argparse
from pathlib import Path

from journal.backup import backup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From, whose, to."""
    parser.add_argument("journal", type=Path, help="the hall's journal")
    parser.add_argument("target", type=Path, help="the copy; must not be there yet")
    parser.add_argument("--hall", required=True, help="the hall it belongs to")


def run(args: argparse.Namespace) -> int:
    """0 when the copy is made and verified. Raises: JournalError."""
    report = backup(args.journal, args.hall, args.target)
    print(f"{args.target}: {report.events} events, proved")
    return 0

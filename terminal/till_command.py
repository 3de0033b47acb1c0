"""`vikno till`: a terminal's money for its accounts."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contract.errors import ContractError
from terminal import day_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`export`, and what of."""
    parser.add_argument("what", choices=["export"], help="export: the payments, notes and balances of a day as a file")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of the terminal's journal, as in its TOML file"
    )
    parser.add_argument("--day", type=date.fromisoformat, required=True, help="the local day, e.g. 2026-11-22")
    parser.add_argument("--zone", help="where that day is, e.g. Europe/Kyiv (default: this machine's zone)")
    parser.add_argument("--out", type=Path, required=True, help="the file to write: .csv or .json")


def run(args: argparse.Namespace) -> int:
    """0 when every payment of the day is reconciled, 1 when some are left: they are named."""
    writers = {".csv": day_file.DayFile.csv, ".json": day_file.DayFile.json}
    write = writers.get(args.out.suffix)
    if write is None:
        raise ContractError(f"--out {args.out}: allowed: a name that ends in .csv or .json")
    try:
        zone = ZoneInfo(args.zone) if args.zone else None
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ContractError(f"--zone {args.zone!r}: allowed: a name like Europe/Kyiv") from exc
    day = day_file.read(args.data / "terminal.db", args.day, zone)
    try:
        args.out.write_text(write(day), encoding="utf-8", newline="")
    except OSError as exc:
        raise ContractError(f"--out {args.out}: {exc.strerror}") from exc
    for row in day.found["balance"]:
        said = "balances" if row["balances"] else row["why"]
        print(f"{row['device']}, {row['method']}: {said}")
    for payment in day.left:
        print(f"vikno till: not reconciled: {payment}", file=sys.stderr)
    return 1 if day.left else 0

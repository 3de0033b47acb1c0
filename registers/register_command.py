"""`vikno register …`: an invented community as CSV files; any community's CSV files into a register's database."""

from __future__ import annotations

import argparse
import csv
import sys
from datetime import date
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from registers.community.invented import community
from registers.community.load import Report, load
from registers.community.lore import COUNTRIES
from registers.community.rows import Bad
from registers.community.table import TABLES
from registers.sql import connect

SHOWN = 20
SAMPLE_DAY = date(2026, 11, 1)
"""The day of which the invented community is: files of one seed are the same whenever they are made."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """sample, import."""
    actions = parser.add_subparsers(required=True, metavar="sample|import")
    sample = actions.add_parser("sample", help="write an invented community into a folder")
    sample.add_argument("folder", type=Path)
    sample.add_argument("--country", choices=sorted(COUNTRIES), default="ua")
    sample.add_argument("--people", type=int, default=5000)
    sample.add_argument("--seed", type=int, default=1)
    sample.set_defaults(act=_sample)
    bring = actions.add_parser("import", help="bring a folder's CSV files into a database; bad rows are listed")
    bring.add_argument("folder", type=Path)
    bring.add_argument("--db", required=True, help="a SQLite file, or postgresql://user@host/database")
    bring.set_defaults(act=_import)


def run(args: argparse.Namespace) -> int:
    """Do it; returns 0, or 1 where rows were left out. Raises: ViknoError in one sentence."""
    return int(args.act(args))


def _sample(args: argparse.Namespace) -> int:
    args.folder.mkdir(parents=True, exist_ok=True)
    files = community(args.country, args.people, args.seed, SAMPLE_DAY)
    for table in TABLES:
        write(args.folder / table.file, files[table.file])
        print(f"{args.folder / table.file}: {len(files[table.file])} rows")
    print(f"nobody in them exists; next: vikno register import {args.folder} --db FILE")
    return 0


def write(file: Path, rows: list[dict[str, str]]) -> None:
    """A CSV file of rows; its columns are those that any row has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _import(args: argparse.Namespace) -> int:
    engine = connect(
        "import", args.db if "://" in args.db else f"sqlite:///{quote(str(Path(args.db).absolute()))}", 30.0
    )
    try:
        report = load(args.folder, engine, _progress)
    finally:
        engine.dispose()
    return _told(report)


def _progress(file: str, done: int, all_: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{file}: {done} of {all_} rows", end="\n" if done == all_ else "", file=sys.stderr, flush=True)


def _told(report: Report) -> int:
    for file, group in groupby(report.bad, key=lambda bad: bad.file):
        bad: list[Bad] = list(group)
        print("\n".join(map(str, bad[:SHOWN])))
        if len(bad) > SHOWN:
            print(f"{file}: {len(bad) - SHOWN} more like these")
    for file, count in report.taken.items():
        left_out = len({bad.line for bad in report.bad if bad.file == file})
        print(
            f"{file}: {count} rows are in"
            + (f", {left_out} left out: correct them and import again" if left_out else "")
        )
    return 1 if report.bad else 0

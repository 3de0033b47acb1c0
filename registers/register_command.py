"""`vikno register …`: an invented community as CSV files; CSV files into a register's database; a street found and renamed in it."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from contract.register import DIRECTORIES
from registers.community.invented import community
from registers.community.load import Report, load
from registers.community.lore import COUNTRIES
from registers.community.renaming import find, rename
from registers.community.rows import Bad
from registers.community.table import TABLES
from registers.register import away
from registers.sql import connect

SHOWN = 20
SAMPLE_DAY = date(2026, 11, 1)
"""The day of which the invented community is: files of one seed are the same whenever they are made."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """sample, import, find, rename."""
    actions = parser.add_subparsers(required=True, metavar="sample|import|find|rename")
    sample = actions.add_parser("sample", help="write an invented community into a folder")
    sample.add_argument("folder", type=Path)
    sample.add_argument("--country", choices=sorted(COUNTRIES), default="ua")
    sample.add_argument("--people", type=int, default=5000)
    sample.add_argument("--seed", type=int, default=1)
    sample.set_defaults(act=_sample)
    bring = actions.add_parser("import", help="bring a folder's CSV files into a database; bad rows are listed")
    bring.add_argument("folder", type=Path)
    bring.set_defaults(act=_import)
    find = actions.add_parser(
        "find", help="list the streets (or settlements, documents, given names) that have a name, or had it"
    )
    find.add_argument("directory", choices=DIRECTORIES)
    find.add_argument("text")
    find.set_defaults(act=_find)
    rename = actions.add_parser(
        "rename", help="give a street (or settlement …) new names; who types the old one still finds it"
    )
    rename.add_argument("directory", choices=DIRECTORIES)
    rename.add_argument("id", help="as `vikno register find` says it")
    rename.add_argument(
        "names", nargs="+", metavar="LANGUAGE=NAME", help="uk='вулиця Нова'; languages left out keep their names"
    )
    rename.set_defaults(act=_rename)
    for each in (bring, find, rename):
        each.add_argument("--db", required=True, help="a SQLite file, or postgresql://user@host/database")


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
    engine = _engine(args.db, create=True)
    try:
        report = load(args.folder, engine, _progress)
    finally:
        engine.dispose()
    return _told(report)


def _find(args: argparse.Namespace) -> int:
    with _session(args.db) as db:
        found = find(db, args.directory, args.text)
    print("\n".join(found) or f"{args.directory}: nothing has {args.text[:60]!r} in its name")
    return 0 if found else 1


def _rename(args: argparse.Namespace) -> int:
    names = dict(each.partition("=")[::2] for each in args.names)
    with _session(args.db) as db:
        print(rename(db, args.directory, args.id, names))
    return 0


@contextmanager
def _session(where: str) -> Iterator[Connection]:
    """One transaction. Raises: TransientDeviceError: the database does not answer, or is none of a register."""
    engine = _engine(where, create=False)
    try:
        with engine.begin() as db:
            yield db
    except SQLAlchemyError:
        raise away(str(engine.url.render_as_string())) from None
    finally:
        engine.dispose()


def _engine(where: str, *, create: bool) -> Engine:
    return connect(
        "database", where if "://" in where else f"sqlite:///{quote(str(Path(where).absolute()))}", 30.0, create=create
    )


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

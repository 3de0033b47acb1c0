"""`vikno till`: a terminal's money for its accounts, and the end of its card terminal's day."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contract import messages as m
from contract.errors import ContractError, DeviceError
from journal.journal import Journal
from journal.schema import MONEY
from journal.telling import Telling
from runtime import config, logs
from runtime.asker import new_id
from runtime.clock import utc_now
from terminal import day_file, device
from terminal.config import Options
from terminal.payments.audit import Audit
from terminal.payments.balance import Balance
from terminal.payments.book import Book
from terminal.payments.card_till import CardTill


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is done, and of what."""
    parts = parser.add_subparsers(dest="what", required=True)
    export = parts.add_parser("export", help="the payments, notes and balances of a day as a file")
    export.add_argument(
        "--data", type=Path, required=True, help="folder of the terminal's journal, as in its TOML file"
    )
    export.add_argument("--day", type=date.fromisoformat, required=True, help="the local day, e.g. 2026-11-22")
    export.add_argument("--zone", help="where that day is, e.g. Europe/Kyiv (default: this machine's zone)")
    export.add_argument("--out", type=Path, required=True, help="the file to write: .csv or .json")
    close = parts.add_parser(
        "close", help="close the card terminal's batch, while the terminal's own program is not running"
    )
    close.add_argument("--config", type=Path, required=True, help="the terminal's TOML file")
    close.add_argument("--who", required=True, help="who closes it, as the hall's journal names them, e.g. op-07")
    close.add_argument("--why", default="", help="a few words, without names")


def run(args: argparse.Namespace) -> int:
    """0 when every payment of the day is reconciled, or the batch is closed and balances; else 1, and it is said why.

    Raises: ConfigError, ContractError: a wrong file, day or word; JournalError: the terminal's own program is running.
    """
    return _close(args) if args.what == "close" else _export(args)


def _export(args: argparse.Namespace) -> int:
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


def _close(args: argparse.Namespace) -> int:
    logs.configure("till", level="error")
    options = config.read(args.config, Options)
    if options.card is None or options.currency is None:
        raise ContractError(f"{args.config}: it names no card terminal")
    try:
        order = m.TillOrder(id=new_id(), do="cards", who=args.who, why=args.why)
    except ValueError as exc:
        raise ContractError("--who, --why: a name without spaces, and 200 letters at most") from exc
    try:
        made = _closed(options, order)
    except DeviceError as exc:
        print(f"vikno till: not closed: {exc}", file=sys.stderr)
        return 1
    print(f"{made.device}, batch {made.batch}: {made.state}, {'balances' if made.balances else 'does not balance'}")
    if made.why:
        print(f"vikno till: {made.why}", file=sys.stderr)
    return 0 if made.state == "closed" and made.balances else 1


def _closed(options: Options, order: m.TillOrder) -> Balance:
    """The hall hears of it when the terminal's own program runs again."""
    assert options.card is not None
    assert options.currency is not None
    broker = options.broker
    with Journal.open(options.data / "terminal.db", broker.hall, MONEY, utc_now) as journal:
        book = Book(journal, broker.dev, utc_now, Telling(journal))
        terminal = device.card_terminal(options.card, options.currency, options.data)
        with CardTill(book, terminal, options.card.id) as till:
            till.recover()
            return Audit(journal, book, options.currency).close(till, order, date.today())  # noqa: DTZ011  of the hall: this machine's

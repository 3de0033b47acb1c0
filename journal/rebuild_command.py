"""`vikno rebuild`: make a journal's tables anew from its events; the service must not run."""

from __future__ import annotations

import argparse

from journal.journal import Journal
from journal.rebuild import rebuild
from journal.verify_command import KINDS, Progress, add_journal
from runtime.clock import utc_now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, whose it is and of which kind."""
    add_journal(parser)


def run(args: argparse.Namespace) -> int:
    """0 when the tables are made. Raises: JournalError: it is in use, damaged or not this hall's."""
    with Journal.open(args.journal, args.hall, KINDS[args.kind], utc_now) as journal:
        rebuild(journal, Progress("rebuilt"))
        print(f"{args.journal}: tables made anew from {journal.last_seq} events")
    return 0

"""`vikno try`: what a draft of the hall document would have done on the last days of the journal, beside the document of now."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from contract.errors import ContractError
from contract.hall import Hall
from contract.words import HallState
from coordinator.replays import journal_day, replay
from coordinator.replays.recording import Recording, recording
from coordinator.replays.replay import BETTER_LOW, ENOUGH_DAYS, TOLD, Spread, Way
from coordinator.revising.check_command import read
from journal import database
from journal.schema import HALL

MOST_DAYS = 60
NO_DAY: dict[str, Any] = {"days": [], "visitors": 0, "unserved": 0, "figures": {}}
"""For a program: there is nothing to play."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The same days twice, by `now` and by `draft`. `visitors`: of these days; `unserved`: of them those whom no window of the draft
    would ever have asked for.
    """

    days: tuple[str, ...]
    visitors: int
    unserved: int
    now: Way
    draft: Way


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A journal, two documents, how many days."""
    parser.add_argument("--journal", type=Path, required=True, help="the hall's journal; it may be in use")
    parser.add_argument("--hall", type=Path, required=True, help="the hall document of now")
    parser.add_argument("--draft", type=Path, required=True, help="the one to try")
    parser.add_argument(
        "--last", type=_few, default=10, metavar="N", help=f"so many closed days (1 to {MOST_DAYS}; default 10)"
    )
    parser.add_argument("--json", action="store_true", help="for a program")
    parser.epilog = (
        "Windows open and close as they did on those days; who decides is the rest: groups of windows, rules, minutes."
    )


def run(args: argparse.Namespace) -> int:
    """0; faults are raised. Raises: ContractError: no closed day can be played; a program is told of none instead."""
    now, draft = read(args.hall), read(args.draft)
    with database.snapshot(args.journal) as connection:
        done = trial(connection, now, draft, args.last)
    if args.json:
        print(json.dumps(NO_DAY if done is None else told(done), indent=1))
        return 0
    if done is None:
        raise ContractError("the journal has no closed day that could be played by both documents")
    print(f"{len(done.days)} days, {done.visitors} visitors: {', '.join(done.days)}")
    if done.unserved:
        print(f"{done.unserved} of them came for what no window of the draft would have taken")
    print(f"\n{'':16}{'now':>10}{'draft':>10}   difference")
    for name, row in told(done)["figures"].items():
        print(f"{name:16}{_cell(row['now'])}{_cell(row['draft'])}   {_spread(row['difference'])}{_verdict(row)}")
    return 0


def trial(connection: Connection, now: Hall, draft: Hall, last: int) -> Trial | None:
    """Play the last closed days by both documents; None where there is no day that both can play."""
    pairs = [pair for day in _days(connection, now, last) if (pair := _both(connection, now, draft, day)) is not None]
    if not pairs:
        return None
    rules = replay.drafted(now.rule, {})
    by_now = replay.ways([a.script for a, _ in pairs], {"now": rules}, rules, _silent)[1]
    by_draft = replay.ways([b.script for _, b in pairs], {"draft": replay.drafted(draft.rule, {})}, rules, _silent)[1]
    visitors, kept = (sum(len(pair[n].day.truth.tickets) for pair in pairs) for n in (0, 1))
    return Trial(tuple(a.day.name for a, _ in pairs), visitors, max(0, visitors - kept), by_now, by_draft)


def told(done: Trial) -> dict[str, Any]:
    """The trial as JSON has it: `difference` is draft less now with its 95 % interval, None where too few days have the figure."""
    rows = {}
    for figure in TOLD:
        spread = replay.difference(done.draft, done.now, figure)
        sure = _sure(spread, len(done.days))
        better = sure is not None and (sure < 0) == (figure in BETTER_LOW)
        rows[figure] = {
            "now": done.now.means[figure], "draft": done.draft.means[figure], "difference": None if spread is None else list(spread),
            "verdict": "same" if sure is None else "better" if better else "worse",
        }  # fmt: skip
    return {"days": list(done.days), "visitors": done.visitors, "unserved": done.unserved, "figures": rows}


def _sure(spread: Spread | None, days: int) -> float | None:
    """The difference where it is one beyond chance."""
    if spread is None or days < ENOUGH_DAYS or spread.low <= 0 <= spread.high:
        return None
    return spread.value


def _days(connection: Connection, hall: Hall, last: int) -> Sequence[date]:
    day = HALL.table("day")
    closed = select(day.c.day).where(
        day.c.hall == hall.id, day.c.state == HallState.CLOSED.value, day.c.opened_at.is_not(None)
    )
    return [date.fromisoformat(text) for text in connection.scalars(closed.order_by(day.c.day.desc()).limit(last))][
        ::-1
    ]


def _both(connection: Connection, now: Hall, draft: Hall, day: date) -> tuple[Recording, Recording] | None:
    """The day by both documents; None where nobody came, or none of them could be served."""
    log = journal_day.log(connection, now, day)
    try:
        return recording(now, log), recording(draft, log)
    except ContractError:
        return None


def _silent() -> None:
    """Nobody is told of progress: a day takes a tenth of a second."""


def _few(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= MOST_DAYS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r}: allowed: 1 to {MOST_DAYS}")


def _cell(value: float | None) -> str:
    return f"{'-':>10}" if value is None else f"{value:10.3f}"


def _spread(found: Sequence[float] | None) -> str:
    return "-" if found is None else f"{found[0]:+.3f} [{found[1]:+.3f} to {found[2]:+.3f}]"


def _verdict(row: dict[str, Any]) -> str:
    return "" if row["verdict"] == "same" else f"  {row['verdict']} beyond chance"

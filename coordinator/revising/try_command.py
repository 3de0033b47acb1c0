"""`vikno try`: what a draft of the hall document would have done on the last days of the journal, beside the document of now."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, select

from contract.errors import ContractError
from contract.hall import Hall
from contract.words import HallState
from coordinator.outcome import Figures
from coordinator.replays import journal_day, replay
from coordinator.replays.recording import recording
from coordinator.replays.replay import BETTER_LOW, ENOUGH_DAYS, TOLD, Spread, Way
from coordinator.revising.check_command import read
from journal import database
from journal.schema import HALL

MOST_DAYS = 60
Why = Literal["nobody", "draft"]
LEFT_OUT: dict[Why, str] = {
    "nobody": "nobody came, or nobody was called",
    "draft": "no window of the draft would have taken any of its visitors",
}
"""Why a closed day could not be played."""


class LeftOut(NamedTuple):
    """A closed day that could not be played, and why."""

    day: str
    why: Why


class _Played(NamedTuple):
    """One day by both documents. `kept`: of its visitors those whom the draft serves."""

    day: str
    visitors: int
    kept: int
    now: Figures
    draft: Figures


@dataclass(frozen=True, slots=True)
class Trial:
    """The same days twice, by `now` and by `draft`. `visitors`: of these days; `unserved`: of them those whom no window of the draft
    would ever have asked for; `left_out`: the closed days that could not be played.
    """

    days: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
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
        print(json.dumps(told(done), indent=1))
        return 0
    for one in done.left_out:
        print(f"{one.day}: not tried: {LEFT_OUT[one.why]}")
    if not done.days:
        raise ContractError("the journal has no closed day that could be played by both documents")
    print(f"{len(done.days)} days, {done.visitors} visitors: {', '.join(done.days)}")
    if done.unserved:
        print(f"{done.unserved} of them came for what no window of the draft would have taken")
    print(f"\n{'':16}{'now':>10}{'draft':>10}   difference")
    for name, row in told(done)["figures"].items():
        print(f"{name:16}{_cell(row['now'])}{_cell(row['draft'])}   {_spread(row['difference'])}{_said(row)}")
    return 0


def trial(connection: Connection, now: Hall, draft: Hall, last: int) -> Trial:
    """Play the last closed days by both documents; days may be none, and figures then unknown."""
    found = [_both(connection, now, draft, day) for day in _days(connection, now, last)]
    days = [one for one in found if isinstance(one, _Played)]
    return Trial(
        tuple(one.day for one in days), tuple(one for one in found if isinstance(one, LeftOut)), sum(one.visitors for one in days),
        sum(max(0, one.visitors - one.kept) for one in days), replay.way("now", (one.now for one in days)),
        replay.way("draft", (one.draft for one in days)),
    )  # fmt: skip


def told(done: Trial) -> dict[str, Any]:
    """The trial as JSON has it: `difference` is draft less now with its 95 % interval, None where no day has the figure.

    `verdict`: unknown where fewer than `ENOUGH_DAYS` have it, and the ends of the interval are None; else same, better or worse.
    """
    rows = {}
    for figure in TOLD:
        spread = replay.difference(done.draft, done.now, figure)
        rows[figure] = {
            "now": done.now.means[figure], "draft": done.draft.means[figure], "difference": None if spread is None else list(spread),
            "verdict": _verdict(figure, spread),
        }  # fmt: skip
    return {
        "days": list(done.days), "left_out": [one._asdict() for one in done.left_out], "enough_days": ENOUGH_DAYS,
        "visitors": done.visitors, "unserved": done.unserved, "figures": rows,
    }  # fmt: skip


def _verdict(figure: str, spread: Spread | None) -> str:
    if spread is None or spread.low is None:
        return "unknown"
    if not spread.sure:
        return "same"
    return "better" if (spread.value < 0) == (figure in BETTER_LOW) else "worse"


def _days(connection: Connection, hall: Hall, last: int) -> Sequence[date]:
    day = HALL.table("day")
    closed = select(day.c.day).where(
        day.c.hall == hall.id, day.c.state == HallState.CLOSED.value, day.c.opened_at.is_not(None)
    )
    return [date.fromisoformat(text) for text in connection.scalars(closed.order_by(day.c.day.desc()).limit(last))][
        ::-1
    ]


def _both(connection: Connection, now: Hall, draft: Hall, day: date) -> _Played | LeftOut:
    """The day by both documents."""
    log, promise = journal_day.log(connection, now, day), replay.drafted(now.rule, {})
    try:
        by_now = recording(now, log)
        figures = replay.played(by_now.script, promise, promise)
    except ContractError:
        return LeftOut(str(day), "nobody")
    try:
        by_draft = recording(draft, log)
        drafted = replay.played(by_draft.script, replay.drafted(draft.rule, {}), promise)
    except ContractError:
        return LeftOut(str(day), "draft")
    visitors, kept = (len(one.day.truth.tickets) for one in (by_now, by_draft))
    return _Played(by_now.day.name, visitors, kept, figures, drafted)


def _few(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= MOST_DAYS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r}: allowed: 1 to {MOST_DAYS}")


def _cell(value: float | None) -> str:
    return f"{'-':>10}" if value is None else f"{value:10.3f}"


def _spread(found: Sequence[float | None] | None) -> str:
    if found is None:
        return "-"
    value, low, high = found
    return f"{value:+.3f}" + ("" if low is None else f" [{low:+.3f} to {high:+.3f}]")


def _said(row: dict[str, Any]) -> str:
    return {"same": "", "unknown": "  too few days to tell"}.get(row["verdict"], f"  {row['verdict']} beyond chance")

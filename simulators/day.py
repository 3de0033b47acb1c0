"""Makes days of nine kinds, each with a hall of its own, from a seed: the same seed gives the same bytes.

    python -m simulators.day --kind burst --seed 3 [--hall 1] [-o FILE]
    python -m simulators.day --form FORM.toml --seed 3 [-o FILE]
    python -m simulators.day --list

A day has what makes halls hard: a burst at the doors, a morning peak and a lunch bump, a day better or worse than its forecast,
bookings kept early, late or not at all, priority visitors, people away at their call, people who leave without a word, visits
of two legs, operators of two employers with rights and training of their own, lunch and breaks, absences, reserves.
`KINDS` says what a kind has of it; it was set so that FIFO by profile leaves as many late as halls are said to have. What is the
same for all stands at the top of premises.py and crowd.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from simulators.crowd import Expected, day_of, visit_min
from simulators.day_file import Absence, Day, DayError, Shares, read, write
from simulators.form import day_from, read_form
from simulators.premises import CLOSING, Hall, Mould, build, staffed_min

__all__ = ["KINDS", "Day", "DayError", "gone_by", "load", "make", "read", "write"]

USUAL = Shares(appt=0.3, prio=0.08, multi=0.12)
"""The shares of both samples."""


@dataclass(frozen=True)
class Kind:
    """What makes one kind of day: what a day is like (load, shares, happenings) and what its hall is like."""

    about: str
    load: float
    """Expected minutes of work for each minute of the ordinary windows, absences taken off."""
    burst: float = 0.14
    """Share of all visitors who stand at the doors."""
    shares: Shares = USUAL
    mould: Mould = Mould()  # noqa: RUF009  a frozen value
    absences: tuple[int, int] = (0, 0)
    """How many operators do not come, or not all day."""
    surge: float = 1.0
    """A group of services comes so many times as often for two hours."""


KINDS: dict[str, Kind] = {
    "calm": Kind("fewer visitors than there could be", load=0.7, burst=0.08),
    "burst": Kind("a crowd at the doors", load=0.75, burst=0.19),
    "skills": Kind(
        "windows set to other groups than people come for", load=0.75, mould=Mould(skew=0.5, reach=(0.6, 0.3))
    ),
    "employers": Kind(
        "two employers under one roof, many services", load=0.8, mould=Mould(services=(32, 40), windows=(20, 30))
    ),
    "bookings": Kind("more booked than walking in", load=0.82, shares=Shares(appt=0.55, prio=0.08, multi=0.12)),
    "absences": Kind("operators who do not come", load=0.77, absences=(2, 4)),
    "overload": Kind("more work than there are operators", load=1.02, burst=0.12),
    "surge": Kind("one group of services comes in a wave", load=0.75, surge=3.0),
    "transfers": Kind("every third visitor has a second leg", load=0.8, shares=Shares(appt=0.3, prio=0.08, multi=0.35)),
}


def make(kind: str, seed: int, hall: int | None = None) -> Day:
    """One day of that kind; `hall` is the seed of its hall, None: the day's own seed.

    Raises: DayError: there is no such kind.
    """
    if kind not in KINDS:
        raise DayError(f"kind: one of {', '.join(KINDS)}, not {kind!r}")
    what = KINDS[kind]
    place = build(what.mould, Random(f"hall {kind} {seed if hall is None else hall}"))
    random = Random(f"day {kind} {seed}")
    absences = _absences(what, place, random)
    visitors = what.load * staffed_min(place.windows, absences) / visit_min(place, what.shares)
    expected = Expected(visitors, what.shares, round(what.burst * visitors), what.surge)
    return day_of(f"{kind}-{seed}", seed, place, expected, absences, random)


def _absences(kind: Kind, hall: Hall, random: Random) -> tuple[Absence, ...]:
    ordinary = [window.id for window in hall.windows if not window.reserve]
    away = random.sample(ordinary, min(len(ordinary) - 1, random.randint(*kind.absences)))
    return tuple(_absence(window, random) for window in sorted(away))


def _absence(window: str, random: Random) -> Absence:
    start = 0.0 if random.random() < 0.5 else float(random.randrange(30, 300, 15))
    return Absence(window, start, min(CLOSING, start + random.choice((90.0, 120.0, 180.0, 240.0))))


def load(day: Day) -> float:
    """Minutes of work that really come, for each minute of the ordinary windows."""
    work = sum(minutes for ticket in day.truth.tickets for _, minutes in ticket.legs)
    return work / staffed_min(day.windows, day.truth.absences)


def gone_by(day: Day, wait_min: float) -> float:
    """The ghost share to expect: of all visitors, those who would leave without a word within so long a wait."""
    gone = [t for t in day.truth.tickets if t.silent and t.patience is not None and t.patience <= wait_min]
    return len(gone) / max(1, len(day.truth.tickets))


def _list(seeds: Sequence[int] = range(1, 9)) -> None:
    print(f"{'':10} {'':5} silently gone")
    print(
        f"{'kind':10} {'load':>5} {'in 20':>6} {'in 40':>6} {'visitors':>8} {'windows':>7}  about (means of seeds 1 to 8)"
    )
    for kind, what in KINDS.items():
        days = [make(kind, seed) for seed in seeds]
        facts = [
            (load(day), gone_by(day, 20.0), gone_by(day, 40.0), len(day.truth.tickets), len(day.windows))
            for day in days
        ]
        shown = [sum(fact[number] for fact in facts) / len(facts) for number in range(5)]
        print(
            f"{kind:10} {shown[0]:5.2f} {shown[1]:6.1%} {shown[2]:6.1%} {shown[3]:8.0f} {shown[4]:7.1f}  {what.about}"
        )


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m simulators.day", description="Makes days.")
    parser.add_argument("--kind", choices=list(KINDS), default="burst")
    parser.add_argument("--form", type=Path, help="a form filled in for a hall, TOML or JSON (instead of --kind)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hall", type=int, help="seed of the hall (the day's own)")
    parser.add_argument("-o", "--output", type=Path, help="file (standard output)")
    parser.add_argument("--list", action="store_true", help="the kinds, with their load and share of ghosts")
    wanted = parser.parse_args(argv)
    if wanted.list:
        _list()
        return 0
    try:
        day = _wanted_day(wanted)
    except DayError as exc:
        parser.error(str(exc))
    if wanted.output is None:
        sys.stdout.write(write(day))
    else:
        wanted.output.write_text(write(day), encoding="utf-8")
    return 0


def _wanted_day(wanted: argparse.Namespace) -> Day:
    if wanted.form is None:
        return make(wanted.kind, wanted.seed, wanted.hall)
    try:
        return day_from(read_form(wanted.form.read_text(encoding="utf-8")), wanted.seed)
    except OSError as exc:
        raise DayError(f"{wanted.form}: {exc.strerror}") from exc


if __name__ == "__main__":
    sys.exit(main())

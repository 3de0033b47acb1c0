"""The judge's figures: of one day, of many, against another policy with paired bootstrap intervals, and its command.

A wait belongs to one leg of a visit. It is late when it is over LATE_MIN or the visitor was lost; who was absent at the first call
counts nowhere. Debt is minutes over one's own target, LOST_DEBT_MIN for who was lost, for each leg. Shares are 0 to 1.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from simulators.day import KINDS, gone_by, load, make
from simulators.day_file import Day, DayError, read
from simulators.judge import TARGETS, IllegalError, judge, policy_named
from simulators.rival import RIVALS
from simulators.verdict import Leg, Promise, Verdict

LATE_MIN = 20.0
LOST_DEBT_MIN = 20.0
WORST_OF = 8
"""A service is judged by its own when so many legs of it came."""
BASELINE = "fifo_profile"
SAMPLES = 2000
Figures = dict[str, float]


class Task(NamedTuple):
    """One day for one policy."""

    source: str
    """A kind, or a file."""
    group: str
    """Where it stands in the table."""
    seed: int | None
    """None: a file."""
    policy: str


def figures(verdict: Verdict) -> Figures:
    """What one day came to."""
    legs = [leg for leg in verdict.legs if leg.counted]
    waits = sorted(leg.wait for leg in legs if leg.wait is not None)
    served = sum(call.outcome == "served" for call in verdict.ledger)
    return {
        "late": _share(map(_late, legs)),
        "worst": _worst_service(legs),
        "mean": sum(waits) / max(1, len(waits)),
        "p95": waits[int(0.95 * (len(waits) - 1))] if waits else 0.0,
        "max": waits[-1] if waits else 0.0,
        "appt": _within(legs, "appt"),
        "prio": _within(legs, "prio"),
        "lost": _share(leg.wait is None for leg in legs),
        "debt": sum(map(_debt, legs)) / max(1, len(legs)),
        "switches": sum(call.switched for call in verdict.ledger) / max(1, served),
        "spread": _spread(verdict),
        "ghosts": _share(call.outcome == "gone" for call in verdict.ledger),
        "violations": float(sum(call.passed_older for call in verdict.ledger)),
        "reserve": verdict.reserve_used,
        "refused": float(verdict.refused),
    }


def _late(leg: Leg) -> bool:
    return leg.wait is None or leg.wait > LATE_MIN


def _debt(leg: Leg) -> float:
    return LOST_DEBT_MIN if leg.wait is None else max(0.0, leg.wait - TARGETS[leg.cls])


def _share(facts: Iterable[bool]) -> float:
    known = list(facts)
    return sum(known) / len(known) if known else 0.0


def _within(legs: Sequence[Leg], cls: str) -> float:
    """Share of that class called within its target; 1 when there was none."""
    mine = [leg.wait is not None and leg.wait <= TARGETS[cls] for leg in legs if leg.cls == cls]
    return _share(mine) if mine else 1.0


def _worst_service(legs: Sequence[Leg]) -> float:
    """The smallest share on time of any service that enough people came for."""
    on_time: dict[str, list[bool]] = {}
    for leg in legs:
        on_time.setdefault(leg.service, []).append(not _late(leg))
    return min((_share(legs) for legs in on_time.values() if len(legs) >= WORST_OF), default=1.0)


def _spread(verdict: Verdict) -> float:
    """Standard deviation of the busy share over the windows that were open."""
    shares = [verdict.busy_min[one] / minutes for one, minutes in verdict.open_min.items() if minutes > 0]
    mean = sum(shares) / max(1, len(shares))
    return math.sqrt(sum((share - mean) ** 2 for share in shares) / max(1, len(shares)))


def promised(promises: Sequence[Promise]) -> Figures:
    """How well waits were told: errors in minutes, the band's width against the usual formula's 8-in-10 band."""
    told = [promise for promise in promises if promise.told is not None]
    if not told:
        return {}
    usual = sorted(promise.wait - promise.usual for promise in told)
    band = usual[int(0.9 * (len(usual) - 1))] - usual[int(0.1 * (len(usual) - 1))]
    error, usual_error = (sum(map(off, told)) / len(told) for off in (_off, _usual_off))
    width = sum(promise.told[2] - promise.told[0] for promise in told if promise.told) / len(told)
    return {
        "asked": float(len(told)),
        "error": error,
        "usual_error": usual_error,
        "error_ratio": error / max(1e-9, usual_error),
        "covered": _share(bool(p.told) and p.told[0] <= p.wait <= p.told[2] for p in told if p.told),
        "longer": _share(p.wait > p.told[2] for p in told if p.told),
        "width": width,
        "width_ratio": width / max(1e-9, band),
    }


def _off(promise: Promise) -> float:
    return abs(promise.wait - promise.told[1]) if promise.told else 0.0


def _usual_off(promise: Promise) -> float:
    return abs(promise.wait - promise.usual)


def mean(days: Sequence[Figures]) -> Figures:
    """Every figure's mean over days."""
    return {name: sum(day[name] for day in days) / len(days) for name in days[0]}


def ratio(mine: Sequence[float], theirs: Sequence[float], seed: int = 1) -> tuple[float, float, float]:
    """Σmine / Σtheirs over the same days, with the ends of its 95 % interval (days drawn again, in pairs)."""
    random = Random(seed)
    drawn = []
    for _ in range(SAMPLES):
        days = random.choices(range(len(mine)), k=len(mine))
        drawn.append(_over(sum(mine[day] for day in days), sum(theirs[day] for day in days)))
    drawn.sort()
    return _over(sum(mine), sum(theirs)), drawn[int(0.025 * SAMPLES)], drawn[int(0.975 * SAMPLES)]


def _over(mine: float, theirs: float) -> float:
    return mine / theirs if theirs else (1.0 if not mine else math.inf)


# the command


def _run(task: Task) -> dict[str, Any]:
    day = _day(task)
    started = time.perf_counter()
    verdict = judge(day, policy_named(task.policy))
    return {
        "kind": task.group,
        "day": day.name,
        "policy": task.policy,
        "took_s": time.perf_counter() - started,
        "load": load(day),
        "ghost_share": gone_by(day, LATE_MIN),
        "figures": figures(verdict),
        "promises": verdict.promises,
    }


def _day(task: Task) -> Day:
    if task.seed is not None:
        return make(task.source, task.seed)
    return read(Path(task.source).read_text(encoding="utf-8"))


def _tasks(wanted: argparse.Namespace) -> list[Task]:
    policies = list(dict.fromkeys([wanted.against, *wanted.policy]))
    if wanted.days:
        return [Task(str(file), file.stem, None, policy) for file in wanted.days for policy in policies]
    return [Task(kind, kind, seed, policy) for kind in wanted.kinds for seed in wanted.seeds for policy in policies]


def _seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def _kinds(text: str) -> list[str]:
    kinds = list(KINDS) if text == "all" else text.split(",")
    for kind in kinds:
        if kind not in KINDS:
            raise argparse.ArgumentTypeError(f"{kind!r}: all or some of {','.join(KINDS)}")
    return kinds


def _files(text: str) -> list[Path]:
    """The day files of that name, each one read once already."""
    files = sorted(Path(text).glob("*.json")) if Path(text).is_dir() else [Path(text)]
    if not files:
        raise argparse.ArgumentTypeError(f"{text}: no *.json there")
    for file in files:
        try:
            read(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, DayError) as exc:
            raise argparse.ArgumentTypeError(f"{file}: {exc}") from exc
    return files


def _policy(text: str) -> str:
    try:
        policy_named(text)
    except ValueError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from exc
    return text


def report(runs: Sequence[dict[str, Any]], against: str) -> dict[str, Any]:
    """Per policy: figures and ratios to the policy `against`, per kind and over all days."""
    policies = list(dict.fromkeys(run["policy"] for run in runs))
    kinds = list(dict.fromkeys(run["kind"] for run in runs))
    by_policy: dict[str, Any] = {}
    for policy in policies:
        groups: dict[str, Callable[[dict[str, Any]], bool]] = {kind: _of_kind(kind) for kind in kinds}
        groups["all"] = lambda _: True
        by_policy[policy] = {
            group: _summary(
                [run for run in runs if run["policy"] == policy and takes(run)],
                [run for run in runs if run["policy"] == against and takes(run)],
            )
            for group, takes in groups.items()
        }
    return by_policy


def _of_kind(kind: str) -> Callable[[dict[str, Any]], bool]:
    return lambda run: bool(run["kind"] == kind)


def _summary(runs: Sequence[dict[str, Any]], base: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ratios = {
        name: ratio([run["figures"][name] for run in runs], [run["figures"][name] for run in base])
        for name in ("late", "debt", "max", "lost")
    }
    return {
        "days": len(runs),
        "load": sum(run["load"] for run in runs) / len(runs),
        "ghost_share": sum(run["ghost_share"] for run in runs) / len(runs),
        "figures": mean([run["figures"] for run in runs]),
        "ratios": ratios,
        "promises": promised([promise for run in runs for promise in run["promises"]]),
        "day_s": sum(run["took_s"] for run in runs) / len(runs),
    }


HEAD = (
    f"{'policy':13} {'kind':15} {'load':>5} {'ghost':>5} {'late':>5} {'worst':>5} {'mean':>5} {'p95':>5} {'max':>5} {'appt':>5} {'prio':>5}"
    f" {'lost':>5} {'debt':>6} {'switch':>6} {'spread':>6} {'order':>5} {'ms':>4}"
)


def _line(policy: str, group: str, found: dict[str, Any]) -> str:
    day, ratios = found["figures"], found["ratios"]
    shares = {name: 100 * day[name] for name in ("late", "worst", "appt", "prio", "lost")}
    against = "  ".join(f"{r:.2f} [{low:.2f}-{high:.2f}]" for r, low, high in (ratios["late"], ratios["debt"]))
    return (
        f"{policy[-13:]:13} {group[:15]:15} {found['load']:5.2f} {100 * found['ghost_share']:5.1f} {shares['late']:5.1f}"
        f" {shares['worst']:5.0f} {day['mean']:5.1f} {day['p95']:5.1f} {day['max']:5.0f} {shares['appt']:5.0f} {shares['prio']:5.0f}"
        f" {shares['lost']:5.1f} {day['debt']:6.2f} {day['switches']:6.2f} {day['spread']:6.2f} {day['violations']:5.1f}"
        f" {1000 * found['day_s']:4.0f}  {against}"
    )


def _show(found: dict[str, Any], against: str) -> None:
    print(f"{HEAD}  late and debt / {against}")
    for policy, groups in found.items():
        for group, summary in groups.items():
            print(_line(policy, group, summary))
    for policy, groups in found.items():
        for group, summary in groups.items():
            if summary["promises"]:
                facts = "  ".join(f"{name} {value:.2f}" for name, value in summary["promises"].items())
                print(f"{policy[-13:]:13} {group[:15]:15} told: {facts}")


def command(argv: Sequence[str] | None = None) -> int:
    """`python -m simulators.judge`: judges policies on made or recorded days, FIFO by profile beside them."""
    parser = argparse.ArgumentParser(prog="python -m simulators.judge", description="Judges policies on days.")
    parser.add_argument("--days", type=_files, help="a hall-day/1 file or a directory of them (made days)")
    parser.add_argument("--kinds", type=_kinds, default=list(KINDS), help="kinds of made days, with commas (all)")
    parser.add_argument("--seeds", type=_seeds, default=_seeds("1-8"), help="first-last (1-8)")
    parser.add_argument(
        "--policy",
        type=_policy,
        action="append",
        default=[],
        help=f"{', '.join(RIVALS)} or a module; may be given again",
    )
    parser.add_argument("--against", type=_policy, default=BASELINE, help=f"what ratios are to ({BASELINE})")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes (1)")
    wanted = parser.parse_args(argv)
    tasks = _tasks(wanted)
    try:
        runs = list(map(_run, tasks)) if wanted.jobs == 1 else _in_parallel(tasks, wanted.jobs)
    except IllegalError as exc:
        print(f"illegal: {exc}")
        return 1
    found = report(runs, wanted.against)
    if wanted.json:
        print(json.dumps(found, indent=1))
    else:
        _show(found, wanted.against)
    return 0


def _in_parallel(tasks: Sequence[Task], jobs: int) -> list[dict[str, Any]]:
    with get_context("spawn").Pool(jobs) as pool:
        return pool.map(_run, tasks, chunksize=4)

"""The command: a plan run for so many seconds."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from simulators.hall.hall import Hall
from simulators.hall.ledger import Ledger
from simulators.hall.visitors import Visitors
from simulators.hall.window import Window

CLOSING_S = 10.0
"""Before the end nobody arrives any more, so that fewer are left standing."""


async def day(hall: Hall, seconds: float) -> None:
    """Live for `seconds` on the wall."""
    windows = {w["display"]: Window(hall, w) for w in hall.plan["windows"]}
    visitors = Visitors(hall, windows)
    jobs = [asyncio.create_task(hall.eyes.watch())]
    jobs += [asyncio.create_task(window.work()) for window in windows.values() if window.worked]
    jobs.append(asyncio.create_task(visitors.telephone()))
    arrivals = asyncio.create_task(visitors.arrive())
    await asyncio.sleep(max(1.0, seconds - CLOSING_S))
    arrivals.cancel()
    await asyncio.sleep(min(CLOSING_S, seconds))
    hall.closing = True
    for job in [*jobs, *visitors.tasks]:
        if job.done() and not job.cancelled() and (fault := job.exception()):
            raise fault
        job.cancel()


def main() -> int:
    """Run the plan."""
    parser = argparse.ArgumentParser(prog="simulators.hall", description="A day of visitors and operators.")
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="on the wall")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    plan = json.loads(args.plan.read_text(encoding="utf-8"))
    asyncio.run(day(Hall(plan, Ledger(args.ledger)), args.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())

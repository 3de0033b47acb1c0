"""Half of the callers, in a process of their own, so that the load does not sit on the service's core.

    python -m bench.load PLAN.json      PLAN: {"NAME": [{"dev", "hall", "host", "port", "ca", "cert", "key", "unit" | "service"}]}

Each line {"run": NAME, "seconds": S} on stdin makes NAME's callers ask in turn for so long, each its next command when the
reply came; answered by {"count", "seconds", "faults", "labels", "called"}.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from contract import messages as m
from contract import topics
from contract.errors import ContractError
from runtime import logs
from runtime.link import Broker, Link, Received

STALLED_S = 5.0


class Caller:
    """One box that asks again as soon as it was answered."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        paths = {name: Path(plan[name]) for name in ("ca", "cert", "key")}
        broker = Broker(plan["hall"], plan["dev"], plan["host"], plan["port"], **paths)
        self.link = Link(broker, [(topics.DOWN_REP.at(plan["hall"], plan["dev"]), 1)], on_message=self._heard)
        self._number = 0
        self._waiting_for = ""
        self.running = False
        self.count = 0
        self.faults = 0
        self.labels: list[str] = []
        self.called: list[str] = []
        self.link.start()

    def go(self) -> None:
        """Begin asking."""
        self.running = True
        self._ask()

    def _ask(self) -> None:
        self._number += 1
        self._waiting_for = f"{self._plan['dev']}-{self._number}"
        command: m.Command
        if "unit" in self._plan:
            command = m.CallNext(id=self._waiting_for, unit=self._plan["unit"])
        else:
            command = m.TicketIssue(id=self._waiting_for, service=self._plan["service"], lang="ru", paper=False)
        self.link.publish(topics.UP_CMD, m.encode(command))

    def _heard(self, received: Received) -> None:
        try:
            reply = m.REPLIES.validate_json(received.payload)
        except ContractError:
            self.faults += 1
            return
        if reply.re != self._waiting_for:
            return
        self.count += 1
        match reply:
            case m.Issued():
                self.labels.append(reply.ticket)
            case m.Done(ticket=str(ticket)):
                self.called.append(ticket)
            case m.Refused():
                self.faults += 1
        if self.running:
            self._ask()


def run(callers: list[Caller], seconds: float) -> dict[str, Any]:
    """Let all ask for so long; what each got."""
    before = sum(c.count for c in callers)
    began = time.perf_counter()
    for caller in callers:
        caller.go()
    threading.Event().wait(seconds)
    count = sum(c.count for c in callers) - before
    took = time.perf_counter() - began
    for caller in callers:
        caller.running = False
    threading.Event().wait(0.1)  # the last replies come in before the other service is measured
    return {
        "count": count,
        "seconds": took,
        "faults": sum(c.faults for c in callers),
        "labels": [label for c in callers for label in c.labels],
        "called": [ticket for c in callers for ticket in c.called],
    }


def main() -> int:
    """Serve lines until stdin ends."""
    logs.configure("load", level="error")
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    callers = {name: [Caller(p) for p in plans] for name, plans in plan.items()}
    deadline = time.monotonic() + STALLED_S
    while not all(c.link.up for group in callers.values() for c in group) and time.monotonic() < deadline:
        time.sleep(0.01)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(run(callers[asked["run"]], asked["seconds"])), flush=True)
    for group in callers.values():
        for caller in group:
            caller.link.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

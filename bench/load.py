"""Half of the callers, in a process and on one thread, so that the load weighs little beside the service it asks.

    python -m bench.load PLAN.json      PLAN: {"NAME": [{"dev", "hall", "host", "port", "ca", "cert", "key", "unit" | "service"}]}

Each line {"run": NAME, "seconds": S} on stdin makes NAME's callers ask in turn for so long, each its next command when the
reply came; answered by {"count", "seconds", "refused", "labels", "called"}. Every `AGAIN`th command is sent twice by the same id,
as after a lost reply: both answers must be the same.
"""

from __future__ import annotations

import json
import selectors
import sys
import time
from pathlib import Path
from typing import Any

from bench.wire import Wire
from contract import messages as m
from contract import topics

DRAIN_S = 5.0
AGAIN = 64


class Caller:
    """One box that asks again as soon as it was answered."""

    def __init__(self, plan: dict[str, Any]) -> None:
        hall, self._dev = plan["hall"], plan["dev"]
        self.wire = Wire(
            plan["host"], plan["port"], self._dev, (plan["ca"], plan["cert"], plan["key"]),
            hears=topics.DOWN_REP.at(hall, self._dev), says=topics.UP_CMD.at(hall, self._dev),
        )  # fmt: skip
        command: m.Command
        if "unit" in plan:
            command = m.CallNext(id="ID", unit=plan["unit"])
        else:
            command = m.TicketIssue(id="ID", service=plan["service"], lang="ru", paper=False)
        self._command = m.encode(command)
        self._number = 0
        self._open = ""
        self._again: dict[str, Any] = {}
        self.count = 0
        self.refused: list[str] = []
        self.labels: list[str] = []
        self.called: list[str] = []

    @property
    def waiting(self) -> bool:
        """Whether a command has no answer yet."""
        return bool(self._open or self._again)

    def ask(self) -> None:
        """The next command."""
        self._number += 1
        self._open = f"{self._dev}-{self._number}"
        command = self._command.replace(b'"ID"', f'"{self._open}"'.encode())
        self.wire.say(command)
        if self._number % AGAIN == 0:
            self._again[self._open] = None
            self.wire.say(command)

    def hear(self, *, on: bool) -> None:
        """Take what came; ask on."""
        for payload in self.wire.heard():
            self._reply(json.loads(payload))
            if on and not self._open:
                self.ask()
        self.wire.flush()

    def _reply(self, reply: dict[str, Any]) -> None:
        key = reply["re"]
        if key == self._open:
            self._open = ""
            self._count(reply)
            if key in self._again:
                self._again[key] = reply
        elif key in self._again and self._again.pop(key) != reply:
            self.refused.append(f"{key} was answered differently the second time")

    def _count(self, reply: dict[str, Any]) -> None:
        self.count += 1
        match reply:
            case {"t": "issued", "label": label}:
                self.labels.append(label)
            case {"t": "done", "ticket": ticket}:
                self.called.append(ticket)
            case {"t": "refused", "text": text}:
                self.refused.append(text)


def run(callers: list[Caller], seconds: float) -> dict[str, Any]:
    """Let all ask for so long; what each got. The last answers are awaited, but not counted."""
    with selectors.DefaultSelector() as selector:
        for caller in callers:
            selector.register(caller.wire, selectors.EVENT_READ, caller)
        before = sum(c.count for c in callers)
        began = time.perf_counter()
        for caller in callers:
            caller.ask()
            caller.wire.flush()
        while (took := time.perf_counter() - began) < seconds:
            _hear(selector, on=True)
        count = sum(c.count for c in callers) - before
        while any(c.waiting for c in callers) and time.perf_counter() - began < seconds + DRAIN_S:
            _hear(selector, on=False)
    return {
        "count": count,
        "seconds": took,
        "refused": [text for c in callers for text in c.refused] + [c.wire.dev for c in callers if c.waiting],
        "labels": [label for c in callers for label in c.labels],
        "called": [ticket for c in callers for ticket in c.called],
    }


def _hear(selector: selectors.BaseSelector, *, on: bool) -> None:
    for key, _ in selector.select(0.01):
        key.data.hear(on=on)


def main() -> int:
    """Serve lines until stdin ends."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    callers = {name: [Caller(p) for p in plans] for name, plans in plan.items()}
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(run(callers[asked["run"]], asked["seconds"])), flush=True)
    for group in callers.values():
        for caller in group:
            caller.wire.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

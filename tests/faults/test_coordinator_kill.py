"""SIGKILL of the coordinator while boxes issue and press, with repeats: what was answered is there, nothing is there twice."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contract import messages as m
from contract import topics
from contract.hall_part import Box, Unit
from contract.words import Role
from coordinator.state import AHEAD, HallDay, load
from journal.event import Row, facts_of
from journal.journal import Journal
from journal.schema import HALL
from journal.verify import verify
from runtime.clock import utc_now
from tests.hall_rig import BOXES, DEADLINE_S, HallRig, Peer, rigged
from tests.until import until

SEED, KILLS = 20260317, 6
WINDOWS = ("W1", "W2", "W3", "W4")
SERVICES = ("advice", "intake", "birth", "passport")
CALLERS = (
    *(Box(id=f"issuer-{n}", kind=Role.KIOSK) for n in range(4)),
    *(
        Box(id=f"presser-{n}", kind=Role.BRIDGE, units=(Unit(id=f"k-{w}", window=w, keys=1),))
        for n, w in enumerate(WINDOWS)
    ),
)


class Caller(threading.Thread):
    """One box asking one thing after the other, each by its id until the answer came, some of it twice at once."""

    def __init__(self, rig: HallRig, box: Box, seed: int, stop: threading.Event) -> None:
        super().__init__(name=box.id)
        self.peer = Peer(rig.settings(box.id), box.kind)
        self.box, self.answers = box, dict[str, Any]()
        self.differing: list[str] = []
        self._dice, self._ending = random.Random(seed), stop

    def run(self) -> None:
        while not self._ending.is_set():
            key = f"{self.box.id}-{len(self.answers)}"
            for _ in range(self._dice.choice((0, 0, 1, 2))):
                self.peer.say(topics.UP_CMD, self._command(key))
            self.answers[key] = self.peer.ask(self._command(key), again_s=self._dice.choice((0.02, 0.2)))
            if len({m.encode(r) for r in self.peer.replies(key)}) > 1:
                self.differing.append(key)
            if len(self.peer.heard) > 50:
                del self.peer.heard[:-20]

    def _command(self, key: str) -> m.Command:
        if self.box.kind is Role.BRIDGE:
            return m.CallNext(id=key, unit=self.box.units[0].id)
        # Decided by the id, so that a repeat is the same question.
        service = SERVICES[sum(key.encode()) % len(SERVICES)]
        return m.TicketIssue(id=key, service=service, lang="en", paper=sum(key.encode()) % 3 == 0)


@contextmanager
def calling(rig: HallRig) -> Iterator[list[Caller]]:
    stop = threading.Event()
    callers = [Caller(rig, box, SEED + n, stop) for n, box in enumerate(CALLERS)]
    try:
        for caller in callers:
            caller.start()
        yield callers
    finally:
        stop.set()
        for caller in callers:
            caller.join(DEADLINE_S + 5)
            caller.peer.link.stop()


def count(callers: Sequence[Caller]) -> int:
    return sum(len(caller.answers) for caller in callers)


def test_kills_at_random_moments_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    document = rigged(**{"call.double_press_s": 0})
    document = document.model_copy(update={"boxes": (*BOXES, *CALLERS)})
    with HallRig(tmp_path, document) as rig:
        rig.staff(*WINDOWS)
        with calling(rig) as callers:
            for _ in range(KILLS):
                wanted = count(callers) + dice.randint(5, 80)
                until(lambda wanted=wanted: count(callers) >= wanted, "callers are answered")  # type: ignore[misc]
                wait_s = dice.uniform(0, 0.01)
                time.sleep(wait_s)  # not for anything to happen: where in a commit the kill falls
                rig.kill()
                rig.start()
            wanted = count(callers) + 40
            until(lambda: count(callers) >= wanted, "callers are answered after the last kill")
        assert not any(caller.is_alive() for caller in callers)
        rig.kill()
        assert [caller.differing for caller in callers] == [[]] * len(callers)
        audit(rig, {f"{c.box.id}/{key}": answer for c in callers for key, answer in c.answers.items()})
        assert verify(rig.journal, "small", HALL).problems == ()


def audit(rig: HallRig, answers: dict[str, Any]) -> None:
    """Hold what the callers got against the journal."""
    with Journal.open(rig.journal, "small", HALL, utc_now) as journal:
        stored = journal.seen(list(answers))
        state = load(rig.hall, [Row(t, row) for t in ("day", "window", "ticket", "series") for row in journal.rows(t)])
        events = journal.events(0, 100_000)
    assert {key: m.REPLIES.validate_json(text) for key, text in stored.items()} == answers
    tickets = state.tickets
    issued = [a for a in answers.values() if isinstance(a, m.Issued)]
    labels = [a.label for a in issued]
    assert len(set(labels)) == len(labels) == len(tickets)
    assert {a.ticket for a in issued} == set(tickets)

    calls = [e for e in events if e.kind == "ticket.called"]
    assert max(Counter(facts_of(e.body)["ticket"] for e in calls).values()) == 1
    presses = Counter(e.cmd for e in calls if e.cmd and e.cmd.startswith("presser"))
    assert max(presses.values()) == 1
    for key, answer in answers.items():
        if isinstance(answer, m.Done) and answer.ticket is not None:
            assert tickets[answer.ticket].called_at is not None, key
    assert len(calls) > 20
    assert in_a_line(state) == {t.id for t in tickets.values() if t.state in AHEAD}


def in_a_line(state: HallDay) -> set[str]:
    """Tickets that a window will come to, from the lines themselves."""
    return {one.id for lines in (state.floor.lines, state.coming) for one in lines}

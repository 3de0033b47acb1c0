"""A press: bridge publishes → reply, view and board received, against echo round trip + one durable commit, interleaved."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from bench.commit import Disk
from bench.rig import BOARD, PROBE, Figure, Rig, ask, open_windows, percentile
from contract import messages as m
from contract import topics
from contract.errors import ViknoError
from runtime.box import Heard

BUDGET_P50, BUDGET_P99 = 2.0, 5.0


class Ends:
    """The three places where a press must be seen."""

    def __init__(self, rig: Rig) -> None:
        self._seen = threading.Condition()
        self._times: dict[str, float] = {}
        zones = [z.id for z in rig.hall.zones]
        rig.box(BOARD, [topics.PUB_BOARD], self._heard, zones=zones)
        self.probe = rig.box(PROBE, [topics.DOWN_VIEW], self._heard)

    def press_s(self, window: str, number: int) -> float:
        """Seconds from publishing to the last of reply, view and board."""
        self._times = {}
        began = time.perf_counter()
        self.probe.ask(m.CallNext(id=f"press-{number}", unit=f"pad-{window}"), self._replied)
        with self._seen:
            if not self._seen.wait_for(lambda: len(self._times) == 3, 10):
                raise ViknoError(f"press {number}: seen only at {sorted(self._times)}")
        return max(self._times.values()) - began

    def _replied(self, answer: object) -> None:
        if not isinstance(answer, m.Done) or answer.label is None:
            raise ViknoError(f"a press called nobody: {answer}")
        self._note("reply")

    def _heard(self, heard: Heard) -> None:
        match heard.message:
            case m.WindowsView():
                self._note("view")
            case m.Board():
                self._note("board")

    def _note(self, where: str) -> None:
        with self._seen:
            self._times.setdefault(where, time.perf_counter())
            self._seen.notify_all()


def measure(folder: Path, presses: int) -> list[Figure]:
    """`presses` presses interleaved with as many echo round trips and commits."""
    with Rig(folder / "press", "coordinator") as hall, Rig(folder / "echo", "echo") as echo, Disk(folder) as disk:
        window, service = _window_with_one_group(hall)
        open_windows(hall, [window])
        issuer, caller = hall.box("caller-1"), echo.box("caller-0")
        for number in range(presses + 20):
            reply = ask(issuer, m.TicketIssue(id=f"t-{number}", service=service, lang="ru", paper=False))
            if not isinstance(reply, m.Issued):
                raise ViknoError(f"no ticket: {reply}")
        ends = Ends(hall)
        time.sleep(1.5)  # kiosk and console views of the issuing have gone out; the first presses are warm-up
        base, pressed = [], []
        for number in range(presses):
            began = time.perf_counter()
            ask(caller, m.CallNext(id=f"e-{number}", unit="unit-0"))
            base.append(time.perf_counter() - began + disk.commit_s(1))
            pressed.append(ends.press_s(window, number))
    base, pressed = base[10:], pressed[10:]
    limit = percentile(base, 0.5) * 1000
    p50, p99 = percentile(pressed, 0.5) * 1000, percentile(pressed, 0.99) * 1000
    note = f"n {len(pressed)}; limit: echo round trip + one commit"
    return [
        Figure("press → reply, view, board p50", p50, "ms", limit, p50 / limit, BUDGET_P50, at_least=False, note=note),
        Figure("press → reply, view, board p99", p99, "ms", limit, p99 / limit, BUDGET_P99, at_least=False, note=note),
    ]


def _window_with_one_group(rig: Rig) -> tuple[str, str]:
    for window in rig.hall.windows:
        for service in rig.hall.services:
            right = rig.hall.right_by_id[service.right]
            held = {r.right for r in rig.hall.operators[rig.hall.windows.index(window)].rights}
            if service.group in window.groups and right.station in (None, window.station) and service.right in held:
                return window.id, service.id
    raise ViknoError("no window can serve anything")

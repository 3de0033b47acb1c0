"""The consoles inside the tests' own process: a template hall that was told once, and a coordinator that is a function."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from consoles.app import Web
from consoles.changing.draft import Drafts
from consoles.live import Live
from consoles.staff.staff import Staff
from contract import messages as m
from contract import topics
from contract.topics import Address
from contract.words import HallState, Light, Role
from runtime.asker import Answer, Unanswered
from runtime.box import Heard
from tests import halls

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
Answers = Callable[[m.Command], Answer]


def mute(command: m.Command) -> Answer:
    """A hall that answers nothing."""
    return Unanswered(command.id)


class _Asks:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def ask(self, command: m.Command, on_answer: Callable[[Answer], None]) -> None:
        on_answer(self._answers(command))

    def publish(self, topic: topics.Topic, message: m.Message) -> None:
        raise AssertionError("nothing is told")


def web(
    staff: Staff, folder: Path, monotonic: Callable[[], float], answers: Answers = mute, **rules: object
) -> tuple[Web, Live]:
    """The consoles of the Ukrainian template with one window, W01, at which op01 sits; `rules` of the hall by their names
    with "__" for the point. In a running loop."""
    hall = halls.load("ua-cnap").for_box(Role.CONSOLE)
    given = {name.replace("__", "."): one for name, one in rules.items()}
    hall = hall.model_copy(update={"rules": {**hall.rules, **given}})
    window = m.DeskWindow(window="W01", number=1, light=Light.FREE, since=NOW, operator="op01", can=())
    view = m.ConsolesView(
        id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(window,), queues=()
    )
    beat = m.Heartbeat(id="b", state=HallState.OPEN, day=NOW.date(), now=NOW, speed=1.0, ep=1, revision=hall.revision)
    live = Live(asyncio.get_running_loop())
    for message in (m.Cfg(id="c", hall=hall), view, beat):
        live.take(Heard(Address(topics.DOWN_VIEW, hall.id, dev="console-1"), message, retained=False))
    live.asks_by(_Asks(answers))
    return Web(live, staff, Drafts(folder / "draft.json"), None, "en", secure=False, monotonic=monotonic), live

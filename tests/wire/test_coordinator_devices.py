"""Boxes before the real coordinator on a real broker: found by a console, and told of beside the coordinator itself."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker_config.broker import Broker
from contract import messages as m
from contract import topics
from contract.topics import Topic
from contract.words import Refusal, Role
from runtime.asker import Answer, new_id
from runtime.box import Box, Heard, Occurrence
from tests.consoles_site import CONSOLE, address, document
from tests.coordinator_process import CoordinatorProcess

HALL = document()
OPEN_AT = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)


class Screen:
    """A box of the hall that keeps what it hears."""

    def __init__(self, broker: Broker, dev: str, kind: Role, *rows: Topic) -> None:
        self.heard: queue.Queue[Occurrence] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()
        self.box = Box(address(broker, dev), kind, rows, self.heard.put)

    def ask(self, command: m.Command) -> Answer:
        self.box.ask(command, self._answers.put)
        return self._answers.get(timeout=60)

    def until(self, right: Callable[[m.AnyMessage], bool]) -> m.AnyMessage:
        """The next message that is right. Raises: queue.Empty: 60 s without any."""
        while True:
            said = self.heard.get(timeout=60)
            if isinstance(said, Heard) and right(said.message):
                return said.message

    def until_state(self, dev: str, state: str) -> None:
        """Wait until consoles are told that a box is in a state."""
        self.until(
            lambda said: (
                isinstance(said, m.ConsolesView) and any(d.dev == dev and d.state == state for d in said.devices)
            )
        )


@contextmanager
def running(broker: Broker, dev: str, kind: Role, *rows: Topic) -> Iterator[Screen]:
    screen = Screen(broker, dev, kind, *rows)
    screen.box.start()
    try:
        yield screen
    finally:
        screen.box.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker", HALL.id, HALL.boxes) as broker:
        yield broker


def identified(said: m.AnyMessage) -> bool:
    return isinstance(said, m.Identify)


def test_a_console_makes_a_box_show_itself_and_the_journal_knows_nothing_of_it(tmp_path: Path, broker: Broker) -> None:
    find = m.DeviceFind(id=new_id(), dev="board-1", seconds=7)
    with (
        CoordinatorProcess(tmp_path, HALL, broker, OPEN_AT),
        running(broker, CONSOLE, Role.CONSOLE, topics.DOWN_VIEW) as console,
        running(broker, "kiosk-1", Role.KIOSK) as kiosk,
    ):
        with running(broker, "board-1", Role.BOARD) as board:
            console.until_state("board-1", "here")
            for _ in range(2):
                assert isinstance(console.ask(find), m.Done)
                told = board.until(identified)
                assert isinstance(told, m.Identify)
                assert (told.id, told.seconds) == (find.id, 7)
            refused = kiosk.ask(m.DeviceFind(id=new_id(), dev="board-1"))
            assert isinstance(refused, m.Refused)
            assert refused.code is Refusal.NOT_ALLOWED
        console.until_state("board-1", "left")
        for dev, code in (("board-1", Refusal.DEVICE_AWAY), ("board-9", Refusal.UNKNOWN_DEVICE)):
            refused = console.ask(m.DeviceFind(id=new_id(), dev=dev))
            assert isinstance(refused, m.Refused)
            assert refused.code is code
    with closing(sqlite3.connect(tmp_path / "journal.db")) as journal:
        assert journal.execute("SELECT count(*) FROM event").fetchone()[0] > 0
        assert journal.execute("SELECT count(*) FROM cmd_seen").fetchone() == (0,)
        assert journal.execute("SELECT count(*) FROM event WHERE cmd IS NOT NULL").fetchone() == (0,)


def test_consoles_are_told_that_the_coordinator_has_no_room(tmp_path: Path, broker: Broker) -> None:
    with (
        CoordinatorProcess(tmp_path, HALL, broker, OPEN_AT, "room_mib = 10_000_000"),
        running(broker, CONSOLE, Role.CONSOLE, topics.DOWN_VIEW) as console,
    ):
        view = console.until(lambda said: isinstance(said, m.ConsolesView) and bool(said.devices[0].faults))
        assert isinstance(view, m.ConsolesView)
        assert (view.devices[0].dev, view.devices[0].faults) == ("coordinator", ("disk_low",))

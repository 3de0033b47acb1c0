"""A box at the broker that remembers what it was told."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from broker_config.broker import Broker
from contract import messages as m
from contract.topics import Topic
from contract.words import Role
from runtime.asker import Answer
from runtime.box import Box, Heard, Occurrence
from tests.consoles_site import address


class Screen:
    """A box of the hall that keeps what it hears."""

    def __init__(self, broker: Broker, dev: str, kind: Role, *rows: Topic) -> None:
        self.heard: queue.Queue[Occurrence] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()
        self.box = Box(address(broker, dev), kind, rows, self.heard.put)

    def ask(self, command: m.Command) -> Answer:
        self.box.ask(command, self._answers.put)
        return self._answers.get(timeout=15)

    def until(self, right: Callable[[m.AnyMessage], bool]) -> m.AnyMessage:
        """The next message that is right. Raises: queue.Empty: 10 s without any."""
        while True:
            said = self.heard.get(timeout=10)
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

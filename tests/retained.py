"""What a broker keeps of what is published."""

from __future__ import annotations

from contract import messages as m
from contract.topics import Topic


class Wire:
    """Keeps the newest of every topic, as a broker does."""

    def __init__(self) -> None:
        self.retained: dict[str, m.AnyMessage] = {}
        self.order: list[str] = []

    def publish(self, topic: Topic, payload: bytes, *, dev: str = "", zone: str = "") -> None:
        self.retained[f"{topic.name} {dev}{zone}"] = m.decode(payload, topic.max_bytes)
        self.order.append(topic.name)

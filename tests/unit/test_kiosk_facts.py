"""What a fact says of itself and of the facts before it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from contract import messages as m
from contract.topics import UP_EV, Topic
from contract.words import Paper
from journal.journal import Journal
from journal.schema import BOX
from journal.telling import Telling


class Told:
    """The box's end of the link, as far as facts need one."""

    outbox_depth = 0

    def __init__(self) -> None:
        self.facts: list[m.PaperFact] = []

    def publish(self, topic: Topic, message: m.Message) -> None:
        assert topic is UP_EV
        assert isinstance(message, m.PaperFact)
        self.facts.append(message)


def test_a_fact_says_from_which_one_on_the_box_still_holds_them(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "box.db", "small", BOX, lambda: datetime(2026, 3, 2, tzinfo=UTC)) as journal:
        facts, box = Telling(journal), Told()
        for number in range(3):
            facts.paper(f"t-{number}", Paper.CONFIRMED, "job")
        facts.up(0.0)
        facts.tick(box, 0.0)  # type: ignore[arg-type]
        assert [(fact.sq, fact.held) for fact in box.facts] == [(1, 1), (2, 1), (3, 1)]
        facts.heard(m.Ack(id="a", inc=journal.inc, upto=2), 0.5)
        facts.up(1.0)
        facts.tick(box, 1.0)  # type: ignore[arg-type]
        assert [(fact.sq, fact.held) for fact in box.facts[3:]] == [(3, 3)]
        assert box.outbox_depth == 1

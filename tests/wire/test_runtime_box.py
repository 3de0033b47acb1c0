"""A box on a real mosquitto with the real coordinator: presence, truth with its age, bad input counted, commands repeated."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker_config.broker import Broker
from contract import messages as m
from contract import topics
from contract.words import HallState
from runtime import link
from runtime.asker import Answer, Unanswered
from runtime.box import Box, Heard, LinkDown, LinkUp, Silent
from runtime.clock import utc_now
from runtime.freshness import Age
from tests.hall_rig import BOXES, HallRig
from tests.until import until

BOARD_ROWS = [topics.DOWN_CFG, topics.PUB_BOARD, topics.PUB_CALL]
COORDINATOR = "coordinator"


class Desk:
    """The coordinator's end of the wire by hand, so that it can say what the real one never would."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        names = [(row.at("small", "+"), row.qos) for row in topics.TOPICS if row.name.startswith("up/")]
        self.heard: list[link.Received] = []
        self.link = link.Link(self.settings(COORDINATOR), names, on_message=self.heard.append)
        self.link.start()
        until(lambda: self.link.up)
        self._boxes: list[Box] = []

    def settings(self, dev: str) -> link.Broker:
        files = self.broker.credentials(dev)
        return link.Broker("small", dev, self.broker.host, self.broker.port, files.ca, files.cert, files.key)

    def box(self, dev: str, rows: list[topics.Topic], **more: Any) -> tuple[Box, list[Any]]:
        told: list[Any] = []
        kind = next(b.kind for b in BOXES if b.id == dev)
        box = Box(self.settings(dev), kind, rows, told.append, **more)
        box.start()
        self._boxes.append(box)
        until(lambda: any(isinstance(o, LinkUp) for o in told))
        return box, told

    def said(self, kind: type[m.Message], dev: str) -> list[Any]:
        found = []
        for r in list(self.heard):
            address = topics.parse(r.topic)
            if address.dev == dev and r.payload and isinstance(message := topics.read(address, r.payload), kind):
                found.append(message)
        return found

    def board(self, ep: int, rev: int, zone: str = "front") -> None:
        board = m.Board(id=f"b-{ep}-{rev}", ep=ep, rev=rev, zone=zone, state=HallState.OPEN, calls=())
        self.link.publish(topics.PUB_BOARD, m.encode(board), zone=zone)

    def beat(self, ep: int = 1, *, lost: bool = False) -> None:
        now = utc_now()
        beat = m.Heartbeat(id="b", state=HallState.OPEN, day=now.date(), now=now, speed=1, ep=ep, revision=1, lost=lost)
        self.link.publish(topics.PUB_HALL, m.encode(beat))

    def close(self) -> None:
        for box in self._boxes:
            box.stop()
        self.link.stop()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Broker(tmp_path / "broker", "small", BOXES) as broker:
        desk = Desk(broker)
        yield desk
        desk.close()


def heard(told: list[Any], kind: type[m.Message]) -> list[Any]:
    return [o for o in list(told) if isinstance(o, Heard) and isinstance(o.message, kind)]


# --- presence and health ---------------------------------------------------------------------------------------------------


def test_presence_is_said_on_coming_and_on_leaving_and_is_retained(desk: Desk) -> None:
    box, _ = desk.box("board-1", BOARD_ROWS, inc="inc-7", ep=3)
    until(lambda: desk.said(m.Here, "board-1"))
    box.stop()
    box.stop()
    until(lambda: len(desk.said(m.Here, "board-1")) == 2)
    came, left = desk.said(m.Here, "board-1")
    assert (came.state, came.kind, came.inc, came.ep) == ("here", "board", "inc-7", 3)
    assert (left.state, left.inc, left.ep) == ("left", "inc-7", 3)
    assert came.version
    desk.link.stop()
    late = Desk(desk.broker)
    until(lambda: late.said(m.Here, "board-1"))
    assert late.heard[0].retained
    late.close()


def test_a_new_fault_and_its_end_are_told_at_once(desk: Desk) -> None:
    box, _ = desk.box("display-1", [topics.DOWN_VIEW])
    until(lambda: desk.said(m.Health, "display-1"), "the first health on coming up")
    box.troubles.raise_("device_missing", "COM1")
    until(lambda: set(desk.said(m.Health, "display-1")[-1].faults) == {"device_missing:COM1"})
    box.troubles.clear("device_missing", "COM1")
    until(lambda: desk.said(m.Health, "display-1")[-1].faults == {})
    assert desk.said(m.Health, "display-1")[-1].rss_mib > 1


# --- truth and its age -----------------------------------------------------------------------------------------------------


def test_a_retained_copy_is_given_as_such_and_proves_nothing(desk: Desk) -> None:
    desk.beat()
    desk.board(1, 1)
    until(lambda: desk.link.counters.published == 2)
    box, told = desk.box("board-1", BOARD_ROWS, zones=["front"])
    until(lambda: heard(told, m.Board) and heard(told, m.Heartbeat))
    assert heard(told, m.Board)[0].retained
    assert heard(told, m.Heartbeat)[0].retained
    assert box.freshness.age(time.monotonic()) is Age.STALE
    desk.beat()
    until(lambda: len(heard(told, m.Heartbeat)) == 2)
    assert not heard(told, m.Heartbeat)[1].retained
    assert box.freshness.age(time.monotonic()) is Age.FRESH
    desk.beat(lost=True)
    until(lambda: len(heard(told, m.Heartbeat)) == 3)
    assert box.freshness.age(time.monotonic()) is Age.STALE


def test_an_old_revision_is_dropped_and_counted(desk: Desk) -> None:
    box, told = desk.box("board-1", BOARD_ROWS, zones=["front", "back"])
    for ep, rev in ((4, 7), (4, 6), (3, 99), (4, 8), (5, 1), (4, 9)):
        desk.board(ep, rev)
    desk.board(4, 1, zone="back")
    until(lambda: any(h.address.zone == "back" for h in heard(told, m.Board)))
    shown = [(h.message.ep, h.message.rev) for h in heard(told, m.Board) if h.address.zone == "front"]
    assert shown == [(4, 7), (4, 8), (5, 1)]
    assert box.dropped == {"old revision": 3}


def test_a_hall_that_began_a_new_journal_is_followed(desk: Desk) -> None:
    """A journal put back from a backup, or a new one, counts its starts from lower on: a live heartbeat says so."""
    _, told = desk.box("board-1", BOARD_ROWS, zones=["front"])
    desk.beat(ep=9)
    desk.board(9, 100)
    desk.beat(ep=2)
    desk.board(2, 1)
    until(lambda: [(h.message.ep, h.message.rev) for h in heard(told, m.Board)] == [(9, 100), (2, 1)])


def test_the_last_will_of_an_earlier_start_brings_no_old_board_back(desk: Desk) -> None:
    box, told = desk.box("board-1", BOARD_ROWS, zones=["front"])
    desk.beat(ep=9)
    desk.board(9, 1)
    desk.beat(ep=8, lost=True)
    desk.board(8, 100)
    desk.board(9, 2)
    until(lambda: len(heard(told, m.Board)) == 2)
    assert [h.message.ep for h in heard(told, m.Board)] == [9, 9]
    assert box.dropped == {"old revision": 1}


# --- bad input -------------------------------------------------------------------------------------------------------------

WHOLE = m.encode(m.Board(id="b", ep=1, rev=1, zone="front", state=HallState.OPEN, calls=()))
BAD = {
    "empty": b"",
    "noise": b"\xff\x00\xfe",
    "truncated": WHOLE[:-4],
    "glued": WHOLE + WHOLE,
    "corrupted": WHOLE.replace(b'"rev":1', b'"rev":-1'),
    "oversized": WHOLE[:-1] + b',"pad":"' + b"x" * m.MAX_BYTES + b'"}',
    "foreign": m.encode(m.Ack(id="a", inc="i", upto=1)),
    "unknown type": json.dumps({"v": 1, "t": "view.hologram", "id": "x"}).encode(),
    "deep": b"[" * 20_000,
}


def test_bad_payloads_are_counted_and_the_next_good_one_is_taken(desk: Desk) -> None:
    box, told = desk.box("board-1", BOARD_ROWS, zones=["front"])
    for payload in BAD.values():
        desk.link.publish(topics.PUB_BOARD, payload, zone="front")
    desk.link.publish(topics.PUB_BOARD, WHOLE, zone="front")
    until(lambda: heard(told, m.Board))
    assert len(heard(told, m.Board)) == 1
    assert sum(box.dropped.values()) == len(BAD)
    assert box.dropped["UnknownTypeError"] == 1
    desk.link.publish(topics.DOWN_CMD, m.encode(m.Identify(id="i")), dev="board-1")
    until(lambda: heard(told, m.Identify))
    until(lambda: desk.said(m.Health, "board-1"))


def test_a_reply_nobody_waits_for_is_counted(desk: Desk) -> None:
    box, _ = desk.box("kiosk-1", [])
    desk.link.publish(topics.DOWN_REP, m.encode(m.Done(id="r", re="never-asked")), dev="kiosk-1")
    until(lambda: box.dropped == {"late reply": 1})


# --- commands --------------------------------------------------------------------------------------------------------------


def asked(desk: Desk, dev: str) -> list[str]:
    return [command.id for command in desk.said(m.Command, dev)]


def test_silence_is_told_and_an_unanswered_command_ends_unknown(desk: Desk) -> None:
    box, told = desk.box("kiosk-1", [])
    answers: list[Answer] = []
    box.ask(m.TicketIssue(id="visit-1", service="advice", lang="en"), answers.append, life_s=2.5)
    until(lambda: answers)
    assert answers == [Unanswered("visit-1")]
    assert [o.id for o in told if isinstance(o, Silent)] == ["visit-1"]
    assert set(asked(desk, "kiosk-1")) == {"visit-1"}
    assert len(asked(desk, "kiosk-1")) >= 2


def test_a_command_is_repeated_by_its_id_after_a_broker_restart(tmp_path: Path) -> None:
    with HallRig(tmp_path) as rig:
        rig.settle("kiosk-2")
        box, told = rig.box("kiosk-1")
        until(lambda: any(isinstance(o, LinkUp) for o in told))
        rig.broker.kill()
        until(lambda: any(isinstance(o, LinkDown) for o in told))
        assert set(box.troubles.open) == {"broker_unreachable"}
        answers: list[Any] = []
        box.ask(m.TicketIssue(id="visit-1", service="advice", lang="en", paper=False), answers.append, life_s=20)
        rig.broker.start()
        until(lambda: answers)
        assert isinstance(answers[0], m.Issued)
        assert [row[1] for row in rig.rows("ticket")] == [answers[0].ticket]
        assert box.troubles.open == {}


def test_an_answer_that_got_lost_is_given_again(tmp_path: Path) -> None:
    """The coordinator is killed with the question on its way, and asked again by the box itself."""
    with HallRig(tmp_path) as rig:
        box, _ = rig.box("kiosk-1")
        until(lambda: box.link.up)
        answers: list[Any] = []
        for n in range(3):
            box.ask(
                m.TicketIssue(id=f"visit-{n}", service="advice", lang="en", paper=False), answers.append, life_s=300
            )
            rig.kill()
            rig.start()
        until(lambda: len(answers) == 3)
        assert sorted(a.label for a in answers) == ["A001", "A002", "A003"]
        assert len(rig.rows("ticket")) == 3


def test_a_box_that_was_never_started_stops_too(desk: Desk) -> None:
    box = Box(desk.settings("board-1"), BOXES[2].kind, BOARD_ROWS, lambda _o: None)
    box.stop()
    box.stop()

"""The coordinator as a process on a real mosquitto: what a hall says, what a bad message does, what a restart keeps."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from contract import messages as m
from contract import topics
from contract.errors import ConfigError, ContractError
from contract.words import Light, Paper, Refusal
from coordinator.config import Options
from coordinator.service import Coordinator
from journal.schema import HALL
from journal.verify import verify
from runtime import config
from runtime.asker import new_id
from runtime.clock import utc_now
from runtime.link import Delivery
from runtime.supervise import EXIT_AGAIN, EXIT_USAGE
from tests.hall_rig import PINS, HallRig, Peer, rigged
from tests.until import until


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallRig]:
    """One running hall for all that changes nothing: W1 and W2 open, nobody waiting."""
    with HallRig(tmp_path_factory.mktemp("shared")) as rig:
        rig.staff("W1", "W2")
        yield rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[HallRig]:
    with HallRig(tmp_path) as rig:
        yield rig


def units(peer: Peer) -> dict[str, m.WindowView]:
    view = peer.last(m.WindowsView)
    return dict(view.units) if view else {}


# --- one press -------------------------------------------------------------------------------------------------------------


def test_a_press_brings_reply_view_board_and_announcement(rig: HallRig) -> None:
    bridge, display, board = rig.peer("bridge-1"), rig.peer("display-1"), rig.peer("board-1")
    rig.staff("W1")
    ticket = rig.issue()
    done = bridge.ok(m.CallNext(id="press-1", unit="pad-1"))
    assert (done.label, done.light, done.window) == (ticket.label, Light.CALLED, "W1")
    until(lambda: units(bridge)["pad-1"].label == ticket.label, "the lamp's view")
    until(lambda: units(display)["disp-1"].label == ticket.label, "the display's view")
    shown = until(lambda: next((b for b in board.of(m.Board) if b.calls), None), "the board")
    assert [(c.label, c.number, c.light) for c in shown.calls] == [(ticket.label, 1, Light.CALLED)]
    announced = until(lambda: board.of(m.Announce), "the announcement")
    assert [(a.label, a.number, a.lang, a.zone) for a in announced] == [(ticket.label, 1, "en", "front")]


def test_a_managers_message_stands_on_the_board_over_a_kill_and_is_spoken_once(rig: HallRig) -> None:
    console, board = rig.peer("console-1"), rig.peer("board-1")
    pen = {"en": "Bring a pen"}
    console.ok(m.HallNotice(id="notice-1", texts=pen, zones=("front",), speak=True))
    until(lambda: any(b.notice == pen for b in board.of(m.Board)), "the message on the board")
    said = until(lambda: board.of(m.Say), "what is to be spoken")
    assert [(s.texts, s.zone) for s in said] == [(pen, "front")]
    rig.kill()
    heard = len(board.of(m.Board))
    rig.start()
    fresh = until(lambda: [b for b in board.of(m.Board)[heard:] if b.zone == "front"], "the board after the kill")
    assert fresh[-1].notice == pen
    console.ok(m.HallNotice(id="notice-2"))
    until(lambda: board.of(m.Board)[-1].notice == {}, "the board without it")
    assert len(board.of(m.Say)) == 1


def test_the_same_id_gets_the_same_answer_and_changes_nothing_also_after_a_kill(rig: HallRig) -> None:
    kiosk, bridge = rig.peer("kiosk-1"), rig.peer("bridge-1")
    rig.staff("W1")
    issue = m.TicketIssue(id="visit-1", service="advice", lang="en", paper=False)
    press = m.CallNext(id="press-1", unit="pad-1")
    first = [kiosk.ok(issue), bridge.ok(press)]
    before = rig.state("cmd_seen")
    for _ in range(2):
        kiosk.say(topics.UP_CMD, issue)
        bridge.say(topics.UP_CMD, press)
    until(lambda: len(kiosk.replies("visit-1")) == len(bridge.replies("press-1")) == 3, "answers to repeats")
    rig.kill()
    rig.start()
    kiosk.say(topics.UP_CMD, issue)
    bridge.say(topics.UP_CMD, press)
    until(lambda: len(kiosk.replies("visit-1")) == len(bridge.replies("press-1")) == 4, "answers after the kill")
    assert kiosk.replies("visit-1") == [first[0]] * 4
    assert bridge.replies("press-1") == [first[1]] * 4
    assert rig.state("cmd_seen") == before


def test_two_boxes_may_use_the_same_id(shared: HallRig) -> None:
    one, two = shared.issue("kiosk-1"), shared.issue("kiosk-2")
    command = m.TicketCancel(id="the-same", ticket=one.ticket)
    console, kiosk = shared.peer("console-1"), shared.peer("kiosk-2")
    assert console.ok(command).label == one.label
    assert kiosk.ask(m.TicketCancel(id="the-same", ticket=two.ticket)).code is Refusal.NOT_ALLOWED


# --- state is published again ----------------------------------------------------------------------------------------------

TRUTH: set[type[m.Message]] = {m.Cfg, m.Heartbeat, m.Board, m.KioskView, m.WindowsView, m.ConsolesView}


def retained(rig: HallRig) -> set[type[m.Message]]:
    """Kinds of whole states heard by the boxes since they were last cleared."""
    peers = [rig.peer(box.id) for box in rig.hall.boxes]
    return {type(x) for peer in peers for x in peer.of(*TRUTH)}


def forget(rig: HallRig) -> None:
    for box in rig.hall.boxes:
        rig.peer(box.id).heard.clear()


def test_the_whole_truth_is_published_on_start_and_on_broker_restart(rig: HallRig) -> None:
    rig.staff("W1")
    ticket = rig.issue()
    rig.peer("bridge-1").ok(m.CallNext(id="p", unit="pad-1"))
    until(lambda: retained(rig) == TRUTH, "the start")
    rig.stop()
    forget(rig)
    rig.start()
    until(lambda: retained(rig) == TRUTH, "the second start")
    assert until(lambda: units(rig.peer("bridge-1")))["pad-1"].label == ticket.label
    assert until(lambda: rig.peer("kiosk-1").last(m.Heartbeat)).ep == 2
    rig.broker.kill()
    forget(rig)
    rig.broker.start()
    until(lambda: retained(rig) == TRUTH, "the broker's restart")
    assert until(lambda: rig.peer("board-1").last(m.Board, zone="front")).calls[0].label == ticket.label
    assert until(lambda: rig.peer("kiosk-1").last(m.Heartbeat)).ep == 2


def test_boxes_get_the_document_without_pin_hashes_and_names_only_for_consoles(shared: HallRig) -> None:
    for dev in ("kiosk-1", "board-1", "console-1"):
        peer = shared.peer(dev)
        until(lambda: peer.last(m.Cfg))  # noqa: B023 - called at once
        cfg = peer.last(m.Cfg)
        assert {o.pin_hash for o in cfg.hall.operators} == ({""} if dev == "console-1" else set())
        assert cfg.hall.services == shared.hall.services


def test_a_killed_coordinator_is_told_to_everyone_by_its_will(rig: HallRig) -> None:
    board = rig.peer("board-1")
    until(lambda: board.last(m.Heartbeat, lost=False))
    rig.kill()
    until(lambda: board.of(m.Heartbeat)[-1].lost, "the last will")


# --- bad input: a clear refusal or a counted drop, and a hall as before --------------------------------------------------


class Witness:
    """The hall before and after: no table changed, and a drop line of this cause was written."""

    def __init__(self, rig: HallRig, *tables: str) -> None:
        self.rig, self.tables = rig, tables
        rig.settle()
        self.before, self.drops = rig.state(*tables), rig.said("dropped")

    def dropped(self, count: int = 1) -> list[dict[str, Any]]:
        until(lambda: self.rig.said("dropped") >= self.drops + count, "a line for the drop")
        return self.rig.lines("dropped")[self.drops :]

    def unchanged(self) -> None:
        assert self.rig.state(*self.tables) == self.before
        assert self.rig.process is not None
        assert self.rig.process.poll() is None


def text(**fields: Any) -> bytes:
    return json.dumps({"v": 1, **fields}).encode()


UNREADABLE = {
    "empty": b"",
    "not json": b"\xff\xfe\x00 call me",
    "half a message": text(t="ticket.issue", id="h", service="advice", lang="en")[:-9],
    "a list": b"[1,2,3]",
    "a number": b"17",
    "deep nesting": b"[" * 30_000,
    "unknown type": text(t="ticket.teleport", id="u-1"),
    "no type": text(id="n-1"),
    "another version": json.dumps(
        {"v": 2, "t": "ticket.issue", "id": "v2", "service": "advice", "lang": "en"}
    ).encode(),
    "wrong field type": text(t="ticket.issue", id="f-1", service=["advice"], lang="en"),
    "two places": text(t="call.next", id="p-1", window="W1", unit="pad-1"),
    "no place": text(t="call.next", id="p-2"),
    "a reply on the command topic": text(t="done", id="d", re="x"),
    "an id with spaces": text(t="call.next", id="two words", unit="pad-1"),
    "an id in another script": text(t="call.next", id="натиск", unit="pad-1"),
    "a surrogate for an id": b'{"v":1,"t":"call.next","id":"\\ud800","unit":"pad-1"}',
    "an id of a thousand letters": text(t="call.next", id="x" * 1000, unit="pad-1"),
    "an id that is a number": text(t="call.next", id=5, unit="pad-1"),
    "a null byte": text(t="ticket.issue", id="z\x00", service="advice", lang="en"),
    "a moment outside the calendar": text(t="call.next", id="m-1", unit="pad-1", at="9999-12-31T23:59:59-23:59"),
    "oversized": text(t="hall.interrupt", id="o-1", reason="x" * m.MAX_BYTES),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_command_is_counted_and_changes_nothing(shared: HallRig, name: str) -> None:
    witness = Witness(shared, "cmd_seen")
    shared.peer("kiosk-2").say(topics.UP_CMD, UNREADABLE[name])
    (line,) = witness.dropped()
    assert line["fault"]
    assert len(json.dumps(line)) < 10_000
    witness.unchanged()
    shared.settle("kiosk-2")


@pytest.mark.parametrize(
    ("payload", "key"),
    [(UNREADABLE["wrong field type"], "f-1"), (UNREADABLE["two places"], "p-1"), (UNREADABLE["unknown type"], "u-1")],
)
def test_who_says_an_id_is_told_what_was_wrong(shared: HallRig, payload: bytes, key: str) -> None:
    kiosk = shared.peer("kiosk-1")
    kiosk.heard.clear()
    kiosk.say(topics.UP_CMD, payload)
    refused = until(lambda: kiosk.replies(key))[0]
    assert refused.code is Refusal.BAD_COMMAND
    assert refused.text


def test_every_prefix_of_a_command_is_refused_or_dropped(shared: HallRig) -> None:
    witness = Witness(shared)
    kiosk = shared.peer("kiosk-1")
    whole = text(t="ticket.issue", id="prefix", service="advice", lang="en", paper=False)
    for end in range(len(whole)):
        kiosk.say(topics.UP_CMD, whole[:end])
    for at in range(0, len(whole), 3):
        kiosk.say(topics.UP_CMD, whole[:at] + b"\xff" + whole[at + 1 :])
    kiosk.say(topics.UP_CMD, whole + whole)
    shared.settle()
    witness.dropped(len(whole) + len(range(0, len(whole), 3)) + 1)
    witness.unchanged()


@pytest.mark.parametrize("name", ["here", "health"])
@pytest.mark.parametrize(
    "payload", [b"", b"{}", text(t="done", id="d", re="x"), b'{"t":"here"', b"x" * (m.MAX_BYTES + 1)]
)
def test_bad_presence_and_health_are_counted(shared: HallRig, name: str, payload: bytes) -> None:
    witness = Witness(shared)
    row = {"here": topics.UP_HERE, "health": topics.UP_HEALTH}[name]
    shared.peer("kiosk-2").say(row, payload)
    if not (name == "here" and payload == b""):  # an empty retained message is how a broker forgets one
        assert witness.dropped()[0]["topic"].endswith(f"kiosk-2/up/{name}")
    witness.unchanged()


REFUSED: list[tuple[str, m.Command, Refusal]] = [
    ("kiosk-1", m.CallNext(id="x", unit="pad-1"), Refusal.NOT_ALLOWED),
    ("kiosk-1", m.HallClose(id="x"), Refusal.NOT_ALLOWED),
    ("kiosk-1", m.WindowLogin(id="x", window="W1", operator="ona", pin="1"), Refusal.NOT_ALLOWED),
    ("bridge-1", m.TicketIssue(id="x", service="advice", lang="en"), Refusal.NOT_ALLOWED),
    ("bridge-1", m.CallNext(id="x", window="W1"), Refusal.NOT_ALLOWED),
    ("bridge-1", m.CallNext(id="x", unit="pad-99"), Refusal.UNKNOWN_WINDOW),
    ("bridge-1", m.WindowLogin(id="x", unit="pad-3", operator="rik", pin="1"), Refusal.NOT_ALLOWED),
    ("bridge-1", m.CallNext(id="x", unit="pad-3"), Refusal.WINDOW_CLOSED),
    ("console-1", m.CallNext(id="x", window="W77"), Refusal.UNKNOWN_WINDOW),
    ("console-1", m.CallNext(id="x", unit="pad-1"), Refusal.UNKNOWN_WINDOW),
    ("console-1", m.CallNext(id="x", window="W1", operator="tam"), Refusal.NOT_YOURS),
    ("console-1", m.WindowLogin(id="x", window="W3", operator="nobody", pin="1"), Refusal.UNKNOWN_OPERATOR),
    ("console-1", m.WindowLogin(id="x", window="W3", operator="rik", pin="wrong"), Refusal.WRONG_PIN),
    ("console-1", m.CallTransfer(id="x", window="W1"), Refusal.NOT_SERVING),
    ("kiosk-1", m.TicketIssue(id="x", service="flying", lang="en"), Refusal.UNKNOWN_SERVICE),
    ("kiosk-1", m.TicketIssue(id="x", service="advice", lang="tlh"), Refusal.BAD_COMMAND),
    ("kiosk-1", m.TicketVoid(id="x", ticket="260317-Z999"), Refusal.UNKNOWN_TICKET),
    ("kiosk-9", m.TicketIssue(id="x", service="advice", lang="en"), Refusal.NOT_ALLOWED),
]


@pytest.mark.parametrize(("dev", "command", "code"), REFUSED)
def test_who_may_not_is_refused_in_words(shared: HallRig, dev: str, command: m.Command, code: Refusal) -> None:
    witness = Witness(shared)
    refused = shared.peer(dev).ask(command.model_copy(update={"id": new_id("no")}))
    assert isinstance(refused, m.Refused)
    assert refused.code is code
    assert refused.text
    witness.unchanged()


def test_a_box_that_is_not_in_the_document_is_counted_and_tells_nothing(shared: HallRig) -> None:
    witness = Witness(shared)
    stranger = shared.peer("kiosk-9")
    stranger.say(topics.UP_EV, m.PaperFact(id="f", inc="i", ep=1, sq=1, ticket="t", paper=Paper.CONFIRMED, job="j"))
    assert witness.dropped()[0]["cause"] == "stranger"
    witness.unchanged()


@pytest.mark.parametrize("kind", ["command", "fact"])
def test_a_retained_command_or_fact_is_never_done(shared: HallRig, kind: str) -> None:
    witness = Witness(shared, "cmd_seen")
    kiosk = shared.peer("kiosk-2")
    if kind == "command":
        row, said = topics.UP_CMD, m.encode(m.TicketIssue(id="kept", service="advice", lang="en", paper=False))
    else:
        row = topics.UP_EV
        said = m.encode(m.PaperFact(id="f", inc="kept", ep=1, sq=1, ticket="t", paper=Paper.CONFIRMED, job="j"))
    kiosk.say(row, said, retained=True)
    if kind == "command":  # news to who listens now: it is done once, like any other
        until(lambda: kiosk.replies("kept"))
    else:
        until(lambda: any(a.inc == "kept" for a in kiosk.of(m.Ack)))
    witness = Witness(shared, "cmd_seen")
    shared.stop()
    shared.start()
    until(lambda: "retained command" in [line["cause"] for line in witness.dropped()], "the broker hands it out again")
    assert shared.state() == {k: v for k, v in witness.before.items() if k != "cmd_seen"}
    kiosk.say(row, b"", retained=True)
    shared.settle("kiosk-2")


# --- facts -----------------------------------------------------------------------------------------------------------------


def fact(sq: int, ticket: str, inc: str = "inc-1", paper: Paper = Paper.CONFIRMED, ep: int = 1) -> m.PaperFact:
    return m.PaperFact(id=new_id("f"), inc=inc, ep=ep, sq=sq, ticket=ticket, paper=paper, job="j")


def acked(peer: Peer) -> tuple[str, int]:
    ack = peer.last(m.Ack)
    return (ack.inc, ack.upto) if ack else ("", 0)


def test_facts_repeated_out_of_order_and_of_a_new_storage(rig: HallRig) -> None:
    kiosk = rig.peer("kiosk-1")
    one, two, three = (kiosk.ok(m.TicketIssue(id=f"v-{n}", service="advice", lang="en")).ticket for n in range(3))
    kiosk.say(topics.UP_EV, fact(1, one))
    until(lambda: acked(kiosk) == ("inc-1", 1))
    before = rig.state()
    assert papers(rig)[one] == "confirmed"
    for early in (fact(3, three), fact(1, one), fact(1, one, paper=Paper.VOID), fact(99, two)):
        kiosk.heard.clear()
        kiosk.say(topics.UP_EV, early)
        until(lambda: acked(kiosk) == ("inc-1", 1), "the old mark is said again")
    assert rig.state() == before
    kiosk.say(topics.UP_EV, fact(2, two))
    kiosk.say(topics.UP_EV, fact(3, three))
    until(lambda: acked(kiosk) == ("inc-1", 3))
    assert set(papers(rig).values()) == {"confirmed"}
    kiosk.say(topics.UP_EV, fact(1, "nobody", inc="inc-2"))
    until(lambda: acked(kiosk) == ("inc-2", 1), "a new storage counts from its own beginning")
    assert rig.rows("heard") == [("small", "kiosk-1", "inc-2", 1)]


def test_a_hall_put_back_goes_on_from_what_the_box_still_holds_and_says_what_it_misses(rig: HallRig) -> None:
    kiosk, desk = rig.peer("kiosk-1"), rig.peer("console-1")
    one, two = (kiosk.ok(m.TicketIssue(id=f"v-{n}", service="advice", lang="en")).ticket for n in range(2))
    kiosk.say(topics.UP_EV, fact(1, one))
    until(lambda: acked(kiosk) == ("inc-1", 1))
    kiosk.heard.clear()
    kiosk.say(topics.UP_EV, fact(7, two).model_copy(update={"held": 2}))
    until(lambda: acked(kiosk) == ("inc-1", 1), "2 to 6 are still to come")
    assert papers(rig)[two] == "sent"
    kiosk.say(topics.UP_EV, fact(7, two).model_copy(update={"held": 7}))
    until(lambda: acked(kiosk) == ("inc-1", 7), "nobody has 2 to 6 any more")
    assert papers(rig)[two] == "confirmed"
    until(lambda: "facts_missed:kiosk-1" in own_faults(desk), "consoles are told")


def own_faults(desk: Peer) -> tuple[str, ...]:
    view = desk.last(m.ConsolesView)
    return next((device.faults for device in view.devices if device.dev == "coordinator"), ()) if view else ()


def test_another_box_cannot_tell_about_a_paper_it_did_not_print(rig: HallRig) -> None:
    ticket = rig.peer("kiosk-1").ok(m.TicketIssue(id="v", service="advice", lang="en")).ticket
    rig.peer("kiosk-2").say(topics.UP_EV, fact(1, ticket))
    until(lambda: acked(rig.peer("kiosk-2")) == ("inc-1", 1))
    assert papers(rig)[ticket] == "sent"


def papers(rig: HallRig) -> dict[str, str]:
    columns = list(HALL.table("ticket").c.keys())
    return {row[columns.index("id")]: row[columns.index("paper")] for row in rig.rows("ticket")}


# --- time ------------------------------------------------------------------------------------------------------------------


def test_a_command_said_while_the_coordinator_is_away_is_not_done_later(rig: HallRig) -> None:
    kiosk = rig.peer("kiosk-1")
    rig.settle()
    rig.kill()
    said = m.encode(m.TicketIssue(id="into-the-void", service="advice", lang="en", paper=False))
    until(lambda: kiosk.delivered(topics.UP_CMD, said) is Delivery.NO_LISTENER, "the broker sees that nobody listens")
    rig.start()
    rig.settle()
    assert rig.rows("ticket") == []


# --- secrets ---------------------------------------------------------------------------------------------------------------


def test_a_pin_is_nowhere_but_in_the_command(rig: HallRig) -> None:
    console = rig.peer("console-1")
    for box in rig.hall.boxes:
        rig.peer(box.id)
    wrong = "pin-wrong-5512087"
    rig.staff("W1", "W2")
    console.ask(m.WindowLogin(id="w", window="W3", operator="rik", pin=wrong))
    console.say(topics.UP_CMD, text(t="window.login", id="bad", window="W3", operator="rik", pin=[wrong]))
    console.say(topics.UP_CMD, text(t="window.login", id="long", window="W3", operator="rik", pin=wrong * 9))
    console.say(topics.UP_CMD, text(t="window.login", id="no id \u0456", window="W3", operator="rik", pin=wrong))
    until(lambda: console.replies("bad") and console.replies("long"))
    rig.settle("console-1")
    rig.kill()
    secrets = [wrong.encode(), *(PINS[o].encode() for o in ("ona", "tam"))]
    files = [rig.log, *rig.folder.glob("journal.db*"), rig.broker.log]
    said = [r.payload for box in rig.hall.boxes for r in rig.peer(box.id).heard]
    assert len(said) > 10
    for secret in secrets:
        assert [f.name for f in files if secret in f.read_bytes()] == []
        assert not any(secret in payload for payload in said)


# --- files that cannot be used ---------------------------------------------------------------------------------------------


def test_wrong_files_end_it_with_code_2_and_their_place(tmp_path: Path) -> None:
    rig = HallRig(tmp_path)
    with rig.broker:
        rig.configure()
        document = tmp_path / "hall.json"
        whole = json.loads(document.read_text())

        def told(why: str) -> None:
            stopped = Event()
            stopped.set()
            with pytest.raises((ConfigError, ContractError), match=re.escape(why)):
                Coordinator(config.read(rig.config, Options)).run(stopped)

        document.write_text(json.dumps(whole | {"services": []} | {"windows": [{"id": "W 1"}]}))
        assert rig.launch().wait(60) == EXIT_USAGE
        assert rig.log.read_text().strip().splitlines()[-1].startswith(f"vikno: {document}: hall: ''")
        told(f"{document}: hall: ''")
        document.write_text(json.dumps(whole)[:-5])
        told(f"{document}: hall: ''")
        document.write_text(json.dumps(whole | {"id": "elsewhere"}))
        told(f"{document}: id: 'elsewhere'")
        document.unlink()
        told(f"{document}: hall: 'No such file or directory'")
        document.write_text(json.dumps(whole))
        good = rig.config.read_text()
        rig.config.write_text(good.replace("room_mib = 1", "room_mib = 0"))
        told(f"{rig.config}:4: room_mib: 0")
        rig.config.write_text(good.replace("room_mib", "roommib"))
        told(f"{rig.config}:4: roommib: 1: there is no such key")
        rig.config.write_text(good.replace("[broker]", "[broker"))
        told(f"{rig.config}:5: syntax")
        rig.config.write_text(good.replace("speed = 1.0", "speed = 9999.0"))
        told("time.speed: 9999.0")
        assert not rig.journal.exists()


def test_a_second_coordinator_on_the_same_journal_ends_and_says_why(shared: HallRig, tmp_path: Path) -> None:
    second = HallRig(tmp_path, journal=shared.journal)
    with second.broker:
        second.configure()
        assert second.launch().wait(60) == EXIT_AGAIN
    assert "another service has it open" in second.log.read_text()
    shared.settle()


def test_the_journal_of_another_hall_is_not_touched(shared: HallRig, tmp_path: Path) -> None:
    other = rigged().model_copy(update={"id": "other"})
    first = HallRig(tmp_path / "one", other)
    with first:
        pass
    second = HallRig(tmp_path / "two", journal=first.journal)
    with second.broker:
        second.configure()
        assert second.launch().wait(60) == EXIT_AGAIN
    assert "belongs to hall 'other'" in second.log.read_text()


def test_sigterm_ends_it_in_order_and_the_journal_is_whole(rig: HallRig) -> None:
    rig.staff("W1")
    rig.issue()
    assert rig.process is not None
    rig.process.send_signal(signal.SIGTERM)
    assert rig.process.wait(60) == 0
    assert verify(rig.journal, "small", HALL).problems == ()


def test_a_fault_that_a_box_tells_is_a_row_of_the_journal_with_its_end(shared: HallRig) -> None:
    kiosk, began = shared.peer("kiosk-2"), utc_now() - timedelta(minutes=5)

    def told(faults: dict[str, datetime]) -> None:
        kiosk.say(topics.UP_HEALTH, m.Health(id=new_id("h"), at=utc_now(), faults=faults))

    def fault() -> list[tuple[Any, ...]]:
        return [row for row in shared.rows("fault") if row[1:3] == ("kiosk-2", "paper_out")]

    told({"paper_out": began})
    until(fault, "a row of the fault")
    told({})
    until(lambda: fault()[0][-1], "the end of the fault")
    [row] = fault()
    assert row[-2] >= row[3]

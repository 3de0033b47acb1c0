"""The whole bridge as a process: a real pad at one end, a real broker at the other."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import messages as m
from contract.words import Light
from tests.until import until
from tests.wire.pad_bench import ROOT, Simulator
from tests.wire.pad_hall import DEV, HALL, Desk, Mosquitto, refuse


class BridgeProcess:
    """`python -m firmware_bridge --config FILE`."""

    def __init__(self, folder: Path, broker: Mosquitto, *ports: str) -> None:
        link = broker.link(DEV)
        self.file = folder / "bridge.toml"
        self.file.write_text(
            f"data = '{folder}/data'\nports = [{', '.join(repr(port) for port in ports)}]\n[broker]\nhall = {HALL!r}\ndev = {DEV!r}\n"
            f"port = {link.port}\nca = '{link.ca}'\ncert = '{link.cert}'\nkey = '{link.key}'\n"
        )
        self._log = (folder / "bridge.log").open("ab")
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "firmware_bridge", "--config", self.file], cwd=ROOT, stderr=self._log
        )

    def log(self) -> str:
        return (self.file.parent / "bridge.log").read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self._log.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(tmp_path) as running:
        yield running


@pytest.fixture
def bridge(tmp_path: Path, broker: Mosquitto, pad: Simulator) -> Iterator[BridgeProcess]:
    process = BridgeProcess(tmp_path, broker, pad.port)
    yield process
    process.close()


def ready(desk: Desk, pad: Simulator, light: Light = Light.FREE, lamp: str = "off") -> None:
    """The bridge is there, the view is fresh, the pad shows it."""
    until(lambda: "here" in desk.present)
    desk.show(**{f"p{pad.uid}": light})
    desk.beat()
    pad.shows(lamp)


def test_press_is_one_command_and_its_reply_frees_the_pad(
    broker: Mosquitto, pad: Simulator, bridge: BridgeProcess
) -> None:
    with Desk(broker.link("coordinator")) as desk:
        ready(desk, pad)
        for key in range(4):
            pad.do("press", pad.uid, key=key)
            pad.heard_acks(key + 1)
        assert [command.t for command in desk.order] == ["call.next", "call.recall", "call.start", "call.no_show"]
        assert {command.unit for command in desk.order if isinstance(command, m.WindowCommand)} == {pad.uid}
        assert {row["result"] for row in pad.ledger("ack")} == {"done"}
        assert bridge.stop() == 0
        until(lambda: desk.present[-1] == "left")


def test_lamp_shows_the_halls_view_and_not_the_finger(broker: Mosquitto, pad: Simulator, bridge: BridgeProcess) -> None:
    with Desk(broker.link("coordinator")) as desk:
        ready(desk, pad)
        for light, lamp in (
            (Light.CALLED, "steady"),
            (Light.ARMED, "slow"),
            (Light.PAUSED, "off"),
            (Light.SERVING, "steady"),
        ):
            desk.show(**{f"p{pad.uid}": light})
            pad.shows(lamp)
        desk.identify()
        pad.shows("fast")
        pad.shows("steady")
        pad.do("press", pad.uid, key=2)
        pad.heard_acks(1)
        assert [command.t for command in desk.order] == ["call.finish"]
        desk.beat(lost=True)
        pad.shows("unknown")
        desk.beat()
        pad.shows("steady")


def test_refused_press_blinks_fast(broker: Mosquitto, pad: Simulator, bridge: BridgeProcess) -> None:
    with Desk(broker.link("coordinator"), answer=refuse) as desk:
        ready(desk, pad, Light.CALLED, "steady")
        pad.do("press", pad.uid)
        pad.shows("fast")
        pad.shows("steady")
        assert [row["result"] for row in pad.ledger("ack")] == ["refused"]


def test_silent_coordinator_is_asked_again_with_the_same_bytes_and_the_pad_waits(
    broker: Mosquitto, pad: Simulator, bridge: BridgeProcess
) -> None:
    with Desk(broker.link("coordinator"), answer=lambda _command: None) as desk:
        ready(desk, pad)
        pad.do("press", pad.uid)
        until(lambda: desk.asked.total() >= 3)
        assert pad.ledger("ack") == []
        desk.answer = lambda command: m.Done(id="r-1", re=command.id)
        pad.heard_acks(1)
        assert len(desk.asked) == 1
        assert [len(payloads) for payloads in desk.payloads.values()] == [1]
        assert desk.asked.total() < 6, "the pad's repeats were asked too"


def test_unanswered_press_is_given_up_after_ten_seconds_and_said(
    broker: Mosquitto, pad: Simulator, bridge: BridgeProcess
) -> None:
    with Desk(broker.link("coordinator"), answer=lambda _command: None) as desk:
        ready(desk, pad)
        pad.do("press", pad.uid)
        pad.shows("not_taken")
        assert {row["result"] for row in pad.ledger("ack")} == {"expired"}
        asked = desk.asked.total()
        desk.answer = lambda command: m.Done(id="r-1", re=command.id)
        pad.do("press", pad.uid, key=1)
        until(lambda: len(desk.asked) == 2)
        assert desk.asked.total() == asked + 1


def test_killed_bridge_loses_no_press_and_doubles_none(
    broker: Mosquitto, pad: Simulator, bridge: BridgeProcess
) -> None:
    with Desk(broker.link("coordinator")) as desk:
        ready(desk, pad)
        for number in range(4):
            pad.do("press", pad.uid, key=number)
            bridge.kill()
            pad.pressed(number + 1)
            bridge.start()
            until(lambda: len(desk.present) > 0)
            pad.heard_acks(number + 1)
        boots = {(row["boot"], row["seq"]) for row in pad.ledger("event")}
        assert {command.id for command in desk.order} == {f"pad-{pad.uid}-{boot}-{seq}" for boot, seq in boots}
        assert len(desk.order) == 4
        assert all(len(payloads) == 1 for payloads in desk.payloads.values())


def test_broker_that_dies_delays_a_press_and_loses_none(
    broker: Mosquitto, pad: Simulator, bridge: BridgeProcess
) -> None:
    with Desk(broker.link("coordinator")) as desk:
        ready(desk, pad)
        broker.stop()
        pad.do("press", pad.uid)
        pad.pressed(1)
        pad.shows("pending")
        broker.start()
        pad.heard_acks(1)
        assert len(desk.order) == 1


def test_unbound_pad_is_a_fault_of_the_bridge(broker: Mosquitto, pad: Simulator, bridge: BridgeProcess) -> None:
    with Desk(broker.link("coordinator")) as desk:
        until(lambda: "here" in desk.present)
        desk.show(p0011223344556677=Light.FREE)
        desk.beat()
        until(lambda: '"fault": "pad_unbound"' in bridge.log())
        pad.do("press", pad.uid)
        pad.shows("not_taken")
        assert desk.asked.total() == 0
        desk.show(**{f"p{pad.uid}": Light.FREE})
        pad.shows("off")


def test_bound_pad_that_is_not_there_is_a_trouble_until_it_comes(
    broker: Mosquitto, pad: Simulator, bridge: BridgeProcess
) -> None:
    pad.do("unplug", pad.uid)
    with Desk(broker.link("coordinator")) as desk:
        until(lambda: "here" in desk.present)
        desk.show(**{f"p{pad.uid}": Light.FREE})
        desk.beat()
        until(lambda: f'"fault": "device_missing:{pad.uid}", "next_step"' in bridge.log())
        pad.do("replug", pad.uid)
        until(lambda: f'"fault": "device_missing:{pad.uid}", "after_s"' in bridge.log())


@pytest.mark.parametrize("payload", [b"", b"\xff\x00", b"{}", b'{"t":"view.windows","id":"x"}', b"[" * 70000])
def test_nonsense_from_the_hall_is_dropped_and_pads_go_on(
    broker: Mosquitto, pad: Simulator, bridge: BridgeProcess, payload: bytes
) -> None:
    with Desk(broker.link("coordinator")) as desk:
        ready(desk, pad)
        desk.say(payload)
        desk.show(**{f"p{pad.uid}": Light.ARMED})
        pad.shows("slow")
        pad.do("press", pad.uid)
        pad.heard_acks(1)
        assert bridge.process.poll() is None


def test_silent_alarm_is_a_fact_and_no_command(broker: Mosquitto, pad: Simulator, bridge: BridgeProcess) -> None:
    with Desk(broker.link("coordinator")) as desk:
        ready(desk, pad)
        pad.do("press", pad.uid, key=1, **{"with": 3})
        until(lambda: desk.facts)
        pad.heard_acks(1)
        (alarm,) = {fact.id: fact for fact in desk.facts}.values()
        assert isinstance(alarm, m.AlarmFact)
        assert alarm.unit == pad.uid
        assert alarm.id.startswith(f"pad-{pad.uid}-")
        assert desk.asked.total() == 0


def test_rating_is_kept_while_the_broker_is_away_and_told_once(tmp_path: Path, broker: Mosquitto) -> None:
    with Simulator(tmp_path / "rating", "--kind", "rating", "--keys", "5") as pad:
        bridge = BridgeProcess(tmp_path, broker, pad.port)
        try:
            with Desk(broker.link("coordinator")) as desk:
                ready(desk, pad)
                until(lambda: any(pad.uid in health.units for health in desk.health), deadline_s=40)
                broker.stop()
                pad.do("press", pad.uid, key=3)
                pad.heard_acks(1)
                bridge.kill()
                broker.start()
                bridge.start()
                until(lambda: desk.facts)
                (rating,) = {fact.id: fact for fact in desk.facts}.values()
                assert isinstance(rating, m.RatingFact)
                assert (rating.unit, rating.score) == (pad.uid, 4)
        finally:
            bridge.close()


def test_wrong_file_ends_the_bridge_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text("ports = 5\n")
    done = subprocess.run(
        [sys.executable, "-m", "firmware_bridge", "--config", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"vikno: {file}:")

"""The link on a real mosquitto: what a publish came to, what a restart brings back, and what is said when we vanish."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from broker_config.broker import Broker
from broker_config.pki import Authority
from contract import topics
from contract.hall_part import Box
from contract.words import Role
from runtime import link
from runtime.link import Delivery, Link, Received, Will
from tests.hall_rig import ROOT
from tests.until import until

HALL = "ua-test-1"
KIOSK, BOARD = "kiosk-1", "board-1"
BOXES = (Box(id=KIOSK, kind=Role.KIOSK), Box(id=BOARD, kind=Role.BOARD))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("broker"), HALL, BOXES) as broker:
        yield broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker", HALL, BOXES) as broker:
        yield broker


def settings(broker: Broker, dev: str = "coordinator") -> link.Broker:
    files = broker.credentials(dev)
    return link.Broker(HALL, dev, broker.host, broker.port, files.ca, files.cert, files.key)


class End:
    """A link with a thread of its own that remembers what it was told and by which thread."""

    def __init__(self, where: link.Broker, *rows: tuple[str, int], will: Will | None = None) -> None:
        self.heard: list[Received] = []
        self.ups, self.downs, self.threads = 0, list[str](), set[int]()
        self.link = Link(
            where, rows, on_message=self._message, on_up=self._up, on_down=self._down, will=will, seed=1
        )  # fmt: skip

    def __enter__(self) -> End:
        self.link.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.link.stop()

    def wait_up(self, times: int = 1) -> End:
        until(lambda: self.ups >= times and self.link.up, "not connected")
        return self

    def say(self, topic: topics.Topic, payload: bytes = b"{}", dev: str = "") -> Delivery:
        done: list[Delivery] = []

        def settled(delivery: Delivery) -> None:
            self.threads.add(threading.get_ident())
            done.append(delivery)

        self.link.publish(topic, payload, dev=dev, on_done=settled)
        until(lambda: done, "never settled")
        return done[0]

    def _message(self, received: Received) -> None:
        self.threads.add(threading.get_ident())
        self.heard.append(received)

    def _up(self) -> None:
        self.threads.add(threading.get_ident())
        self.ups += 1

    def _down(self, reason: str) -> None:
        self.threads.add(threading.get_ident())
        self.downs.append(reason)


COMMANDS = (topics.UP_CMD.at(HALL, "+"), 1)
REPLIES = (topics.DOWN_REP.at(HALL, KIOSK), 1)


def test_small_packets_are_not_held_back(shared: Broker) -> None:
    with End(settings(shared)) as end:
        end.wait_up()
        client = end.link._client
        assert client is not None
        assert client.socket().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0  # type: ignore[union-attr]


def test_a_publish_says_whether_anybody_listens(shared: Broker) -> None:
    with End(settings(shared, KIOSK)) as kiosk:
        kiosk.wait_up()
        assert kiosk.say(topics.UP_CMD) is Delivery.NO_LISTENER
        with End(settings(shared), COMMANDS) as coordinator:
            coordinator.wait_up()
            assert kiosk.say(topics.UP_CMD, b"hello") is Delivery.DELIVERED
            until(lambda: coordinator.heard)
            assert coordinator.heard == [Received(topics.UP_CMD.at(HALL, KIOSK), b"hello", retained=False)]
        until(lambda: kiosk.say(topics.UP_CMD) is Delivery.NO_LISTENER, "the broker sees that it left")


def test_each_publish_of_one_write_is_settled_once_with_its_own_outcome(shared: Broker) -> None:
    done: list[tuple[str, Delivery]] = []
    with End(settings(shared), COMMANDS) as coordinator, End(settings(shared, KIOSK)) as kiosk:
        coordinator.wait_up()
        kiosk.wait_up()
        kinds = {"1": topics.UP_CMD, "2": topics.UP_HEALTH, "3 foreign": topics.DOWN_CFG, "4": topics.UP_CMD}
        for name, topic in kinds.items():
            kiosk.link.publish(topic, b"{}", on_done=lambda delivery, name=name: done.append((name, delivery)))  # type: ignore[misc]
        until(lambda: len(done) == 4)
        until(lambda: len(coordinator.heard) == 2)
    expected = dict.fromkeys(kinds, Delivery.DELIVERED) | {"3 foreign": Delivery.DENIED}
    assert sorted(done) == list(expected.items())


def test_what_a_stalled_broker_does_not_take_waits_in_order_and_in_bounds(broker: Broker) -> None:
    views = [b"%d " % number + b"x" * 60_000 for number in range(400)]
    with End(settings(broker, KIOSK), (topics.DOWN_VIEW.at(HALL, KIOSK), 0)) as kiosk, End(settings(broker)) as end:
        kiosk.wait_up()
        end.wait_up()
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGSTOP)
        for view in views:
            end.link.publish(topics.DOWN_VIEW, view, dev=KIOSK)
        until(lambda: len(end.link._socket().unsent) > link.UNSENT_MAX, "more than the kernel takes")
        assert len(end.link._socket().unsent) < link.UNSENT_MAX + len(views[0]) + 100
        os.kill(broker.pid, signal.SIGCONT)
        until(lambda: len(kiosk.heard) == len(views))
        assert [received.payload for received in kiosk.heard] == views


def test_a_foreign_topic_is_denied_and_the_link_lives_on(shared: Broker) -> None:
    with End(settings(shared), COMMANDS) as coordinator, End(settings(shared, KIOSK)) as kiosk:
        coordinator.wait_up()
        kiosk.wait_up()
        assert kiosk.say(topics.UP_CMD, dev=BOARD) is Delivery.DENIED
        assert kiosk.say(topics.DOWN_CFG) is Delivery.DENIED
        assert kiosk.link.counters.denied == 2
        assert kiosk.say(topics.UP_CMD, b"mine") is Delivery.DELIVERED
        until(lambda: coordinator.heard)
        assert [r.payload for r in coordinator.heard] == [b"mine"]


def test_a_subscription_that_is_refused_is_counted(shared: Broker) -> None:
    with End(settings(shared, KIOSK), (topics.UP_CMD.at(HALL, BOARD), 1), REPLIES) as kiosk:
        kiosk.wait_up()
        with End(settings(shared)) as coordinator:
            coordinator.wait_up()
            assert coordinator.say(topics.DOWN_REP, b"reply", dev=KIOSK) is Delivery.DELIVERED
        until(lambda: kiosk.heard)


def test_what_is_published_while_down_is_lost_and_never_acts_later(broker: Broker) -> None:
    with End(settings(broker), COMMANDS) as coordinator, End(settings(broker, KIOSK)) as kiosk:
        coordinator.wait_up()
        kiosk.wait_up()
        broker.kill()
        until(lambda: kiosk.downs and coordinator.downs, "the loss is told")
        assert [kiosk.say(topics.UP_CMD, b"too late") for _ in range(3)] == [Delivery.LOST] * 3
        broker.start()
        kiosk.wait_up(2)
        coordinator.wait_up(2)
        assert kiosk.say(topics.UP_CMD, b"now") is Delivery.DELIVERED
        until(lambda: coordinator.heard)
        assert [r.payload for r in coordinator.heard] == [b"now"], "subscribed again, and nothing old came"
        assert (len(kiosk.downs), kiosk.link.counters.given_up) == (1, 3)


def test_what_is_published_before_the_first_connection_is_lost(broker: Broker) -> None:
    where = settings(broker, KIOSK)
    broker.stop()
    with End(where) as kiosk:
        assert kiosk.say(topics.UP_CMD) is Delivery.LOST
        until(lambda: kiosk.downs, "that there is no broker is told once")
        broker.start()
        kiosk.wait_up()
        assert len(kiosk.downs) == 1


def test_everything_is_told_in_the_owners_thread(shared: Broker) -> None:
    with End(settings(shared, KIOSK), REPLIES) as kiosk, End(settings(shared)) as coordinator:
        kiosk.wait_up()
        coordinator.wait_up()
        coordinator.say(topics.DOWN_REP, dev=KIOSK)
        until(lambda: kiosk.heard)
        assert kiosk.link._thread is not None
        assert kiosk.threads == {kiosk.link._thread.ident}
        assert coordinator.threads == {coordinator.link._thread.ident}  # type: ignore[union-attr]


def test_more_than_the_queue_holds_is_lost_oldest_first_in_the_owners_thread(shared: Broker) -> None:
    told: list[tuple[int, Delivery, int]] = []
    where = Link(settings(shared, KIOSK), [], on_message=lambda _r: None)
    for n in range(link.QUEUE_MAX + 3):
        where.publish(topics.UP_CMD, b"", on_done=lambda d, n=n: told.append((n, d, threading.get_ident())))  # type: ignore[misc]
    where.stop()
    assert [(n, d) for n, d, _ in told][:3] == [(n, Delivery.LOST) for n in range(3)]
    assert len(told) == link.QUEUE_MAX + 3


WILL_PROGRAM = """
import sys, pathlib, time
from runtime.link import Broker, Link, Will
hall, dev, host, port, ca, cert, key, topic = sys.argv[1:]
where = Broker(hall, dev, host, int(port), *map(pathlib.Path, (ca, cert, key)))
link = Link(where, [], on_message=print, on_up=lambda: print("up", flush=True), will=Will(topic, b"gone"))
while True:
    link.pump(1.0)
"""


def test_the_last_will_is_said_when_we_are_killed_and_not_when_we_leave(shared: Broker) -> None:
    where = settings(shared, KIOSK)
    topic = topics.UP_HERE.at(HALL, KIOSK)
    words = (HALL, KIOSK, where.host, str(where.port), str(where.ca), str(where.cert), str(where.key), topic)
    with End(settings(shared), (topics.UP_HERE.at(HALL, "+"), 1)) as coordinator:
        coordinator.wait_up()
        with End(where, will=Will(topic, b"left badly", delay_s=0)) as kiosk:
            kiosk.wait_up()
        with subprocess.Popen([sys.executable, "-c", WILL_PROGRAM, *words], cwd=ROOT, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert any(line == b"up\n" for line in child.stdout)
            child.kill()
        killed = time.monotonic()
        until(lambda: coordinator.heard, "the will")
        assert time.monotonic() - killed > 1, "a short break is not told at once"
        assert [r.payload for r in coordinator.heard] == [b"gone"]
        with End(
            settings(shared),
        ) as _:
            pass
    with End(settings(shared), (topic, 1)) as late:
        until(lambda: late.heard, "a will is retained")
        assert late.heard[0] == Received(topic, b"gone", retained=True)
        late.link.publish(replace(topics.UP_HERE, retained=True), b"", dev=KIOSK)


def test_stop_and_close_may_be_called_twice_at_any_time(shared: Broker) -> None:
    never_started = Link(settings(shared), [], on_message=lambda _r: None)
    never_started.stop()
    never_started.stop()
    with End(settings(shared)) as end:
        end.wait_up()
        end.link.stop()
        end.link.stop()
        end.link.close()
        assert not end.link.up
        end.link.wake()
    pumped = Link(settings(shared), [], on_message=lambda _r: None)
    while not pumped.up:
        pumped.pump(0.5)
    pumped.close()
    pumped.close()


def stranger(broker: Broker, folder: Path) -> link.Broker:
    """The right authority in `ca`, but a certificate of another one."""
    files = Authority.create(folder / "other").issue(KIOSK)
    return replace(settings(broker, KIOSK), cert=files.cert, key=files.key)


def revoked(broker: Broker, folder: Path) -> link.Broker:
    where = settings(broker, KIOSK)
    # The files as they lie on the box that was stolen.
    ca, cert, key = (Path(shutil.copy(file, folder)) for file in (where.ca, where.cert, where.key))
    broker.authority.revoke(KIOSK)
    broker.reload()
    return replace(where, ca=ca, cert=cert, key=key)


def distrustful(broker: Broker, folder: Path) -> link.Broker:
    return replace(settings(broker, KIOSK), ca=Authority.create(folder / "other").server.ca)


def lost_file(broker: Broker, folder: Path) -> link.Broker:
    return replace(settings(broker, KIOSK), cert=folder / "nowhere.crt")


# paho leaves a socket whose handshake failed to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <runtime.link._Socket:ResourceWarning")
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (stranger, "unknown ca"),
        (revoked, "revoked"),
        (distrustful, "certificate verify failed"),
        (lost_file, "No such file"),
    ],
)
def test_a_wrong_certificate_is_told_with_its_reason_and_tried_again(
    broker: Broker, tmp_path: Path, make: object, why: str
) -> None:
    with End(make(broker, tmp_path)) as end:  # type: ignore[operator]
        until(lambda: end.downs, "the reason")
        assert why.lower() in end.downs[0].lower().replace("_", " ")
        until(lambda: sum(end.link.counters.by_fault.values()) >= 2, "tried again")
        assert len(end.downs) == 1
        assert not end.link.up

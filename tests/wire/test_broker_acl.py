"""The rendered configuration before the real mosquitto: who gets in, who may say and hear what, and what a reload does."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from broker_config.broker import Broker
from broker_config.pki import Authority, Credentials
from contract.hall_part import Box
from contract.messages import MAX_CFG_BYTES
from contract.topics import DOWN_CFG, DOWN_REP, PUB_HALL, TOPICS, UP_CMD, UP_HERE, Topic
from contract.words import Role
from tests.until import until

HALL = "ua-test-1"
BOXES = [Box(id=f"{role}-1", kind=role) for role in Role if role is not Role.COORDINATOR]
USERS = {Role.COORDINATOR: "coordinator"} | {box.kind: box.id for box in BOXES}
DEADLINE_S = 10.0

NO_SUBSCRIBER, NOT_AUTHORIZED = 16, 135


class Client:
    """A bare MQTT 5 client with a certificate: connects, publishes, remembers what it was told."""

    def __init__(self, broker: Broker, files: Credentials | None, client_id: str = "", ca: Path | None = None) -> None:
        self._changed = threading.Condition()
        self.heard: list[tuple[str, bytes]] = []
        self.acks: dict[int, ReasonCode] = {}
        self.granted: set[int] = set()
        self.connects = self.disconnects = 0
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.tls_set(
            str(ca or (files.ca if files else broker.authority.server.ca)),
            str(files.cert) if files else None,
            str(files.key) if files else None,
        )
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._client.on_subscribe = self._on_subscribe
        self._address = broker.host, broker.port

    def __enter__(self) -> Client:
        self._client.connect(*self._address, keepalive=30, clean_start=True)
        self._client.loop_start()
        self.wait(lambda: self.connects > 0)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def wait(self, true: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(true, DEADLINE_S), f"{self.acks} {self.heard[-3:]}"

    def subscribe(self, topic: str) -> None:
        _, mid = self._client.subscribe(topic, qos=1)
        assert mid is not None
        self.wait(lambda: mid in self.granted)

    def say(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> int:
        """Publish at QoS 1 and return the broker's reason code; -1 where the connection ended instead."""
        before = self.disconnects
        mid = self._client.publish(topic, payload, qos=1, retain=retain).mid
        self.wait(lambda: mid in self.acks or self.disconnects > before)
        return int(self.acks[mid].value) if mid in self.acks else -1

    def topics(self) -> set[str]:
        return {topic for topic, _ in self.heard}

    def _note(self, change: Callable[[], None]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()

    def _on_connect(self, client: mqtt.Client, data: object, flags: object, code: ReasonCode, props: object) -> None:
        self._note(lambda: setattr(self, "connects", self.connects + (not code.is_failure)))

    def _on_disconnect(self, client: mqtt.Client, data: object, flags: object, code: ReasonCode, props: object) -> None:
        self._note(lambda: setattr(self, "disconnects", self.disconnects + 1))

    def _on_message(self, client: mqtt.Client, data: object, message: mqtt.MQTTMessage) -> None:
        self._note(lambda: self.heard.append((message.topic, bytes(message.payload))))

    def _on_publish(self, client: mqtt.Client, data: object, mid: int, code: ReasonCode, props: Properties) -> None:
        self._note(lambda: self.acks.update({mid: code}))

    def _on_subscribe(self, client: mqtt.Client, data: object, mid: int, codes: object, props: object) -> None:
        self._note(lambda: self.granted.add(mid))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker for tests that change nothing in it."""
    with Broker(tmp_path_factory.mktemp("hall"), HALL, BOXES) as broker:
        yield broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker of its own for a test that reloads, revokes or kills."""
    with Broker(tmp_path, HALL, BOXES) as broker:
        yield broker


def as_(broker: Broker, role: Role) -> Client:
    return Client(broker, broker.credentials(USERS[role]))


def refused(broker: Broker, files: Credentials | None, ca: Path | None = None) -> bool:
    """Whether the broker ends the connection before it is one. Under TLS 1.3 the client learns it with its first read."""
    client = Client(broker, files, ca=ca)
    try:
        client._client.connect(*client._address)
        while client._client.loop(timeout=DEADLINE_S) == mqtt.MQTT_ERR_SUCCESS:
            if client.connects:
                return False
    except (ssl.SSLError, ConnectionError):
        return True
    finally:
        client._client.disconnect()
    return True


@pytest.mark.parametrize("role", Role)
def test_each_role_says_exactly_its_rows_of_the_topic_table(shared: Broker, role: Role) -> None:
    with as_(shared, role) as client:
        for topic in TOPICS:
            allowed = client.say(topic.at(HALL, USERS[role], "z1")) != NOT_AUTHORIZED
            assert allowed == (role in topic.says), topic.name


@pytest.mark.parametrize("role", Role)
def test_each_role_hears_exactly_its_rows_of_the_topic_table(broker: Broker, role: Role) -> None:
    others = [r for r in Role if r is not role and r is not Role.COORDINATOR]
    with as_(broker, role) as client:
        client.subscribe("vikno/1/#")
        expected = set()
        for speaker in Role:
            if speaker is role:
                continue
            with as_(broker, speaker) as other:
                expected |= {t for t in speak(other, speaker, [role, *others]) if hears(role, t)}
        client.wait(lambda: expected <= client.topics())
        # Everything was acknowledged before the mark, and a broker delivers in order: nothing can still be under way.
        mark = mark_for(broker, role)
        client.wait(lambda: any(payload == b"mark" for _, payload in client.heard))
        assert client.topics() - {mark} == expected - {mark}


def speak(client: Client, speaker: Role, listeners: list[Role]) -> set[str]:
    """Say every row the speaker says, to all boxes where it is the coordinator; the topics that were said."""
    said = set()
    for topic in TOPICS:
        if speaker in topic.says:
            devs = [USERS[r] for r in listeners] if speaker is Role.COORDINATOR else [USERS[speaker]]
            said |= {topic.at(HALL, dev, "z1") for dev in devs}
    for name in sorted(said):
        assert client.say(name) != NOT_AUTHORIZED
    return said


def hears(role: Role, name: str) -> bool:
    rows = [t for t in TOPICS if role in t.hears]
    devs = list(USERS.values()) if role is Role.COORDINATOR else [USERS[role]]
    return name in {t.at(HALL, dev, "z1") for t in rows for dev in devs}


def mark_for(broker: Broker, role: Role) -> str:
    speaker, topic = (Role.KIOSK, UP_HERE) if role is Role.COORDINATOR else (Role.COORDINATOR, PUB_HALL)
    name = topic.at(HALL, USERS[speaker])
    with as_(broker, speaker) as client:
        assert client.say(name, b"mark") != NOT_AUTHORIZED
    return name


@pytest.mark.parametrize("topic", [t for t in TOPICS if Role.KIOSK in t.says], ids=lambda t: str(t.name))
def test_a_box_says_nothing_in_another_boxs_name_nor_in_another_hall(shared: Broker, topic: Topic) -> None:
    with as_(shared, Role.KIOSK) as kiosk:
        assert kiosk.say(topic.at(HALL, "bridge-1")) == NOT_AUTHORIZED
        assert kiosk.say(topic.at("ua-test-2", "kiosk-1")) == NOT_AUTHORIZED
        assert kiosk.say(topic.at(HALL, "kiosk-1")) != NOT_AUTHORIZED


def test_a_display_cannot_send_commands_even_in_its_own_name(shared: Broker) -> None:
    with as_(shared, Role.DISPLAY) as display:
        assert display.say(UP_CMD.at(HALL, "display-1")) == NOT_AUTHORIZED


def test_only_the_coordinator_reads_commands(shared: Broker) -> None:
    with (
        as_(shared, Role.COORDINATOR) as coordinator,
        as_(shared, Role.CONSOLE) as spy,
        as_(shared, Role.KIOSK) as kiosk,
    ):
        spy.subscribe(f"vikno/1/{HALL}/d/+/up/cmd")
        coordinator.subscribe(f"vikno/1/{HALL}/d/+/up/cmd")
        spy.subscribe(f"vikno/1/{HALL}/pub/hall")
        assert kiosk.say(UP_CMD.at(HALL, "kiosk-1"), b"ask") == 0
        coordinator.wait(lambda: coordinator.heard == [(UP_CMD.at(HALL, "kiosk-1"), b"ask")])
        coordinator.say(PUB_HALL.at(HALL), b"mark")
        spy.wait(lambda: len(spy.heard) > 0)
        assert spy.topics() == {PUB_HALL.at(HALL)}


def test_a_command_without_a_coordinator_says_so_in_one_round_trip(shared: Broker) -> None:
    with as_(shared, Role.KIOSK) as kiosk:
        assert kiosk.say(UP_CMD.at(HALL, "kiosk-1")) == NO_SUBSCRIBER


def test_a_client_without_a_certificate_does_not_connect(shared: Broker) -> None:
    assert refused(shared, None)


def test_a_certificate_of_another_authority_does_not_connect(shared: Broker, tmp_path: Path) -> None:
    foreign = Authority.create(tmp_path / "pki").issue("kiosk-1")
    assert refused(shared, foreign, ca=shared.authority.server.ca)


def test_a_box_does_not_trust_a_broker_of_another_authority(shared: Broker, tmp_path: Path) -> None:
    foreign = Authority.create(tmp_path / "pki").server.ca
    with pytest.raises(ssl.SSLCertVerificationError):
        tls_version(shared, foreign, "localhost")


def test_the_broker_is_known_by_its_names_only(shared: Broker) -> None:
    ca = shared.authority.server.ca
    assert tls_version(shared, ca, "localhost") == tls_version(shared, ca, "127.0.0.1") == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        tls_version(shared, ca, "hall.example")


def tls_version(broker: Broker, ca: Path, name: str) -> str | None:
    """Shake hands as kiosk-1 with whom it takes for `name`."""
    files = broker.credentials("kiosk-1")
    context = ssl.create_default_context(cafile=str(ca))
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    context.load_cert_chain(files.cert, files.key)
    with (
        socket.create_connection((broker.host, broker.port), timeout=DEADLINE_S) as raw,
        context.wrap_socket(raw, server_hostname=name) as tls,
    ):
        return tls.version()


def test_the_brokers_own_certificate_is_no_way_in(shared: Broker) -> None:
    assert refused(shared, shared.authority.server)


def test_plain_mqtt_finds_no_listener(shared: Broker) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    connected: list[bool] = []
    client.on_connect = lambda *_: connected.append(True)
    client.connect(shared.host, shared.port)
    while client.loop(timeout=DEADLINE_S) == mqtt.MQTT_ERR_SUCCESS:
        pass
    assert not connected


def test_a_box_cannot_throw_the_coordinator_off_by_taking_its_client_id(shared: Broker) -> None:
    with Client(shared, shared.credentials(), client_id="coordinator") as coordinator:
        with Client(shared, shared.credentials("kiosk-1"), client_id="coordinator") as thief:
            assert thief.say(UP_HERE.at(HALL, "kiosk-1")) != NOT_AUTHORIZED
        assert coordinator.say(PUB_HALL.at(HALL)) != -1
        assert coordinator.disconnects == 0


def test_a_certificate_alone_gives_no_rights_before_the_box_is_registered(broker: Broker) -> None:
    box = Box(id="kiosk-2", kind=Role.KIOSK)
    with Client(broker, broker.credentials("kiosk-2")) as newcomer, as_(broker, Role.COORDINATOR) as coordinator:
        assert newcomer.say(UP_HERE.at(HALL, "kiosk-2")) == NOT_AUTHORIZED
        broker.reload([*BOXES, box])
        assert newcomer.say(UP_HERE.at(HALL, "kiosk-2")) == NO_SUBSCRIBER
        assert coordinator.say(PUB_HALL.at(HALL)) == NO_SUBSCRIBER
        assert (newcomer.connects, newcomer.disconnects, coordinator.connects, coordinator.disconnects) == (1, 0, 1, 0)


def test_a_box_that_leaves_the_registry_loses_its_rights_on_the_live_connection(broker: Broker) -> None:
    with as_(broker, Role.KIOSK) as kiosk:
        assert kiosk.say(UP_CMD.at(HALL, "kiosk-1")) == NO_SUBSCRIBER
        broker.reload([b for b in BOXES if b.id != "kiosk-1"])
        assert kiosk.say(UP_CMD.at(HALL, "kiosk-1")) == NOT_AUTHORIZED
        assert kiosk.disconnects == 0


def test_revoking_refuses_new_connections_and_leaves_the_others_alone(broker: Broker) -> None:
    files = broker.credentials("kiosk-1")
    with as_(broker, Role.BRIDGE) as bridge:
        stolen = copied(files, broker.folder / "stolen")
        assert not refused(broker, stolen)
        broker.authority.revoke("kiosk-1")
        broker.reload()
        assert refused(broker, stolen)
        assert not refused(broker, broker.credentials("board-1"))
        assert not refused(broker, broker.credentials("kiosk-1"))
        assert bridge.say(UP_HERE.at(HALL, "bridge-1")) == NO_SUBSCRIBER
        assert bridge.disconnects == 0


def copied(files: Credentials, folder: Path) -> Credentials:
    shutil.copytree(files.cert.parent, folder)
    return Credentials(*(folder / file.name for file in (files.ca, files.cert, files.key)))


def test_an_old_certificate_is_revoked_together_with_its_renewal(broker: Broker) -> None:
    old = copied(broker.credentials("kiosk-1"), broker.folder / "old")
    broker.authority.renew("kiosk-1")
    assert not refused(broker, old)
    broker.authority.revoke("kiosk-1")
    broker.reload()
    assert refused(broker, old)


def test_configuration_of_nearly_a_mebibyte_is_retained_and_more_is_refused(broker: Broker) -> None:
    name = DOWN_CFG.at(HALL, "kiosk-1")
    with as_(broker, Role.COORDINATOR) as coordinator:
        assert coordinator.say(name, b"c" * MAX_CFG_BYTES, retain=True) == NO_SUBSCRIBER
    with as_(broker, Role.KIOSK) as kiosk:
        kiosk.subscribe(name)
        kiosk.wait(lambda: [len(p) for _, p in kiosk.heard] == [MAX_CFG_BYTES])
    with as_(broker, Role.COORDINATOR) as coordinator:
        assert coordinator.say(name, b"d" * (MAX_CFG_BYTES + 8192), retain=True) == -1


def test_a_renewed_broker_certificate_is_taken_over_by_a_reload(broker: Broker) -> None:
    broker.authority.renew_server(["hall.example"])
    broker.reload()
    assert tls_version(broker, broker.authority.server.ca, "hall.example") == "TLSv1.3"
    broker.authority.renew_server()
    broker.reload()
    assert tls_version(broker, broker.authority.server.ca, "hall.example") == "TLSv1.3", "it keeps its names"


def test_after_kill_and_restart_clients_find_it_on_the_same_port(broker: Broker) -> None:
    port = broker.port
    with as_(broker, Role.KIOSK) as kiosk:
        broker.kill()
        assert broker.pid is None
        kiosk.wait(lambda: kiosk.disconnects == 1)
        broker.restart()
        kiosk.wait(lambda: kiosk.connects == 2)
        assert broker.port == port


def test_nothing_retained_outlives_the_broker(broker: Broker) -> None:
    with as_(broker, Role.COORDINATOR) as coordinator:
        coordinator.say(PUB_HALL.at(HALL), b"old", retain=True)
    broker.restart()
    with as_(broker, Role.BOARD) as board, as_(broker, Role.COORDINATOR) as coordinator:
        board.subscribe(PUB_HALL.at(HALL))
        coordinator.say(PUB_HALL.at(HALL), b"new", retain=True)
        board.wait(lambda: len(board.heard) > 0)
        assert board.heard == [(PUB_HALL.at(HALL), b"new")]


def test_a_request_and_its_reply_do_not_wait_for_delayed_acknowledgements(shared: Broker) -> None:
    """Without set_tcp_nodelay on the broker's side every round trip waits about 40 ms; the quick quarter is immune to a busy machine."""
    ask, answer = UP_CMD.at(HALL, "kiosk-1"), DOWN_REP.at(HALL, "kiosk-1")
    with as_(shared, Role.COORDINATOR) as coordinator, as_(shared, Role.KIOSK) as kiosk:
        for client in (coordinator, kiosk):
            client._client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # type: ignore[union-attr]
        kiosk.subscribe(answer)
        coordinator.subscribe(ask)
        coordinator._client.on_message = lambda client, *_: client.publish(answer, b"done", qos=1)
        laps = []
        for _ in range(40):
            start, before = time.perf_counter(), len(kiosk.heard)
            kiosk._client.publish(ask, b"x" * 250, qos=1)
            kiosk.wait(lambda before=before: len(kiosk.heard) > before)  # type: ignore[misc]
            laps.append(time.perf_counter() - start)
        assert sorted(laps)[len(laps) // 4] < 0.020


def test_the_broker_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from broker_config.broker import Broker\n"
        "b = Broker(Path(sys.argv[1]), 'ua-test-1', []); b.start(); print(b.pid, flush=True); sys.stdin.read()"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert _lives(pid)
        owner.kill()
    until(lambda: not _lives(pid), "the broker to end with its owner")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_the_child_has_a_process_group_of_its_own_and_its_private_files_are_private(shared: Broker) -> None:
    assert shared.pid is not None
    assert os.getpgid(shared.pid) == shared.pid != os.getpgid(0)
    private = [*shared.folder.rglob("*.key"), *shared.folder.rglob("acl")]
    assert len(private) >= 4
    assert {p.stat().st_mode & 0o777 for p in private} == {0o600}

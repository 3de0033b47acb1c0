"""A hall for the bridge: a real mosquitto with mTLS, and a desk that answers in the coordinator's place."""

from __future__ import annotations

import datetime
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from contract import messages as m
from contract import topics
from contract.words import HallState, Light, Refusal
from runtime.clock import utc_now
from runtime.link import Broker, Link, Received
from tests.until import until

HALL, DEV = "demo", "bridge-1"


class Mosquitto:
    """A broker on a free port, stopped and started again on the same one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _certificates(folder, ("broker", DEV, "coordinator"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._conf = folder / "mosquitto.conf"
        self._conf.write_text(
            f"listener {self.port} 127.0.0.1\ncafile {folder}/ca.pem\ncertfile {folder}/broker.pem\n"
            f"keyfile {folder}/broker.key\nrequire_certificate true\nuse_identity_as_username true\n"
            "allow_anonymous false\nset_tcp_nodelay true\nuser root\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Mosquitto:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "mosquitto"
        self._process = subprocess.Popen([program, "-c", self._conf], stderr=subprocess.DEVNULL)
        until(self._listens)

    def stop(self) -> None:
        """End at once, as a power cut does."""
        if self._process:
            self._process.kill()
            self._process.wait(60)
            self._process = None

    def link(self, dev: str) -> Broker:
        ca, cert, key = (self.folder / name for name in ("ca.pem", f"{dev}.pem", f"{dev}.key"))
        return Broker(HALL, dev, "localhost", self.port, ca, cert, key)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Desk:
    """Answers commands by id, once done, for ever the same; publishes views and heartbeats when told."""

    def __init__(self, broker: Broker, *, answer: Callable[[m.Command], m.Reply | None] | None = None) -> None:
        self.asked: Counter[str] = Counter()
        self.payloads: dict[str, set[bytes]] = {}
        self.order: list[m.AnyCommand] = []
        self.health: list[m.Health] = []
        self.facts: list[m.Fact] = []
        self.present: list[str] = []
        self.answer = answer or (lambda command: m.Done(id=f"r-{command.id}"[:64], re=command.id))
        self._rev = 0
        box = f"{topics.ROOT}/{HALL}/d/{DEV}/up"
        self._link = Link(
            broker,
            [(f"{box}/cmd", 1), (f"{box}/health", 0), (f"{box}/here", 1), (f"{box}/ev", 1)],
            on_message=self._arrived,
            on_up=lambda: None,
            on_down=lambda _reason: None,
        )

    def __enter__(self) -> Desk:
        self._link.start()
        until(lambda: self._link.up)
        return self

    def __exit__(self, *_: object) -> None:
        self._link.stop()
        # A link keeps its wake-up sockets for the life of its process.
        self._link._wake_r.close()
        self._link._wake_w.close()

    def show(self, **lights: Light) -> None:
        """Publish the bridge's view: unit (p + uid) → light; the label is A012 where a visitor is."""
        self._rev += 1
        units = {
            unit.removeprefix("p"): m.WindowView(
                window=f"w{number}",
                number=number,
                light=light,
                label="A012" if light in (Light.CALLED, Light.SERVING) else None,
                since=utc_now(),
            )
            for number, (unit, light) in enumerate(lights.items(), 1)
        }
        view = m.WindowsView(id=f"v-{self._rev}", ep=1, rev=self._rev, units=units)
        self._link.publish(topics.DOWN_VIEW, m.encode(view), dev=DEV)

    def beat(self, *, lost: bool = False) -> None:
        """Publish the heartbeat."""
        now = utc_now()
        beat = m.Heartbeat(
            id="beat", state=HallState.OPEN, day=now.date(), now=now, speed=1.0, ep=1, revision=1, lost=lost
        )
        self._link.publish(topics.PUB_HALL, m.encode(beat))

    def identify(self) -> None:
        self._link.publish(topics.DOWN_CMD, m.encode(m.Identify(id="i-1", seconds=2)), dev=DEV)

    def say(self, payload: bytes) -> None:
        """Publish anything as the bridge's view."""
        self._link.publish(topics.DOWN_VIEW, payload, dev=DEV)

    def _arrived(self, received: Received) -> None:
        message = topics.read(topics.parse(received.topic), received.payload)
        if isinstance(message, m.Health):
            self.health.append(message)
        elif isinstance(message, m.Fact):
            self.facts.append(message)
            ack = m.Ack(id=f"a-{message.sq}", inc=message.inc, upto=message.sq)
            self._link.publish(topics.DOWN_ACK, m.encode(ack), dev=DEV)
        elif isinstance(message, m.Here):
            self.present.append(message.state)
        elif isinstance(message, m.AnyCommand):
            self._asked(message, received.payload)

    def _asked(self, command: m.AnyCommand, payload: bytes) -> None:
        if not self.asked[command.id]:
            self.order.append(command)
        self.asked[command.id] += 1
        self.payloads.setdefault(command.id, set()).add(payload)
        reply = self.answer(command)
        if reply is not None:
            self._link.publish(topics.DOWN_REP, m.encode(reply), dev=DEV)


def refuse(command: m.Command) -> m.Reply:
    """The answer of a window that is closed."""
    return m.Refused(id=f"r-{command.id}"[:64], re=command.id, code=Refusal.WINDOW_CLOSED, text="window 1 is closed")


def _certificates(folder: Path, names: tuple[str, ...]) -> None:
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("test CA", "test CA", ca_key, ca_key, ca=True)
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    for name in names:
        key = ec.generate_private_key(ec.SECP256R1())
        signed = _certificate(name, "test CA", key, ca_key)
        (folder / f"{name}.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        (folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


def _certificate(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, ca_key: ec.EllipticCurvePrivateKey, *, ca: bool = False
) -> x509.Certificate:
    now = utc_now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    return builder.sign(ca_key, hashes.SHA256())

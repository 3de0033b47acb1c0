"""The link to the hall's broker: MQTT 5 over mTLS, the only user of paho-mqtt.

One thread owns a link and pumps it; nothing of paho is touched from another thread. Every connection is a new client, so
no message waits in a client's memory to act after its hour: what must not be lost lies in an outbox (`journal/outbox.py`),
commands are asked again by the same id (`runtime/asker.py`), states are published again.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import structlog
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from contract.topics import Topic

log = structlog.get_logger(__name__)

KEEPALIVE_S = 10
CONNECT_TIMEOUT_S = 5.0
BACKOFF_S = (0.2, 5.0)
QUEUE_MAX = 10_000
"""Publishes waiting for the owning thread; beyond it the oldest is given up and said to be LOST."""
STOPPED = "stopped"
DRAIN_MAX = 512
"""Packets read in one pump before the caller gets its turn."""
RECORD_BYTES = 16 * 1024
"""What one TLS record holds at most."""
UNSENT_MAX = 1024 * 1024
"""Bytes handed to the socket and not taken by the kernel yet; beyond it packets wait in paho's queue."""

_NO_MATCHING_SUBSCRIBERS = 0x10


class Delivery(Enum):
    """What became of a publish, as far as the broker knows."""

    DELIVERED = "delivered"
    """The broker took it and somebody is subscribed (QoS 0: it was written to the socket)."""
    NO_LISTENER = "no_listener"
    """The broker took it and nobody is subscribed: a hint that the other side is away (MQTT 5, 4.13.2 reason 0x10)."""
    DENIED = "denied"
    """The broker refused it (ACL, size)."""
    LOST = "lost"
    """Not connected, or the connection went before the answer: unknown whether it arrived."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and who we are. `dev` is the certificate's common name; `host` must be in the broker's certificate."""

    hall: str
    dev: str
    host: str
    port: int
    ca: Path
    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came. `retained`: a copy met on connecting, not news."""

    topic: str
    payload: bytes
    retained: bool


@dataclass(slots=True)
class _Out:
    topic: str
    payload: bytes
    qos: int
    retain: bool
    expiry_s: int | None
    on_done: Callable[[Delivery], None] | None


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says for us when we vanish, `delay_s` after the connection broke."""

    topic: str
    payload: bytes
    retain: bool = True
    delay_s: int = 2


@dataclass(slots=True)
class Counters:
    """What went by since the start; for health and tests."""

    connects: int = 0
    received: int = 0
    published: int = 0
    given_up: int = 0
    denied: int = 0
    by_fault: dict[str, int] = field(default_factory=dict)


class Link:
    """A supervised connection. Callbacks run in the pumping thread and must not block.

    `on_message(Received)`, `on_up()` after the subscriptions are granted, `on_down(reason)` once per loss, also when the first
    connection fails.
    Use either `start()`/`stop()` (a thread of its own pumps) or call `pump()` from one thread (the coordinator's reactor).
    """

    def __init__(
        self,
        broker: Broker,
        subscriptions: Sequence[tuple[str, int]],
        *,
        on_message: Callable[[Received], None],
        on_up: Callable[[], None] = lambda: None,
        on_down: Callable[[str], None] = lambda _reason: None,
        will: Will | None = None,
        seed: int | None = None,
    ) -> None:
        self.broker = broker
        self.counters = Counters()
        self._subscriptions = list(subscriptions)
        self._on_message, self._on_up, self._on_down = on_message, on_up, on_down
        self._will = will
        self._client: paho.Client | None = None
        self._up = False
        self._pending: dict[int, Callable[[Delivery], None] | None] = {}
        self._outbox: deque[_Out] = deque()
        self._outbox_lock = threading.Lock()
        self._wake_r, self._wake_w = socket.socketpair()
        self._wake_r.setblocking(False)
        self._wake_w.setblocking(False)
        self._owner: int | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._backoff_s = 0.0
        self._retry_at = 0.0
        self._misc_at = 0.0
        self._random = Random(seed)  # jitter only
        self._down_said = False
        self._why = ""

    # --- for everybody -------------------------------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Connected, and the broker has granted the subscriptions."""
        return self._up

    def publish(
        self,
        topic: Topic,
        payload: bytes,
        *,
        dev: str = "",
        zone: str = "",
        expiry_s: int | None = None,
        on_done: Callable[[Delivery], None] | None = None,
    ) -> None:
        """Publish on a row of the topic table; from any thread. `on_done` is called once, in the pumping thread; at once
        and in the publishing one where the queue is full and the oldest is given up.

        `expiry_s`: how long the broker may keep it for a receiver that is away; None: the row's.
        """
        name = topic.at(self.broker.hall, dev or self.broker.dev, zone)
        out = _Out(name, payload, topic.qos, topic.retained, expiry_s or topic.expiry_s, on_done)
        with self._outbox_lock:
            self._outbox.append(out)
            given_up = self._outbox.popleft() if len(self._outbox) > QUEUE_MAX else None
        if given_up is not None:
            self._settle(given_up.on_done, Delivery.LOST)
        if self._owner != threading.get_ident():
            self.wake()

    def wake(self) -> None:
        """Make a pump that is waiting return at once; from any thread."""
        with contextlib.suppress(BlockingIOError, OSError):
            self._wake_w.send(b"\0")

    # --- a thread of its own -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Pump in a thread of its own until `stop`."""
        self._thread = threading.Thread(target=self._run, name=f"link-{self.broker.dev}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.pump(1.0)
        self.close()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Say goodbye and end the thread; may be called twice. What was published before is written first."""
        self._stopping.set()
        self.wake()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None
        else:
            self.close()

    # --- the pump ------------------------------------------------------------------------------------------------------

    def pump(self, timeout_s: float) -> None:
        """Connect if due, then read, write and call back for at most `timeout_s`; returns after one round of work."""
        self._owner = threading.get_ident()
        if self._client is None and not self._connect_if_due(timeout_s):
            return
        self._send_outbox()
        self._wait(timeout_s)
        self._send_outbox()
        self._write()
        now = time.monotonic()
        if self._client is not None and now >= self._misc_at:
            self._misc_at = now + 1.0
            if self._client.loop_misc() != paho.MQTT_ERR_SUCCESS:
                self._drop("keepalive")

    def flush(self) -> None:
        """Write what has been published since the last pump; for a reactor that must not wait for its next round."""
        self._send_outbox()
        self._write()

    def close(self) -> None:
        """Disconnect politely; may be called twice. The last will is not sent."""
        if self._wake_r.fileno() < 0:
            return
        self._send_outbox()
        self._write()
        if self._client is not None:
            self._client.disconnect()
            self._write()
        self._drop(STOPPED)
        self._retry_at = float("inf")
        self._wake_r.close()
        self._wake_w.close()

    def _wait(self, timeout_s: float) -> None:
        client, sock = self._client, self._socket()
        if client is None or sock is None:
            self._drop("socket closed")
            return
        pending = sock.pending
        want_write = [sock] if client.want_write() or sock.unsent else []
        readable, writable, _ = select.select([sock, self._wake_r], want_write, [], 0 if pending() else timeout_s)
        if self._wake_r in readable:
            self._empty_wake()
        if sock in readable or pending():
            self._read(sock, pending)
        if writable:
            self._write()

    def _read(self, sock: Any, pending: Callable[[], int]) -> None:
        for _ in range(DRAIN_MAX):
            client = self._client
            if client is None:
                return
            if client.loop_read() != paho.MQTT_ERR_SUCCESS or self._socket() is None:
                self._drop("connection lost")
                return
            if not pending() and not select.select([sock], [], [], 0)[0]:
                return

    def _write(self) -> None:
        client, sock = self._client, self._socket()
        if client is None or sock is None:
            return
        client.on_publish = None  # it would be told of each QoS 0 message, settled in `_send` already
        written = client.loop_write()
        client.on_publish = self._published
        if written not in (paho.MQTT_ERR_SUCCESS, paho.MQTT_ERR_AGAIN) or not sock.flush():
            self._drop("write failed")

    def _send_outbox(self) -> None:
        if not self._outbox:
            return
        with self._outbox_lock:
            outs = list(self._outbox)
            self._outbox.clear()
        for out in outs:
            self._send(out)

    def _send(self, out: _Out) -> None:
        client = self._client
        if client is None or not self._up:
            self._settle(out.on_done, Delivery.LOST)
            return
        info = client.publish(out.topic, out.payload, out.qos, out.retain, _expiry(out.expiry_s))
        self.counters.published += 1
        if out.qos == 0:
            self._settle(out.on_done, Delivery.DELIVERED if info.rc == paho.MQTT_ERR_SUCCESS else Delivery.LOST)
        else:
            self._pending[info.mid] = out.on_done

    # --- connection ----------------------------------------------------------------------------------------------------

    def _connect_if_due(self, timeout_s: float) -> bool:
        wait = self._retry_at - time.monotonic()
        if wait > 0:
            self._send_outbox()  # everything asked while down is settled as LOST, not kept
            ready, _, _ = select.select([self._wake_r], [], [], min(wait, timeout_s))
            if ready:
                self._empty_wake()
            return False
        self._why = ""
        try:
            self._client = self._new_client()
            self._client.connect(
                self.broker.host, self.broker.port, KEEPALIVE_S, clean_start=True, properties=_no_session()
            )
        except (OSError, ValueError) as exc:  # refused, timed out, TLS, bad certificate file
            self._drop(_reason(exc))
            return False
        return True

    def _new_client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=self.broker.dev, protocol=paho.MQTTv5, reconnect_on_failure=False
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.tls_set_context(_tls(self.broker))
        client.max_inflight_messages_set(10_000)
        client.on_socket_open = _no_delay
        client.on_socket_register_write = lambda *_: None  # we write after a round of work, not inside publish()
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_publish = self._published
        client.on_message = self._arrived
        client.on_disconnect = self._disconnected
        client.on_log = self._logged
        if self._will is not None:
            props = Properties(PacketTypes.WILLMESSAGE)  # type: ignore[no-untyped-call]
            props.WillDelayInterval = self._will.delay_s
            client.will_set(self._will.topic, self._will.payload, 1, self._will.retain, props)
        return client

    def _connected(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
        if reason.is_failure:
            self._why = f"connect refused: {reason}"
            return
        self.counters.connects += 1
        if self._subscriptions:
            client.subscribe([(name, SubscribeOptions(qos=qos)) for name, qos in self._subscriptions])
        else:
            self._come_up()

    def _subscribed(self, _client: paho.Client, _data: Any, _mid: int, reasons: list[Any], _props: Any) -> None:
        refused = [name for (name, _), r in zip(self._subscriptions, reasons, strict=False) if r.is_failure]
        if refused:
            self._count_fault("subscription refused")
            log.error("link.subscription_refused", dev=self.broker.dev, topics=refused)
        self._come_up()

    def _come_up(self) -> None:
        self._up, self._down_said, self._backoff_s = True, False, 0.0
        if self._client is not None:
            self._client.on_log = None  # a line for every packet costs more than the packet
        log.info("link.up", dev=self.broker.dev, broker=f"{self.broker.host}:{self.broker.port}")
        self._on_up()

    def _published(self, _client: paho.Client, _data: Any, mid: int, reason: Any, _props: Any) -> None:
        on_done = self._pending.pop(mid, None)
        if reason.value == _NO_MATCHING_SUBSCRIBERS:
            self._settle(on_done, Delivery.NO_LISTENER)
        elif reason.is_failure:
            self.counters.denied += 1
            self._settle(on_done, Delivery.DENIED)
        else:
            self._settle(on_done, Delivery.DELIVERED)

    def _arrived(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self.counters.received += 1
        self._on_message(Received(message.topic, bytes(message.payload), bool(message.retain)))

    def _disconnected(self, _client: paho.Client, _data: Any, flags: Any, reason: Any, _props: Any) -> None:
        if flags.is_disconnect_packet_from_server:
            self._why = f"the broker ended it: {reason}"

    def _logged(self, _client: paho.Client, _data: Any, level: int, words: str) -> None:
        # The broker's word about our certificate comes with the first read, and paho only logs it.
        if level == paho.MQTT_LOG_ERR:
            self._why = words

    def _drop(self, reason: str) -> None:
        client, self._client = self._client, None
        was_up, self._up = self._up, False
        if client is not None and (sock := client.socket()) is not None:
            with contextlib.suppress(OSError):
                sock.close()
        lost, self._pending = self._pending, {}
        for on_done in lost.values():
            self._settle(on_done, Delivery.LOST)
        low, high = BACKOFF_S
        self._backoff_s = min(high, max(low, self._backoff_s * 2))
        self._retry_at = time.monotonic() + self._backoff_s * self._random.uniform(0.5, 1.0)
        if reason == STOPPED:
            return
        reason = self._why or reason
        if was_up or not self._down_said:
            self._down_said = True
            log.warning("link.down", dev=self.broker.dev, reason=reason)
            self._on_down(reason)
        elif reason not in self.counters.by_fault:
            log.warning("link.fault", dev=self.broker.dev, fault=reason)
        self._count_fault(reason)

    def _settle(self, on_done: Callable[[Delivery], None] | None, delivery: Delivery) -> None:
        if delivery is Delivery.LOST:
            self.counters.given_up += 1
        if on_done is not None:
            on_done(delivery)

    def _count_fault(self, fault: str) -> None:
        self.counters.by_fault[fault] = self.counters.by_fault.get(fault, 0) + 1

    def _socket(self) -> Any:
        return self._client.socket() if self._client is not None else None

    def _empty_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_r.recv(4096):
                pass


class _Socket(ssl.SSLSocket):
    """Reads what came in one piece, and writes the packets of a turn in one: paho asks three times for each packet it
    reads and writes each by itself, which cost more than the packets."""

    _held, _at = b"", 0
    unsent: bytes | bytearray = b""

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        if self._at == len(self._held):
            self._held, self._at = super().recv(RECORD_BYTES, flags), 0
        taken = self._held[self._at : self._at + buflen]
        self._at += len(taken)
        return taken

    def pending(self) -> int:
        return len(self._held) - self._at + super().pending()

    def send(self, data: Any, flags: int = 0) -> int:  # noqa: ARG002  the socket's signature
        if len(self.unsent) > UNSENT_MAX:
            raise BlockingIOError
        self.unsent += data
        return len(data)

    def flush(self) -> bool:
        """Write what was sent, as much of it as the kernel takes now; False: the connection is gone."""
        left = memoryview(self.unsent)
        try:
            while left:
                left = left[super().send(left) :]
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass
        except OSError:
            return False
        finally:
            self.unsent = bytearray(left)
        return True

    def close(self) -> None:
        """As ever; the goodbye, which paho sends last, is written first."""
        self.flush()
        super().close()


class _Packed(Properties):
    """Properties that do not change any more: packed once, not at every publish."""

    def __init__(self, props: Properties) -> None:
        super().__init__(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        self.bytes: bytes = props.pack()  # type: ignore[no-untyped-call]

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def pack(self) -> bytes:
        return self.bytes


@lru_cache
def _expiry(seconds: int | None) -> Properties | None:
    if seconds is None:
        return None
    props = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    props.MessageExpiryInterval = seconds
    return _Packed(props)


def _tls(broker: Broker) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(broker.ca))
    context.load_cert_chain(str(broker.cert), str(broker.key))
    context.sslsocket_class = _Socket
    return context


def _no_delay(_client: paho.Client, _data: Any, sock: Any) -> None:
    # 0.42 ms against 44 ms for a request and its reply: docs/design.md §5.2
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _no_session() -> Properties:
    props = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    props.SessionExpiryInterval = 0
    return props


def _reason(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {exc}"

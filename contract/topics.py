"""The topic table: who publishes what for whom, with quality, retention, expiry and age; READMEs and ACL are held against it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from contract import messages as m
from contract.errors import ContractError
from contract.words import Role

ROOT = "vikno/1"

_BOXES = frozenset(Role) - {Role.COORDINATOR}
_ASKING = frozenset({Role.KIOSK, Role.TERMINAL, Role.BRIDGE, Role.CONSOLE})
_TELLING = frozenset({Role.KIOSK, Role.TERMINAL, Role.BRIDGE})
_COORDINATOR = frozenset({Role.COORDINATOR})
_READING = frozenset({Role.READER, Role.CONSOLE})


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of the table.

    `pattern` has `{hall}`, `{dev}`, `{zone}` as levels. `expiry_s`: MQTT message expiry, None for none. `max_age_s`: a value
    without news for longer is shown as unknown, None where age does not matter. `max_bytes`: larger is dropped and counted.
    """

    name: str
    pattern: str
    says: frozenset[Role]
    hears: frozenset[Role]
    messages: tuple[type[m.Message], ...]
    qos: int
    retained: bool = False
    expiry_s: int | None = None
    max_age_s: float | None = None
    max_bytes: int = m.MAX_BYTES

    def at(self, hall: str, dev: str = "", zone: str = "") -> str:
        """The topic of one hall, box or zone."""
        return self.pattern.format(hall=hall, dev=dev, zone=zone)


_DOCUMENTS: tuple[type[m.Message], ...] = (m.HallCheck, m.HallPublish)
_COMMANDS: tuple[type[m.Message], ...] = tuple(kind for kind in m.AnyCommand.__args__ if kind not in _DOCUMENTS)
_REPLIES: tuple[type[m.Message], ...] = m.AnyReply.__args__
_FACTS: tuple[type[m.Message], ...] = m.AnyFact.__args__
_CARD_WORDS: tuple[type[m.Message], ...] = m.AnyCardWord.__args__
_DEV = ROOT + "/{hall}/d/{dev}"
_PUB = ROOT + "/{hall}/pub"

UP_HERE = Topic("up/here", _DEV + "/up/here", _BOXES, _COORDINATOR, (m.Here,), 1, retained=True)
UP_CMD = Topic("up/cmd", _DEV + "/up/cmd", _ASKING, _COORDINATOR, _COMMANDS, 1, expiry_s=10)
UP_CFG = Topic(
    "up/cfg",
    _DEV + "/up/cfg",
    frozenset({Role.CONSOLE}),
    _COORDINATOR,
    _DOCUMENTS,
    1,
    expiry_s=10,
    max_bytes=m.MAX_CFG_BYTES,
)
UP_EV = Topic("up/ev", _DEV + "/up/ev", _TELLING, _COORDINATOR, _FACTS, 1)
UP_HEALTH = Topic("up/health", _DEV + "/up/health", _BOXES, _COORDINATOR, (m.Health,), 0, max_age_s=75)
DOWN_REP = Topic("down/rep", _DEV + "/down/rep", _COORDINATOR, _ASKING, _REPLIES, 1, expiry_s=10)
DOWN_ACK = Topic("down/ack", _DEV + "/down/ack", _COORDINATOR, _TELLING, (m.Ack,), 0)
DOWN_CMD = Topic("down/cmd", _DEV + "/down/cmd", _COORDINATOR, _BOXES, (m.Identify, m.TillOrder), 1, expiry_s=10)
DOWN_VIEW = Topic(
    "down/view", _DEV + "/down/view", _COORDINATOR, frozenset({Role.KIOSK, Role.TERMINAL, Role.BRIDGE, Role.DISPLAY, Role.CONSOLE}),
    (m.WindowsView, m.KioskView, m.ConsolesView), 0, retained=True, max_age_s=10,
)  # fmt: skip
DOWN_CFG = Topic(
    "down/cfg", _DEV + "/down/cfg", _COORDINATOR, frozenset({Role.KIOSK, Role.TERMINAL, Role.BOARD, Role.VOICE, Role.CONSOLE}),
    (m.Cfg,), 1, retained=True, max_bytes=m.MAX_CFG_BYTES,
)  # fmt: skip
UP_CARD = Topic(
    "up/card", _DEV + "/up/card", _READING, _COORDINATOR, _CARD_WORDS, 0, expiry_s=60, max_bytes=m.MAX_CARD_BYTES
)
DOWN_CARD = Topic(
    "down/card", _DEV + "/down/card", _COORDINATOR, _READING, (m.CardRead, *_CARD_WORDS), 0, expiry_s=60,
    max_bytes=m.MAX_CARD_BYTES,
)  # fmt: skip
PUB_BOARD = Topic(
    "pub/board",
    _PUB + "/board/{zone}",
    _COORDINATOR,
    frozenset({Role.BOARD, Role.CONSOLE}),
    (m.Board,),
    0,
    retained=True,
    max_age_s=10,
)
PUB_CALL = Topic(
    "pub/call", _PUB + "/call", _COORDINATOR, frozenset({Role.BOARD, Role.VOICE}), (m.Announce, m.Say), 0, expiry_s=15
)
PUB_HALL = Topic("pub/hall", _PUB + "/hall", _COORDINATOR, _BOXES, (m.Heartbeat,), 1, retained=True, max_age_s=10)

TOPICS: tuple[Topic, ...] = (
    UP_HERE, UP_CMD, UP_CFG, UP_EV, UP_HEALTH, UP_CARD, DOWN_REP, DOWN_ACK, DOWN_CMD, DOWN_CARD, DOWN_VIEW, DOWN_CFG, PUB_BOARD, PUB_CALL,
    PUB_HALL,
)  # fmt: skip


def asked_on(command: m.Command) -> Topic:
    """Where a box asks that: documents have a topic of their own, for they may be large."""
    return UP_CFG if isinstance(command, _DOCUMENTS) else UP_CMD


HEARTBEAT_S = 3.0
"""The coordinator's heartbeat on `pub/hall`, wire seconds."""
STALE_S = 10.0
"""A retained truth without a heartbeat for this long is said to be old."""
DARK_S = 60.0
"""After this long no numbers are shown at all."""
REPLY_S = 2.0
"""No reply within this time: the coordinator is away; the same id is asked again until the command expires."""
COMMAND_S = 10.0
"""A command is asked again, by the same id, for this long; afterwards its outcome is looked up, never assumed."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message came from or goes to. `dev` or `zone` is "" where the topic has none."""

    topic: Topic
    hall: str
    dev: str = ""
    zone: str = ""


_LEVEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_BY_DEVICE = {t.name: t for t in TOPICS if "{dev}" in t.pattern}


@lru_cache(1024)
def parse(topic: str) -> Address:
    """The row and the names in a topic string. Raises: ContractError where no row fits."""
    parts = topic.split("/")
    if parts[:2] == ROOT.split("/") and all(map(_LEVEL.fullmatch, parts)):
        if len(parts) == 7 and parts[3] == "d" and (row := _BY_DEVICE.get(f"{parts[5]}/{parts[6]}")):
            return Address(row, parts[2], dev=parts[4])
        if len(parts) == 6 and parts[3:5] == ["pub", "board"]:
            return Address(PUB_BOARD, parts[2], zone=parts[5])
        if len(parts) == 5 and parts[3:] == ["pub", "call"]:
            return Address(PUB_CALL, parts[2])
        if len(parts) == 5 and parts[3:] == ["pub", "hall"]:
            return Address(PUB_HALL, parts[2])
    raise ContractError(f"topic {topic!r} is not in the table")


def read(address: Address, payload: bytes) -> m.AnyMessage:
    """Decode a payload that arrived at `address`. Raises: ContractError also for a type that does not belong there."""
    message = m.decode(payload, address.topic.max_bytes)
    if not isinstance(message, address.topic.messages):
        raise ContractError(f"t: {message.t!r} does not belong on {address.topic.name}")
    return message

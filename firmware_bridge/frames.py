"""Pad frames: bytes ↔ frozen messages. PURE. The format is PROTOCOL.md §2 to §4."""

from __future__ import annotations

import struct
from binascii import crc_hqx
from collections import Counter
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar, Self

from contract.errors import ContractError

PROTOCOL = 2
MAX_FRAME = 64
MAX_PAYLOAD = 58
POINT_TO_POINT = 0
MAX_ADDRESS = 247
NO_ADDRESS = 254
EVERYBODY = 255

_HEAD = struct.Struct("<BBH")
_CRC = struct.Struct("<H")


class Key(IntEnum):
    """What the finger asks for."""

    NEXT = 0  # call the next visitor
    RECALL = 1  # call the same visitor again
    START_FINISH = 2  # the visitor is here; or: the visitor is served
    NO_SHOW = 3  # the visitor did not come
    BREAK = 4  # the window has a break; or goes on
    HELP = 5  # somebody asks for a person
    ALARM = 6  # silent alarm
    CLOSE = 7  # the window closes
    RATE_1 = 17  # a visitor's rating, the worst
    RATE_2 = 18
    RATE_3 = 19
    RATE_4 = 20
    RATE_5 = 21


class Kind(IntEnum):
    """What a pad is for."""

    WINDOW = 0  # the keys of a window
    RATING = 1  # visitors say how it was
    HELP = 2  # visitors ask for a person
    DISPLAY = 3  # shows a text, has no keys


class Setting(IntEnum):
    """What CONFIG sets."""

    DEBOUNCE = 1  # ms, 5 to 50
    HOLD = 2  # ms, 500 to 5000


class Pattern(IntEnum):
    """Lamp patterns the bridge may ask for (PROTOCOL.md §7)."""

    OFF = 0  # nobody is called or served here
    STEADY = 1  # a visitor is called or served
    SLOW = 2  # armed: the next eligible ticket is called by itself
    FAST = 3  # refused, or identify
    UNKNOWN = 4  # what the hall knows cannot be told


class Verdict(IntEnum):
    """The bridge's answer to HELLO."""

    WELCOME = 0  # bound to a window: presses are taken
    UNKNOWN_UID = 1  # bound to no window: quarantine
    OTHER_PROTOCOL = 2  # the pad must be updated


class Result(IntEnum):
    """What became of a press."""

    DONE = 0  # the hall did it, durably
    REFUSED = 1  # the hall decided not to
    EXPIRED = 2  # too old, nothing was done


class Cause(StrEnum):
    """Why a frame was dropped."""

    COBS = "cobs"  # a code points past the end, or none at all
    SHORT = "short"  # less than head and CRC
    OVERSIZED = "oversized"  # no delimiter within the longest frame
    CRC = "crc"  # damaged on the way
    TYPE = "type"  # not a message of this protocol
    PAYLOAD = "payload"  # wrong length, or a value out of its table


@dataclass(frozen=True, slots=True)
class Who:
    """WHO: say who you are."""

    TYPE: ClassVar[int] = 0x01

    def pack(self) -> bytes:
        return b""

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, 0)
        return cls()


@dataclass(frozen=True, slots=True)
class Welcome:
    """WELCOME: the answer to HELLO, for one uid (16 hex digits) and boot."""

    TYPE: ClassVar[int] = 0x02
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<8sIBB")
    uid: str
    boot: int
    verdict: Verdict
    protocol: int = PROTOCOL

    def pack(self) -> bytes:
        return self.LAYOUT.pack(bytes.fromhex(self.uid), self.boot, self.verdict, self.protocol)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        uid, boot, verdict, protocol = cls.LAYOUT.unpack(payload)
        return cls(uid.hex(), boot, Verdict(verdict), protocol)


@dataclass(frozen=True, slots=True)
class Ping:
    """PING: say what is most urgent."""

    TYPE: ClassVar[int] = 0x03

    def pack(self) -> bytes:
        return b""

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, 0)
        return cls()


@dataclass(frozen=True, slots=True)
class Poll:
    """POLL: say a press, if there is one; a bus only."""

    TYPE: ClassVar[int] = 0x07

    def pack(self) -> bytes:
        return b""

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, 0)
        return cls()


@dataclass(frozen=True, slots=True)
class Ack:
    """ACK: the hall has decided the press with the frame's seq."""

    TYPE: ClassVar[int] = 0x04
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<IB")
    boot: int
    result: Result

    def pack(self) -> bytes:
        return self.LAYOUT.pack(self.boot, self.result)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        boot, result = cls.LAYOUT.unpack(payload)
        return cls(boot, Result(result))


@dataclass(frozen=True, slots=True)
class Led:
    """LED: show `pattern`, for `tenths` x 100 ms; 0: until the next one."""

    TYPE: ClassVar[int] = 0x05
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<BB")
    pattern: Pattern
    tenths: int = 0

    def pack(self) -> bytes:
        return self.LAYOUT.pack(self.pattern, self.tenths)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        pattern, tenths = cls.LAYOUT.unpack(payload)
        return cls(Pattern(pattern), tenths)


@dataclass(frozen=True, slots=True)
class Text:
    """TEXT: show this on the pad's display; at most 58 bytes of UTF-8."""

    TYPE: ClassVar[int] = 0x06
    text: str

    def pack(self) -> bytes:
        return self.text.encode()

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(payload.decode())


@dataclass(frozen=True, slots=True)
class Find:
    """FIND: pads nobody knows whose uid begins with `depth` bits of `prefix` (16 hex digits), say who you are in one of `slots`."""

    TYPE: ClassVar[int] = 0x08
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<B8sBB")
    depth: int
    prefix: str
    slots: int
    slot_ms: int

    def pack(self) -> bytes:
        return self.LAYOUT.pack(self.depth, bytes.fromhex(self.prefix), self.slots, self.slot_ms)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        depth, prefix, slots, slot_ms = cls.LAYOUT.unpack(payload)
        if depth > 64 or not slots or not slot_ms:
            raise ValueError("depth 0 to 64, slots and their length from 1")
        return cls(depth, prefix.hex(), slots, slot_ms)


@dataclass(frozen=True, slots=True)
class Assign:
    """ASSIGN: the pad with this uid and boot has `address` from now on."""

    TYPE: ClassVar[int] = 0x09
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<8sIB")
    uid: str
    boot: int
    address: int

    def pack(self) -> bytes:
        return self.LAYOUT.pack(bytes.fromhex(self.uid), self.boot, self.address)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        uid, boot, address = cls.LAYOUT.unpack(payload)
        if not 1 <= address <= MAX_ADDRESS:
            raise ValueError(f"address {address}: 1 to {MAX_ADDRESS}")
        return cls(uid.hex(), boot, address)


@dataclass(frozen=True, slots=True)
class Config:
    """CONFIG: from now on `setting` is `value`."""

    TYPE: ClassVar[int] = 0x0A
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<BH")
    setting: Setting
    value: int

    def pack(self) -> bytes:
        return self.LAYOUT.pack(self.setting, self.value)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        setting, value = cls.LAYOUT.unpack(payload)
        return cls(Setting(setting), value)


@dataclass(frozen=True, slots=True)
class Hello:
    """HELLO: who the pad is. `firmware` is (major, minor, patch); `renewable`: it takes new firmware over the line."""

    TYPE: ClassVar[int] = 0x81
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<B8sI3BBBB")
    uid: str
    boot: int
    firmware: tuple[int, int, int]
    keys: int
    display: bool = False
    kind: Kind = Kind.WINDOW
    protocol: int = PROTOCOL
    renewable: bool = False

    def pack(self) -> bytes:
        features = int(self.display) | int(self.renewable) << 1
        return self.LAYOUT.pack(
            self.protocol, bytes.fromhex(self.uid), self.boot, *self.firmware, self.keys, features, self.kind
        )

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        if len(payload) < cls.LAYOUT.size - (payload[:1] != bytes([PROTOCOL])):
            raise ValueError(f"{len(payload)} bytes where at least {cls.LAYOUT.size} belong")
        # Protocol 1 had no kind: such a pad must still be named.
        protocol, uid, boot, *version, keys, features, kind = cls.LAYOUT.unpack_from(payload + b"\0")
        kind = Kind(kind) if protocol == PROTOCOL else Kind.WINDOW
        major, minor, patch = version
        display, renewable = bool(features & 1), bool(features & 2)
        return cls(uid.hex(), boot, (major, minor, patch), keys, display, kind, protocol, renewable)


@dataclass(frozen=True, slots=True)
class Idle:
    """IDLE: nothing to say."""

    TYPE: ClassVar[int] = 0x82

    def pack(self) -> bytes:
        return b""

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, 0)
        return cls()


@dataclass(frozen=True, slots=True)
class Pong:
    """PONG: how the pad is. `text_crc` is `text_crc()` of what its display shows; `hold` in 100 ms."""

    TYPE: ClassVar[int] = 0x83
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<BBHHHIBB")
    waiting: int
    lamp: Pattern
    text_crc: int
    bad_frames: int
    dropped: int
    uptime_s: int
    debounce_ms: int = 15
    hold: int = 20

    def pack(self) -> bytes:
        return self.LAYOUT.pack(
            self.waiting, self.lamp, self.text_crc, self.bad_frames, self.dropped, self.uptime_s, self.debounce_ms,
            self.hold,
        )  # fmt: skip

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        waiting, lamp, *rest = cls.LAYOUT.unpack(payload)
        return cls(waiting, Pattern(lamp), *rest)


@dataclass(frozen=True, slots=True)
class Event:
    """EVENT: the press with the frame's seq; `ping` is the number of the last ping heard, 0 none."""

    TYPE: ClassVar[int] = 0x84
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<IBHH")
    boot: int
    key: Key
    age_ms: int
    ping: int

    def pack(self) -> bytes:
        return self.LAYOUT.pack(self.boot, self.key, self.age_ms, self.ping)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        boot, key, age_ms, ping = cls.LAYOUT.unpack(payload)
        return cls(boot, Key(key), age_ms, ping)


@dataclass(frozen=True, slots=True)
class Offer:
    """OFFER: there is firmware `version`, an image of `size` bytes with this CRC-32."""

    TYPE: ClassVar[int] = 0x0B
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<3BII")
    version: tuple[int, int, int]
    size: int
    crc: int

    def pack(self) -> bytes:
        return self.LAYOUT.pack(*self.version, self.size, self.crc)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        major, minor, patch, size, crc = cls.LAYOUT.unpack(payload)
        return cls((major, minor, patch), size, crc)


@dataclass(frozen=True, slots=True)
class Block:
    """BLOCK: bytes of the image that was offered, 1 to 54, from `at`."""

    TYPE: ClassVar[int] = 0x0C
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<I")
    at: int
    data: bytes

    def pack(self) -> bytes:
        return self.LAYOUT.pack(self.at) + self.data

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        if len(payload) <= cls.LAYOUT.size:
            raise ValueError("a block without bytes")
        (at,) = cls.LAYOUT.unpack_from(payload)
        return cls(at, payload[cls.LAYOUT.size :])


class Taking(IntEnum):
    """How far a pad is with an image."""

    GO_ON = 0  # the byte it names is wanted next
    WHOLE = 1  # it starts with it when no press waits
    REFUSED = 2  # it does not want it: damaged, too large, or it failed here before


@dataclass(frozen=True, slots=True)
class Taken:
    """TAKEN: the answer to OFFER and BLOCK; `at`: the next byte wanted."""

    TYPE: ClassVar[int] = 0x85
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<BI")
    state: Taking
    at: int

    def pack(self) -> bytes:
        return self.LAYOUT.pack(self.state, self.at)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        _exact(payload, cls.LAYOUT.size)
        state, at = cls.LAYOUT.unpack(payload)
        return cls(Taking(state), at)


Body = (
    Who
    | Welcome
    | Ping
    | Ack
    | Led
    | Text
    | Poll
    | Find
    | Assign
    | Config
    | Hello
    | Idle
    | Pong
    | Event
    | Offer
    | Block
    | Taken
)

BODIES: dict[int, type[Body]] = {
    body.TYPE: body
    for body in (
        Who,
        Welcome,
        Ping,
        Ack,
        Led,
        Text,
        Poll,
        Find,
        Assign,
        Config,
        Hello,
        Idle,
        Pong,
        Event,
        Offer,
        Block,
        Taken,
    )
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One message on the line: address 0..247, `NO_ADDRESS` or `EVERYBODY`; seq 0..65535."""

    address: int
    seq: int
    body: Body


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Bytes that were no frame, and why."""

    cause: Cause


def text_crc(text: str) -> int:
    """What PONG tells of a pad that shows `text`."""
    return crc_hqx(text.encode(), 0xFFFF)


def encode(frame: Frame) -> bytes:
    """The frame as it goes on the wire, delimiter included; at most 66 bytes.

    Raises: ContractError: a value does not fit its field.
    """
    try:
        raw = _HEAD.pack(frame.address, frame.body.TYPE, frame.seq) + frame.body.pack()
    except (struct.error, ValueError) as exc:
        raise ContractError(f"pad frame {frame}: {exc}") from exc
    if len(raw) + _CRC.size > MAX_FRAME:
        raise ContractError(f"pad frame of {len(raw) + _CRC.size} bytes: at most {MAX_FRAME}")
    return _cobs_encode(raw + _CRC.pack(crc_hqx(raw, 0xFFFF))) + b"\0"


class Decoder:
    """Bytes in any pieces → frames. Holds at most one frame; `bad` counts what was dropped, by cause."""

    def __init__(self) -> None:
        self.bad: Counter[Cause] = Counter()
        self._held = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[Frame | BadFrame]:
        """What `data` completes, in order."""
        items: list[Frame | BadFrame] = []
        *whole, rest = data.split(b"\0")
        for piece in whole:
            items += self._ended(piece)
        items += self._hold(rest)
        self.bad.update(item.cause for item in items if isinstance(item, BadFrame))
        return items

    @property
    def held(self) -> int:
        """Bytes of a frame that is not over."""
        return len(self._held)

    def forget(self) -> None:
        """Drop what is held: the next byte begins a frame."""
        self._held, self._skipping = bytearray(), False

    def _ended(self, piece: bytes) -> list[Frame | BadFrame]:
        dropped = self._hold(piece)
        coded, self._held = bytes(self._held), bytearray()
        was_skipping, self._skipping = self._skipping, False
        if was_skipping or not coded:
            return dropped
        return [_decode(coded)]

    def _hold(self, piece: bytes) -> list[Frame | BadFrame]:
        if self._skipping:
            return []
        if len(self._held) + len(piece) <= MAX_FRAME + 1:
            self._held += piece
            return []
        self._held, self._skipping = bytearray(), True
        return [BadFrame(Cause.OVERSIZED)]


def _decode(coded: bytes) -> Frame | BadFrame:
    raw = _cobs_decode(coded)
    if raw is None:
        return BadFrame(Cause.COBS)
    if len(raw) < _HEAD.size + _CRC.size:
        return BadFrame(Cause.SHORT)
    if crc_hqx(raw[:-2], 0xFFFF) != _CRC.unpack(raw[-2:])[0]:
        return BadFrame(Cause.CRC)
    address, kind, seq = _HEAD.unpack_from(raw)
    body = BODIES.get(kind)
    if body is None:
        return BadFrame(Cause.TYPE)
    try:
        return Frame(address, seq, body.unpack(raw[_HEAD.size : -_CRC.size]))
    except ValueError:
        return BadFrame(Cause.PAYLOAD)


def _cobs_encode(raw: bytes) -> bytes:
    # Frames are under 254 bytes, so the rule for runs without a zero is never needed.
    return b"".join(bytes([len(run) + 1]) + run for run in raw.split(b"\0"))


def _cobs_decode(coded: bytes) -> bytes | None:
    runs = []
    at = 0
    while at < len(coded):
        end = at + coded[at]
        if end > len(coded):
            return None
        runs.append(coded[at + 1 : end])
        at = end
    return b"\0".join(runs)


def _exact(payload: bytes, size: int) -> None:
    if len(payload) != size:
        raise ValueError(f"{len(payload)} bytes where {size} belong")

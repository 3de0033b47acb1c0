"""The bridge's end of a pad line: what to send, what was pressed, who is there. PURE: frames and monotonic seconds in, outputs out.

The behaviour is PROTOCOL.md §5 and §6.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from firmware_bridge.frames import (
    MAX_PAYLOAD,
    POINT_TO_POINT,
    PROTOCOL,
    Ack,
    BadFrame,
    Body,
    Event,
    Frame,
    Hello,
    Led,
    Pattern,
    Ping,
    Pong,
    Result,
    Text,
    Verdict,
    Welcome,
    Who,
    encode,
    text_crc,
)
from firmware_bridge.press import PRESS_LIFE_S, Press

PING_S = 0.5
CYCLE_S = 0.02
ABSENT_S = 1.0
ANSWER_S = 0.025
LOST_S = 2.0
PINGS_KEPT = 16
BITS_PER_BYTE = 10


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes to write to the line now."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pressed:
    """A pad said this press, perhaps not for the first time: answer with `PadHost.done`."""

    press: Press


@dataclass(frozen=True, slots=True)
class Expired:
    """A press grew too old; the pad was told, nothing may be done with it any more."""

    press: Press


@dataclass(frozen=True, slots=True)
class Presence:
    """A pad came or went. Told once each."""

    uid: str
    here: bool


@dataclass(frozen=True, slots=True)
class PadFault:
    """A pad's fault came, or went (`fault` None). `fault` is a key of `contract.hints`; `text` says it in full."""

    uid: str
    fault: str | None
    text: str


Output = Send | Pressed | Expired | Presence | PadFault


@dataclass(slots=True)
class _Line:
    """One address on the line. `ask`: the pad thought to be there has to say who it is."""

    address: int
    due_s: float = 0.0
    ask: bool = False
    pad: _Pad | None = None
    pings: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Pad:
    uid: str
    boot: int
    display: bool
    heard_s: float


class PadHost:
    """The pads of one port: `addresses` of a bus, or none for one pad alone on its line.

    Not thread-safe. After each call to `hear`, `done`, `lamp`, `text` or `know`, call `tick`: it sends what is due.
    """

    def __init__(self, addresses: Sequence[int] = (), *, baud: int = 115200, first_ping: int = 1) -> None:
        """`first_ping`: a random 1..65535, so that answers to an earlier session prove nothing."""
        self.dropped: Counter[str] = Counter()
        self._bus = bool(addresses)
        self._lines = {address: _Line(address) for address in addresses or (POINT_TO_POINT,)}
        self._baud = baud
        self._ping = first_ping
        self._known: frozenset[str] | None = None
        self._lamps: dict[str, Pattern] = {}
        self._texts: dict[str, str] = {}
        self._faults: dict[str, str] = {}
        self._outbox: deque[bytes] = deque(maxlen=256)
        self._answer_by_s: float | None = None

    def open(self, now: float) -> list[Output]:
        """The port is open: nothing is known yet about who is there."""
        self._outbox.clear()
        self._answer_by_s = None
        for line in self._lines.values():
            line.due_s, line.ask, line.pad = now, False, None
            line.pings.clear()
        return self.tick(now)

    def close(self) -> list[Output]:
        """The port is gone and its pads, with their faults, too."""
        over: list[Output] = [PadFault(uid, None, f"pad {uid} is gone") for uid in self._faults]
        self._faults.clear()
        return [output for line in self._lines.values() for output in self._lose(line)] + over

    def know(self, uids: Collection[str]) -> None:
        """These pads are bound to windows; all others are quarantined. Before the first call no pad is greeted at all."""
        self._known = frozenset(uids)
        for line in self._lines.values():
            line.ask = line.ask or (line.pad is not None and line.pad.uid not in self._known)

    def lamp(self, uid: str, pattern: Pattern) -> None:
        """What the pad's lamp shall show from now on, also after it was away."""
        changed = self._lamps.get(uid) is not pattern
        self._lamps[uid] = pattern
        if changed and (line := self._line_of(uid)):
            self._put(line, 0, Led(pattern))

    def flash(self, uid: str, pattern: Pattern, tenths: int) -> None:
        """Show `pattern` for `tenths` x 100 ms; a pad that is away misses it."""
        if line := self._line_of(uid):
            self._put(line, 0, Led(pattern, tenths))

    def text(self, uid: str, text: str) -> None:
        """What the pad's display shall show from now on; cut to 58 bytes. A pad without a display never gets it."""
        text = text.encode()[:MAX_PAYLOAD].decode(errors="ignore")
        changed = self._texts.get(uid, "") != text
        self._texts[uid] = text
        if changed and (line := self._line_of(uid)) and line.pad and line.pad.display:
            self._put(line, 0, Text(text))

    def done(self, press: Press, result: Result) -> None:
        """The hall has decided `press`: tell its pad. Of no effect when the pad is away: it will ask again."""
        if line := self._line_of(press.uid):
            self._put(line, press.seq, Ack(press.boot, result))

    def hear(self, item: Frame | BadFrame, now: float) -> list[Output]:
        """Take what came from the line; frames that say nothing usable are counted in `dropped`."""
        if isinstance(item, BadFrame):
            self.dropped[item.cause.value] += 1
            return []
        line = self._lines.get(item.address)
        match item.body:
            case Hello() as hello if line:
                outputs = self._hello(line, item.seq, hello, now)
            case Pong() as pong if line:
                outputs = self._pong(line, pong, now)
            case Event() as event if line:
                outputs = self._event(line, item.seq, event, now)
            case _:
                self.dropped["foreign"] += 1
                return []
        self._answer_by_s = None
        return outputs

    def tick(self, now: float) -> list[Output]:
        """Everything due at `now`."""
        outputs = [output for line in self._lines.values() for output in self._lose(line, now)]
        if self._answer_by_s is not None and now < self._answer_by_s:
            return outputs
        self._answer_by_s = None
        line = min(self._lines.values(), key=lambda line: line.due_s)
        polled = line.due_s <= now
        if polled:
            self._poll(line, now)
        data = b"".join(self._outbox)
        self._outbox.clear()
        if polled and self._bus:
            self._answer_by_s = now + len(data) * BITS_PER_BYTE / self._baud + ANSWER_S
        return [*outputs, Send(data)] if data else outputs

    def next_s(self) -> float:
        """The monotonic time of the next `tick`, if nothing comes before."""
        if self._answer_by_s is not None:
            return self._answer_by_s
        return min(line.due_s for line in self._lines.values())

    # --- what pads say

    def _hello(self, line: _Line, ping: int, hello: Hello, now: float) -> list[Output]:
        if not self._proven(line, ping, now) or self._known is None:
            return []
        line.ask = False
        verdict = self._verdict(hello)
        self._put(line, 0, Welcome(hello.uid, hello.boot, verdict))
        outputs = self._told(hello, verdict)
        if verdict is not Verdict.WELCOME:
            return outputs + self._lose(line)
        return outputs + self._greet(line, hello, now)

    def _greet(self, line: _Line, hello: Hello, now: float) -> list[Output]:
        outputs: list[Output] = []
        if line.pad is None or line.pad.uid != hello.uid:
            outputs = [*self._lose(line), Presence(hello.uid, here=True)]
        line.pad = _Pad(hello.uid, hello.boot, hello.display, now)
        # Presses may wait in the pad: the sooner it is asked the younger they are.
        line.due_s = now
        self._put(line, 0, Led(self._lamps.get(hello.uid, Pattern.UNKNOWN)))
        if hello.display:
            self._put(line, 0, Text(self._texts.get(hello.uid, "")))
        return outputs

    def _pong(self, line: _Line, pong: Pong, now: float) -> list[Output]:
        if line.pad is None:
            return []
        line.pad.heard_s = now
        wanted = self._lamps.get(line.pad.uid, Pattern.UNKNOWN)
        if pong.lamp is not wanted:
            self._put(line, 0, Led(wanted))
        text = self._texts.get(line.pad.uid, "")
        if line.pad.display and pong.text_crc != text_crc(text):
            self._put(line, 0, Text(text))
        return []

    def _event(self, line: _Line, seq: int, event: Event, now: float) -> list[Output]:
        pad = line.pad
        if pad is None or (pad.uid, pad.boot) != (event.uid, event.boot):
            self.dropped["stranger"] += 1
            line.ask = True
            return []
        if not self._proven(line, event.ping, now):
            return []
        pad.heard_s = now
        age_s = event.age_ms / 1000 + (now - line.pings[event.ping])
        press = Press(event.uid, event.boot, seq, event.key, age_s)
        if age_s <= PRESS_LIFE_S:
            return [Pressed(press)]
        self.done(press, Result.EXPIRED)
        return [Expired(press)]

    def _proven(self, line: _Line, ping: int, now: float) -> bool:
        sent_s = line.pings.get(ping)
        if sent_s is not None and now - sent_s <= LOST_S:
            return True
        self.dropped["unproven"] += 1
        return False

    def _verdict(self, hello: Hello) -> Verdict:
        if hello.protocol != PROTOCOL:
            return Verdict.OTHER_PROTOCOL
        if self._known is None or hello.uid not in self._known:
            return Verdict.UNKNOWN_UID
        return Verdict.WELCOME

    def _told(self, hello: Hello, verdict: Verdict) -> list[Output]:
        """The pad's fault when it is new, its end when it is over."""
        version = ".".join(map(str, hello.firmware))
        match verdict:
            case Verdict.WELCOME:
                over = self._faults.pop(hello.uid, None)
                return [PadFault(hello.uid, None, f"pad {hello.uid} is in order")] if over else []
            case Verdict.UNKNOWN_UID:
                fault, text = "pad_unknown", f"pad {hello.uid} (firmware {version}) is bound to no window"
            case Verdict.OTHER_PROTOCOL:
                fault = "firmware_mismatch"
                text = (
                    f"pad {hello.uid} runs firmware {version} (protocol {hello.protocol}):"
                    f" it needs firmware {PROTOCOL}.x (protocol {PROTOCOL})"
                )
        if self._faults.get(hello.uid) == fault:
            return []
        self._faults[hello.uid] = fault
        while len(self._faults) > 64:
            self._faults.pop(next(iter(self._faults)))
        return [PadFault(hello.uid, fault, text)]

    # --- what the bridge says

    def _poll(self, line: _Line, now: float) -> None:
        line.pings[self._ping] = now
        while len(line.pings) > PINGS_KEPT:
            line.pings.pop(next(iter(line.pings)))
        self._put(line, self._ping, Who() if line.ask or line.pad is None else Ping())
        self._ping = self._ping % 0xFFFF + 1
        line.due_s = now + (PING_S if not self._bus else CYCLE_S if line.pad else ABSENT_S)

    def _put(self, line: _Line, seq: int, body: Body) -> None:
        self._outbox.append(encode(Frame(line.address, seq, body)))

    def _line_of(self, uid: str) -> _Line | None:
        return next((line for line in self._lines.values() if line.pad and line.pad.uid == uid), None)

    def _lose(self, line: _Line, now: float | None = None) -> list[Output]:
        """Forget the pad of `line`; with `now` only when it has been silent too long."""
        if line.pad is None or (now is not None and now - line.pad.heard_s <= LOST_S):
            return []
        uid, line.pad = line.pad.uid, None
        return [Presence(uid, here=False)]

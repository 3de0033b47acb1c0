"""The bridge's end of a pad line: what to send, what was pressed, who is there. PURE: frames and monotonic seconds in, outputs out.

The behaviour is PROTOCOL.md §5 and §7; what is special on a bus is in `bus.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from firmware_bridge.frames import (
    MAX_PAYLOAD,
    POINT_TO_POINT,
    PROTOCOL,
    Ack,
    BadFrame,
    Body,
    Config,
    Decoder,
    Event,
    Frame,
    Hello,
    Idle,
    Led,
    Pattern,
    Ping,
    Pong,
    Result,
    Setting,
    Taken,
    Taking,
    Text,
    Verdict,
    Welcome,
    Who,
    encode,
    text_crc,
)
from firmware_bridge.image import Image
from firmware_bridge.press import Press, life_s

PING_S = 0.5
LOST_S = 2.0
AGAIN_S = 0.05
"""So long a pad is waited for that takes firmware."""
PINGS_KEPT = 16
MOST_WAITING = 256
MOST_PADS = 256


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
    """A pad's fault came, or is `over`. Told once each. `fault` is a key of `contract.hints`; `text` says it in full."""

    uid: str
    fault: str
    text: str
    over: bool = False


Output = Send | Pressed | Expired | Presence | PadFault


@dataclass(slots=True)
class PadState:
    """What is known of one pad. Counts are since the bridge's start; `pong`: how it said it was, None before."""

    hello: Hello
    presses: int = 0
    resends: int = 0
    misses: int = 0
    pong: Pong | None = None


@dataclass(slots=True)
class Line:
    """One address on the line. `ask`: the pad thought to be there has to say who it is; `refused`: the uid in quarantine there.

    `misses`: turns without a good answer, in a row; `polled_bits`: when it was polled last, on a bus.
    """

    address: int
    due_s: float = 0.0
    ask: bool = False
    pad: Pad | None = None
    refused: str | None = None
    pings: dict[int, float] = field(default_factory=dict)
    heard_s: float = 0.0
    misses: int = 0
    polled_bits: int = 0
    look_s: float = 0.0

    @property
    def uid(self) -> str | None:
        """Who holds the address."""
        return self.pad.uid if self.pad else self.refused


@dataclass(slots=True)
class Pad:
    """A pad that is welcome. `seq`: of its last press, 0 before the first."""

    uid: str
    boot: int
    display: bool
    seq: int = 0


@dataclass(slots=True)
class _Renewal:
    """Firmware on its way to the pad `uid`. `at`: the block said last, None after an offer; `due_s`: when to offer again."""

    image: Image
    uid: str
    due_s: float
    at: int | None = None


class PadHost:
    """The pad of one port, alone on its line.

    Not thread-safe. After each call to `feed`, `hear`, `done`, `lamp`, `text` or `know`, call `tick`: it sends what is due.
    """

    def __init__(
        self, *, first_ping: int = 1, settings: Mapping[Setting, int] | None = None, image: Image | None = None
    ) -> None:
        """`first_ping`: a random 1..65535, so that answers to an earlier session prove nothing. `settings`: of every pad.

        `image`: firmware for a pad that has an older one and takes new; None: none is offered.
        """
        self.dropped: Counter[str] = Counter()
        self.pads: dict[str, PadState] = {}
        self._lines = {POINT_TO_POINT: Line(POINT_TO_POINT)}
        self._settings = dict(settings or {})
        self._ping = first_ping
        self._known: frozenset[str] | None = None
        self._image = image
        self._renewal: _Renewal | None = None
        self._lamps: dict[str, Pattern] = {}
        self._texts: dict[str, str] = {}
        self._faults: dict[tuple[str, str], None] = {}
        self._outbox: dict[tuple[object, ...], bytes] = {}
        self._decoder = Decoder()

    def open(self, now: float) -> list[Output]:
        """The port is open: nothing is known yet about who is there."""
        self._outbox.clear()
        self._decoder = Decoder()
        for line in self._lines.values():
            line.due_s, line.ask, line.pad, line.refused = now, False, None, None
            line.pings.clear()
        return self.tick(now)

    def close(self) -> list[Output]:
        """The port is gone and its pads, with their faults, too."""
        gone = [output for line in list(self._lines.values()) for output in self._lose(line)]
        return gone + [output for uid, fault in list(self._faults) for output in self._over(uid, fault)]

    def know(self, uids: Collection[str]) -> None:
        """These pads are bound to windows; all others are quarantined. Before the first call no pad is greeted at all."""
        self._known = frozenset(uids)
        for line in self._lines.values():
            line.ask = line.ask or (line.pad is not None and line.pad.uid not in self._known)
            if line.refused in self._known:
                line.due_s = 0.0

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
        """What became of `press`: tell its pad. Of no effect when the pad is away: it will ask again."""
        if line := self._line_of(press.uid):
            self._put(line, press.seq, Ack(press.boot, result))

    def present(self) -> list[str]:
        """The uids that are there, those in quarantine too."""
        return [line.uid for line in self._lines.values() if line.uid is not None]

    def feed(self, data: bytes, now: float) -> list[Output]:
        """Take bytes from the line, in any pieces."""
        return [output for item in self._decoder.feed(data) for output in self.hear(item, now)]

    def hear(self, item: Frame | BadFrame, now: float) -> list[Output]:
        """Take what came from the line; frames that say nothing usable are counted in `dropped`."""
        if isinstance(item, BadFrame):
            self.dropped[item.cause.value] += 1
            return []
        line = self._lines.get(item.address)
        match item.body:
            case Hello() as hello if line:
                return self._hello(line, item.seq, hello, now)
            case Pong() as pong if line:
                return self._pong(line, pong, now)
            case Event() as event if line:
                return self._event(line, item.seq, event, now)
            case Taken() as taken if line:
                return self._taken(line, taken, now)
            case Idle() if line:
                line.heard_s = now
                return []
            case _:
                self.dropped["foreign"] += 1
                return []

    def tick(self, now: float) -> list[Output]:
        """Everything due at `now`."""
        outputs = self._silent(now)
        (line,) = self._lines.values()
        if line.due_s <= now:
            line.due_s = now + PING_S
            self._put(line, self._number(line, now), Who() if line.ask or line.pad is None else Ping())
        if (renewal := self._renewal) and renewal.due_s <= now:
            # Also the repair: whatever was lost, the pad says what it wants next.
            renewal.at, renewal.due_s = None, now + AGAIN_S
            self._put(line, 0, renewal.image.offer)
        data = b"".join(self._outbox.values())
        self._outbox.clear()
        return [*outputs, Send(data)] if data else outputs

    def next_s(self) -> float:
        """The monotonic time of the next `tick`, if nothing comes before."""
        return min([line.due_s for line in self._lines.values()] + ([self._renewal.due_s] if self._renewal else []))

    # --- what pads say

    def _hello(self, line: Line, ping: int, hello: Hello, now: float) -> list[Output]:
        if not self._proven(line, ping, now) or self._known is None:
            return []
        line.ask, line.heard_s = False, now
        self._remember(hello)
        verdict = self._verdict(hello)
        self._put(line, 0, Welcome(hello.uid, hello.boot, verdict))
        outputs = self._told(hello, verdict)
        if verdict is Verdict.WELCOME:
            outputs += self._greet(line, hello, now)
        else:
            outputs += self._lose(line)
            line.refused = hello.uid
        self._renew(hello, verdict, now)
        return outputs

    def _greet(self, line: Line, hello: Hello, now: float) -> list[Output]:
        outputs: list[Output] = []
        if line.pad is None or line.pad.uid != hello.uid:
            outputs = [*self._lose(line), Presence(hello.uid, here=True)]
        line.pad, line.refused = Pad(hello.uid, hello.boot, hello.display), None
        # Presses may wait in the pad: the sooner it is asked the younger they are.
        line.due_s = line.look_s = now
        for setting, value in self._settings.items():
            self._put(line, 0, Config(setting, value))
        self._put(line, 0, Led(self._lamps.get(hello.uid, Pattern.UNKNOWN)))
        if hello.display:
            self._put(line, 0, Text(self._texts.get(hello.uid, "")))
        return outputs

    def _renew(self, hello: Hello, verdict: Verdict, now: float) -> None:
        """Whether this pad is to be offered other firmware: one of the hall, or one that speaks another protocol."""
        self._renewal, image = None, self._image
        if image is None or not hello.renewable or hello.firmware >= image.version:
            return
        if verdict is not Verdict.UNKNOWN_UID and (hello.uid, "firmware_failed") not in self._faults:
            self._renewal = _Renewal(image, hello.uid, now)

    def _taken(self, line: Line, taken: Taken, now: float) -> list[Output]:
        renewal = self._renewal
        if renewal is None or renewal.uid != line.uid:
            return []
        match taken.state:
            case Taking.GO_ON if taken.at != renewal.at and (block := renewal.image.block(taken.at)):
                renewal.at, renewal.due_s = taken.at, now + AGAIN_S
                self._put(line, 0, block)
            case Taking.REFUSED:
                self._renewal = None
                version = ".".join(map(str, renewal.image.version))
                text = f"pad {renewal.uid} does not take firmware {version}: it runs the one before"
                return self._fault(renewal.uid, "firmware_failed", text)
            case _:
                pass
        return []

    def _pong(self, line: Line, pong: Pong, now: float) -> list[Output]:
        line.heard_s = now
        if line.pad is None:
            return []
        self.pads[line.pad.uid].pong = pong
        wanted = self._lamps.get(line.pad.uid, Pattern.UNKNOWN)
        if pong.lamp is not wanted:
            self._put(line, 0, Led(wanted))
        text = self._texts.get(line.pad.uid, "")
        if line.pad.display and pong.text_crc != text_crc(text):
            self._put(line, 0, Text(text))
        told = {Setting.DEBOUNCE: pong.debounce_ms, Setting.HOLD: pong.hold * 100}
        for setting, value in self._settings.items():
            if told[setting] != value:
                self._put(line, 0, Config(setting, value))
        return []

    def _event(self, line: Line, seq: int, event: Event, now: float) -> list[Output]:
        pad = line.pad
        if pad is None or pad.boot != event.boot:
            self.dropped["stranger"] += 1
            line.ask = True
            return []
        if not self._proven(line, event.ping, now):
            return []
        line.heard_s = now
        self._count(pad, seq)
        age_s = event.age_ms / 1000 + (now - line.pings[event.ping])
        press = Press(pad.uid, event.boot, seq, event.key, age_s)
        if age_s <= life_s(event.key):
            return [Pressed(press)]
        self.done(press, Result.EXPIRED)
        return [Expired(press)]

    def _count(self, pad: Pad, seq: int) -> None:
        state = self.pads[pad.uid]
        if seq == pad.seq:
            state.resends += 1
        else:
            state.presses += 1
        pad.seq = seq

    def _proven(self, line: Line, ping: int, now: float) -> bool:
        sent_s = line.pings.get(ping)
        if sent_s is not None and now - sent_s <= LOST_S:
            return True
        self.dropped["unproven"] += 1
        return False

    def _remember(self, hello: Hello) -> None:
        state = self.pads.pop(hello.uid, None) or PadState(hello)
        state.hello = hello
        self.pads[hello.uid] = state
        while len(self.pads) > MOST_PADS:
            self.pads.pop(next(iter(self.pads)))

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
                renewed = self._image is not None and hello.firmware >= self._image.version
                over = ("pad_unbound", "firmware_mismatch", *(("firmware_failed",) if renewed else ()))
                return [output for fault in over for output in self._over(hello.uid, fault)]
            case Verdict.UNKNOWN_UID:
                text = f"pad {hello.uid} (firmware {version}) is bound to no window"
                return self._over(hello.uid, "firmware_mismatch") + self._fault(hello.uid, "pad_unbound", text)
            case Verdict.OTHER_PROTOCOL:
                text = (
                    f"pad {hello.uid} runs firmware {version} (protocol {hello.protocol}):"
                    f" it needs firmware {PROTOCOL}.x (protocol {PROTOCOL})"
                )
                return self._over(hello.uid, "pad_unbound") + self._fault(hello.uid, "firmware_mismatch", text)

    def _fault(self, uid: str, fault: str, text: str) -> list[Output]:
        if (uid, fault) in self._faults:
            return []
        self._faults[uid, fault] = None
        outputs: list[Output] = [PadFault(uid, fault, text)]
        while len(self._faults) > MOST_PADS:
            outputs += self._over(*next(iter(self._faults)))
        return outputs

    def _over(self, uid: str, fault: str) -> list[Output]:
        if (uid, fault) not in self._faults:
            return []
        del self._faults[uid, fault]
        return [PadFault(uid, fault, f"pad {uid}: over", over=True)]

    # --- what the bridge says

    def _number(self, line: Line, now: float) -> int:
        """The next ping number, remembered as asked at `line`."""
        number, self._ping = self._ping, self._ping % 0xFFFF + 1
        line.pings[number] = now
        while len(line.pings) > PINGS_KEPT:
            line.pings.pop(next(iter(line.pings)))
        return number

    def _put(self, line: Line, seq: int, body: Body) -> None:
        """Say it with the next turn; a newer lamp, text or setting takes the place of one not yet said."""
        kind = (body.tenths > 0,) if isinstance(body, Led) else (body.setting,) if isinstance(body, Config) else ()
        key = (line.address, body.TYPE, seq, *kind)
        self._outbox.pop(key, None)
        self._outbox[key] = encode(Frame(line.address, seq, body))
        while len(self._outbox) > MOST_WAITING:
            self._outbox.pop(next(iter(self._outbox)))

    def _line_of(self, uid: str) -> Line | None:
        return next((line for line in self._lines.values() if line.pad and line.pad.uid == uid), None)

    def _silent(self, now: float) -> list[Output]:
        """Pads that have been silent too long are gone."""
        outputs: list[Output] = []
        for line in self._lines.values():
            if line.uid is not None and now - line.heard_s > LOST_S:
                faults = [fault for uid, fault in self._faults if uid == line.uid]
                outputs += [output for fault in faults for output in self._over(line.uid, fault)]
                outputs += self._lose(line)
        return outputs

    def _lose(self, line: Line) -> list[Output]:
        """Forget who is at `line`."""
        pad, line.pad, line.refused, self._renewal = line.pad, None, None, None
        return [Presence(pad.uid, here=False)] if pad else []

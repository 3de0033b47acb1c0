"""The master of an RS-485 line: who may speak, who is new, how long anybody waits. PURE. PROTOCOL.md §6.

Time on the line is counted in bit-times, from bytes and turnarounds; only what nobody answers costs seconds.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firmware_bridge.frames import (
    EVERYBODY,
    Assign,
    BadFrame,
    Body,
    Event,
    Find,
    Frame,
    Hello,
    Ping,
    Poll,
    Pong,
    Setting,
    Who,
    encode,
)
from firmware_bridge.host import Line, Output, PadHost, Send
from firmware_bridge.search import Part, Search

BITS_PER_BYTE = 10
TURN_BITS = 10
CYCLE_S = 0.02
LOOK_S = 1.0
FIND_S = 1.0
SUSPECT_S = 0.2
QUARANTINE_S = 0.5
MISSES = 3
REPLY_S = 0.005
ADAPTER_S = 0.02
"""What a USB adapter may hold an answer back (FTDI: 16 ms)."""
GUARD_S = 0.003
"""After damaged bytes nothing more is expected: an answer is one frame."""
OTHER_BITS = 800
"""What may be said beside the polls, from one poll of a pad to its next."""
NOBODY_WAITS = 1 << 30
MOST_SLOTS = 32
OPENING_S = 1.5
"""So long after a start the bridge only looks for pads: nobody is polled, so many may answer at once."""
JITTER_S = 0.002
OPENING_WORDS = 2


def _bits(body: type[Body]) -> int:
    """Bit-times of a frame of this type, which has one length."""
    payload = body.LAYOUT.size if hasattr(body, "LAYOUT") else 0
    return BITS_PER_BYTE * (payload + 8)


POLL_BITS = _bits(Poll) + _bits(Event) + 2 * TURN_BITS
LOOK_BITS = _bits(Ping) + _bits(Pong) + 2 * TURN_BITS
ASK_BITS = _bits(Assign) + _bits(Hello) + 2 * TURN_BITS
FIND_BITS = _bits(Find)
SLOT_BITS = _bits(Hello) + 2 * TURN_BITS


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked: at `address`, in `data`; `extra_bits`: beyond the poll that has its place in the cycle."""

    address: int
    data: bytes
    extra_bits: int


@dataclass(frozen=True, slots=True)
class _Finding:
    """A FIND that is being answered."""

    number: int
    part: Part
    slots: int
    sent_s: float


class Bus(PadHost):
    """The pads of one RS-485 line. Used as `PadHost`; one question is on its way at a time."""

    def __init__(
        self,
        addresses: Sequence[int],
        *,
        baud: int = 115200,
        answer_s: float = REPLY_S + ADAPTER_S,
        first_ping: int = 1,
        settings: Mapping[Setting, int] | None = None,
    ) -> None:
        """`addresses`: what may be given to pads; `answer_s`: how long an answer may take to begin, adapter included."""
        super().__init__(first_ping=first_ping, settings=settings)
        self.longest_bits = 0
        self._pool, self._baud, self._answer_s = tuple(addresses), baud, answer_s
        self._slot_ms = math.ceil(1000 * (SLOT_BITS / baud + JITTER_S))
        self._homes: dict[str, int] = {}
        self._search = Search()
        self._nobody = Line(EVERYBODY)
        self._assigns: deque[tuple[Line, Hello]] = deque()
        self._order: deque[int] = deque()
        self._cycle_s = self._find_s = 0.0
        self._began_s: float | None = None
        self._opened = self._looked = self._damaged = False
        self._asked: int | None = None
        self._until_s: float | None = None
        self._finding: _Finding | None = None
        self._bits = 0
        self._lines.clear()

    @property
    def limit_bits(self) -> int:
        """The longest any pad may wait from poll to poll, in bit-times."""
        return POLL_BITS * len(self._regular()) + OTHER_BITS

    def open(self, now: float) -> list[Output]:
        """The port is open: whoever is there is told to be unknown, and looked for."""
        self._reset(now)
        everybody = Line(EVERYBODY)
        for _ in range(OPENING_WORDS):
            self._put(everybody, self._number(everybody, now), Who())
        return self.tick(now)

    def hear(self, item: Frame | BadFrame, now: float) -> list[Output]:
        """As `PadHost.hear`; only who was asked is heard."""
        if isinstance(item, BadFrame):
            self._damaged = True
            if self._asked is not None or (self._finding and self._finding.slots == 1):
                self._hasten(now + GUARD_S)
        elif item.body.TYPE & 0x80:
            if self._finding and isinstance(item.body, Hello) and item.seq == self._finding.number:
                self._hasten(now if self._finding.slots == 1 else None)
                return self._found(item, item.body, now)
            if item.address != self._asked:
                self.dropped["out of turn"] += 1
                self._heard_bits(item)
                return []
            self._answered(item)
        return super().hear(item, now)

    def _hasten(self, by_s: float | None) -> None:
        """Nothing more will come after `by_s`."""
        if by_s is not None and self._until_s is not None:
            self._until_s = min(self._until_s, by_s)

    def tick(self, now: float) -> list[Output]:
        """Everything due at `now`."""
        outputs = self._silent(now)
        if self._until_s is not None:
            if now < self._until_s:
                return outputs
            self._unanswered(now)
        data = self._turn(now)
        if data:
            # What is left of an answer must not hide the next one.
            self._decoder.forget()
        return [*outputs, Send(data)] if data else outputs

    def next_s(self) -> float:
        """The monotonic time of the next `tick`, if nothing comes before."""
        if self._until_s is not None:
            return self._until_s
        if self._order:
            return 0.0
        if self._regular() and not self._search.busy:
            return self._cycle_s
        if self._outbox or self._assigns:
            return 0.0
        aside = [line.due_s for line in self._lines.values()]
        return min([*aside, *([self._find_s] if self._known is not None else [])], default=math.inf)

    # --- a turn

    def _turn(self, now: float) -> bytes:
        """What the bridge says now: frames that are not answered, then one question. Empty: nothing is due."""
        self._order = deque(address for address in self._order if self._is_regular(self._lines.get(address)))
        room = NOBODY_WAITS if self._opening(now) else self._room()
        question = self._question(now, room)
        data = self._extras(room - (question.extra_bits if question else 0))
        self._bits += BITS_PER_BYTE * len(data)
        if question is None:
            return data
        self._asked = question.address if question.address != EVERYBODY else None
        sent_s = BITS_PER_BYTE * (len(data) + len(question.data)) / self._baud
        if question.address == EVERYBODY:
            slots = self._finding.slots if self._finding else 0
            self._bits += self._slot_bits(slots)
            sent_s += slots * self._slot_ms / 1000
        elif line := self._lines.get(question.address):
            self._polled(line)
        self._bits += BITS_PER_BYTE * len(question.data)
        self._until_s = now + sent_s + self._answer_s
        self._damaged = False
        return data + question.data

    def _question(self, now: float, room: int) -> _Question | None:
        if self._assigns and room >= ASK_BITS:
            return self._assign(now)
        while not self._order:
            if question := self._aside(now, room) or self._look_around(now, room):
                return question
            if now < self._cycle_s or not self._begin(now):
                return None
        line = self._lines[self._order.popleft()]
        look = line.look_s <= now and room >= LOOK_BITS - POLL_BITS
        if look:
            line.look_s = now + LOOK_S
        body = Ping() if look else Poll()
        return self._ask(line, body, now, LOOK_BITS - POLL_BITS if look else 0)

    def _opening(self, now: float) -> bool:
        """Whether the first look is not over."""
        if self._known is None or self._opened:
            return False
        if self._began_s is None:
            self._began_s = now
        if now <= self._began_s + OPENING_S and (self._search.busy or not self._looked):
            return True
        self._opened = True
        for line in self._lines.values():
            line.polled_bits = self._bits
        return False

    def _begin(self, now: float) -> bool:
        """A new cycle; False when there is nobody to poll, or not yet."""
        if self._opening(now):
            return False
        self._order.extend(self._regular())
        self._cycle_s = now + CYCLE_S
        return bool(self._order)

    def _aside(self, now: float, room: int) -> _Question | None:
        """The next of those that are not polled in every cycle: quarantined, suspect, or to say who they are."""
        due = [line for line in self._lines.values() if line.due_s <= now and not self._is_regular(line)]
        if not due or room < LOOK_BITS:
            return None
        line = min(due, key=lambda line: line.due_s)
        line.due_s = now + (QUARANTINE_S if line.refused else SUSPECT_S)
        return self._ask(line, Who() if line.ask else Ping(), now, LOOK_BITS)

    def _look_around(self, now: float, room: int) -> _Question | None:
        if self._known is None or now < self._find_s or not (slots := self._slots(room)):
            return None
        part = self._search.next()
        number = self._number(self._nobody, now)
        self._finding = _Finding(number, part, slots, now)
        body = Find(part.depth, part.prefix, slots, self._slot_ms)
        return _Question(EVERYBODY, encode(Frame(EVERYBODY, number, body)), FIND_BITS + self._slot_bits(slots))

    def _assign(self, now: float) -> _Question:
        line, hello = self._assigns.popleft()
        self._lines[line.address] = line
        body = Assign(hello.uid, hello.boot, line.address)
        return _Question(line.address, encode(Frame(EVERYBODY, self._number(line, now), body)), ASK_BITS)

    def _ask(self, line: Line, body: Body, now: float, extra_bits: int) -> _Question:
        return _Question(line.address, encode(Frame(line.address, self._number(line, now), body)), extra_bits)

    # --- room

    def _regular(self) -> list[int]:
        return [address for address, line in sorted(self._lines.items()) if self._is_regular(line)]

    def _is_regular(self, line: Line | None) -> bool:
        """Whether it is polled in every cycle."""
        return line is not None and line.pad is not None and not line.ask and line.misses < MISSES

    def _room(self) -> int:
        """Bit-times that may be used beyond the polls without any pad waiting longer than the limit."""
        regular = self._regular()
        coming = [*self._order, *(address for address in regular if address not in self._order)]
        used = (self._bits - self._lines[address].polled_bits + turn * POLL_BITS for turn, address in enumerate(coming))
        if not coming:
            return OTHER_BITS if self.present() else NOBODY_WAITS
        return self.limit_bits - max(used)

    def _extras(self, room: int) -> bytes:
        data = b""
        while self._outbox:
            key = next(iter(self._outbox))
            if BITS_PER_BYTE * (len(data) + len(self._outbox[key])) > room:
                break
            data += self._outbox.pop(key)
        return data

    def _slots(self, room: int) -> int:
        return min(MOST_SLOTS, max(0, room - FIND_BITS) // self._slot_bits(1))

    def _slot_bits(self, slots: int) -> int:
        return math.ceil(slots * self._slot_ms * self._baud / 1000)

    def _polled(self, line: Line) -> None:
        if self._is_regular(line):
            self.longest_bits = max(self.longest_bits, self._bits - line.polled_bits)
        line.polled_bits = self._bits

    # --- answers

    def _answered(self, frame: Frame) -> None:
        self._heard_bits(frame)
        if line := self._lines.get(frame.address):
            line.misses = 0
        self._asked = self._until_s = None

    def _heard_bits(self, frame: Frame) -> None:
        self._bits += BITS_PER_BYTE * len(encode(frame)) + 2 * TURN_BITS

    def _unanswered(self, now: float) -> None:
        """The time for an answer is over."""
        finding, self._finding = self._finding, None
        line = self._lines.get(self._asked) if self._asked is not None else None
        self._asked = self._until_s = None
        if finding:
            collided = self._damaged or self._decoder.held > 0
            if collided:
                self._search.collided(finding.part)
            self._looked = True
            self._find_s = now if self._search.busy else now + FIND_S
        elif line and line.uid is None:
            del self._lines[line.address]
        elif line:
            line.misses += 1
            if state := self.pads.get(line.uid or ""):
                state.misses += 1

    def _found(self, frame: Frame, hello: Hello, now: float) -> list[Output]:
        """A pad nobody knew: it keeps its address, or gets one."""
        assert self._finding is not None
        holder = self._lines.get(frame.address)
        mine = holder is None or holder.uid in (None, hello.uid)
        if frame.address in self._pool and mine:
            self._leave_others(hello.uid, frame.address)
            line = holder or self._line(frame.address, hello.uid)
            line.pings[frame.seq] = self._finding.sent_s
            return self._hello(line, frame.seq, hello, now)
        address = self._free(hello.uid)
        if address is None:
            text = f"pad {hello.uid}: all {len(self._pool)} addresses of its line are taken"
            return self._fault(hello.uid, "bus_full", text)
        if all(waiting.uid != hello.uid for _, waiting in self._assigns):
            self._assigns.append((self._lines.get(address) or Line(address, polled_bits=self._bits), hello))
            self._homes[hello.uid] = address
        over = self._over(hello.uid, "bus_full")
        if mine or holder is None:
            return over
        text = (
            f"pads {holder.uid} and {hello.uid} both have address {frame.address}:"
            f" {hello.uid} has {address} until it is switched off"
        )
        return over + self._fault(hello.uid, "address_twice", text)

    def _leave_others(self, uid: str, address: int) -> None:
        """A pad has one address."""
        for line in [line for line in self._lines.values() if line.uid == uid and line.address != address]:
            del self._lines[line.address]

    def _line(self, address: int, uid: str) -> Line:
        self._homes[uid] = address
        self._lines[address] = Line(address, polled_bits=self._bits)
        return self._lines[address]

    def _free(self, uid: str) -> int | None:
        """An address for `uid`: its old one, one that nobody ever had, one whose pad is gone; None: all are taken."""
        taken = {address for address, line in self._lines.items() if line.uid not in (None, uid)}
        taken |= {line.address for line, hello in self._assigns if hello.uid != uid}
        home = self._homes.get(uid)
        others = set(self._homes.values())
        wanted = ([home] if home in self._pool else []) + sorted(self._pool, key=lambda address: address in others)
        return next((address for address in wanted if address is not None and address not in taken), None)

    def _greet(self, line: Line, hello: Hello, now: float) -> list[Output]:
        fresh = line.pad is None
        outputs = super()._greet(line, hello, now)
        self._lines[line.address] = line
        if fresh:
            line.polled_bits = self._bits
            if self._opened:
                self._order.append(line.address)
        return outputs

    def _silent(self, now: float) -> list[Output]:
        """Whoever is gone leaves the address free."""
        outputs = super()._silent(now)
        for address in [
            address for address, line in self._lines.items() if line.uid is None and address != self._asked
        ]:
            del self._lines[address]
        return outputs

    def _reset(self, now: float) -> None:
        self._lines.clear()
        self._outbox.clear()
        self._decoder.forget()
        self._search = Search()
        self._assigns.clear()
        self._order.clear()
        self._cycle_s = self._find_s = now
        self._opened = self._looked = self._damaged = False
        self._began_s = self._asked = self._until_s = self._finding = None
        self._bits = 0

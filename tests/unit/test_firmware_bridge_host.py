"""The bridge's end of a pad line, without a line: frames and seconds in, outputs out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware_bridge.figures import units
from firmware_bridge.frames import (
    Ack,
    BadFrame,
    Block,
    Body,
    Cause,
    Config,
    Decoder,
    Event,
    Frame,
    Hello,
    Key,
    Led,
    Offer,
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
    text_crc,
)
from firmware_bridge.host import AGAIN_S, Expired, Output, PadFault, PadHost, Presence, Pressed, Send
from firmware_bridge.image import Image
from firmware_bridge.press import Press, command_id

UID = "e6614103e7452d2f"
OTHER = "e6614103e7452d30"
IN_ORDER = Pong(0, Pattern.UNKNOWN, 0xFFFF, 0, 0, 1)


def sent(outputs: list[Output]) -> list[Frame]:
    frames = Decoder().feed(b"".join(output.data for output in outputs if isinstance(output, Send)))
    return [frame for frame in frames if isinstance(frame, Frame)]


def bodies(outputs: list[Output]) -> list[Body]:
    return [frame.body for frame in sent(outputs)]


class Line:
    """A host with its clock and the number of the last ping it sent."""

    def __init__(self, host: PadHost, known: tuple[str, ...] = (UID,)) -> None:
        self.host, self.now = host, 100.0
        host.know(known)
        self.ping = sent(host.open(self.now))[-1].seq

    def wait(self, seconds: float) -> list[Output]:
        self.now += seconds
        outputs = self.host.tick(self.now)
        self.ping = next((f.seq for f in reversed(sent(outputs)) if isinstance(f.body, Ping | Who)), self.ping)
        return outputs

    def hear(self, body: Body, seq: int | None = None, address: int = 0) -> list[Output]:
        return self.host.hear(Frame(address, self.ping if seq is None else seq, body), self.now)

    def greet(self, uid: str = UID, boot: int = 7, *, display: bool = False, address: int = 0) -> list[Output]:
        return self.hear(Hello(uid, boot, (2, 0, 0), 4, display), address=address) + self.wait(0)

    def event(self, seq: int = 1, age_ms: int = 15, boot: int = 7, ping: int | None = None) -> list[Output]:
        return self.hear(Event(boot, Key.NEXT, age_ms, self.ping if ping is None else ping), seq)


@pytest.fixture
def line() -> Line:
    return Line(PadHost())


def test_open_port_is_asked_who_is_there() -> None:
    assert bodies(PadHost().open(0.0)) == [Who()]


def test_known_pad_is_welcomed_shown_its_lamp_and_told_once(line: Line) -> None:
    line.host.lamp(UID, Pattern.SLOW)
    outputs = line.greet()
    assert Presence(UID, here=True) in outputs
    assert bodies(outputs) == [Welcome(UID, 7, Verdict.WELCOME), Led(Pattern.SLOW), Ping()]
    assert Presence(UID, here=True) not in line.greet()


def test_no_pad_is_greeted_before_the_hall_says_who_is_bound() -> None:
    host = PadHost()
    ping = sent(host.open(0.0))[0].seq
    assert host.hear(Frame(0, ping, Hello(UID, 7, (2, 0, 0), 4)), 0.0) == []
    assert bodies(host.tick(0.1)) == []


def test_press_is_told_as_often_as_it_is_said_and_acknowledged_only_when_decided(line: Line) -> None:
    line.greet()
    first, second = line.event(), line.event()
    assert first == second == [Pressed(Press(UID, 7, 1, Key.NEXT, 0.015))]
    assert bodies(line.wait(0)) == []
    line.host.done(Press(UID, 7, 1, Key.NEXT, 0.015), Result.DONE)
    assert sent(line.wait(0)) == [Frame(0, 1, Ack(7, Result.DONE))]


def test_age_counts_the_time_since_the_echoed_ping(line: Line) -> None:
    line.greet()
    ping = line.ping
    line.now += 1.5
    (output,) = line.event(age_ms=200, ping=ping)
    assert isinstance(output, Pressed)
    assert output.press.age_s == pytest.approx(1.7)


@pytest.mark.parametrize(("age_ms", "taken"), [(9999, True), (10_001, False), (65_535, False)])
def test_press_older_than_ten_seconds_is_expired(line: Line, age_ms: int, taken: bool) -> None:
    line.greet()
    (output,) = line.event(age_ms=age_ms)
    assert isinstance(output, Pressed if taken else Expired)
    assert bodies(line.wait(0)) == ([] if taken else [Ack(7, Result.EXPIRED)])


def test_event_that_lay_in_a_buffer_is_not_used(line: Line) -> None:
    line.greet()
    old = line.ping
    line.now += 2.1
    assert line.event(ping=old) == []
    assert line.event(ping=(old + 9000) % 0xFFFF) == []
    assert line.host.dropped["unproven"] == 2


def test_event_of_an_earlier_start_is_not_used_and_the_pad_is_asked_who_it_is(line: Line) -> None:
    line.greet(boot=8)
    assert line.event(boot=7) == []
    assert bodies(line.wait(0.5)) == [Who()]


def test_silent_pad_is_lost_once_and_comes_back(line: Line) -> None:
    line.greet()
    told: list[Output] = []
    for _ in range(8):
        told += [output for output in line.wait(0.5) if isinstance(output, Presence)]
    assert told == [Presence(UID, here=False)]
    assert Presence(UID, here=True) in line.greet()


def test_closed_port_takes_its_pad_along(line: Line) -> None:
    line.greet()
    assert line.host.close() == [Presence(UID, here=False)]
    assert line.host.close() == []


def test_lamp_that_shows_something_else_is_told_again(line: Line) -> None:
    line.greet()
    line.host.lamp(UID, Pattern.STEADY)
    assert bodies(line.wait(0)) == [Led(Pattern.STEADY)]
    line.hear(IN_ORDER)
    assert bodies(line.wait(0)) == [Led(Pattern.STEADY)]
    line.hear(Pong(0, Pattern.STEADY, 0xFFFF, 0, 0, 1))
    assert bodies(line.wait(0)) == []


def test_text_goes_to_displays_only_and_is_cut_to_whole_characters(line: Line) -> None:
    line.greet()
    line.host.text(UID, "A012")
    assert bodies(line.wait(0)) == []
    line.greet(boot=8, display=True)
    line.host.text(UID, "A" + "Қ" * 60)
    assert bodies(line.wait(0)) == [Text("A" + "Қ" * 28)]
    line.hear(IN_ORDER)
    assert Text("A" + "Қ" * 28) in bodies(line.wait(0))
    line.hear(Pong(0, Pattern.UNKNOWN, text_crc("A" + "Қ" * 28), 0, 0, 1))
    assert bodies(line.wait(0)) == []


def test_unknown_pad_is_quarantined_told_once_and_in_order_when_bound(line: Line) -> None:
    hello = Hello(OTHER, 3, (2, 0, 0), 4)
    first, again = line.hear(hello), line.hear(hello)
    assert [(o.uid, o.fault) for o in first if isinstance(o, PadFault)] == [(OTHER, "pad_unbound")]
    assert again == []
    assert bodies(line.wait(0)) == [Welcome(OTHER, 3, Verdict.UNKNOWN_UID)]
    line.host.know([OTHER])
    assert [(o.fault, o.over) for o in line.hear(hello) if isinstance(o, PadFault)] == [("pad_unbound", True)]


def test_pad_that_is_bound_no_longer_is_asked_and_refused(line: Line) -> None:
    line.greet()
    line.host.know([])
    assert Who() in bodies(line.wait(0.5))
    assert Presence(UID, here=False) in line.hear(Hello(UID, 7, (2, 0, 0), 4))
    assert line.event() == []


def test_other_protocol_is_named_with_the_firmware_it_needs(line: Line) -> None:
    (fault,) = line.hear(Hello(UID, 7, (3, 3, 4), 4, protocol=3))
    assert fault == PadFault(
        UID, "firmware_mismatch", f"pad {UID} runs firmware 3.3.4 (protocol 3): it needs firmware 2.x (protocol 2)"
    )
    assert bodies(line.wait(0)) == [Welcome(UID, 7, Verdict.OTHER_PROTOCOL)]
    assert line.event() == []


def test_swapped_pad_takes_over_its_port(line: Line) -> None:
    line = Line(PadHost(), (UID, OTHER))
    line.greet()
    assert [o for o in line.greet(OTHER) if isinstance(o, Presence)] == [
        Presence(UID, here=False),
        Presence(OTHER, here=True),
    ]


@pytest.mark.parametrize("body", [Who(), Ping(), Ack(1, Result.DONE), Led(Pattern.OFF), Text("x")])
def test_own_echo_is_counted_and_ignored(line: Line, body: Body) -> None:
    assert line.hear(body) == []
    assert line.host.dropped == {"foreign": 1}


def test_bad_frames_are_counted_by_cause(line: Line) -> None:
    for cause in (Cause.CRC, Cause.CRC, Cause.COBS):
        line.host.hear(BadFrame(cause), 100.0)
    assert line.host.dropped == {"crc": 2, "cobs": 1}


def test_newer_lamp_takes_the_place_of_one_not_yet_said(line: Line) -> None:
    line.greet()
    for pattern in (Pattern.STEADY, Pattern.SLOW, Pattern.OFF):
        line.host.lamp(UID, pattern)
        line.host.flash(UID, Pattern.FAST, 5)
    assert bodies(line.wait(0)) == [Led(Pattern.OFF), Led(Pattern.FAST, 5)]


def test_settings_are_told_on_greeting_and_again_while_the_pad_has_others() -> None:
    line = Line(PadHost(settings={Setting.HOLD: 1500}))
    assert Config(Setting.HOLD, 1500) in bodies(line.greet())
    line.hear(IN_ORDER)
    assert bodies(line.wait(0)) == [Config(Setting.HOLD, 1500)]
    line.hear(Pong(0, Pattern.UNKNOWN, 0xFFFF, 0, 0, 1, hold=15))
    assert bodies(line.wait(0)) == []


@pytest.mark.parametrize(
    ("key", "taken"), [(Key.CLOSE, False), (Key.ALARM, True), (Key.HELP, True), (Key.RATE_5, True)]
)
def test_what_only_tells_something_lives_longer_than_a_command(line: Line, key: Key, taken: bool) -> None:
    line.greet()
    (output,) = line.hear(Event(7, key, 30_000, line.ping), 1)
    assert isinstance(output, Pressed if taken else Expired)


def test_figures_of_a_pad_count_presses_and_repeats(line: Line) -> None:
    line.greet()
    for seq in (1, 1, 1, 2):
        line.event(seq)
    line.hear(Pong(0, Pattern.UNKNOWN, 0xFFFF, 9, 2, 60))
    unit = units(line.host, "/dev/x")[UID]
    assert (unit.kind, unit.model, unit.version) == ("pad-window", "4 keys", "2.0.0")
    assert unit.figures == {
        "presses": 2, "resends": 2, "misses": 0, "frames_bad": 9, "presses_dropped": 2, "uptime_s": 60,
    }  # fmt: skip


def test_pad_that_is_refused_and_then_gone_leaves_no_fault(line: Line) -> None:
    line.hear(Hello(OTHER, 3, (2, 0, 0), 4))
    told = [output for _ in range(5) for output in line.wait(0.5) if isinstance(output, PadFault)]
    assert [(o.uid, o.fault, o.over) for o in told] == [(OTHER, "pad_unbound", True)]


def test_command_id_names_the_press_and_nothing_else() -> None:
    press = Press("f" * 16, 0xFFFFFFFF, 0xFFFF, Key.NO_SHOW, 3.0)
    assert command_id(press) == "pad-ffffffffffffffff-4294967295-65535"


# --- new firmware

IMAGE = Image.of({"pad.py": b"FIRMWARE = (2, 1, 0)\n" * 5})
OLDER = Hello(UID, 7, (2, 0, 9), 4, renewable=True)


def renewing(hello: Hello = OLDER, image: Image | None = IMAGE) -> tuple[Line, list[Body]]:
    """A pad that said `hello`, and what it is sent of firmware in the next moment."""
    line = Line(PadHost(image=image))
    line.hear(hello)
    return line, [body for body in bodies(line.wait(0)) if isinstance(body, Offer | Block)]


def test_older_pad_is_offered_the_firmware_and_sent_what_it_wants() -> None:
    line, told = renewing()
    assert told == [IMAGE.offer]
    got = b""
    while len(got) < len(IMAGE.data):
        line.hear(Taken(Taking.GO_ON, len(got)))
        (block,) = [body for body in bodies(line.wait(0)) if isinstance(body, Block)]
        assert block.at == len(got)
        got += block.data
    assert got == IMAGE.data
    line.hear(Taken(Taking.WHOLE, len(got)))
    assert not [body for body in bodies(line.wait(0)) if isinstance(body, Block)]
    line.hear(Hello(UID, 8, (2, 1, 0), 4, renewable=True))
    assert not [body for _ in range(4) for body in bodies(line.wait(0.3)) if isinstance(body, Offer | Block)]


def test_lost_answer_is_asked_for_again_and_a_late_one_starts_no_second_stream() -> None:
    line, _ = renewing()
    line.hear(Taken(Taking.GO_ON, 0))
    assert Block(0, IMAGE.data[:54]) in bodies(line.wait(0))
    assert [body for body in bodies(line.wait(AGAIN_S)) if isinstance(body, Offer | Block)] == [IMAGE.offer]
    for _ in range(3):
        line.hear(Taken(Taking.GO_ON, 54))
    assert [body.at for body in bodies(line.wait(0)) if isinstance(body, Block)] == [54]
    line.hear(Taken(Taking.GO_ON, 54))
    assert not [body for body in bodies(line.wait(0)) if isinstance(body, Block)]


@pytest.mark.parametrize(
    ("hello", "image"),
    [
        pytest.param(OLDER, None, id="none to give"),
        pytest.param(replace(OLDER, renewable=False), IMAGE, id="takes none"),
        pytest.param(replace(OLDER, firmware=(2, 1, 0)), IMAGE, id="the same"),
        pytest.param(replace(OLDER, firmware=(3, 0, 0)), IMAGE, id="newer"),
        pytest.param(replace(OLDER, uid=OTHER), IMAGE, id="not of this hall"),
    ],
)
def test_no_other_pad_is_offered_any(hello: Hello, image: Image | None) -> None:
    line, told = renewing(hello, image)
    assert told == []
    line.hear(Taken(Taking.GO_ON, 0))
    assert not [body for body in bodies(line.wait(AGAIN_S)) if isinstance(body, Offer | Block)]


def test_pad_of_another_protocol_is_offered_firmware_it_can_speak_with() -> None:
    _, told = renewing(replace(OLDER, protocol=1, firmware=(1, 9, 0)))
    assert told == [IMAGE.offer]


def test_pad_that_refuses_is_told_once_and_left_alone_until_it_runs_the_new() -> None:
    line, _ = renewing()
    (fault,) = line.hear(Taken(Taking.REFUSED, 0))
    assert isinstance(fault, PadFault)
    assert (fault.uid, fault.fault, fault.over) == (UID, "firmware_failed", False)
    line.hear(OLDER)
    assert not [body for _ in range(4) for body in bodies(line.wait(0.3)) if isinstance(body, Offer | Block)]
    assert PadFault(UID, "firmware_failed", f"pad {UID}: over", over=True) in line.hear(
        Hello(UID, 9, (2, 1, 0), 4, renewable=True)
    )

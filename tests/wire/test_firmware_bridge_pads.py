"""Pads that run the real firmware on a pty, the bridge's driver at the other end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
import time
import tty
from pathlib import Path

import pytest

from firmware_bridge.frames import Key, Pattern, Result
from firmware_bridge.host import Expired, Presence
from firmware_bridge.press import command_id
from firmware_bridge.serial_driver import PortState, SerialDriver
from tests.open_files import open_files
from tests.until import until
from tests.wire.pad_bench import BusSimulator, Hall, Simulator

HAS_MICROPYTHON = bool(
    shutil.which("micropython", path=str(Path(sys.executable).parent)) or shutil.which("micropython")
)
INTERPRETERS = pytest.mark.parametrize(
    "interpreter",
    [
        "cpython",
        pytest.param("micropython", marks=pytest.mark.skipif(not HAS_MICROPYTHON, reason="no wheel here")),
    ],
)


def greeted(hall: Hall, *uids: str) -> None:
    hall.driver.know(uids)
    until(lambda: all(hall.here(uid) for uid in uids))


@INTERPRETERS
def test_each_key_arrives_once_and_is_acknowledged(tmp_path: Path, interpreter: str) -> None:
    with Simulator(tmp_path, "--interpreter", interpreter) as pad, Hall(f"serial://{pad.port}?baud=115200") as hall:
        greeted(hall, pad.uid)
        for key in range(4):
            pad.do("press", pad.uid, key=key)
            hall.commands(key + 1)
            pad.heard_acks(key + 1)
        once = list({press.seq: press.key for press in hall.presses()}.items())  # said again until it is acknowledged
        assert once == [*enumerate(list(Key)[:4], 1)]
        assert max(press.age_s for press in hall.presses()) < 2
        assert {row["interpreter"] for row in pad.ledger("start")} == {interpreter}


def test_sixty_presses_over_a_bad_cable_are_sixty_commands(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port) as hall:
        greeted(hall, pad.uid)
        pad.do("wire", drop_acks=30, corrupt=20)
        for number in range(60):
            pad.do("press", pad.uid, key=number % 4)
            hall.commands(number + 1)
        pad.heard_acks(60)
        assert {(row["boot"], row["seq"]) for row in pad.ledger("event")} == {
            (press.boot, press.seq) for press in hall.presses()
        }
        assert len(pad.ledger("press")) == 60
        assert len(hall.presses()) > 60, "nothing was said twice: the cable was not bad"
        assert hall.driver.dropped.get("crc", 0) > 0
        assert [ack for ack in pad.ledger("ack") if not ack["heard"]]


def test_same_press_keeps_its_id_until_the_hall_decides(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port, result=None) as hall:
        greeted(hall, pad.uid)
        pad.do("press", pad.uid)
        until(lambda: len(hall.presses()) >= 5)
        assert len(hall.ids()) == 1
        until(lambda: pad.lamp() == "pending")
        assert pad.ledger("ack") == []
        hall.driver.done(hall.presses()[0], Result.DONE)
        until(lambda: pad.ledger("ack"))
        until(lambda: pad.lamp() != "pending")


def test_restarted_pad_names_its_presses_anew(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port) as hall:
        greeted(hall, pad.uid)
        pad.do("press", pad.uid)
        until(lambda: len(hall.ids()) == 1)
        pad.restart(pad.uid)
        for number in range(5):
            pad.do("press", pad.uid)
            hall.commands(number + 2)
        first, *rest = sorted({(press.boot, press.seq) for press in hall.presses()})
        assert rest == [((first[0] + 1) & 0xFFFFFFFF, seq) for seq in range(1, 6)]


def test_press_of_a_pad_that_was_kept_from_the_processor_is_felt_as_long_as_it_was(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port) as hall:
        greeted(hall, pad.uid)
        firmware = int(Path(f"/proc/{pad.process.pid}/task/{pad.process.pid}/children").read_text())
        for key, hold_s in ((Key.NEXT, 0.03), (Key.NO_SHOW, 0.08)):
            os.kill(firmware, signal.SIGSTOP)
            pad.do("press", pad.uid, key=int(key), hold_s=hold_s)
            pad.pressed(len(hall.ids()) + 1)
            left = time.monotonic() + hold_s + 0.05
            until(lambda left=left: time.monotonic() > left)  # type: ignore[misc]
            os.kill(firmware, signal.SIGCONT)
            hall.commands(len(pad.ledger("press")))
        assert list(dict.fromkeys(press.key for press in hall.presses())) == [Key.NEXT, Key.NO_SHOW]


def test_stale_press_after_an_outage_is_expired_and_never_becomes_a_command(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad:
        with Hall(pad.port) as hall:
            greeted(hall, pad.uid)
        pad.do("press", pad.uid)
        landed = until(lambda: pad.ledger("press"))[-1]["at"]
        until(lambda: pad.lamp() == "unknown")
        until(lambda: time.monotonic() - landed > 10.5)
        with Hall(pad.port) as hall:
            hall.driver.know([pad.uid])
            until(lambda: [output for output in list(hall.heard) if isinstance(output, Expired)])
            until(lambda: pad.lamp() == "not_taken")
            assert [ack["result"] for ack in pad.ledger("ack")][-1] == "expired"
            pad.do("press", pad.uid)
            until(hall.presses)
            assert {press.seq for press in hall.presses()} == {2}


def test_presses_made_while_the_bridge_is_away_arrive_if_young(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad:
        with Hall(pad.port) as hall:
            greeted(hall, pad.uid)
        for number in range(3):
            pad.do("press", pad.uid, key=number)
            pad.pressed(number + 1)
        with Hall(pad.port) as hall:
            greeted(hall, pad.uid)
            until(lambda: len(hall.ids()) == 3)
            once = {press.seq: press.key for press in hall.presses()}
            assert list(once.values()) == [Key.NEXT, Key.RECALL, Key.START_FINISH]


def test_lamp_follows_the_hall_also_when_frames_are_lost(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port) as hall:
        hall.driver.lamp(pad.uid, Pattern.STEADY)
        greeted(hall, pad.uid)
        until(lambda: pad.lamp() == "steady")
        pad.do("wire", corrupt=30)
        for pattern in (Pattern.SLOW, Pattern.OFF, Pattern.FAST, Pattern.STEADY):
            hall.driver.lamp(pad.uid, pattern)
            pad.shows(pattern.name.lower())


def test_refused_press_blinks_fast_and_returns_to_the_truth(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port, result=Result.REFUSED) as hall:
        hall.driver.lamp(pad.uid, Pattern.STEADY)
        greeted(hall, pad.uid)
        until(lambda: pad.lamp() == "steady")
        pad.do("press", pad.uid)
        until(lambda: pad.lamp() == "fast")
        until(lambda: pad.lamp() == "steady")


def test_unknown_pad_is_quarantined_until_it_is_bound(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port) as hall:
        hall.driver.know(["0011223344556677"])
        until(hall.faults)
        assert (hall.faults()[0].uid, hall.faults()[0].fault) == (pad.uid, "pad_unbound")
        pad.do("press", pad.uid)
        until(lambda: pad.lamp() == "not_taken")
        greeted(hall, pad.uid)
        assert hall.faults()[-1].over
        pad.do("press", pad.uid, key=1)
        until(hall.presses)
        assert {press.key for press in hall.presses()} == {Key.RECALL}
        hall.driver.know([])
        until(lambda: not hall.here(pad.uid))


def test_unplugged_line_is_lost_and_comes_back(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port) as hall:
        greeted(hall, pad.uid)
        pad.do("unplug", pad.uid)
        until(lambda: PortState(pad.port, here=False) in hall.heard)
        assert not hall.here(pad.uid)
        pad.do("replug", pad.uid)
        until(lambda: hall.here(pad.uid))
        pad.do("press", pad.uid)
        until(lambda: len(hall.ids()) == 1)


def test_pad_without_a_bridge_says_so(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad:
        with Hall(pad.port) as hall:
            hall.driver.lamp(pad.uid, Pattern.STEADY)
            greeted(hall, pad.uid)
            until(lambda: pad.lamp() == "steady")
        until(lambda: pad.lamp() == "unknown")


def test_bus_carries_firmware_and_other_pads(tmp_path: Path) -> None:
    with BusSimulator(tmp_path, 1, 3) as pads, Hall(pads.url) as hall:
        greeted(hall, *pads.uids)
        for turn in range(2):
            for uid in pads.uids:
                pads.do("press", uid)
            hall.commands(4 * (turn + 1))
        assert hall.ids() == {f"pad-{row['pad']}-{row['boot']}-{row['seq']}" for row in pads.ledger("event")}
        hall.driver.lamp(pads.uids[0], Pattern.SLOW)
        hall.driver.lamp(pads.uids[1], Pattern.STEADY)
        until(lambda: (pads.lamp(pads.uids[0]), pads.lamp(pads.uids[1])) == ("slow", "steady"))
        pads.do("unplug", pads.uids[1])
        until(lambda: not hall.here(pads.uids[1]))
        assert [hall.here(uid) for uid in (pads.uids[0], *pads.uids[2:])] == [True] * 3
        pads.do("replug", pads.uids[1])
        until(lambda: hall.here(pads.uids[1]))


def test_bus_over_a_bad_cable_loses_no_press(tmp_path: Path) -> None:
    with BusSimulator(tmp_path, 1, 2) as pads, Hall(pads.url) as hall:
        greeted(hall, *pads.uids)
        pads.do("wire", drop_acks=30, corrupt=10)
        for number in range(4):
            for uid in pads.uids:
                pads.do("press", uid)
            hall.commands(3 * (number + 1))
        assert len(pads.ledger("press")) == 12


def test_pad_with_the_address_of_another_is_named_and_both_work(tmp_path: Path) -> None:
    with BusSimulator(tmp_path, 0, 2) as pads, Hall(pads.url) as hall:
        greeted(hall, *pads.uids)
        for uid in pads.uids:
            pads.do("twin", uid, address=7)
        until(lambda: any(fault.fault == "address_twice" for fault in hall.faults()))
        (fault,) = [fault for fault in hall.faults() if fault.fault == "address_twice"]
        assert all(uid in fault.text for uid in pads.uids)
        for uid in pads.uids:
            until(lambda uid=uid: hall.here(uid))  # type: ignore[misc]
            pads.do("press", uid)
        hall.commands(2)


def test_pad_that_answers_for_another_is_not_believed(tmp_path: Path) -> None:
    with BusSimulator(tmp_path, 0, 2) as pads, Hall(pads.url) as hall:
        greeted(hall, *pads.uids)
        rude, silent = pads.uids
        address = next(address for address, line in hall.driver._host._lines.items() if line.uid == silent)
        pads.do("unplug", silent)
        pads.do("meddle", rude, address=address)
        until(lambda: not hall.here(silent))
        assert hall.driver.dropped["out of turn"] > 0
        assert hall.here(rude)


def test_flood_on_the_line_is_counted_and_pads_come_back(tmp_path: Path) -> None:
    with BusSimulator(tmp_path, 0, 2) as pads, Hall(pads.url) as hall:
        greeted(hall, *pads.uids)
        pads.do("say", hex="55aa00ff", times=4000)
        until(lambda: sum(hall.driver.dropped.values()) > 10)
        until(lambda: all(hall.here(uid) for uid in pads.uids))
        pads.do("press", pads.uids[0])
        hall.commands(1)


def test_adapter_pulled_in_the_middle_and_plugged_into_another_port_goes_on(tmp_path: Path) -> None:
    with BusSimulator(tmp_path, 0, 2) as pads, Hall(pads.url) as hall:
        greeted(hall, *pads.uids)
        pads.do("unplug")
        until(lambda: PortState(pads.url, here=False) in hall.heard)
        pads.do("press", pads.uids[0])
        pads.do("replug")
        hall.commands(1)


def test_wrong_baud_rate_is_noise_and_nothing_else(tmp_path: Path) -> None:
    near, far = os.openpty()
    tty.setraw(far)
    try:
        with Hall(f"serial://{os.ttyname(far)}?pads=1-8") as hall:
            hall.driver.know(["0" * 16])
            until(lambda: hall.heard)
            # What 115200 baud looks like at another rate: framing errors, bytes with many ones.
            for _ in range(20):
                os.write(near, bytes([0xFE, 0xF8, 0x00, 0xFC, 0xE0]) * 20)
            until(lambda: sum(hall.driver.dropped.values()) > 20)
            assert not [output for output in hall.heard if isinstance(output, Presence)]
    finally:
        os.close(near)
        os.close(far)


def test_fifty_plug_cycles_leak_no_file_descriptor(tmp_path: Path) -> None:
    port = tmp_path / "port"
    with Hall(str(port)) as hall:
        until(lambda: hall.heard)
        before = open_files()
        for turn in range(50):
            near, far = os.openpty()
            tty.setraw(far)
            port.symlink_to(os.ttyname(far))
            hall.driver.look()
            until(lambda turn=turn: hall.heard.count(PortState(str(port), here=True)) == turn + 1)  # type: ignore[misc]
            port.unlink()
            os.close(near)
            os.close(far)
            until(lambda turn=turn: hall.heard.count(PortState(str(port), here=False)) == turn + 2)  # type: ignore[misc]
        assert open_files() == before


def test_port_that_cannot_switch_its_driver_by_rts_is_told(tmp_path: Path) -> None:
    near, far = os.openpty()
    tty.setraw(far)
    try:
        with Hall(f"serial://{os.ttyname(far)}?pads=1-8&rts=1") as hall:
            until(lambda: hall.heard)
            assert hall.heard[0] == PortState(hall.driver.url, here=False)
    finally:
        os.close(near)
        os.close(far)


def test_display_pad_shows_the_text_and_blanks_it_without_a_bridge(tmp_path: Path) -> None:
    with Simulator(tmp_path, "--kind", "display", "--keys", "0") as pad:
        with Hall(pad.port) as hall:
            hall.driver.text(pad.uid, "A012")
            greeted(hall, pad.uid)
            until(lambda: pad.ledger("text") and pad.ledger("text")[-1]["text"] == "A012")
        until(lambda: pad.ledger("text")[-1]["text"] == "")


@pytest.mark.parametrize(("kind", "keys", "key", "wanted"), [("rating", 5, 4, Key.RATE_5), ("help", 1, 0, Key.HELP),
                                                             ("window", 8, 7, Key.CLOSE)])  # fmt: skip
def test_pads_of_other_kinds_say_what_their_keys_are_for(
    tmp_path: Path, kind: str, keys: int, key: int, wanted: Key
) -> None:
    with Simulator(tmp_path, "--kind", kind, "--keys", str(keys)) as pad, Hall(pad.port) as hall:
        greeted(hall, pad.uid)
        pad.do("press", pad.uid, key=key)
        hall.commands(1)
        assert {press.key for press in hall.presses()} == {wanted}
        assert hall.driver.units[pad.uid].kind == f"pad-{kind}"


def test_two_fingers_are_one_alarm(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port) as hall:
        greeted(hall, pad.uid)
        pad.do("press", pad.uid, key=1, **{"with": 3})
        hall.commands(1)
        assert {press.key for press in hall.presses()} == {Key.ALARM}


def test_silent_port_and_noise_harm_nobody() -> None:
    near, far = os.openpty()
    tty.setraw(far)
    try:
        with Hall(os.ttyname(far)) as hall:
            until(lambda: hall.heard)
            os.write(near, os.urandom(3000) + b"\0")
            until(lambda: sum(hall.driver.dropped.values()) > 0)
            assert not [output for output in hall.heard if isinstance(output, Presence)]
    finally:
        os.close(near)
        os.close(far)


def test_missing_port_is_told_once_and_the_driver_stops_in_time(tmp_path: Path) -> None:
    with Hall(str(tmp_path / "none")) as hall:
        until(lambda: hall.heard)
        assert hall.heard == [PortState(hall.driver.url, here=False)]
    hall.driver.close()


def test_bad_simulator_command_is_answered_and_changes_nothing(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad:
        assert "error" in pad.do("press", "0000000000000000")
        assert "error" in pad.do("press", pad.uid, key=9)
        assert "error" in pad.do("dance")
        assert pad.ledger("press") == []
        assert pad.do("press", pad.uid) == {"ok": True}


def test_command_id_is_the_same_for_the_same_press_and_short_enough(tmp_path: Path) -> None:
    with Simulator(tmp_path, "--uid", "ffffffffffffffff") as pad, Hall(pad.port) as hall:
        greeted(hall, pad.uid)
        pad.do("press", pad.uid)
        press = until(hall.presses)[0]
        assert command_id(press) == f"pad-ffffffffffffffff-{press.boot}-1"
        assert len(f"pad-ffffffffffffffff-{0xFFFFFFFF}-{0xFFFF}") <= 64


def test_address_that_is_no_serial_port_is_refused() -> None:
    for url in ("tcp://host/x", "dev/ttyACM0", "serial:///dev/x?baud=fast", "serial:///dev/x?pads=0-3",
                "serial:///dev/x?pads=1-9999999999", "serial:///dev/x?pads=1,1", "serial:///dev/x?parity=odd", "serial:///dev/x?pads=1-65",
                "serial:///dev/x?pads=1-8&baud=230400", "serial:///dev/x?answer_ms=1", "serial:///dev/x?rts=2"):  # fmt: skip
        with pytest.raises(ValueError, match=r"serial|invalid|addresses|allowed|at most"):
            SerialDriver(url, print)


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_simulator_takes_commands_on_a_socket_and_outlives_its_commanders(tmp_path: Path, kind: str) -> None:
    where = f"unix:{tmp_path / 'control'}" if kind == "unix" else "tcp:0"
    with Simulator(tmp_path, "--control", where) as pad:
        address = str(pad.answer()["control"])
        for number in (1, 2):
            with commander(address) as control:
                control.sendall(json.dumps({"do": "press", "pad": pad.uid}).encode() + b"\nnonsense\n")
                with control.makefile("rb") as answers:
                    assert json.loads(answers.readline()) == {"ok": True}
                    assert "error" in json.loads(answers.readline())
            pad.pressed(number)


def commander(address: str) -> socket.socket:
    kind, _, rest = address.partition(":")
    control = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET)
    control.settimeout(5)
    control.connect(rest if kind == "unix" else ("127.0.0.1", int(rest)))
    return control

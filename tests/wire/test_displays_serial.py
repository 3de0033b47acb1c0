"""A window display on a real pseudo-terminal with the simulated CD5220 at the far end."""

import pytest

from contract.errors import TransientDeviceError
from displays.window import cd5220
from displays.window.cd5220 import Cd5220
from displays.window.driver import Display
from displays.window.model import BLANK, Shown
from runtime.supervise import Troubles
from tests.wire.displays_bench import Simulator, until

CALL = Shown("> A012 <".center(20), "7".center(20))
NEXT = Shown("> K047 <".center(20), "7".center(20))


@pytest.fixture
def bench(tmp_path):
    with Simulator(tmp_path, "d1") as simulator:
        yield simulator


@pytest.fixture
def display(bench):
    troubles = Troubles("box")
    display = Display("d1", "/dev/d1", lambda: Cd5220(bench.url("d1")), troubles)
    display.start()
    yield display
    display.stop()


def shows(bench, shown):
    return lambda: bench.cells("d1") == [shown.upper, shown.lower]


def test_what_is_wanted_is_what_can_be_read(bench, display):
    display.want(CALL)
    until(shows(bench, CALL))
    display.want(NEXT)
    until(shows(bench, NEXT))
    assert bench.ask(read="d1")["garbage"] == 0


def test_stale_is_dimmed_and_fresh_is_bright_again(bench, display):
    display.want(Shown(CALL.upper, CALL.lower, dim=True))
    until(lambda: bench.ask(read="d1")["bright"] == 1)
    until(shows(bench, CALL))
    display.want(CALL)
    until(lambda: bench.ask(read="d1")["bright"] == 4)
    until(shows(bench, CALL))
    assert bench.ask(read="d1")["garbage"] == 0


def test_a_display_that_was_unplugged_shows_the_truth_of_now_when_it_is_back(bench, display):
    display.want(CALL)
    until(shows(bench, CALL))
    bench.ask(unplug="d1")
    display.want(NEXT)
    until(lambda: "device_missing:/dev/d1" in display._troubles.open)
    bench.ask(plug="d1")
    until(shows(bench, NEXT))
    until(lambda: not display._troubles.open)


def test_a_display_that_lost_its_own_power_is_written_again(bench, display, monkeypatch):
    monkeypatch.setattr("displays.window.driver.REFRESH_S", 0.2)
    display.want(CALL)
    until(shows(bench, CALL))
    bench.ask(power_cycle="d1")
    until(shows(bench, CALL))


def test_an_unplugged_cable_is_noticed_without_news(bench, display, monkeypatch):
    monkeypatch.setattr("displays.window.driver.REFRESH_S", 0.2)
    display.want(CALL)
    until(shows(bench, CALL))
    bench.ask(unplug="d1")
    until(lambda: "device_missing:/dev/d1" in display._troubles.open)


@pytest.mark.parametrize(
    "left_behind", [b"\x1b", b"\x1bQ", b"\x1bQAK04", b"\x1bQBK047                ", b"\x1b*", b"\x1bl\x05"]
)
def test_a_half_written_command_of_a_vanished_sender_does_no_harm(bench, left_behind):
    bench.write("d1", left_behind)
    with Cd5220(bench.url("d1")) as driver:
        driver.show(CALL)
        until(shows(bench, CALL))


def test_stop_blanks_the_display_and_may_be_called_twice(bench, display):
    display.want(CALL)
    until(shows(bench, CALL))
    display.stop()
    until(shows(bench, BLANK))
    display.stop()


def test_a_port_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(TransientDeviceError) as caught:
        Cd5220(f"serial://{tmp_path}/nothing")
    assert caught.value.fault == "device_missing"
    assert "check its cable" in caught.value.hint


def test_a_second_process_cannot_take_the_same_port(bench):
    with Cd5220(bench.url("d1")), pytest.raises(TransientDeviceError):
        Cd5220(bench.url("d1"))


def test_a_closed_display_takes_nothing_and_closes_twice(bench):
    driver = Cd5220(bench.url("d1"))
    driver.close()
    driver.close()
    with pytest.raises(TransientDeviceError):
        driver.show(CALL)


def test_the_bytes_mean_the_same_whole_and_one_by_one(bench):
    data = cd5220.reset(4) + cd5220.lines(CALL.upper, CALL.lower) + cd5220.lines(NEXT.upper, NEXT.lower)
    bench.write("d1", data)
    until(shows(bench, NEXT))
    bench.ask(power_cycle="d1")
    for byte in data:
        bench.write("d1", bytes([byte]))
    until(shows(bench, NEXT))
    assert bench.ask(read="d1")["garbage"] == 0


def test_the_simulator_counts_garbage_and_obeys_the_next_good_command(bench):
    bench.write("d1", b"\xff\x00\x1bZ" + cd5220.reset(4) + cd5220.lines(CALL.upper, CALL.lower) + b"lost\x1b*\x02")
    until(shows(bench, CALL))
    until(lambda: bench.ask(read="d1")["garbage"] == 4 + 4 + 3)
    assert bench.ask(read="d1")["bright"] == 4, "in string mode only CLR and CAN are obeyed"


def test_the_ledger_has_a_line_per_change_and_the_picture_is_drawn(bench, display):
    display.want(CALL)
    until(shows(bench, CALL))
    display.want(NEXT)
    until(shows(bench, NEXT))
    uppers = [entry["cells"][0].strip() for entry in bench.ledger("d1")]
    assert list(dict.fromkeys(uppers)) == ["", "> A012 <", "> K047 <"]
    moments = [entry["t"] for entry in bench.ledger("d1")]
    assert moments == sorted(moments)
    until(lambda: (bench.folder / "d1.png").exists())


@pytest.mark.parametrize(
    "request_", ['{"read": "nobody"}', "[]", "{}", "nonsense", '{"eat": "d1"}', '{"read": "d1", "x": 1}']
)
def test_the_control_socket_refuses_nonsense_and_goes_on(bench, request_):
    import socket

    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(bench.said["control"])
        line.sendall(request_.encode() + b"\n")
        assert b"error" in line.recv(4096)
    assert bench.cells("d1") == [BLANK.upper, BLANK.lower]

"""A window display on a real pseudo-terminal with the simulated display at the far end."""

import threading
from contextlib import contextmanager

import pytest

from contract.errors import TransientDeviceError
from contract.words import Light
from displays.window import cd5220, dm_d
from displays.window.driver import Cable
from displays.window.kind import KINDS
from displays.window.lines import lines
from displays.window.model import BLANK, Sign
from displays.window.port import Port
from runtime.supervise import Troubles
from tests.open_files import open_files
from tests.until import until
from tests.wire.displays_bench import Simulator

CALL = Sign(Light.CALLED, "A012", 7)
NEXT = Sign(Light.CALLED, "K047", 7)
OLD = Sign(Light.CALLED, "A012", 7, old=True)


@pytest.fixture(params=["cd5220", "dm-d"])
def kind(request):
    """Both displays of two lines keep all that is said here."""
    return request.param


@pytest.fixture
def bench(tmp_path, kind):
    with Simulator(tmp_path, f"d1={kind}") as simulator:
        yield simulator


@pytest.fixture
def display(bench, kind):
    cable = Cable(bench.url("d1"), KINDS[kind], {"d1": 0}, Troubles("box"))
    cable.start()
    yield cable
    cable.stop()


@contextmanager
def driver(bench, kind):
    with Port(bench.url("d1"), KINDS[kind].baud) as port:
        yield KINDS[kind].make(port, 0)


def shows(bench, sign):
    drawn = lines(sign)
    return lambda: bench.cells("d1") == [drawn.upper, drawn.lower]


def test_what_is_wanted_is_what_can_be_read(bench, display):
    display.want("d1", CALL)
    until(shows(bench, CALL))
    display.want("d1", NEXT)
    until(shows(bench, NEXT))
    assert bench.ask(read="d1")["garbage"] == 0


def test_stale_is_dimmed_and_fresh_is_bright_again(bench, display):
    display.want("d1", OLD)
    until(lambda: bench.ask(read="d1")["bright"] == 1)
    until(shows(bench, OLD))
    display.want("d1", CALL)
    until(lambda: bench.ask(read="d1")["bright"] == 4)
    until(shows(bench, CALL))
    assert bench.ask(read="d1")["garbage"] == 0


def test_a_display_that_was_unplugged_shows_the_truth_of_now_when_it_is_back(bench, display):
    display.want("d1", CALL)
    until(shows(bench, CALL))
    bench.ask(unplug="d1")
    display.want("d1", NEXT)
    until(lambda: "device_missing:d1" in display._troubles.open)
    bench.ask(plug="d1")
    until(shows(bench, NEXT))
    until(lambda: not display._troubles.open)


def test_a_display_that_lost_its_own_power_is_written_again(bench, display, monkeypatch):
    monkeypatch.setattr("displays.window.driver.REFRESH_S", 0.2)
    display.want("d1", CALL)
    until(shows(bench, CALL))
    bench.ask(power_cycle="d1")
    until(shows(bench, CALL))


def test_an_unplugged_cable_is_noticed_without_news(bench, display, monkeypatch):
    monkeypatch.setattr("displays.window.driver.REFRESH_S", 0.2)
    display.want("d1", CALL)
    until(shows(bench, CALL))
    bench.ask(unplug="d1")
    until(lambda: "device_missing:d1" in display._troubles.open)


LEFT_BEHIND = {
    "cd5220": [b"\x1b", b"\x1bQ", b"\x1bQAK04", b"\x1bQBK047                ", b"\x1b*", b"\x1bl\x05"],
    "dm-d": [b"\x1b", b"\x1b=", b"\x1f", b"\x1f$", b"\x1f$\x05", b"\x1fX", b"\x1b=\x01", b"half a line"],
}


def test_a_half_written_command_of_a_vanished_sender_does_no_harm(bench, kind):
    for left in LEFT_BEHIND[kind]:
        bench.write("d1", left)
        with driver(bench, kind) as display:
            display.show(CALL)
            until(shows(bench, CALL))
            display.show(BLANK)
            until(shows(bench, BLANK))


def test_stop_blanks_the_display_and_may_be_called_twice(bench, display):
    display.want("d1", CALL)
    until(shows(bench, CALL))
    display.stop()
    until(shows(bench, BLANK))
    display.stop()


def test_a_port_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(TransientDeviceError) as caught:
        Port(f"serial://{tmp_path}/nothing", 9600)
    assert caught.value.fault == "device_missing"
    assert "check its cable" in caught.value.hint


def test_a_second_process_cannot_take_the_same_port(bench):
    with Port(bench.url("d1"), 9600), pytest.raises(TransientDeviceError):
        Port(bench.url("d1"), 9600)


def test_a_closed_port_takes_nothing_and_closes_twice(bench):
    port = Port(bench.url("d1"), 9600)
    port.close()
    port.close()
    with pytest.raises(TransientDeviceError):
        port.write(b"A")
    with pytest.raises(TransientDeviceError):
        port.ask(b"A", b"!", 10)


def bytes_of(sign):
    drawn = lines(sign)
    return {
        "cd5220": cd5220.reset(4) + cd5220.write(drawn.upper, drawn.lower),
        "dm-d": dm_d.reset(4) + dm_d.write(drawn.upper, drawn.lower),
    }


def test_the_bytes_mean_the_same_whole_and_one_by_one(bench, kind):
    data = bytes_of(CALL)[kind] + bytes_of(NEXT)[kind]
    bench.write("d1", data)
    until(shows(bench, NEXT))
    bench.ask(power_cycle="d1")
    for byte in data:
        bench.write("d1", bytes([byte]))
    until(shows(bench, NEXT))
    assert bench.ask(read="d1")["garbage"] == 0


@pytest.mark.parametrize("kind", ["cd5220"], indirect=True)
def test_the_simulator_counts_garbage_and_obeys_the_next_good_command(bench):
    bench.write("d1", b"\xff\x00\x1bZ" + bytes_of(CALL)["cd5220"] + b"lost\x1b*\x02")
    until(shows(bench, CALL))
    until(lambda: bench.ask(read="d1")["garbage"] == 4 + 4 + 3)
    assert bench.ask(read="d1")["bright"] == 4, "in string mode only CLR and CAN are obeyed"


@pytest.mark.parametrize("kind", ["dm-d"], indirect=True)
def test_a_display_that_shares_its_cable_with_a_printer_is_selected_again_each_time(bench, display):
    display.want("d1", CALL)
    until(shows(bench, CALL))
    bench.write("d1", b"\x1b=\x01")
    display.want("d1", NEXT)
    until(shows(bench, NEXT))


def test_a_wrong_baud_rate_is_mended_by_the_next_writing(bench, display, monkeypatch):
    monkeypatch.setattr("displays.window.driver.REFRESH_S", 0.2)
    bench.ask(garble="d1")
    display.want("d1", CALL)
    until(lambda: bench.ask(read="d1")["garbage"] > 0)
    bench.ask(mend="d1")
    bench.ask(power_cycle="d1")
    until(shows(bench, CALL))


def test_no_descriptor_leaks_when_the_cable_goes_in_and_out(bench, display, monkeypatch):
    monkeypatch.setattr("displays.window.driver.REFRESH_S", 0.02)
    monkeypatch.setattr("displays.window.driver.RETRY_S", (0.005, 0.02))
    until(lambda: display.opened == 1)
    before, threads = open_files(), threading.active_count()
    for turn in range(25):
        bench.ask(unplug="d1")
        until(lambda: "device_missing:d1" in display._troubles.open)
        bench.ask(plug="d1")
        display.want("d1", NEXT if turn % 2 else CALL)
        until(lambda: not display._troubles.open)
    until(shows(bench, CALL))
    assert display.opened == 26
    assert (open_files(), threading.active_count()) == (before, threads)
    assert display.units["d1"].figures["opened"] == 26


def test_the_ledger_has_a_line_per_change_and_the_picture_is_drawn(bench, display):
    display.want("d1", CALL)
    until(shows(bench, CALL))
    display.want("d1", NEXT)
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
    assert shows(bench, BLANK)()

"""Numeric displays on one simulated RS-485 line: each shows its own, is read back where it can be, and costs the others little."""

import os
import threading
import time
import tty

import pytest

from contract.words import Light
from displays.window.digits import digits
from displays.window.driver import Cable
from displays.window.kind import KINDS
from displays.window.laser_lt import LaserLt
from displays.window.model import BLANK, Sign
from displays.window.port import Port
from runtime.supervise import Troubles
from tests.open_files import open_files
from tests.until import until
from tests.wire.displays_bench import Simulator


def call(label):
    return Sign(Light.CALLED, label, 7)


@pytest.fixture(params=["ed400", "laser-lt"])
def kind(request):
    return request.param


@pytest.fixture
def bench(tmp_path, kind):
    with Simulator(tmp_path, *(f"d{n}={kind}@bus:{n}" for n in (1, 2, 3))) as simulator:
        yield simulator


@pytest.fixture
def cable(bench, kind, monkeypatch):
    monkeypatch.setattr("displays.window.driver.REFRESH_S", 0.2)
    cable = Cable(bench.url("d1"), KINDS[kind], {f"d{n}": n for n in (1, 2, 3)}, Troubles("box"))
    cable.start()
    yield cable
    cable.stop()


laser = pytest.mark.parametrize("kind", ["laser-lt"], indirect=True)


def cell(bench, name):
    return bench.cells(name)[0].strip()


def test_each_display_of_the_line_shows_its_own(bench, cable):
    for n, label in enumerate(("A112", "B020", "C003"), 1):
        cable.want(f"d{n}", call(label))
    until(lambda: [cell(bench, f"d{n}").lstrip("0") for n in (1, 2, 3)] == ["112", "20", "3"])
    cable.want("d2", BLANK)
    until(lambda: cell(bench, "d2") == "")
    assert cell(bench, "d1") == "112"
    assert not cable._troubles.open


def test_the_line_is_true_again_after_noise(bench, cable):
    bench.ask(noise="d1")
    for label in ("A001", "A120", "A222"):
        cable.want("d1", call(label))
    until(lambda: bench.ask(read="d1")["garbage"] + bench.ask(read="d2")["garbage"] > 0)
    bench.ask(mend="d1")
    until(lambda: cell(bench, "d1") == "222")
    until(lambda: not cable._troubles.open)


def test_all_displays_of_a_pulled_cable_are_missing_by_name(bench, cable):
    cable.want("d1", call("A112"))
    until(lambda: cell(bench, "d1") == "112")
    bench.ask(unplug="d1")
    until(lambda: set(cable._troubles.open) == {f"device_missing:d{n}" for n in (1, 2, 3)})
    bench.ask(plug="d1")
    until(lambda: cell(bench, "d1") == "112")
    until(lambda: not cable._troubles.open)


@laser
def test_a_display_that_says_nothing_is_missing_and_the_others_go_on(bench, cable):
    bench.ask(mute="d2")
    until(lambda: set(cable._troubles.open) == {"device_missing:d2"})
    began = time.monotonic()
    cable.want("d3", call("C003"))
    until(lambda: cell(bench, "d3") == "003")
    assert time.monotonic() - began < 1.0
    bench.ask(mend="d2")
    until(lambda: not cable._troubles.open)


@laser
def test_a_display_that_shows_another_thing_is_told_counted_and_written_again(bench, cable):
    cable.want("d2", call("B020"))
    until(lambda: cell(bench, "d2") == "020")
    bench.ask(lie="d2")
    until(lambda: set(cable._troubles.open) == {"display_wrong:d2"})
    assert cable.units["d2"].figures["wrong"] >= 1
    assert cable.units["d1"].figures["wrong"] == 0
    bench.ask(mend="d2")
    until(lambda: not cable._troubles.open)


def test_two_displays_with_one_address_are_found_out(tmp_path):
    with Simulator(tmp_path, "d1=laser-lt@bus:1", "d2=laser-lt@bus:1") as bench:
        cable = Cable(bench.url("d1"), KINDS["laser-lt"], {"d1": 1}, Troubles("box"))
        cable.start()
        until(lambda: set(cable._troubles.open) == {"display_wrong:d1"})
        cable.stop()


@laser
def test_an_answer_at_another_baud_rate_is_wrong(bench, cable):
    bench.ask(garble="d1")
    until(lambda: cable._troubles.open)
    bench.ask(mend="d1")
    until(lambda: not cable._troubles.open)


@laser
def test_a_display_whose_box_died_goes_dark_by_itself(bench, kind, monkeypatch):
    monkeypatch.setattr("displays.window.laser_lt.HOLD_MS", 300)
    with Port(bench.url("d1"), 9600) as port:
        driver = LaserLt(port, 1)
        driver.show(call("A112"))
        until(lambda: cell(bench, "d1") == "112")
        driver.check(call("A112"))
        until(lambda: cell(bench, "d1") == "", deadline_s=5)


@laser
@pytest.mark.parametrize(
    "left", [b"|", b"|01", b"|01DM1", b"|01DM15000|   0", b"|01DM15000|   01|", b"\xff\x80", b"!!"]
)
def test_a_half_written_message_does_no_harm(bench, left):
    bench.write("d1", left)
    with Port(bench.url("d1"), 9600) as port:
        driver = LaserLt(port, 1)
        driver.show(call("A112"))
        driver.check(call("A112"))
    assert bench.cells("d1") == [digits(call("A112"), 6)]


def test_a_line_that_hears_itself_is_still_read_back(tmp_path):
    """An adapter for two wires gives back what was sent."""
    master, slave = os.openpty()
    tty.setraw(slave)

    def line():
        heard = b""
        while not heard.endswith(b"QD!"):
            data = os.read(master, 64)
            os.write(master, data)
            heard += data
        os.write(master, b"   112,0\r")

    thread = threading.Thread(target=line)
    thread.start()
    with Port(f"serial://{os.ttyname(slave)}", 9600) as port:
        LaserLt(port, 1).check(call("A112"))
    thread.join(5)
    os.close(master)
    os.close(slave)


@laser
def test_a_line_pulled_out_in_the_middle_of_a_question_leaves_nothing_behind(bench, cable, monkeypatch):
    monkeypatch.setattr("displays.window.driver.REFRESH_S", 0.001)
    monkeypatch.setattr("displays.window.driver.RETRY_S", (0.005, 0.02))
    until(lambda: cable.opened == 1)
    before = open_files()
    for _ in range(10):
        bench.ask(unplug="d1")
        until(lambda: len(cable._troubles.open) == 3)
        bench.ask(plug="d1")
        until(lambda: not cable._troubles.open)
    assert open_files() == before

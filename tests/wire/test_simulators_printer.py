"""The simulated printer against bytes from the Epson ESC/POS reference: it must be as harsh as a real one."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.printing import SimPrinter
from tests.until import until

START = bytes.fromhex("1b40")
CUT = bytes.fromhex("1d564200")
CLEAR = bytes.fromhex("10140801031401060208")


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SimPrinter]:
    with SimPrinter(tmp_path / "sim") as sim:
        yield sim


@pytest.fixture
def wire(sim: SimPrinter) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", sim.port), 5) as wire:
        yield wire


def ask(wire: socket.socket, question: bytes, count: int) -> bytes:
    wire.sendall(question)
    answer = b""
    while len(answer) < count:
        answer += wire.recv(count - len(answer))
    return answer


def rows(count: int, byte: int = 0xFF) -> bytes:
    return bytes.fromhex("1d76300048 00".replace(" ", "")) + count.to_bytes(2, "little") + bytes((byte,)) * 72 * count


def proof(mark: bytes) -> bytes:
    return bytes.fromhex("1d284806003030") + mark


def test_real_time_status_is_answered_while_the_paper_is_out(sim: SimPrinter, wire: socket.socket) -> None:
    assert ask(wire, bytes.fromhex("100401100402100403100404"), 4) == bytes.fromhex("12121212")
    sim.do("paper", value="out")
    assert ask(wire, bytes.fromhex("100401100402100403100404"), 4) == bytes.fromhex("1a32127e")


def test_changes_are_pushed_until_the_printer_is_initialised(sim: SimPrinter, wire: socket.socket) -> None:
    assert ask(wire, bytes.fromhex("1d610e"), 4) == bytes.fromhex("10000000")
    sim.do("cover", open=True)
    assert ask(wire, b"", 4) == bytes.fromhex("38000000")
    sim.do("cover", open=False)
    assert ask(wire, b"", 4) == bytes.fromhex("10000000")
    assert ask(wire, START + bytes.fromhex("1d7201"), 1) == b"\x00"
    sim.do("paper", value="low")
    assert ask(wire, bytes.fromhex("1d7201"), 1) == b"\x03"


def test_in_order_status_waits_for_the_new_roll(sim: SimPrinter, wire: socket.socket) -> None:
    sim.do("paper", value="out")
    assert ask(wire, bytes.fromhex("1d7201") + bytes.fromhex("100401"), 1) == b"\x1a"
    sim.do("paper", value="ok")
    assert ask(wire, b"", 1) == b"\x00"


def test_proof_comes_after_the_rows_and_never_without_paper(sim: SimPrinter, wire: socket.socket) -> None:
    assert ask(wire, START + rows(8) + CUT + proof(b"A~ 0"), 7) == b"\x37\x22A~ 0\x00"
    sim.do("paper_out_at", rows=4)
    wire.sendall(rows(8) + CUT + proof(b"lost"))
    until(lambda: sim.state()["paper"] == "out", "the end of the roll")
    assert ask(wire, bytes.fromhex("100404"), 1) == b"\x7e"
    assert [line["mark"] for line in sim.ledger("proof")] == ["A~ 0"]


def test_data_held_without_paper_is_printed_on_the_next_roll_even_after_the_client_left(
    sim: SimPrinter, wire: socket.socket
) -> None:
    sim.do("paper", value="out")
    wire.sendall(rows(8) + CUT)
    until(lambda: sim.state()["buffered"] == 8 + 72 * 8 + len(CUT), "held data")
    wire.close()
    until(lambda: not sim.state()["connected"], "a free line")
    sim.do("paper", value="ok")
    (paper,) = until(sim.papers)
    assert (paper["rows"], paper["torn"]) == (8, None)


def test_clearing_forgets_held_data_and_pending_proofs(sim: SimPrinter, wire: socket.socket) -> None:
    sim.do("paper", value="out")
    wire.sendall(rows(8) + CUT + proof(b"gone"))
    assert ask(wire, CLEAR, 3) == bytes.fromhex("372500")
    sim.do("paper", value="ok")
    assert ask(wire, proof(b"next"), 7) == b"\x37\x22next\x00"
    assert sim.papers() == []


def test_paper_after_a_clearing_on_the_new_roll_is_whole(sim: SimPrinter, wire: socket.socket) -> None:
    sim.do("paper_out_at", rows=100)
    wire.sendall(rows(100))
    until(lambda: sim.state()["paper"] == "out", "the end of the roll")
    sim.do("paper", value="ok")
    assert ask(wire, CLEAR, 3) == bytes.fromhex("372500")
    wire.sendall(rows(8) + CUT)
    until(lambda: len(sim.papers()) == 2, "two papers")
    assert [(paper["rows"], paper["torn"]) for paper in sim.papers()] == [(100, "roll ended"), (8, None)]


def test_full_buffer_takes_nothing_but_real_time_commands_at_the_door(sim: SimPrinter, wire: socket.socket) -> None:
    sim.do("paper", value="out")
    wire.settimeout(0.3)
    with pytest.raises(TimeoutError):
        wire.sendall(rows(60000))
    assert sim.state()["buffered"] == 4096
    with socket.create_connection(("127.0.0.1", sim.port), 5) as second:
        assert ask(second, bytes.fromhex("100401"), 1) == b"\x1a"
        assert ask(second, CLEAR, 3) == bytes.fromhex("372500")
    assert sim.state()["buffered"] == 0


def test_command_hidden_in_a_picture_is_obeyed_and_still_printed(sim: SimPrinter, wire: socket.socket) -> None:
    picture = bytes.fromhex("1d763000 0300 0100 100401")
    assert ask(wire, picture, 1) == b"\x12"
    wire.sendall(CUT)
    (paper,) = until(sim.papers)
    with Image.open(sim.folder / paper["file"]) as image:
        assert bytes(255 - byte for byte in image.convert("1").tobytes()) == b"\x10\x04\x01"


def test_power_cut_tears_the_paper_and_refuses_connections_until_it_is_back(
    sim: SimPrinter, wire: socket.socket
) -> None:
    sim.do("power_off_at", bytes=8 + 72 * 5)
    wire.sendall(rows(8) + CUT)
    (paper,) = until(sim.papers)
    assert (paper["file"], paper["torn"]) == ("paper-0001-half.png", "power lost")
    assert paper["rows"] == 5
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", sim.port), 5)
    sim.do("power", on=True)
    with socket.create_connection(("127.0.0.1", sim.port), 5) as back:
        assert ask(back, bytes.fromhex("100401"), 1) == b"\x12"


def test_name_is_told(wire: socket.socket) -> None:
    assert ask(wire, bytes.fromhex("1d4943"), 11) == b"\x5fTM-T20III\x00"


def test_stop_is_pushed_to_who_asked_for_it(sim: SimPrinter, wire: socket.socket) -> None:
    assert ask(wire, bytes.fromhex("1d28480300313032") + bytes.fromhex("1d7201"), 1) == b"\x00"
    sim.do("cutter", jam=True)
    assert ask(wire, b"", 4) == bytes.fromhex("37234000")


def test_bytes_that_are_no_command_are_written_down(sim: SimPrinter, wire: socket.socket) -> None:
    assert ask(wire, b"A\x1b\xfe" + bytes.fromhex("1d7201"), 1) == b"\x00"
    assert [line["hex"] for line in sim.ledger("unknown")] == ["41", "1bfe"]


@pytest.mark.parametrize("line", [b"nonsense", b"{}", b'{"do": "dance"}', b'{"do": "paper", "value": "blue"}', b"[1]"])
def test_wrong_order_is_answered_with_an_error(sim: SimPrinter, line: bytes) -> None:
    sim.tell(line)
    assert "error" in json.loads(sim.heard())
    assert sim.state()["paper"] == "ok"

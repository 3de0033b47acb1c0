"""The wire to a printer, and what is not a printer at the other end of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from contract.errors import ContractError, TransientDeviceError
from printers.job import JobState
from printers.link import Address, check_url, open_link
from printers.printer import QUEUE_JOBS
from tests.printing import Desk
from tests.until import until


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that is no printer: `serve` is run for each connection, which is closed afterwards."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)  # as little room as a printer has

    def accept() -> None:
        with suppress(OSError):
            while True:
                link, _ = listener.accept()
                with link, suppress(OSError):
                    serve(link)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def test_large_writes_are_taken_in_parts_and_arrive_whole() -> None:
    heard = bytearray()
    done = threading.Event()

    def serve(link: socket.socket) -> None:
        while len(heard) < 300_000:
            heard.extend(link.recv(1000))
        done.set()

    data = bytes(range(250)) * 1200
    with listening(serve) as url:
        link = open_link(url, "printer", 1.0)
        parts = []
        rest = data
        while rest:
            parts.append(link.write(rest))
            rest = rest[parts[-1] :]
        assert done.wait(10)
        link.close()
        link.close()
    assert heard == data
    assert len([part for part in parts if part]) > 1


def test_nothing_to_read_is_empty_and_a_closed_line_is_an_error() -> None:
    gate = threading.Event()
    waited: list[bool] = []
    with listening(lambda _: waited.append(gate.wait(10))) as url:
        link = open_link(url, "printer", 1.0)
        assert link.read() == b""
        gate.set()
        with pytest.raises(TransientDeviceError, match="printer: device_missing: check its cable"):
            until(link.read)
        link.close()


def test_rest_of_an_abandoned_ticket_does_not_follow() -> None:
    gate, ended = threading.Event(), threading.Event()
    heard = bytearray()

    def serve(link: socket.socket) -> None:
        gate.wait(10)
        try:
            while part := link.recv(1000):
                heard.extend(part)
        except ConnectionResetError:
            ended.set()

    with listening(serve) as url:
        link = open_link(url, "printer", 1.0)
        sent = sum(iter(lambda: link.write(b"x" * 100_000), 0))
        link.close()
        gate.set()
        assert ended.wait(10)
    assert len(heard) < sent


def test_refused_connection_names_the_device_and_the_next_step() -> None:
    with socket.create_server(("127.0.0.1", 0)) as spare:
        port = spare.getsockname()[1]
    with pytest.raises(TransientDeviceError, match="printer-7: device_missing"):
        open_link(f"tcp://127.0.0.1:{port}", "printer-7", 1.0)


@pytest.mark.parametrize(
    "url",
    [
        "", "tcp://", "10.0.0.5:9100", "tcp://10.0.0.5:99999", "tcp://10.0.0.5/x", "tcp://[::1", "serial://ttyS0", "usblp:///dev/x?a=1",
        "usblp://lp0", "cups://", "cups://queue/x", "usb:///dev/x",
    ],
)  # fmt: skip
def test_wrong_url_says_the_right_form(url: str) -> None:
    with pytest.raises(ContractError, match="tcp://host:port"):
        check_url(url)


def test_port_9100_is_understood() -> None:
    assert check_url("tcp://10.0.0.5") == Address("tcp", "10.0.0.5", 9100)


def test_device_files_and_queues_are_understood() -> None:
    assert check_url("usblp:///dev/usb/lp0") == Address("usblp", "/dev/usb/lp0")
    assert check_url("serial:///dev/ttyUSB0?baud=9600&flow=rtscts") == Address(
        "serial", "/dev/ttyUSB0", baud=9600, flow="rtscts"
    )
    assert check_url("cups://Front_Desk") == Address("cups", "Front_Desk")


@pytest.mark.parametrize("query", ["baud=1200", "flow=dtr", "parity=E", "baud"])
def test_line_that_no_printer_has_says_what_is_allowed(query: str) -> None:
    with pytest.raises(ContractError, match="serial:///dev/ttyS0"):
        check_url(f"serial:///dev/ttyS0?{query}")


def never_reads(link: socket.socket) -> None:
    link.settimeout(0.2)
    with suppress(TimeoutError):
        link.recv(1)


def talks_http(link: socket.socket) -> None:
    link.recv(100)
    link.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: x\r\nContent-Length: 0\r\n\r\n" * 20)


def pours_noise(link: socket.socket) -> None:
    for start in range(64):
        link.sendall(bytes((start * 37 + step * 11) % 256 for step in range(997)))


@pytest.mark.parametrize("serve", [never_reads, talks_http, pours_noise, lambda _: None])
def test_what_is_no_printer_never_gets_a_ticket(serve: Callable[[socket.socket], None], tmp_path: Path) -> None:
    connections = 0

    def counted(link: socket.socket) -> None:
        nonlocal connections
        connections += 1
        serve(link)

    with listening(counted) as url, Desk(url, tmp_path) as desk:
        until(lambda: connections >= 2, "a second try")
        job_id = desk.print(47)
        ended = desk.until(job_id, JobState.VOIDED, JobState.CONFIRMED)
        assert ended.state is JobState.VOIDED
        assert desk.path(job_id) in ([JobState.NEW, JobState.VOIDED], [JobState.NEW, JobState.SENT, JobState.UNKNOWN])


def test_more_orders_than_the_queue_holds_are_refused_in_words(tmp_path: Path) -> None:
    with listening(never_reads) as url:
        desk = Desk(url, tmp_path)  # not started: nothing is taken from the queue
        for number in range(QUEUE_JOBS):
            desk.print(number)
        with pytest.raises(TransientDeviceError, match="printer_settling: wait a moment"):
            desk.print(99)
        desk.printer.stop(0.1)

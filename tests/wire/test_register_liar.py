"""A terminal and a connector that is not well: whatever comes back is an answer, a named fault, or nothing, in time and without leaks."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.errors import DeviceError
from runtime import https
from terminal.register import NotKnownError, RegisterClient
from tests.register_site import MOTHER, Site, heard

NAME = "Калинич Оксана Іванівна"
GOOD = json.dumps({"number": MOTHER, "names": {"uk": NAME}, "birth_date": "1979-12-17"}).encode()


def answer(body: bytes, status: int = 200, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\nContent-Length: {size}\r\n\r\n".encode() + body


class Liar:
    """Has the connector's certificate and says `pieces`, `pause_s` apart, to every question."""

    def __init__(self, site: Site) -> None:
        mine = site.authority.credentials("register-1")
        self._context = https.server_context(mine.ca, mine.cert, mine.key)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.pieces: Sequence[bytes] = ()
        self.pause_s = 0.0
        self.client = RegisterClient(f"https://127.0.0.1:{self._door.getsockname()[1]}", site.credentials(), 2.0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def says(self, *pieces: bytes, pause_s: float = 0.0) -> RegisterClient:
        self.pieces, self.pause_s = pieces, pause_s
        return self.client

    def stop(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._door.close()

    def _run(self) -> None:
        while True:
            try:
                plain, _ = self._door.accept()
            except OSError:
                return
            try:
                with plain, self._context.wrap_socket(plain, server_side=True) as tls:
                    tls.settimeout(5)
                    tls.recv(8192)
                    for piece in self.pieces:
                        tls.sendall(piece)
                        time.sleep(self.pause_s)  # the pace of the wire under test, not a wait for something
                    socket.socket.shutdown(tls, socket.SHUT_WR)
                    heard(tls)
            except OSError:
                continue


@pytest.fixture(scope="module")
def liar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Liar]:
    with Site(tmp_path_factory.mktemp("site")) as site:
        made = Liar(site)
        yield made
        made.stop()


def fault_of(client: RegisterClient) -> str:
    """What a question ends with; the whole chain of causes must not repeat what came."""
    try:
        client.person(MOTHER)
    except NotKnownError:
        return "unknown"
    except DeviceError as exc:
        cause: BaseException | None = exc
        while cause is not None:
            assert not [word for word in (NAME, MOTHER, "1979", "secret") if word in repr(cause) + str(cause)]
            cause = cause.__cause__
        return exc.fault
    return ""


def test_an_answer_is_one_however_it_is_cut(liar: Liar) -> None:
    whole = answer(GOOD)
    assert fault_of(liar.says(whole)) == ""
    assert fault_of(liar.says(*[whole[n : n + 1] for n in range(len(whole))])) == ""


@pytest.mark.parametrize(
    ("pieces", "fault"),
    [
        ([answer(GOOD)[:-5]], "register_away"),
        ([answer(GOOD, length=10**9)], "register_away"),
        ([answer(GOOD)[:20]], "register_faulty"),
        ([b""], "register_away"),
        ([b"secret " * 20_000], "register_faulty"),
        ([b"HTTP/1.1 200 X\r\n" + b"A: secret\r\n" * 500 + b"\r\n"], "register_faulty"),
        ([b"HTTP/1.1 200 X\r\nContent-Length: 20000000\r\n\r\n"] + [b" " * 2**20] * 9, "register_faulty"),
        ([b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nsecret"], "register_away"),
        ([b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nsecret"], "register_away"),
        ([answer(GOOD[:-1])], "register_faulty"),
        ([answer(GOOD.replace(b'"1979-12-17"', b"7"))], "register_faulty"),
        ([answer(b"[" * 100_000)], "register_faulty"),
        ([answer(b"\xff\xfe")], "register_faulty"),
        ([answer(b"", 304)], "register_faulty"),
        ([answer(GOOD, 302)], "register_faulty"),
        ([answer(b"<html>secret", 500)], "register_faulty"),
        ([answer(b'{"fault": "secret"}', 503)], "register_faulty"),
        ([answer(b'{"fault": "register_away"}', 503)], "register_away"),
        ([answer(b'{"fault": "not_allowed"}', 403)], "register_refused"),
        ([answer(b'{"fault": "bad_answer", "step": "secret"}', 502)], "register_faulty"),
        ([answer(b'{"fault": "unknown"}', 404)], "unknown"),
    ],
)  # fmt: skip
def test_what_comes_back_is_named(liar: Liar, pieces: list[bytes], fault: str) -> None:
    assert fault_of(liar.says(*pieces)) == fault


def test_who_drips_is_left_in_time(liar: Liar) -> None:
    whole = answer(GOOD + b" " * 4000)
    began = time.monotonic()
    assert fault_of(liar.says(*[whole[n : n + 1] for n in range(60)], pause_s=0.05)) == "register_away"
    assert time.monotonic() - began < 4


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, len(answer(GOOD)) - 1), st.binary(min_size=1, max_size=3), st.booleans())
def test_a_spoilt_answer_is_one_or_a_named_fault(liar: Liar, place: int, noise: bytes, replace: bool) -> None:
    whole = answer(GOOD)
    spoilt = whole[:place] + noise + whole[place + len(noise) * replace :]
    assert fault_of(liar.says(spoilt)) in {"", "register_away", "register_faulty", "unknown"}

"""The connector's door against whoever is not a well-made terminal: bad bytes, slow bytes, crowds; nothing leaks, others are served."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.register import Registers
from registers.server import AT_ONCE, PER_ADDRESS
from tests.register_site import MOTHER, Site, fault, heard
from tests.until import until

BODY = json.dumps({"number": MOTHER}).encode()
QUESTION = b"POST /1/person HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site"), ask_s=3.0) as running:
        yield running


def asked(body: bytes, path: str = "person") -> bytes:
    return f"POST /1/{path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def nothing_for(ask: Callable[[], bytes]) -> bool:
    """Whether who asks is hung up on without a word."""
    try:
        return ask() == b""
    except OSError:
        return True


def said_by(site: Site, context: ssl.SSLContext) -> bytes:
    with (
        socket.create_connection(("127.0.0.1", site.server.port), 5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as wire,
    ):
        wire.sendall(QUESTION)
        return wire.recv(1)


@pytest.mark.parametrize("pieces", [1, 7, len(QUESTION)])
def test_a_question_is_one_however_it_is_cut(site: Site, pieces: int) -> None:
    step = -(-len(QUESTION) // pieces)
    with site.wire() as wire:
        for at in range(0, len(QUESTION), step):
            wire.sendall(QUESTION[at : at + step])
        head, _, body = heard(wire).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-store")
    assert json.loads(body)["number"] == MOTHER


@pytest.mark.parametrize(
    "data",
    [
        asked(b""), asked(b"{"), asked(b"null"), asked(b'{"number": 7}'), asked(b'{"number": "1"}'), asked(b'{"number": "../../etc"}'),
        asked(b'{"code": "1"}', "paid"), asked(b'{"code": "\xff"}', "due"), asked(b"[" * 4000), asked(b'{"a":' * 700),
        asked(BODY, "nothing"), asked(BODY, "health"), asked(BODY, "settlements"), QUESTION + QUESTION, QUESTION + b"x",
        b"GET /1/person HTTP/1.1\r\n\r\n", b"GET /1/other HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\r\n\r\n",
        b"\0" * 50 + b"\r\n\r\n",
        b"POST /1/person HTTP/1.1\r\nContent-Length: 99999\r\n\r\n" + b"x" * 100, b"A" * 5000,
        b"POST /1/person HTTP/1.1\r\n" + b"A: b\r\n" * 900 + b"\r\n",
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused_in_words_of_the_contract(site: Site, data: bytes) -> None:
    answer = site.raw(data)
    assert answer == b"" or fault(answer) == "bad_request"  # with bytes unread the connection may be reset
    assert MOTHER.encode() not in answer
    assert site.client().health() == Registers(registers={"community": ""})


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, len(QUESTION) - 1), st.binary(min_size=1, max_size=4), st.booleans())
def test_a_spoilt_question_gets_a_word_or_nothing(site: Site, place: int, noise: bytes, replace: bool) -> None:
    spoilt = QUESTION[:place] + noise + QUESTION[place + len(noise) * replace :]
    with site.wire() as wire:
        wire.sendall(spoilt)
        socket.socket.shutdown(wire, socket.SHUT_WR)  # its own would drop TLS
        answer = heard(wire)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")


def test_a_question_that_ends_in_its_middle_is_nobodys(site: Site) -> None:
    before = site.enquiries.standing["community"].asked
    for length in (0, 1, 30, len(QUESTION) - 1):
        with site.wire() as wire:
            wire.sendall(QUESTION[:length])
            socket.socket.shutdown(wire, socket.SHUT_WR)  # its own would drop TLS
            assert heard(wire) == b""
    assert site.enquiries.standing["community"].asked == before


def test_who_drips_bytes_is_hung_up_on_and_holds_up_nobody_else(site: Site) -> None:
    """Slow bytes from one address: it has a few places, each until the deadline, whatever trickles in."""
    slow: list[ssl.SSLSocket] = [site.wire("127.0.0.2") for _ in range(PER_ADDRESS)]
    began = time.monotonic()
    for wire in slow:
        wire.sendall(b"POST /1/per")
    assert nothing_for(lambda: site.raw(QUESTION, source="127.0.0.2"))  # one too many of that address
    assert site.client().person(MOTHER).number == MOTHER

    def gone(wire: ssl.SSLSocket) -> bool:
        try:
            wire.sendall(b"s")
            wire.settimeout(0.01)
            return wire.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    until(lambda: not [wire for wire in slow if not gone(wire)], "a dripping connection is still open", 15)
    assert time.monotonic() - began < 12
    for wire in slow:
        wire.close()
    assert site.server.refused["too many"] >= 1


def test_a_silent_crowd_before_tls_is_hung_up_on(site: Site) -> None:
    crowd = [
        socket.create_connection(("127.0.0.1", site.server.port), 5, source_address=(f"127.0.0.{3 + n % 8}", 0))
        for n in range(40)
    ]
    for one in crowd[:3]:
        one.sendall(b"\x16\x03\x01\x02\x00\x01")
    until(lambda: site.server.refused["too many"] >= len(crowd) - AT_ONCE, "the crowd was let in")
    for one in crowd:
        one.settimeout(8)
        try:
            while one.recv(100):
                pass
        except ConnectionResetError:
            continue
        finally:
            one.close()
    assert site.client().person(MOTHER).number == MOTHER


def test_old_tls_and_no_certificate_get_nothing(site: Site) -> None:
    files = site.credentials()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(files.ca)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.load_cert_chain(files.cert, files.key)
    bare = ssl.create_default_context(cafile=files.ca)
    for context in (old, bare):
        assert nothing_for(partial(said_by, site, context))


def test_nothing_of_a_question_or_an_answer_is_logged(
    site: Site, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        site.client().person(MOTHER)
        site.client().dues(MOTHER)
        site.raw(QUESTION + b"x")
        site.raw(asked(b'{"number": "' + MOTHER.encode() + b'", "x": }'))
    out, err = capfd.readouterr()
    said = caplog.text + out + err
    assert not [secret for secret in (MOTHER, "Калинич", "Kalynych") if secret in said]

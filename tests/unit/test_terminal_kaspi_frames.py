"""Kaspi's HTTP bytes: whole, byte by byte, in chunks, cut off, spoilt, too long; and that nothing of a client is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import ContractError
from terminal.pos.kaspi import frames as f
from terminal.pos.kaspi import permission

PAID = {
    "statusCode": 0,
    "data": {
        "processId": "0a1b2c",
        "status": "success",
        "transactionId": "471",
        "chequeInfo": {
            "method": "qr",
            "cardMask": "400000******0002",
            "clientName": "TEST HOLDER",
            "amount": "1 235 ₸",
        },
    },
}
BODY = json.dumps(PAID).encode()
COUNTED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"a;ext=1\r\n%s\r\n" % BODY[:10]
    + b"%X\r\n%s\r\n0\r\n\r\n" % (len(BODY) - 10, BODY[10:])
)


def test_a_request_is_one_get_with_its_permission() -> None:
    data = f.request("/v2/payment", {"amount": "1235", "owncheque": "true"}, "192.0.2.7", "t0ken")
    assert data.startswith(b"GET /v2/payment?amount=1235&owncheque=true HTTP/1.1\r\n")
    assert b"\r\naccesstoken: t0ken\r\n" in data
    assert data.endswith(b"\r\n\r\n")


def test_a_line_break_in_a_word_does_not_become_a_header() -> None:
    assert f.request("/v2/register", {"name": "a\r\nb: c"}, "h").count(b"\r\n") == 5
    with pytest.raises(ContractError, match="line break"):
        f.request("/v2/status", {}, "h", "t\r\nb: c")
    with pytest.raises(ContractError, match="ASCII"):
        f.request("/v2/status", {}, "h", "жетон")


@pytest.mark.parametrize("data", [COUNTED, CHUNKED], ids=["counted", "chunked"])
def test_an_answer_is_read_whole_and_byte_by_byte(data: bytes) -> None:
    whole = f.Reader().feed(data)
    assert whole is not None
    assert (whole.code, whole.word("status"), whole.word("method"), whole.word("transactionId")) == (
        0,
        "success",
        "qr",
        "471",
    )
    reader = f.Reader()
    answers = [reader.feed(bytes((byte,))) for byte in data]
    assert next(one for one in answers if one) == whole


@pytest.mark.parametrize("data", [COUNTED, CHUNKED], ids=["counted", "chunked"])
def test_an_answer_that_is_cut_off_is_none_yet(data: bytes) -> None:
    end = data.index(BODY[-5:])
    assert all(f.Reader().feed(data[:n]) is None for n in range(end))


def test_nothing_of_the_client_and_of_the_card_but_masked_digits_is_kept() -> None:
    told = f.Reader().feed(COUNTED)
    assert told is not None
    assert told.word("cardMask") == "400000******0002"
    assert "TEST HOLDER" not in repr(told)
    bare = json.dumps({"statusCode": 0, "data": {"chequeInfo": {"cardMask": "4000000000000002"}}}).encode()
    assert f.parse(200, bare).word("cardMask") == ""


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/2 200\r\nContent-Length: 2\r\n\r\n{}",
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b'{"statusCode": true}',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 80,
        b"x" * 20_000,
    ],
)
def test_what_is_no_answer_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(ContractError):
        f.Reader().feed(data)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_by_http_is_the_apis_own(status: int) -> None:
    assert f.Reader().feed(b"HTTP/1.1 %d no\r\nContent-Length: 0\r\n\r\n" % status) == f.Reply(status, {})


@given(st.binary(max_size=300), st.integers(0, len(COUNTED) - 1))
def test_any_bytes_in_its_middle_give_an_answer_or_a_named_error(noise: bytes, at: int) -> None:
    try:
        told = f.Reader().feed(COUNTED[:at] + noise + COUNTED[at:])
    except ContractError:
        return
    assert told is None or "TEST HOLDER" not in repr(told)


def test_a_permission_that_is_none_is_refused_and_one_is_kept_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "permission.json"
    assert permission.load(file) is None
    kept = permission.Permission("hall-1", "access", "refresh")
    permission.save(file, kept)
    assert permission.load(file) == kept
    assert "access" not in repr(kept).replace("access=", "")
    file.write_text("[]")
    with pytest.raises(ContractError, match="pair again"):
        permission.load(file)

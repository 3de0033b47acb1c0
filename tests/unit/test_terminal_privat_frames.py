"""PrivatBank's JSON: what is read, what is dropped, and that nothing of a card is kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import ContractError
from terminal.money import Money
from terminal.pos.privat import frames as f
from terminal.pos.terminal import Kind

SALE = {
    "method": "Purchase", "step": 0, "error": False, "errorDescription": "",
    "params": {
        "amount": "12.35", "invoiceNumber": "000471", "responseCode": "0000", "rrn": "000000123456", "terminalId": "S1A00001",
        "pan": "400000******0002", "cardHolderName": "TEST HOLDER", "cardExpiryDate": "1230", "track1": "B4000", "txnType": "1",
        "trnStatus": "1", "approvalCode": "A1B2C3", "paymentSystem": "VISA",
    },
}  # fmt: skip


def wire(body: object) -> bytes:
    return json.dumps(body).encode() + b"\0"


def test_the_handshake_alone_begins_with_a_zero() -> None:
    assert f.request("PingDevice") == b'\0{"method":"PingDevice","step":0}\0'
    assert f.request("GetReceiptInfo", {"invoiceNumber": ""})[0] == ord("{")


def test_messages_split_glued_and_between_empty_pieces() -> None:
    data = b"\0\0" + wire(SALE) + wire(SALE)
    whole, slow = f.Reader().feed(data), f.Reader()
    bytewise = [message for byte in data for message in slow.feed(bytes((byte,)))]
    assert whole == bytewise
    assert [message.method for message in whole] == ["Purchase", "Purchase"]


@pytest.mark.parametrize(
    "piece", [b"{half", b"[]", b'"x"', b"{}", b"\xff\xfe", b'{"method":"x","params":[1]}', b"[" * 5000]
)
def test_what_is_no_message_is_dropped_and_counted(piece: bytes) -> None:
    reader = f.Reader()
    assert [m.method for m in reader.feed(piece + b"\0" + wire(SALE))] == ["Purchase"]
    assert reader.dropped == 1


def test_an_endless_message_is_dropped_whole() -> None:
    reader = f.Reader()
    assert reader.feed(b"{" * (f.MAX_BYTES + 10)) == []
    assert len(reader._piece) <= f.MAX_BYTES
    assert [m.method for m in reader.feed(b"\0" + wire(SALE))] == ["Purchase"]
    assert reader.dropped == 1


@given(st.binary(max_size=400))
def test_any_bytes_give_messages_or_nothing(data: bytes) -> None:
    for message in f.Reader().feed(data):
        assert isinstance(message.method, str)


def test_a_receipt_is_read_and_the_holder_and_tracks_are_not() -> None:
    (message,) = f.Reader().feed(wire(SALE))
    made = f.receipt(message, "UAH")
    assert made is not None
    assert (made.number, made.kind, made.amount, made.approved) == ("471", Kind.SALE, Money(1235, "UAH"), True)
    kept = repr(message)
    assert "TEST HOLDER" not in kept
    assert "track1" not in kept
    assert "1230" not in kept


@pytest.mark.parametrize(
    ("pan", "kept"),
    [
        ("400000******0002", "400000******0002"),
        ("4000000000000002", ""),
        ("40000000****0002", ""),  # more than six and four digits
        ("400000 XXXXXX 0002", "400000 XXXXXX 0002"),
        ("", ""),
    ],
)
def test_a_number_that_shows_too_much_is_not_kept(pan: str, kept: str) -> None:
    assert f.masked(pan) == kept


def test_older_firmware_is_read_and_blanks_before_words_are_not() -> None:
    body = {
        "method": " Purchase",
        "error": True,
        "errorDescritption": " no host",
        "params": {"msgType": " interruptTransmitted"},
    }
    (message,) = f.Reader().feed(wire(body))
    assert (message.method, message.error, message.said) == ("Purchase", True, "no host")
    assert message.params["msgType"] == "interruptTransmitted"


def test_a_sale_that_was_given_back_is_no_sale_any_more() -> None:
    params = {**SALE["params"], "trnStatus": "3"}  # type: ignore[dict-item]
    (message,) = f.Reader().feed(wire({**SALE, "params": params}))
    made = f.receipt(message, "UAH")
    assert made is not None
    assert made.kind is Kind.VOID


def test_an_amount_that_is_none_is_an_error_and_no_number_is_no_receipt() -> None:
    (bad,) = f.Reader().feed(wire({"method": "Purchase", "params": {"invoiceNumber": "1", "amount": "1e3"}}))
    with pytest.raises(ContractError, match="amount"):
        f.receipt(bad, "UAH")
    (none,) = f.Reader().feed(wire({"method": "Purchase", "params": {"responseCode": "1000"}}))
    assert f.receipt(none, "UAH") is None

"""What keeps a visitor's data in: hashes, the log's filter, and the form outcomes travel in."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from card_reader import log
from card_reader.errors import Code
from card_reader.files.block import RUNGS, Block, Blocks, claims_extended, extended_size, historical
from card_reader.files.portrait import portrait
from card_reader.outcome import Failure, Photo, Progress, Reading, Step, pack, unpack
from card_reader.privacy import keyed_hash, redact, redact_event
from card_reader.readers.slot import is_storage
from card_reader.trust.verdict import Level, Note, Reason

KEY = bytes(range(32))
SECRETS = ("I<UTOD231458907<<<<<<<<<<<<<<<", "19900101-12345", "900101300017", "3184710691", "00020101199015",
           "6d8711016ec84e1358184515ab2d827d30a5c92a8e08403d53ba7533",
           "61 5B 5F 1F 58 50 3C 44 3C 3C 30 31 5F 1F 58 50 3C 44 3C 3C 30 31 00 01")  # fmt: skip


def test_a_number_is_hashed_with_the_days_key() -> None:
    expected = hmac.new(KEY, b"match|1990010112345", hashlib.sha256).hexdigest()
    assert keyed_hash(KEY, "19900101-12345") == expected
    assert keyed_hash(KEY[::-1], "1990010112345") != expected
    with pytest.raises(ValueError, match="32 bytes"):
        keyed_hash(b"short", "1")


@pytest.mark.parametrize("secret", SECRETS)
def test_no_log_line_shows_what_a_card_holds(secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    event = {
        "event": f"trouble with {secret} here",
        "more": [secret, {"deep": secret}],
        "raw": secret.encode(),
        "n": 900101300017,
    }
    told = repr(redact_event(None, "info", event))
    assert secret not in told
    assert "900101300017" not in told
    assert "[hidden]" in told


def test_what_a_technician_needs_stays_readable() -> None:
    line = "card.read way=PACE-GM-MRZ exchanges=20 took_s=0.086 code=8010000C at 2026-11-22T02:33:47.123456Z host 192.168.1.40:9100"
    assert redact(line) == line


def test_the_filter_stands_in_the_log_once_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        structlog.configure(processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(),
                            cache_logger_on_first_use=False)  # fmt: skip
        log.guard()
        log.guard()
        structlog.get_logger("guarded").info("zone I<UTOD231458907<<<<<<<<<<<<<<<")
        assert json.loads(capsys.readouterr().out) == {"event": "zone [hidden]"}
    finally:
        structlog.configure(**before)


READING = Reading(Level.DATA_SIGNED, Reason.CHIP_CANNOT, frozenset({Note.SHA1_ANCHOR}), "kz", "KAZ", {"surname": "A"}, {"iin": "0f"},
                  Photo("jpeg", b"\xff\xd8\xff"))  # fmt: skip


@pytest.mark.parametrize("outcome", [READING, Failure(Code.WRONG_KEY, ("birth",)), Progress(Step.READ, 0.5)])
def test_an_outcome_crosses_to_the_other_process_whole(outcome: Reading | Failure | Progress) -> None:
    assert unpack(json.loads(json.dumps(pack(outcome)))) == outcome


@pytest.mark.parametrize("code", list(Code))
def test_every_code_travels(code: Code) -> None:
    assert unpack(pack(Failure(code))) == Failure(code)


def test_an_outcome_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        unpack({"t": "gossip"})


def test_a_reading_does_not_show_itself_and_can_be_wiped() -> None:
    reading = Reading(
        Level.DATA_SIGNED,
        Reason.CHIP_CANNOT,
        fields={"surname": "Testenko"},
        hashes={"iin": "0f"},
        photo=Photo("jp2", b"x"),
    )
    assert "Testenko" not in repr(reading)
    reading.wipe()
    assert (reading.fields, reading.hashes, reading.photo) == ({}, {}, None)


# -- block sizes and ATRs ---------------------------------------------------------------------------------------------------


def test_a_block_steps_down_to_the_smallest_and_no_further() -> None:
    block = Block(extended=4096)
    assert block.step_down()
    steps = []
    while block.step_down():
        steps.append(block.size(None))
    assert steps == list(RUNGS)


def test_no_more_kinds_of_card_are_remembered_than_agreed() -> None:
    blocks = Blocks(most=3)
    for number in range(5):
        blocks.learn("reader", bytes([number]), Block(number))
    assert [row[1] for row in blocks.dump()] == ["02", "03", "04"]
    assert blocks.of("reader", b"\x00", 500) == Block(-1, 500)
    assert blocks.of("reader", b"\x03", 500) == Block(3, None)


def test_long_lengths_are_claimed_in_the_historical_bytes() -> None:
    assert claims_extended(bytes.fromhex("3B8880010073C8404000900022"))
    assert not claims_extended(bytes.fromhex("3B8880010073C8400000900062"))
    assert historical(bytes.fromhex("3B8880010073C8400000900062")) == bytes.fromhex("0073C84000009000")
    assert is_storage(bytes.fromhex("3B8F8001804F0CA000000306030001000000006A"))


def test_the_chips_own_limit_of_a_long_answer_is_kept() -> None:
    limits = bytes.fromhex("7F660802020400") + bytes.fromhex("02020400")
    assert extended_size(limits) == 1024 - 64
    assert extended_size(None) == 4096
    assert extended_size(b"\x43\x01\xb8") == 4096


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_any_atr_is_looked_at_without_a_stumble(atr: bytes) -> None:
    claims_extended(atr)
    is_storage(atr)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_portrait_is_one_or_a_named_error(data: bytes) -> None:
    from card_reader import tlv
    from card_reader.errors import DataError

    whole = tlv.encode(
        0x75, tlv.encode(0x7F61, tlv.encode(0x02, b"\1") + tlv.encode(0x7F60, tlv.encode(0x5F2E, b"FAC\0" + data)))
    )
    try:
        assert portrait(whole).kind in {"jpeg", "jp2"}
    except DataError:
        return

"""Pad frames, both codecs held against the same vectors."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import ContractError
from firmware_bridge.frames import (
    BODIES,
    Ack,
    BadFrame,
    Cause,
    Decoder,
    Event,
    Frame,
    Hello,
    Key,
    Led,
    Pattern,
    Result,
    Text,
    encode,
)

ROOT = Path(__file__).parents[2]
FILE = ROOT / "tests/vectors/pad_frames.json"
VECTORS = json.loads(FILE.read_text())
GOOD = pytest.mark.parametrize("row", VECTORS["frames"], ids=lambda row: row["name"])
MICROPYTHON = shutil.which("micropython", path=str(Path(sys.executable).parent)) or shutil.which("micropython")
EVENT = Frame(0, 1, Event(7, Key.NEXT, 15, 514))


def frame_of(row: dict[str, object]) -> Frame:
    body = BODIES[int(str(row["type"]))].unpack(bytes.fromhex(str(row["payload"])))
    return Frame(int(str(row["address"])), int(str(row["seq"])), body)


@GOOD
def test_vector_decodes_whole(row: dict[str, object]) -> None:
    assert Decoder().feed(bytes.fromhex(str(row["wire"]))) == [frame_of(row)]


@GOOD
def test_vector_decodes_byte_by_byte(row: dict[str, object]) -> None:
    decoder = Decoder()
    items = [item for byte in bytes.fromhex(str(row["wire"])) for item in decoder.feed(bytes([byte]))]
    assert items == [frame_of(row)]


@pytest.mark.parametrize(
    "row", [row for row in VECTORS["frames"] if "_of_" not in row["name"]], ids=lambda row: row["name"]
)
def test_vector_encodes_to_the_same_bytes(row: dict[str, object]) -> None:
    assert encode(frame_of(row)).hex() == row["wire"]


def test_event_vector_reads_as_written_in_the_protocol() -> None:
    wire = next(row["wire"] for row in VECTORS["frames"] if row["name"] == "event")
    assert Decoder().feed(bytes.fromhex(wire)) == [EVENT]


@pytest.mark.parametrize("row", VECTORS["bad"], ids=lambda row: row["name"])
def test_bad_frame_is_counted_by_cause_and_the_next_one_is_heard(row: dict[str, str]) -> None:
    decoder = Decoder()
    items = decoder.feed(bytes.fromhex(row["wire"]) + encode(EVENT))
    assert items == [BadFrame(Cause(row["cause"])), EVENT]
    assert decoder.bad == {Cause(row["cause"]): 1}


@pytest.mark.parametrize(
    "interpreter",
    [
        pytest.param(sys.executable, id="cpython"),
        pytest.param(MICROPYTHON, id="micropython", marks=pytest.mark.skipif(not MICROPYTHON, reason="no wheel here")),
    ],
)
def test_firmware_codec_holds_all_vectors(interpreter: str) -> None:
    program = ROOT / "tests/vectors/pad_frames_check.py"
    done = subprocess.run(
        [interpreter, program, ROOT / "firmware_bridge/firmware", FILE], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "checked": 2 + 2 * 6 + 5 * len(VECTORS["frames"]) + 1 + sum(1 + row["pad_drops"] for row in VECTORS["bad"]),
        "wrong": [],
    }


def test_glued_frames_all_decode() -> None:
    wire = b"".join(bytes.fromhex(row["wire"]) for row in VECTORS["frames"])
    assert Decoder().feed(wire) == [frame_of(row) for row in VECTORS["frames"]]


def test_every_truncation_is_dropped_and_never_read_as_something_else() -> None:
    wire = encode(EVENT)
    for length in range(1, len(wire) - 1):
        assert [type(item) for item in Decoder().feed(wire[:length] + b"\0")] == [BadFrame]


def test_every_flipped_bit_is_noticed() -> None:
    wire = encode(EVENT)
    for bit in range(8 * (len(wire) - 1)):
        damaged = bytearray(wire)
        damaged[bit // 8] ^= 1 << bit % 8
        assert EVENT not in (items := Decoder().feed(bytes(damaged)))
        assert all(isinstance(item, BadFrame) for item in items)


def test_endless_noise_is_held_in_one_frame_and_counted_once() -> None:
    decoder = Decoder()
    for _ in range(1000):
        decoder.feed(b"\x55" * 1000)
    assert decoder.bad == {Cause.OVERSIZED: 1}
    assert decoder.feed(b"\0" + encode(EVENT)) == [EVENT]


@pytest.mark.parametrize(
    "frame",
    [
        Frame(256, 1, Ack(1, Result.DONE)),
        Frame(0, 65536, Ack(1, Result.DONE)),
        Frame(0, 1, Ack(1 << 32, Result.DONE)),
        Frame(0, 1, Led(Pattern.FAST, 256)),
        Frame(0, 0, Text("я" * 30)),
        Frame(0, 1, Hello("no hex", 1, (1, 0, 0), 1)),
    ],
)
def test_value_that_does_not_fit_is_refused(frame: Frame) -> None:
    with pytest.raises(ContractError, match="pad frame"):
        encode(frame)


@given(st.lists(st.binary(max_size=90), max_size=20))
def test_arbitrary_bytes_never_raise_and_never_hide_the_next_frame(chunks: list[bytes]) -> None:
    decoder = Decoder()
    for chunk in chunks:
        decoder.feed(chunk)
    assert decoder.feed(b"\0" + encode(EVENT))[-1] == EVENT


@given(st.text(max_size=14), st.integers(0, 247), st.integers(0, 65535), st.integers(1, 7))
def test_any_frame_survives_any_cutting(text: str, address: int, seq: int, step: int) -> None:
    frame = Frame(address, seq, Text(text))
    wire = encode(frame)
    decoder = Decoder()
    pieces = [wire[at : at + step] for at in range(0, len(wire), step)]
    assert [item for piece in pieces for item in decoder.feed(piece)] == [frame]

"""Frames of serial MRZ readers, as their manuals write them: whole, byte by byte, glued, cut off, damaged, too long."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card_reader.readers.frame import MOST, Format, FrameReader, Swipe

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/id_cards.json").read_text("utf-8"))
CARD, PASSPORT = VECTORS["mrz"][0]["lines"], VECTORS["mrz"][4]["lines"]


def desko(lines: list[str]) -> bytes:
    return b"\x02" + "".join(f"{line}\r" for line in lines).encode() + b"\x03"


def rte6701(lines: list[str]) -> bytes:
    padded = [""] * (3 - len(lines)) + [line.replace("<", "_") for line in lines]
    body = b"OU\x02\x30" + "".join(f"{line}\r" for line in padded).encode()
    body = bytes([len(body)]) + body + b"\x03"
    check = 0
    for byte in body:
        check ^= byte
    return b"\x01" + body + bytes([check])


def plain(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


FRAMES = {Format.DESKO: desko, Format.RTE6701: rte6701, Format.LINES: plain}
every_form = pytest.mark.parametrize("form", list(Format))


def numbers(swipes: list[Swipe]) -> list[str | None]:
    return [swipe.zone.number if swipe.zone else None for swipe in swipes]


@every_form
@pytest.mark.parametrize(("lines", "number"), [(CARD, "D23145890"), (PASSPORT, "L898902C3")])
def test_a_card_and_a_passport_are_read_whole_and_byte_by_byte(form: Format, lines: list[str], number: str) -> None:
    frame = FRAMES[form](lines)
    assert numbers(FrameReader(form).feed(frame)) == [number]
    reader = FrameReader(form)
    assert numbers([s for at in range(len(frame)) for s in reader.feed(frame[at : at + 1])]) == [number]
    assert reader.pause() is None
    assert reader.dropped == 0


@every_form
def test_two_swipes_glued_together_are_two(form: Format) -> None:
    assert numbers(FrameReader(form).feed(FRAMES[form](CARD) * 2)) == ["D23145890"] * 2


@every_form
def test_a_frame_cut_off_is_dropped_and_the_next_one_read(form: Format) -> None:
    reader = FrameReader(form)
    assert reader.feed(FRAMES[form](CARD)[:40]) == []
    swipe = reader.pause()
    assert swipe in (None, Swipe(None, ()))
    assert numbers(reader.feed(FRAMES[form](CARD))) == ["D23145890"]


@every_form
def test_a_flood_without_an_end_is_bounded(form: Format) -> None:
    reader = FrameReader(form)
    start = FRAMES[form](CARD)[:1] if form is not Format.RTE6701 else b"\x01\xff"
    assert reader.feed(start + b"A" * (3 * MOST)) == []
    assert len(reader._held) <= MOST
    assert reader.dropped >= 1
    reader.pause()
    assert numbers(reader.feed(FRAMES[form](CARD))) == ["D23145890"]


def test_a_wrong_checksum_of_a_frame_is_a_drop() -> None:
    frame = bytearray(rte6701(CARD))
    frame[20] ^= 4
    reader = FrameReader(Format.RTE6701)
    assert (reader.feed(bytes(frame)), reader.dropped) == ([], 1)


@every_form
def test_a_misread_character_names_the_field(form: Format) -> None:
    lines = [CARD[0].replace("D2314", "D2914"), *CARD[1:]]
    swipe = FrameReader(form).feed(FRAMES[form](lines))[0]
    assert (swipe.zone, swipe.wrong) == (None, ("number", "composite"))


@every_form
def test_a_repaired_zone_says_so(form: Format) -> None:
    swipe = FrameReader(form).feed(FRAMES[form]([CARD[0], CARD[1].replace("7408122", "74O8I22"), CARD[2]]))[0]
    assert swipe.zone is not None
    assert swipe.zone.repaired


@every_form
@settings(deadline=None)
@given(data=st.binary(max_size=2000))
def test_noise_never_breaks_the_reader(form: Format, data: bytes) -> None:
    reader = FrameReader(form)
    reader.feed(data)
    reader.pause()
    assert numbers(reader.feed(FRAMES[form](CARD))) == ["D23145890"]

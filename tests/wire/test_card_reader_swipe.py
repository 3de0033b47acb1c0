"""An MRZ reader at the other end of a serial line (a pseudo terminal)."""

from __future__ import annotations

import os
import pty
import time
import tty
from pathlib import Path

import pytest

from card_reader.readers.frame import Format, Swipe
from card_reader.readers.swipe import FRAME_S, SwipeReader
from contract.errors import ContractError
from tests.swiper import Swiper
from tests.until import until

LINES = b"I<UTOD231458907<<<<<<<<<<<<<<<\r7408122F1204159UTO<<<<<<<<<<<6\rERIKSSON<<ANNA<MARIA<<<<<<<<<<\r"


def test_a_swipe_on_the_line_arrives_and_a_torn_one_does_not_spoil_the_next() -> None:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    heard: list[Swipe] = []
    try:
        with SwipeReader(f"serial://{os.ttyname(theirs)}?frame=desko", heard.append) as reader:
            until(lambda: reader.connected, "not open")
            os.write(ours, b"\x02" + LINES[:50])
            until(lambda: reader.dropped == 1, "the torn frame was not dropped")
            os.write(ours, b"\x02" + LINES + b"\x03")
            until(lambda: heard, "nothing heard")
        assert heard[0].zone is not None
        assert heard[0].zone.surname == "ERIKSSON"
        assert reader.stop()
    finally:
        os.close(ours)
        os.close(theirs)


PASSPORT = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
CARD = LINES.decode().split("\r")[:3]


@pytest.mark.parametrize("frame", list(Format))
def test_another_authors_reader_is_understood_through_noise_and_torn_swipes(frame: Format, tmp_path: Path) -> None:
    heard: list[Swipe] = []
    with Swiper(tmp_path) as swiper, SwipeReader(swiper.start(frame), heard.append) as reader:
        until(lambda: reader.connected, "not open")
        for zone, number in ((CARD, "D23145890"), (PASSPORT, "L898902C3")):
            heard.clear()
            swiper.order(do="swipe", mrz=zone)
            until(lambda: heard, "nothing heard")
            assert [swipe.zone.number for swipe in heard if swipe.zone is not None] == [number]
        heard.clear()
        swiper.order(do="send", hex="00ff0113" * 500)
        swiper.order(do="swipe", mrz=CARD, bytes=50)
        until(lambda: swiped(swiper, heard), "the reader does not find its way back")
    with Swiper(tmp_path) as swiper:
        swiper.start(frame)
        with pytest.raises(AssertionError):
            swiper.order(do="dance")


def swiped(swiper: Swiper, heard: list[Swipe]) -> bool:
    """People swipe again while nothing happens: what was torn may have swallowed the next one."""
    swiper.order(do="swipe", mrz=CARD)
    end = time.monotonic() + 0.7
    while time.monotonic() < end and not (found := any(swipe.zone is not None for swipe in heard)):
        time.sleep(0.02)
    return found


def test_a_frame_that_never_ends_is_cut_off_after_two_seconds(tmp_path: Path) -> None:
    heard: list[Swipe] = []
    with Swiper(tmp_path) as swiper, SwipeReader(swiper.start("desko"), heard.append) as reader:
        until(lambda: reader.connected, "not open")
        began = time.monotonic()
        swiper.order(do="send", hex="02")
        while reader.dropped == 0:
            assert time.monotonic() - began < 10, "it waits for ever"
            swiper.order(do="send", hex="41")
            time.sleep(0.05)  # the trickle itself: each byte sooner than a pause would end the frame
        assert time.monotonic() - began > FRAME_S
    assert heard == []


def test_a_reader_that_is_not_there_is_tried_again_until_it_is_stopped() -> None:
    with SwipeReader("serial:///dev/there-is-none?frame=3m", lambda _swipe: None) as reader:
        assert not reader.connected
    assert reader.stop()


@pytest.mark.parametrize(
    "url", ["serial:///dev/x", "serial:///dev/x?frame=fax", "tcp://x?frame=3m", "serial:///dev/x?frame=3m&baud=x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ContractError):
        SwipeReader(url, lambda _swipe: None)

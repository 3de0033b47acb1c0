"""An MRZ reader at the other end of a serial line (a pseudo terminal)."""

from __future__ import annotations

import os
import pty
import tty

import pytest

from card_reader.readers.frame import Swipe
from card_reader.readers.swipe import SwipeReader
from contract.errors import ContractError
from tests.card_bench import until

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

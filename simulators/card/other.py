"""What people lay on the reader that is no identity card."""

from __future__ import annotations

import os

from simulators.card import apdu as iso
from simulators.card.apdu import OK, RefusedError
from simulators.card.card import Exchange
from simulators.card.tlv import tlv

PAYMENT = b"2PAY.SYS.DDF01"
BANK_ATR = bytes.fromhex("3B8880010031C16408600900FC")
# PC/SC part 3, 3.1.3.2.3: a storage card, here one with 1 KiB.
STORAGE_ATR = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")


class Bank:
    """A contactless payment card: has its own application and no other."""

    def atr(self) -> bytes:
        return BANK_ATR

    def power(self) -> None:
        pass

    def answer(self, apdu: bytes, _: Exchange) -> bytes:
        try:
            command = iso.parse(apdu)
        except RefusedError as refused:
            return refused.sw.to_bytes(2, "big")
        if (command.ins, command.p1, command.data) == (iso.SELECT, 4, PAYMENT):
            return tlv(0x6F, tlv(0x84, PAYMENT)) + OK.to_bytes(2, "big")
        return b"\x6a\x82" if command.ins == iso.SELECT else b"\x6d\x00"


class Storage:
    """A card that only holds blocks: no ISO 7816 commands, its identifier by the reader's own."""

    def __init__(self) -> None:
        self._uid = os.urandom(4)

    def atr(self) -> bytes:
        return STORAGE_ATR

    def power(self) -> None:
        pass

    def answer(self, apdu: bytes, _: Exchange) -> bytes:
        if apdu[:4] == b"\xff\xca\0\0":
            return self._uid + OK.to_bytes(2, "big")
        return b"\x6e\x00"


class Dead:
    """A chip that does not answer: a contactless reader does not even feel it, and vpcd takes an empty ATR for no card."""

    def atr(self) -> bytes:
        return b""

    def power(self) -> None:
        pass

    def answer(self, apdu: bytes, exchange: Exchange) -> bytes:
        del apdu
        exchange.lose()
        return b""

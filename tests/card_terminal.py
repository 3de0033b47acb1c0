"""The terminal's side of a card's protocols, as small as tests of the emulator need it; no product code."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from simulators.card.bac import seed
from simulators.card.cipher import FOR_ENCRYPTION, FOR_MAC, FOR_PASSWORD, TRIPLE_DES, pad, unpad
from simulators.card.curve import Curve
from simulators.card.messaging import Session
from simulators.card.pace import Offer
from simulators.card.tlv import objects, tlv

Send = Callable[[bytes], bytes]
APPLICATION = bytes.fromhex("00A4040C07A0000002471001")


class Channel(Session):
    """The other side of a session: wraps commands, unwraps answers."""

    def command(self, apdu: bytes, ne: bytes | None = None) -> bytes:
        """Protected, from a header with data that has no Le; `ne`: the Le inside. Extended where two bytes of it are given."""
        self._counter += 1
        header, data = bytes((apdu[0] | 0x0C,)) + apdu[1:4], apdu[5:]
        body = b""
        if data:
            cipher = self.suite.encrypt(self.encryption_key, pad(data, self.suite.block), self._iv())
            body += tlv(0x85, cipher) if apdu[1] & 1 else tlv(0x87, b"\x01", cipher)
        if ne is not None:
            body += tlv(0x97, ne)
        body += tlv(0x8E, self._mac(pad(header, self.suite.block) + body))
        if ne is not None and len(ne) == 2:
            return header + b"\0" + len(body).to_bytes(2, "big") + body + b"\0\0"
        return header + bytes((len(body),)) + body + b"\0"

    def answer(self, protected: bytes) -> tuple[bytes, int]:
        """The plain data and status word of a protected answer."""
        self._counter += 1
        found = objects(protected[:-2])
        signed = b"".join(tlv(tag, value) for tag, value in found.items() if tag != 0x8E)
        assert found[0x8E] == self._mac(signed), "the answer's checksum is wrong"
        assert found[0x99] == protected[-2:]
        cipher = found[0x87][1:] if 0x87 in found else found.get(0x85, b"")
        data = unpad(self.suite.decrypt(self.encryption_key, cipher, self._iv())) if cipher else b""
        return data, int.from_bytes(found[0x99], "big")


class Terminal:
    """One who reads a card over `send`; `channel` is there once it was let in."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.channel: Any = None

    def plain(self, apdu: bytes) -> tuple[bytes, int]:
        answer = self._send(apdu)
        assert len(answer) >= 2, "the card is gone"
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def ask(self, apdu: bytes, ne: bytes | None = None) -> tuple[bytes, int]:
        """In the session where there is one; an answer that is a bare status word ends it."""
        if self.channel is None:
            return self.plain(apdu + (ne or b""))
        answer = self._send(self.channel.command(apdu, ne))
        assert len(answer) >= 2, "the card is gone"
        if len(answer) == 2:
            self.channel = None
            return b"", int.from_bytes(answer, "big")
        data, sw = self.channel.answer(answer)
        return data, sw

    def bac(self, mrz_information: str) -> int:
        """The status word of the way in by the MRZ; the application is selected first."""
        assert self.plain(APPLICATION)[1] == 0x9000
        challenge, _ = self.plain(bytes.fromhex("0084000008"))
        enc, mac = (TRIPLE_DES.derive(seed(mrz_information)[:16], use) for use in (FOR_ENCRYPTION, FOR_MAC))
        own, part = os.urandom(8), os.urandom(16)
        cryptogram = TRIPLE_DES.encrypt(enc, own + challenge + part)
        data = cryptogram + TRIPLE_DES.token(mac, cryptogram)
        answer, sw = self.plain(bytes.fromhex("0082000028") + data + b"\x28")
        if sw == 0x9000:
            assert answer[32:] == TRIPLE_DES.token(mac, answer[:32])
            theirs = TRIPLE_DES.decrypt(enc, answer[:32])[16:]
            secret = bytes(a ^ b for a, b in zip(part, theirs, strict=True))
            self.channel = Channel(TRIPLE_DES, secret, challenge[4:] + own[4:])
        return sw

    def pace(self, offer: Offer, password: bytes, reference: int, *, with_id: bool = True, le: bytes = b"") -> Any:
        """The status word, or with 9000 the last step's objects; `password`: K, `reference`: 1 MRZ, 2 CAN."""
        template = tlv(0x80, offer.oid) + tlv(0x83, bytes((reference,)))
        template += tlv(0x84, bytes((offer.curve.number,))) if with_id else b""
        _, sw = self.plain(bytes.fromhex("0022C1A4") + bytes((len(template),)) + template + le)
        if sw != 0x9000:
            return sw
        curve, suite = offer.curve, offer.suite
        nonce = suite.decrypt(suite.derive(password, FOR_PASSWORD), self._step(0x10, b"")[0x80])
        mapping = _scalar(curve)
        theirs = self._step(0x10, tlv(0x81, curve.encode(curve.multiply(mapping, curve.base))))[0x82]
        self.mapping_key = curve.decode(theirs)
        generator = curve.map(int.from_bytes(nonce, "big"), curve.multiply(mapping, self.mapping_key))
        key = _scalar(curve)
        ours = curve.multiply(key, generator)
        their_key = curve.decode(self._step(0x10, tlv(0x83, curve.encode(ours)))[0x84])
        channel = Channel(suite, curve.multiply(key, their_key)[0].to_bytes(curve.size, "big"))
        token = suite.token(channel.mac_key, tlv(0x7F49, tlv(0x06, offer.oid), tlv(0x86, curve.encode(their_key))))
        data = tlv(0x7C, tlv(0x85, token))
        answer, sw = self.plain(bytes.fromhex("00860000") + bytes((len(data),)) + data + b"\0")
        if sw != 0x9000:
            return sw
        given = objects(objects(answer)[0x7C])
        assert given[0x86] == suite.token(
            channel.mac_key, tlv(0x7F49, tlv(0x06, offer.oid), tlv(0x86, curve.encode(ours)))
        )
        self.channel = channel
        return given

    def file(self, identifier: int, block: int = 128) -> bytes:
        """A whole file by its identifier, in blocks."""
        _, sw = self.ask(bytes.fromhex("00A4020C02") + identifier.to_bytes(2, "big"))
        assert sw == 0x9000, f"{sw:04X}"
        content = b""
        while True:
            data, sw = self.ask(b"\0\xb0" + len(content).to_bytes(2, "big"), bytes((block,)))
            content += data
            if sw != 0x9000 or len(data) < block:
                return content

    def _step(self, cla: int, data: bytes) -> dict[int, bytes]:
        body = tlv(0x7C, data)
        answer, sw = self.plain(bytes((cla, 0x86, 0, 0, len(body))) + body + b"\0")
        assert sw == 0x9000, f"{sw:04X}"
        return objects(objects(answer)[0x7C])


def _scalar(curve: Curve) -> int:
    return 1 + int.from_bytes(os.urandom(curve.size + 8), "big") % (curve.n - 1)

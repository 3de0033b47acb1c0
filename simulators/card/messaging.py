"""Secure messaging, the chip's side: commands taken out of their wrapping, answers put into it (ICAO 9303-11, 9.8)."""

from __future__ import annotations

from dataclasses import replace

from simulators.card.apdu import Command, RefusedError
from simulators.card.cipher import FOR_ENCRYPTION, FOR_MAC, MAC_BYTES, TRIPLE_DES, Suite, pad, unpad
from simulators.card.tlv import objects, tlv

CLA_BIT = 0x0C
CIPHERED, CIPHERED_ODD, WANTED, STATUS, MAC = 0x87, 0x85, 0x97, 0x99, 0x8E


class Session:
    """Two keys and the counter of what was sent under them."""

    def __init__(self, suite: Suite, secret: bytes, counter: bytes | None = None) -> None:
        self.suite = suite
        self.encryption_key = suite.derive(secret, FOR_ENCRYPTION)
        self.mac_key = suite.derive(secret, FOR_MAC)
        self._counter = int.from_bytes(counter or b"", "big")

    def unwrap(self, command: Command) -> Command:
        """The command inside.

        Raises: RefusedError: 6987 where an object is missing, 6988 where one is wrong; the session is over then.
        """
        self._counter += 1
        try:
            found = objects(command.data)
        except ValueError as exc:
            raise RefusedError(0x6988) from exc
        if MAC not in found or command.ne is None:
            raise RefusedError(0x6987)
        self._check(command, found)
        return replace(command, cla=command.cla & ~CLA_BIT, data=self._plain(command, found), ne=_wanted(found))

    def wrap(self, data: bytes, sw: int, *, odd: bool = False) -> bytes:
        """The protected answer to the last command, status word included."""
        self._counter += 1
        body = b""
        if data:
            cipher = self.suite.encrypt(self.encryption_key, pad(data, self.suite.block), self._iv())
            body = tlv(CIPHERED_ODD, cipher) if odd else tlv(CIPHERED, b"\x01", cipher)
        status = sw.to_bytes(2, "big")
        body += tlv(STATUS, status)
        return body + tlv(MAC, self._mac(body)) + status

    def room(self, limit: int) -> int:
        """How many plain bytes a protected answer of `limit` bytes holds, status word apart."""
        block = self.suite.block
        whole = range(limit // block * block, 0, -block)
        return next(c for c in whole if len(tlv(CIPHERED, bytes(1 + c))) + 4 + 2 + MAC_BYTES <= limit) - 1

    def _check(self, command: Command, found: dict[int, bytes]) -> None:
        header = pad(command.header, self.suite.block)
        body = b"".join(tlv(tag, value) for tag, value in found.items() if tag != MAC)
        right = {self._mac(header + body)}
        if not body:  # readers differ in whether a padded header alone is padded once more, and chips let them
            right.add(self.suite.mac(self.mac_key, self._count() + header))
        if found[MAC] not in right:
            raise RefusedError(0x6988)

    def _plain(self, command: Command, found: dict[int, bytes]) -> bytes:
        cipher = found.get(CIPHERED_ODD if command.ins & 1 else CIPHERED)
        if cipher is None:
            return b""
        if not command.ins & 1:
            if cipher[:1] != b"\x01":
                raise RefusedError(0x6988)
            cipher = cipher[1:]
        try:
            return unpad(self.suite.decrypt(self.encryption_key, cipher, self._iv()))
        except ValueError as exc:
            raise RefusedError(0x6988) from exc

    def _iv(self) -> bytes | None:
        return None if self.suite is TRIPLE_DES else self.suite.encrypt(self.encryption_key, self._count())

    def _count(self) -> bytes:
        return (self._counter % (1 << 8 * self.suite.block)).to_bytes(self.suite.block, "big")

    def _mac(self, data: bytes) -> bytes:
        return self.suite.mac(self.mac_key, pad(self._count() + data, self.suite.block))


def _wanted(found: dict[int, bytes]) -> int | None:
    if WANTED not in found:
        return None
    value = found[WANTED]
    return int.from_bytes(value, "big") or (256 if len(value) == 1 else 65536)

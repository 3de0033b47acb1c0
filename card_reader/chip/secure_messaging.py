"""Secure messaging: a command wrapped, an answer proved and opened. Pure. ICAO Doc 9303-11 §9.8, ISO/IEC 7816-4 §10."""

from __future__ import annotations

from card_reader import tlv
from card_reader.chip import crypto
from card_reader.chip.apdu import Command, Response
from card_reader.chip.crypto import Keys, Suite
from card_reader.errors import DataError, SessionLost

PLAIN_MAX = {Suite.DES3: 231, Suite.AES128: 223, Suite.AES192: 223, Suite.AES256: 223}
"""Most plain bytes whose protected answer still fits 256: 87 + 99 + 8E objects and padding."""


class SecureMessaging:
    """One session's keys and counter. `wrap` and `unwrap` go in turn; after any error the session is dead."""

    def __init__(self, keys: Keys, counter: int = 0) -> None:
        self._keys: Keys | None = keys
        self._counter = counter
        self.suite = keys.suite

    def wrap(self, command: Command) -> Command:
        """The protected form of `command`. Raises: SessionLost: the session is over."""
        keys = self._step()
        block = self.suite.block
        header = bytes([command.cla | 0x0C, command.ins, command.p1, command.p2])
        body = b""
        if command.data:
            hidden = crypto.encrypt(self.suite, keys.enc, self._iv(keys), crypto.pad(command.data, block))
            body += tlv.encode(0x85, hidden) if command.ins & 1 else tlv.encode(0x87, b"\x01" + hidden)
        if command.le is not None:
            body += tlv.encode(0x97, _le(command))
        message = crypto.pad(header, block) + (crypto.pad(body, block) if body else b"")
        whole = body + tlv.encode(0x8E, self._mac(keys, message))
        le = _most(command, whole)
        return Command(header[0], command.ins, command.p1, command.p2, whole, le)

    def unwrap(self, answer: Response) -> Response:
        """The answer inside `answer`. Raises: SessionLost: not protected, malformed, or its MAC is wrong."""
        try:
            return self._unwrap(self._step(), answer)
        except DataError as exc:
            self.end()
            raise SessionLost(f"secure messaging: {exc}") from exc

    def end(self) -> None:
        """Forget the keys."""
        self._keys = None

    def _unwrap(self, keys: Keys, answer: Response) -> Response:
        if not answer.data:
            self.end()
            raise SessionLost("an answer without protection", answer.sw)
        objects = list(tlv.walk(answer.data))
        tags = [o.tag for o in objects]
        if tags not in ([0x87, 0x99, 0x8E], [0x85, 0x99, 0x8E], [0x99, 0x8E], [0x87, 0x8E], [0x85, 0x8E]):
            raise DataError("objects are missing or not in their order")
        proved = b"".join(o.raw for o in objects[:-1])
        if not crypto.same(self._mac(keys, crypto.pad(proved, self.suite.block)), objects[-1].value):
            raise DataError("the MAC is wrong")
        return Response(self._data(keys, objects[0]), _status(objects, answer.sw))

    def _data(self, keys: Keys, first: tlv.Tlv) -> bytes:
        if first.tag == 0x99:
            return b""
        hidden = first.value
        if first.tag == 0x87:
            if hidden[:1] != b"\x01":
                raise DataError("a padding indicator that is not known")
            hidden = hidden[1:]
        return crypto.unpad(crypto.decrypt(self.suite, keys.enc, self._iv(keys), hidden))

    def _step(self) -> Keys:
        if self._keys is None:
            raise SessionLost("secure messaging is over")
        self._counter = (self._counter + 1) % (1 << 8 * self.suite.block)
        return self._keys

    def _mac(self, keys: Keys, padded: bytes) -> bytes:
        return crypto.mac(self.suite, keys.mac, self._counter.to_bytes(self.suite.block, "big") + padded)

    def _iv(self, keys: Keys) -> bytes:
        if self.suite is Suite.DES3:
            return bytes(8)
        return crypto.encrypt_block(self.suite, keys.enc, self._counter.to_bytes(16, "big"))


def _most(command: Command, body: bytes) -> int:
    """Le of the protected command: everything the chip has, in the form (short or extended) of `command`."""
    return 65536 if command.extended or len(body) > 255 else 256


def _le(command: Command) -> bytes:
    le = command.le or 0
    return (le & 0xFFFF).to_bytes(2, "big") if command.extended else bytes([le & 0xFF])


def _status(objects: list[tlv.Tlv], plain: int) -> int:
    status = next((o.value for o in objects if o.tag == 0x99), plain.to_bytes(2, "big"))
    if len(status) != 2:
        raise DataError("a status word that is not two bytes")
    return int.from_bytes(status, "big")

"""PACE with the generic mapping, and with chip authentication mapped in, the chip's side (ICAO 9303-11, 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulators.card.apdu import RefusedError
from simulators.card.cipher import FOR_PASSWORD, SUITES, Suite, pad
from simulators.card.curve import Curve, Point
from simulators.card.messaging import Session
from simulators.card.tlv import objects, tlv

DYNAMIC, PUBLIC_KEY = 0x7C, 0x7F49
GENERIC, INTEGRATED, WITH_CHIP_AUTHENTICATION = 2, 4, 6
ROOT = bytes.fromhex("04007F00070202 04")
WRONG, MALFORMED, OUT_OF_TURN = 0x6300, 0x6A80, 0x6985

Draw = Callable[[int], bytes]


@dataclass(frozen=True)
class Offer:
    """One PACEInfo of EF.CardAccess."""

    mapping: int
    suite: Suite
    curve: Curve

    @property
    def oid(self) -> bytes:
        """The value of the object identifier, without tag."""
        return ROOT + bytes((self.mapping, self.suite.number))

    @property
    def name(self) -> str:
        return f"PACE-{'CAM' if self.mapping == WITH_CHIP_AUTHENTICATION else 'GM'}-{self.suite.name}-{self.curve.name}"


def offer(mapping: int, suite_number: int, curve: Curve) -> Offer:
    """A way to open a card by PACE, by the number of its suite."""
    return Offer(mapping, SUITES[suite_number], curve)


def scalar(curve: Curve, draw: Draw) -> int:
    """A private key: drawn again until it is one."""
    spare = 8 * curve.size - curve.n.bit_length()
    while not 1 <= (value := int.from_bytes(draw(curve.size), "big") >> spare) < curve.n:
        pass
    return value


class Pace:
    """One run: four steps, each answers the terminal's dynamic authentication data. `session` is there after the last."""

    def __init__(self, offer: Offer, password: bytes, draw: Draw, chip_key: int | None = None) -> None:
        self.session: Session | None = None
        self.offer = offer
        self._curve, self._suite = offer.curve, offer.suite
        self._password, self._draw, self._chip_key = password, draw, chip_key
        self._steps = [self._give_nonce, self._map, self._agree, self._confirm]

    @property
    def fresh(self) -> bool:
        return len(self._steps) == 4

    @property
    def last(self) -> bool:
        """Whether the next step is the one that ends the chain of commands."""
        return len(self._steps) == 1

    def step(self, data: bytes) -> bytes:
        """Raises: RefusedError: 6300 the password was wrong, 6A80 no such point or object, 6985 no step left."""
        if not self._steps:
            raise RefusedError(OUT_OF_TURN)
        try:
            return tlv(DYNAMIC, self._steps.pop(0)(objects(objects(data)[DYNAMIC])))
        except (ValueError, KeyError) as exc:
            raise RefusedError(MALFORMED) from exc

    def _give_nonce(self, _: dict[int, bytes]) -> bytes:
        nonce = self._draw(self._suite.key_bytes if self._suite.key_bytes % self._suite.block == 0 else 32)
        self._nonce = int.from_bytes(nonce, "big")
        return tlv(0x80, self._suite.encrypt(self._suite.derive(self._password, FOR_PASSWORD), nonce))

    def _map(self, given: dict[int, bytes]) -> bytes:
        theirs = self._curve.decode(given[0x81])
        self._mapping_key = scalar(self._curve, self._draw)
        ours = self._curve.multiply(self._mapping_key, self._curve.base)
        self._generator = self._curve.map(self._nonce, self._curve.multiply(self._mapping_key, theirs))
        return tlv(0x82, self._curve.encode(ours))

    def _agree(self, given: dict[int, bytes]) -> bytes:
        self._theirs = self._curve.decode(given[0x83])
        key = scalar(self._curve, self._draw)
        self._ours = self._curve.multiply(key, self._generator)
        if self._ours == self._theirs:
            raise ValueError("the terminal sent the chip's own key")
        self._shared = self._curve.multiply(key, self._theirs)
        return tlv(0x84, self._curve.encode(self._ours))

    def _confirm(self, given: dict[int, bytes]) -> bytes:
        session = Session(self._suite, self._shared[0].to_bytes(self._curve.size, "big"))
        if given[0x85] != self._token(session, self._ours):
            raise RefusedError(WRONG)
        self.session = session
        return tlv(0x86, self._token(session, self._theirs)) + self._chip_proof(session)

    def _token(self, session: Session, point: Point) -> bytes:
        public_key = tlv(PUBLIC_KEY, tlv(0x06, self.offer.oid), tlv(0x86, self._curve.encode(point)))
        return self._suite.token(session.mac_key, public_key)

    def _chip_proof(self, session: Session) -> bytes:
        """For the mapping that authenticates the chip: the mapping key divided by the chip's static key, enciphered."""
        if self.offer.mapping != WITH_CHIP_AUTHENTICATION or self._chip_key is None:
            return b""
        proof = pow(self._chip_key, -1, self._curve.n) * self._mapping_key % self._curve.n
        iv = self._suite.encrypt(session.encryption_key, b"\xff" * self._suite.block)
        plain = pad(proof.to_bytes((self._curve.n.bit_length() + 7) // 8, "big"), self._suite.block)
        return tlv(0x8A, self._suite.encrypt(session.encryption_key, plain, iv))

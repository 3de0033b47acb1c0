"""PACE over elliptic curves, generic and chip-authentication mapping. ICAO Doc 9303-11 §4.4, worked examples appendices G and I."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from card_reader import tlv
from card_reader.chip import crypto, curves
from card_reader.chip.apdu import Command
from card_reader.chip.channel import Channel
from card_reader.chip.crypto import Keys
from card_reader.chip.curves import Curve, Point
from card_reader.chip.mapped import Mapped
from card_reader.chip.secure_messaging import SecureMessaging
from card_reader.chip.security_info import PaceInfo, oid_value
from card_reader.errors import DataError, StatusError, WrongKey
from card_reader.key import CanKey, Key
from card_reader.mrz import MrzKey

SUPPORTED = frozenset({"ECDH-GM", "ECDH-CAM"})
Chance = Callable[[int], int]
"""below(n) → a random number from 0 to n - 1."""


def choose(infos: list[PaceInfo]) -> PaceInfo | None:
    """The way in to take: one we speak over curves we know, with proof of the chip where it is offered; None: none of them."""
    usable = [i for i in infos if i.mapping in SUPPORTED and _known(i.parameters)]
    return min(usable, key=lambda i: not i.chip_authentication, default=None)


def open_chip(channel: Channel, info: PaceInfo, key: Key, below: Chance = secrets.randbelow) -> Mapped | None:
    """Five exchanges, then `channel` is protected. What is left to prove for the chip-authentication mapping, else None.

    Raises: WrongKey: the chip refused the password; StatusError; DataError: the chip's answer is wrong.
    """
    curve = curves.by_parameter_id(info.parameters or 0)
    _set_template(channel, info, key)
    nonce = _nonce(channel, info, key)
    base, chip_map = _map(channel, curve, nonce, below)
    private = 1 + below(curve.n - 1)
    own = curve.times(private, base)
    other = curve.decode(_step(channel, 0x83, curve.encode(own), 0x84))
    if other == own:
        raise DataError("PACE: the chip gave our own key back")
    keys = crypto.session_keys(curve.x_bytes(curve.times(private, other)), info.suite)
    rest = _agree(channel, info, curve, keys, own, other)
    mapped = Mapped(curve, chip_map, _chip_secret(keys, rest)) if info.chip_authentication else None
    channel.protect(SecureMessaging(keys))
    return mapped


def password(key: Key) -> bytes:
    """K of 9303-11 table 4: the MRZ hashed, a CAN as it is."""
    match key:
        case MrzKey():
            return hashlib.sha1(key.information.encode("ascii"), usedforsecurity=False).digest()
        case CanKey():
            return key.digits.encode("ascii")


def generator(curve: Curve, nonce: int, shared: Point) -> Point:
    """The mapped generator s · G + H."""
    return curve.plus(curve.times(nonce), shared)


def token(info: PaceInfo, curve: Curve, keys: Keys, public: Point) -> bytes:
    """The MAC over the other side's public key that proves the keys are the same."""
    body = tlv.encode(0x06, oid_value(info.protocol)) + tlv.encode(0x86, curve.encode(public))
    message = tlv.encode(0x7F49, body)
    return crypto.mac(info.suite, keys.mac, crypto.pad(message, 8) if info.suite is crypto.Suite.DES3 else message)


def _set_template(channel: Channel, info: PaceInfo, key: Key) -> None:
    # Tag 84 always: chips with several domain parameters, and Ukrainian ones before July 2022, refuse without it. No Le:
    # German chips refuse one.
    data = tlv.encode(0x80, oid_value(info.protocol)) + tlv.encode(
        0x83, b"\x01" if isinstance(key, MrzKey) else b"\x02"
    )
    data += tlv.encode(0x84, bytes([info.parameters or 0]))
    answer = channel.send(Command(0, 0x22, 0xC1, 0xA4, data))
    # 63Cx: the password was refused before, so many tries are left; PACE goes on.
    if not answer.ok and answer.sw >> 4 != 0x63C:
        raise StatusError("MSE:Set AT", answer.sw)


def _nonce(channel: Channel, info: PaceInfo, key: Key) -> int:
    hidden = _step(channel, None, b"", 0x80)
    if len(hidden) not in {16, 32}:
        raise DataError("PACE: a nonce of strange size")
    kpi = crypto.derive(password(key), crypto.PASSWORD, info.suite)
    return int.from_bytes(crypto.decrypt(info.suite, kpi, bytes(info.suite.block), hidden), "big")


def _map(channel: Channel, curve: Curve, nonce: int, below: Chance) -> tuple[Point, Point]:
    private = 1 + below(curve.n - 1)
    chip = curve.decode(_step(channel, 0x81, curve.encode(curve.times(private)), 0x82))
    return generator(curve, nonce, curve.times(private, chip)), chip


def _agree(channel: Channel, info: PaceInfo, curve: Curve, keys: Keys, own: Point, other: Point) -> bytes:
    proof = tlv.encode(0x7C, tlv.encode(0x85, token(info, curve, keys, other)))
    answer = channel.send(Command(0, 0x86, 0, 0, proof, 256))
    if answer.sw in {0x6300, 0x6982, 0x6988} or answer.sw >> 4 == 0x63C:
        raise WrongKey("PACE: the chip refused the password")
    if not answer.ok:
        raise StatusError("GENERAL AUTHENTICATE 4", answer.sw)
    inside = tlv.only(answer.data, 0x7C)
    if not crypto.same(tlv.find(inside, 0x86) or b"", token(info, curve, keys, own)):
        raise DataError("PACE: the chip's token is wrong")
    return inside


def _chip_secret(keys: Keys, answer: bytes) -> int:
    hidden = tlv.find(answer, 0x8A)
    if hidden is None:
        raise DataError("PACE-CAM: no chip authentication data")
    iv = crypto.encrypt_block(keys.suite, keys.enc, b"\xff" * 16)
    return int.from_bytes(crypto.unpad(crypto.decrypt(keys.suite, keys.enc, iv, hidden)), "big")


def _step(channel: Channel, tag: int | None, value: bytes, wanted: int) -> bytes:
    """One chained GENERAL AUTHENTICATE: the value of `wanted` in its answer."""
    inside = b"" if tag is None else tlv.encode(tag, value)
    data = channel.ask("GENERAL AUTHENTICATE", Command(0x10, 0x86, 0, 0, tlv.encode(0x7C, inside), 256))
    found = tlv.find(tlv.only(data, 0x7C), wanted)
    if found is None:
        raise DataError("PACE: an object is missing in the answer")
    return found


def _known(parameters: int | None) -> bool:
    if parameters is None:
        return False
    try:
        curves.by_parameter_id(parameters)
    except DataError:
        return False
    return True

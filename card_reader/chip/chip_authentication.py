"""Chip authentication over elliptic curves: the chip shows that it holds the private key of DG14. ICAO Doc 9303-11 §6.2."""

from __future__ import annotations

import secrets

from card_reader import tlv
from card_reader.chip import crypto, public_key
from card_reader.chip.apdu import Command
from card_reader.chip.channel import Channel
from card_reader.chip.crypto import Suite
from card_reader.chip.pace import Chance
from card_reader.chip.secure_messaging import SecureMessaging
from card_reader.chip.security_info import ChipKey, ChipProtocol, SecurityInfo, chip_keys, chip_protocols, oid_value
from card_reader.errors import DataError, StatusError

_OLD = ChipProtocol("0.4.0.127.0.7.2.2.3.2.1", Suite.DES3, None)
"""What a DG14 with a key and nothing else means (9303-11 §9.2.5)."""


def offered(infos: list[SecurityInfo]) -> tuple[ChipKey, ChipProtocol] | None:
    """A key with a protocol we know; None: the chip has none."""
    protocols = chip_protocols(infos)
    for key in chip_keys(infos):
        fitting = [p for p in protocols if p.key_id in {None, key.key_id}]
        if fitting or not protocols:
            return key, max(fitting, key=lambda p: p.suite.key_size, default=_OLD)
    return None


def renew(channel: Channel, key: ChipKey, protocol: ChipProtocol, below: Chance = secrets.randbelow) -> None:
    """Puts new keys in place; the next protected answer that is proved proves the chip.

    Raises: StatusError: the chip refused; DataError: its key is not usable.
    """
    static = public_key.decode(key.public)
    if not isinstance(static, public_key.EcKey):
        raise DataError("chip authentication: not an elliptic-curve key")
    curve = static.curve
    private = 1 + below(curve.n - 1)
    own = curve.encode(curve.times(private))
    shared = curve.x_bytes(curve.times(private, static.point))
    if protocol.suite is Suite.DES3:
        _set_key(channel, key, own)
    else:
        _set_template(channel, key, protocol)
        channel.ask("GENERAL AUTHENTICATE", Command(0, 0x86, 0, 0, tlv.encode(0x7C, tlv.encode(0x80, own)), 256))
    channel.protect(SecureMessaging(crypto.session_keys(shared, protocol.suite)))


def _set_key(channel: Channel, key: ChipKey, own: bytes) -> None:
    _set(channel, "MSE:Set KAT", 0xA6, tlv.encode(0x91, own) + _which(key))


def _set_template(channel: Channel, key: ChipKey, protocol: ChipProtocol) -> None:
    _set(channel, "MSE:Set AT", 0xA4, tlv.encode(0x80, oid_value(protocol.protocol)) + _which(key))


def _set(channel: Channel, what: str, p2: int, data: bytes) -> None:
    answer = channel.send(Command(0, 0x22, 0x41, p2, data))
    if not answer.ok:
        raise StatusError(what, answer.sw)


def _which(key: ChipKey) -> bytes:
    if key.key_id is None:
        return b""
    return tlv.encode(0x84, key.key_id.to_bytes((key.key_id.bit_length() + 7) // 8 or 1, "big"))

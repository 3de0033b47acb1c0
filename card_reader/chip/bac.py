"""Basic Access Control: opens a chip by three fields of its MRZ. ICAO Doc 9303-11 §4.3, worked example appendix D."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from card_reader.chip import crypto
from card_reader.chip.apdu import Command
from card_reader.chip.channel import Channel
from card_reader.chip.crypto import Keys, Suite
from card_reader.chip.secure_messaging import SecureMessaging
from card_reader.errors import DataError, StatusError, WrongKey
from card_reader.mrz import MrzKey

_ZERO = bytes(8)
_REFUSALS = {0x6300, 0x6982, 0x6985, 0x6988, 0x6A80}
"""How chips say that the MRZ was wrong: 6300 by the book, the others seen in the field."""


def open_chip(channel: Channel, key: MrzKey, chance: Callable[[int], bytes] = secrets.token_bytes) -> None:
    """Two exchanges, then `channel` is protected. The application must be selected.

    Raises: WrongKey: the chip refused the MRZ; StatusError: no BAC here; DataError: the chip's answer is wrong.
    """
    password = access_keys(key)
    chip_random = channel.ask("GET CHALLENGE", Command(0, 0x84, 0, 0, le=8))
    if len(chip_random) != 8:
        raise DataError("BAC: a challenge that is not eight bytes")
    random, half = chance(8), chance(16)
    token = authentication(password, random + chip_random + half)
    answer = _authenticate(channel, token)
    other_half = _opened(password, answer, chip_random, random)
    seed = bytes(a ^ b for a, b in zip(half, other_half, strict=True))
    counter = int.from_bytes(chip_random[4:] + random[4:], "big")
    channel.protect(SecureMessaging(crypto.session_keys(seed, Suite.DES3), counter))


def access_keys(key: MrzKey) -> Keys:
    """The keys the MRZ gives."""
    seed = hashlib.sha1(key.information.encode("ascii"), usedforsecurity=False).digest()[:16]
    return crypto.session_keys(seed, Suite.DES3)


def authentication(keys: Keys, plain: bytes) -> bytes:
    """The cryptogram and its MAC that EXTERNAL AUTHENTICATE carries."""
    hidden = crypto.encrypt(Suite.DES3, keys.enc, _ZERO, plain)
    return hidden + crypto.mac(Suite.DES3, keys.mac, crypto.pad(hidden, 8))


def _authenticate(channel: Channel, token: bytes) -> bytes:
    try:
        return channel.ask("EXTERNAL AUTHENTICATE", Command(0, 0x82, 0, 0, token, 40))
    except StatusError as exc:
        if exc.sw in _REFUSALS or exc.sw >> 4 == 0x63C:
            raise WrongKey("BAC: the chip refused the MRZ") from exc
        raise


def _opened(keys: Keys, answer: bytes, chip_random: bytes, random: bytes) -> bytes:
    """The chip's half of the key. Raises: DataError: it does not prove that the chip knows the MRZ."""
    if len(answer) != 40:
        raise DataError("BAC: an answer that is not forty bytes")
    if not crypto.same(crypto.mac(Suite.DES3, keys.mac, crypto.pad(answer[:32], 8)), answer[32:]):
        raise DataError("BAC: the chip's MAC is wrong")
    plain = crypto.decrypt(Suite.DES3, keys.enc, _ZERO, answer[:32])
    if not crypto.same(plain[:16], chip_random + random):
        raise DataError("BAC: the chip answered another challenge")
    return plain[16:]

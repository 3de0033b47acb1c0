"""Basic access control, the chip's side (ICAO 9303-11, 4.3)."""

from __future__ import annotations

import hashlib

from simulators.card.apdu import RefusedError
from simulators.card.cipher import FOR_ENCRYPTION, FOR_MAC, MAC_BYTES, TRIPLE_DES
from simulators.card.messaging import Session

WRONG = 0x6300


def seed(mrz_information: str) -> bytes:
    """What both sides derive the access keys from."""
    return hashlib.sha1(mrz_information.encode("ascii"), usedforsecurity=False).digest()


def authenticate(password: bytes, challenge: bytes, data: bytes, key_part: bytes) -> tuple[bytes, Session]:
    """The answer to EXTERNAL AUTHENTICATE and the session it begins.

    `password`: `seed` of the MRZ; `challenge`: the 8 bytes given out; `data`: the terminal's 40; `key_part`: 16 of the chip's own.
    Raises: RefusedError: 6300, the terminal does not know the MRZ or answers another challenge.
    """
    enc, mac = (TRIPLE_DES.derive(password[:16], use) for use in (FOR_ENCRYPTION, FOR_MAC))
    cryptogram, checksum = data[:-MAC_BYTES], data[-MAC_BYTES:]
    if len(data) != 40 or TRIPLE_DES.token(mac, cryptogram) != checksum:
        raise RefusedError(WRONG)
    plain = TRIPLE_DES.decrypt(enc, cryptogram)
    terminal, echoed, terminal_part = plain[:8], plain[8:16], plain[16:]
    if echoed != challenge:
        raise RefusedError(WRONG)
    answer = TRIPLE_DES.encrypt(enc, challenge + terminal + key_part)
    secret = bytes(a ^ b for a, b in zip(terminal_part, key_part, strict=True))
    session = Session(TRIPLE_DES, secret, challenge[4:] + terminal[4:])
    return answer + TRIPLE_DES.token(mac, answer), session

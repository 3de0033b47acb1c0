"""Getting in: PACE where the chip offers a kind we know, else BAC; then the application is selected. ICAO Doc 9303-11 §4.2."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from card_reader.chip import bac, pace
from card_reader.chip.apdu import Command
from card_reader.chip.channel import Channel
from card_reader.chip.mapped import Mapped
from card_reader.chip.security_info import PaceInfo
from card_reader.errors import CardError, Code, DataError, SessionLost, StatusError
from card_reader.files.file import AID, CARD_ACCESS
from card_reader.key import Key
from card_reader.mrz import MrzKey

log = structlog.get_logger(__name__)
_ABSENT = {0x6A82, 0x6A81, 0x6A86, 0x6A87, 0x6D00, 0x6E00, 0x6999, 0x6283, 0x6985}


@dataclass(frozen=True, slots=True)
class Way:
    """How a chip was opened. `mapped`: what PACE-CAM left to be proved; `downgraded`: PACE failed, BAC did it."""

    protocol: str
    mapped: Mapped | None = None
    downgraded: bool = False


def select_root(channel: Channel) -> None:
    """SELECT MF. Vendors answer it with every status there is, so none counts."""
    channel.send(Command(0, 0xA4, 0x00, 0x0C, b"\x3f\x00"))


def select_application(channel: Channel, aid: bytes) -> bool:
    """SELECT by name without Le (some chips refuse one); False: the card has no such application. Raises: StatusError."""
    answer = channel.send(Command(0, 0xA4, 0x04, 0x0C, aid))
    if answer.ok:
        return True
    if answer.sw in _ABSENT:
        return False
    raise StatusError("SELECT application", answer.sw)


def is_travel_document(channel: Channel) -> bool:
    """The card has the application, or the file that says how to get to it."""
    if channel.send(Command(0, 0xA4, 0x04, 0x0C, AID)).sw not in _ABSENT:
        return True
    select_root(channel)
    return channel.send(Command(0, 0xB0, 0x80 | CARD_ACCESS.sfi, 0, le=256)).ok


def open_by_pace(channel: Channel, info: PaceInfo, key: Key, *, may_fall_back: bool) -> Way | None:
    """The way taken; None: it failed by protocol and BAC may be tried. Raises: WrongKey, else as `pace.open_chip`."""
    kind = "MRZ" if isinstance(key, MrzKey) else "CAN"
    try:
        return Way(f"PACE-{info.mapping.removeprefix('ECDH-')}-{kind}", pace.open_chip(channel, info, key))
    except (StatusError, DataError, SessionLost) as exc:
        channel.unprotect()
        if not may_fall_back or not isinstance(key, MrzKey):
            raise
        log.warning("card.pace_failed", cause=str(exc), then="BAC")
        return None


def open_by_bac(channel: Channel, key: Key, *, downgraded: bool) -> Way:
    """Raises: CardError (KEY_NEEDED): only the MRZ opens this chip; WrongKey, else as `bac.open_chip`."""
    if not isinstance(key, MrzKey):
        raise CardError("this chip opens with its MRZ only", Code.KEY_NEEDED)
    bac.open_chip(channel, key)
    return Way("BAC", downgraded=downgraded)

"""How far a card is proved, why, and what else a person should know. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Level(IntEnum):
    """How far a card is proved."""

    UNVERIFIED = 0
    """Nobody we know vouches for the data."""
    DATA_SIGNED = 1
    """A state signed the data; the chip may be a copy."""
    CHIP_GENUINE = 2
    """A state signed the data, and the chip is the one it was signed for."""


class Reason(StrEnum):
    """Why the level is what it is."""

    NOT_SIGNED = "not_signed"
    """The card has no signature, or it was not read."""
    SIGNER_MISSING = "signer_missing"
    """The signature does not bring its certificate."""
    ANCHOR_UNKNOWN = "anchor_unknown"
    """No certificate of the bundle vouches for the signer."""
    OTHER_STATE = "other_state"
    """A state signed a card that says it is another state's."""
    BUNDLE_EXPIRED = "bundle_expired"
    """The bundle is older than it may be."""
    CHIP_NOT_ASKED = "chip_not_asked"
    """The purpose does not ask for a proof of the chip."""
    CHIP_CANNOT = "chip_cannot"
    """The chip offers no proof of itself: it may be a copy."""
    CHIP_FAILED = "chip_failed"
    """The chip offered a proof and did not give it: it is a copy, or broken."""
    CHIP_PROVED = "chip_proved"
    """Data and chip are proved."""


class Note(StrEnum):
    """What a person should know beside the level; nothing here blocks a queue ticket."""

    CARD_EXPIRED = "card_expired"
    """The card's own date of expiry has passed."""
    SIGNER_EXPIRED = "signer_expired"
    """The signer's certificate was not valid when it signed; without a time of signing: is not now."""
    SHA1_ANCHOR = "sha1_anchor"
    """The state's certificate is signed with SHA-1."""
    FILE_MISSING = "file_missing"
    """A file the purpose wanted is not on the card."""
    FILE_FORBIDDEN = "file_forbidden"
    """A file the purpose wanted may not be read by us."""
    DOWNGRADED = "downgraded"
    """PACE failed and BAC was used, as the profile allows."""
    REVOCATION_UNCHECKED = "revocation_unchecked"
    """No revocation list was consulted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Level with its reason and notes. `country`: the letters in the anchor's certificate; empty without one."""

    level: Level
    reason: Reason
    notes: frozenset[Note] = frozenset()
    country: str = ""

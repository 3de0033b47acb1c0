"""What is odd or wrong about a card: its quirks, the faults to come, and how fast its air is. Written as JSON.

    {"quirks": {"select_mf": "6A87", "parameter_id": "needed"},
     "faults": [{"fault": "stall", "at": 9, "seconds": 2}, {"fault": "pull", "file": "DG2", "at": 3}],
     "air": {"kbit_s": 424}}

A key nobody knows is an error.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any

SPEEDS_KBIT_S = (106, 212, 424, 848)
FRAME_BYTES, FRAME_USEFUL_BYTES, BITS_A_BYTE = 256, 253, 9


STATUS_WORDS = ("select_mf", "le_on_select", "past_end", "over_end", "too_long")
WORDS = {"parameter_id": ("optional", "refused", "needed", "lost"), "atr": ("fixed", "random")}
TOO_LONG_WORDS = ("cut", "6C")


@dataclass(frozen=True)
class Quirks:
    """Where chips differ. Status words are four hex digits."""

    select_mf: str = "9000"  # the answer to SELECT MF
    select_p1: tuple[int, ...] = (0, 2)  # the ways an elementary file may be selected by its identifier
    short_identifiers: bool = True  # whether READ BINARY takes a short file identifier
    le_on_select: str = "9000"  # the answer where SELECT with P2=0C or MSE:Set AT carries an Le
    parameter_id: str = (
        "optional"  # tag 84 in MSE:Set AT: optional, refused (6A80), needed (6A87 without), lost (silence without)
    )
    over_end: str = "6282"  # a read over the end of the file: 6282 or 9000 with what is there, else refused so
    past_end: str = "6B00"  # a read that begins behind the end of the file
    too_long: str = "6700"  # more asked for than a short answer holds: 6700, 6C (how much it may be), cut (what fits)
    extended: bool = False  # whether commands and answers may be long
    max_answer_bytes: int = 65535  # plain or protected, of a long answer
    failed_delay_s: float = 0.0  # a wrong password makes the next try wait this long, twice that the one after it …
    atr: str = "fixed"  # random: another one at each power-up, as two cards in one field
    uid: str = "random"  # random: another one at each power-up, as ICAO asks; else eight or more hex digits
    absent: tuple[str, ...] = ()  # files that EF.SOD names and the chip does not have
    t0: bool = False  # a contact card on the older protocol: 61xx and GET RESPONSE, 6Cxx until Le is exact
    locked: tuple[str, ...] = ("DG3", "DG4")  # files for which it wants a terminal certificate (6982)


class Kind(StrEnum):
    """Faults that come once."""

    BAD_MAC = "bad_mac"  # the checksum of a protected answer is wrong
    SHORT_READ = "short_read"  # half of the bytes asked for, as if that were all
    TRUNCATED = "truncated"  # the answer ends in its middle, no status word
    TORN_FRAME = "torn_frame"  # the reader's frame announces more than comes, then the card is gone
    STALL = "stall"  # `seconds` of silence before the answer
    PULL = "pull"  # the card is taken away instead of an answer
    SWAP = "swap"  # `card` lies there instead
    STATUS = "status"  # the answer is `sw` and nothing else; unprotected
    REFUSAL = "refusal"  # the answer is `sw`; protected where the session is


@dataclass(frozen=True)
class Fault:
    """Due at the `at`th command since the card was laid down; with `file`, at the `at`th read of that file."""

    fault: Kind
    at: int = 1
    file: str | None = None
    seconds: float = 0.0
    card: str = ""
    sw: str = "6F00"


@dataclass(frozen=True)
class Air:
    """The time an exchange takes between card, reader and computer (ISO 14443 A: 9 bits a byte, frames of 256 bytes)."""

    kbit_s: int
    chip_s: float = 0.006
    usb_s: float = 0.002

    def exchange_s(self, command_bytes: int, answer_bytes: int) -> float:
        on_air = sum(count + 3 * -(-count // FRAME_USEFUL_BYTES) for count in (command_bytes, answer_bytes))
        return on_air * BITS_A_BYTE / (self.kbit_s * 1000) + self.chip_s + self.usb_s


@dataclass(frozen=True)
class Script:
    """`altered`: files changed after they were signed; `copied`: all files, but not the keys that never leave a chip;
    `expired_signer`, `unknown_authority`: who signed it. `present_s`: how long the card lies
    there once the reader has felt it, None for ever."""

    quirks: Quirks = Quirks()
    faults: tuple[Fault, ...] = ()
    air: Air | None = None
    altered: tuple[str, ...] = ()
    copied: bool = False
    expired_signer: bool = False
    unknown_authority: bool = False
    present_s: float | None = None


def read(document: dict[str, Any], quirks: dict[str, Any] | None = None) -> Script:
    """The script in a JSON object; `quirks`: those the card has where the script says nothing.

    Raises: ValueError: an unknown key, fault, word or speed. TypeError: a value of another type.
    """
    values = _checked(document, Script, apart=("quirks", "faults", "air"))
    if values.get("present_s") is not None:
        values["present_s"] = float(values["present_s"])
    values["quirks"] = _quirks({**(quirks or {}), **document.get("quirks", {})})
    values["faults"] = tuple(map(_fault, document.get("faults", ())))
    values["air"] = _air(document["air"]) if document.get("air") else None
    return Script(**values)


def _quirks(document: dict[str, Any]) -> Quirks:
    values = _checked(document, Quirks)
    for key in STATUS_WORDS:
        if key in values and not (key == "too_long" and values[key] in TOO_LONG_WORDS):
            _status(key, values[key])
    for key, words in WORDS.items():
        if values.get(key, words[0]) not in words:
            raise ValueError(f"{key}: {values[key]!r}: one of {', '.join(words)}")
    if values.get("uid", "random") != "random":
        bytes.fromhex(values["uid"])
    return Quirks(**values)


def _fault(document: dict[str, Any]) -> Fault:
    values = _checked(document, Fault)
    _status("sw", values.get("sw", "6F00"))
    return Fault(**{**values, "fault": Kind(values["fault"])})


def _air(document: dict[str, Any]) -> Air:
    values = _checked(document, Air)
    if values.get("kbit_s") not in SPEEDS_KBIT_S:
        raise ValueError(f"kbit_s: {values.get('kbit_s')}: one of {SPEEDS_KBIT_S}")
    return Air(**values)


def _status(key: str, value: str) -> None:
    if len(bytes.fromhex(value)) != 2:
        raise ValueError(f"{key}: {value!r}: four hex digits")


def _checked(document: dict[str, Any], shape: type, apart: tuple[str, ...] = ()) -> dict[str, Any]:
    """The values by field, lists as tuples, each of its default's type; those `apart` are somebody else's to check."""
    if not isinstance(document, dict):
        raise TypeError(f"{shape.__name__.lower()}: {document!r}: an object")
    defaults = {field.name: field.default for field in fields(shape)}
    if strange := sorted(set(document) - set(defaults)):
        raise ValueError(f"{strange[0]}: no such key of {shape.__name__.lower()}: {', '.join(sorted(defaults))}")
    values = {
        key: tuple(value) if isinstance(value, list) else value for key, value in document.items() if key not in apart
    }
    for key, value in values.items():
        default = defaults[key]
        wanted = (int, float) if isinstance(default, float) else type(default)
        if default is not MISSING and default is not None and not isinstance(value, wanted):
            raise TypeError(f"{key}: {value!r}: as {default!r}")
    return values

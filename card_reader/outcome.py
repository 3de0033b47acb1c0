"""What becomes of a read: progress on the way, then a reading or a failure; and their form as JSON between two processes. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from card_reader.errors import Code
from card_reader.trust.verdict import Level, Note, Reason


class Step(StrEnum):
    """Where a read is; the screen's words are looked up by it."""

    WAIT = "wait"
    """Waiting for a card."""
    OPEN = "open"
    """A card is there and is being opened."""
    READ = "read"
    """Files are being read; `done` moves."""
    PUT_BACK = "put_back"
    """The card left too soon: put it back and hold it. The read begins anew."""
    LEAVE = "leave"
    """The card was only tapped: leave it on the reader."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A step; `done` is the share of the current file, 0 to 1."""

    step: Step
    done: float = 0.0


@dataclass(frozen=True, slots=True)
class Photo:
    """The face as it was on the chip, not decoded. `kind`: "jpeg" or "jp2"."""

    kind: str
    image: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What left the card. `fields`: by name, those the purpose allows; `hashes`: kind of number → keyed hash, for matching.

    `profile` and `country` say which labels fit.
    """

    level: Level
    reason: Reason
    notes: frozenset[Note] = frozenset()
    profile: str = "generic"
    country: str = ""
    fields: dict[str, str] = field(default_factory=dict, repr=False)
    hashes: dict[str, str] = field(default_factory=dict, repr=False)
    photo: Photo | None = field(default=None, repr=False)

    def wipe(self) -> None:
        """Nothing of the visitor stays in this object."""
        self.fields.clear()
        self.hashes.clear()
        object.__setattr__(self, "photo", None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no reading. `compare`: the fields of the key a person should look at again."""

    code: Code
    compare: tuple[str, ...] = ()


def pack(outcome: Reading | Failure | Progress) -> dict[str, Any]:
    """JSON for `unpack`."""
    match outcome:
        case Progress(step, done):
            return {"t": "progress", "step": step.value, "done": round(done, 3)}
        case Failure(code, compare):
            return {"t": "failure", "code": code.value, "compare": list(compare)}
        case Reading():
            photo = outcome.photo
            return {
                "t": "reading",
                "level": int(outcome.level),
                "reason": outcome.reason.value,
                "notes": sorted(outcome.notes),
                "profile": outcome.profile,
                "country": outcome.country,
                "fields": outcome.fields,
                "hashes": outcome.hashes,
                "photo": [photo.kind, base64.b64encode(photo.image).decode("ascii")] if photo else None,
            }


def unpack(data: dict[str, Any]) -> Reading | Failure | Progress:
    """The other way. Raises: ValueError, KeyError, TypeError: not what `pack` gives."""
    match data["t"]:
        case "progress":
            return Progress(Step(data["step"]), float(data["done"]))
        case "failure":
            return Failure(Code(data["code"]), tuple(data["compare"]))
        case "reading":
            photo = Photo(data["photo"][0], base64.b64decode(data["photo"][1])) if data["photo"] else None
            return Reading(
                Level(data["level"]), Reason(data["reason"]), frozenset(map(Note, data["notes"])), data["profile"],
                data["country"], dict(data["fields"]), dict(data["hashes"]), photo,
            )  # fmt: skip
        case other:
            raise ValueError(f"an outcome of an unknown kind {other!r}")

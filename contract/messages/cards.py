"""What ID cards need of the hall: the key of the day, and a read at a window for the operator's form. Pure.

Of a read, the fields go sealed to a key that the console made for this read alone, and what opens the card goes sealed to the
reader's (`UnitHealth.seal`); format: `runtime/seal.py`. All of it is QoS 0, expires, and stands in no journal.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from contract.messages.envelope import Command, Hash, Message, MessageId, Name, Question, Reply
from contract.words import CardField

MOST_SEALED = 3584
"""Letters of what is sealed: with its envelope it stays within the topic's bound."""
Sealed = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=MOST_SEALED)]
"""Bytes in base64 that only the holder of one key can read."""


class CardKey(Question):
    """The key of the hall's day, with which numbers on ID cards are hashed; kiosks and terminals only."""

    t: Literal["card.key"] = "card.key"


class DayKey(Reply):
    """The key of the hall-local `day`: 32 bytes in hexadecimal. A secret: it stays in memory, for one read."""

    t: Literal["day_key"] = "day_key"
    day: date
    key: Hash = Field(repr=False)


class CardRead(Command):
    """Read the ID card of the visitor at `window` for the form of `operator`; consoles only, and the same words on to the reader.

    Asked after the visitor agreed to `fields`: no other leaves the card. `seal`: the public key they are sealed to, made for this
    read; `opens`: what opens the card, sealed to the reader's key: {"can"} or {"number", "birth", "expiry"} (YYMMDD), None: it is
    swiped at the reader, or the card needs none.
    """

    t: Literal["card.read"] = "card.read"
    window: Name
    operator: Name
    fields: tuple[CardField, ...] = Field(min_length=1, max_length=len(CardField))
    seal: Hash
    opens: Sealed | None = Field(default=None, repr=False)


class CardSaid(Message):
    """Base of what is said of the read `re` (the id of its `CardRead`)."""

    re: MessageId


class CardForget(CardSaid):
    """The read is not wanted any more: it ends, and nothing of it stays."""

    t: Literal["card.forget"] = "card.forget"


class CardStep(CardSaid):
    """Where the read is: `card_reader.outcome.Step`, or "swipe" while the zone is waited for, "swipe_again".

    `done`: share of the current file.
    """

    t: Literal["card.step"] = "card.step"
    step: Name
    done: float = Field(default=0.0, ge=0, le=1)


class CardFailed(CardSaid):
    """The read gave nothing: `code` of `card_reader.errors`; `compare`: fields of the key a person should look at again."""

    t: Literal["card.failed"] = "card.failed"
    code: Name
    compare: tuple[Name, ...] = Field(default=(), max_length=4)


class CardFields(CardSaid):
    """What the form gets: {"level", "reason", "notes", "country", "fields"} as JSON, sealed to the read's key."""

    t: Literal["card.fields"] = "card.fields"
    sealed: Sealed = Field(repr=False)

"""What ID cards need of the hall: the key of the day. Pure."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from contract.messages.envelope import Hash, Question, Reply


class CardKey(Question):
    """The key of the hall's day, with which numbers on ID cards are hashed; kiosks and terminals only."""

    t: Literal["card.key"] = "card.key"


class DayKey(Reply):
    """The key of the hall-local `day`: 32 bytes in hexadecimal. A secret: it stays in memory, for one read."""

    t: Literal["day_key"] = "day_key"
    day: date
    key: Hash = Field(repr=False)

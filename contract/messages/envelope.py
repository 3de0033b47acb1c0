"""The envelope of every message, and the words that all of them use. Pure.

Envelope: `t` type, `v` major version, `id` (for a command: the idempotency key), `at` the sender's UTC time, `re` the id
answered; facts add `inc` (incarnation: made when a box's storage is new), `ep` (boot epoch) and `sq` (outbox sequence).
Unknown fields are ignored, so a field may be added; a break makes a new `v`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

MAX_COUNT = 2**53
"""Largest whole number on the wire: exact in every JSON reader, and it fits a database column."""

_WORD = Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")
MessageId = Annotated[str, _WORD]
"""Opaque; printable ASCII without spaces, so that it can stand in a log line, a topic's correlation and a table."""
Name = Annotated[str, _WORD]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC))]
"""A moment with its offset; the bounds keep it inside the calendar in every time zone."""


Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in hexadecimal."""


class Wire(BaseModel):
    """Base of all that travels: frozen, strict types, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)


class Message(Wire):
    """The envelope."""

    v: Literal[1] = 1
    id: MessageId
    at: Moment | None = None


class Command(Message):
    """Base of the commands on `up/cmd`."""


class StaffCommand(Command):
    """Base of what a person may have asked for at no window of their own.

    `operator`: who, as a console knows them: an operator of the hall or one of its accounts. The console's word is taken for it,
    another box's is not. None: nobody is named, the box itself acts.
    """

    operator: Name | None = None


class Question(Command):
    """Base of what is only asked: it changes nothing: answered from the state, neither journaled nor remembered."""


class Reply(Message):
    """Base of the answers on `down/rep`; `re` is the command's id."""

    re: MessageId


class Wait(Wire):
    """The wait told to people, in hall minutes: a range whose ends are multiples of 5, rounded outward, true for 8 in 10.

    `high` None: longer than what is told (`low` "or more").
    """

    low: Count
    high: Count | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Wait:
        if self.high is not None and self.high <= self.low:
            raise ValueError("high must lie above low")
        return self


@lru_cache(1024)
def utc(moment: datetime) -> str:
    """A moment as the journal and the wire write it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

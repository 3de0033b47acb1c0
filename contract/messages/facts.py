"""Facts that must not be lost: they travel from a box's outbox until they are acknowledged. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contract.messages.envelope import MAX_COUNT, Count, Message, Moment, Name
from contract.words import Paper


class Fact(Message):
    """Base of the facts on `up/ev`; unique by (dev, inc, ep, sq). `sq` counts 1, 2, 3 … as long as `inc` lives.

    `held`: the lowest sq the box still has. A hall that lacks an earlier one will never get it, so it goes on from there.
    """

    inc: Name
    ep: int = Field(ge=1, le=MAX_COUNT)
    sq: int = Field(ge=1, le=MAX_COUNT)
    held: int | None = Field(default=None, ge=1, le=MAX_COUNT)


class PaperFact(Fact):
    """What became of a ticket's paper."""

    t: Literal["paper"] = "paper"
    ticket: Name
    paper: Paper
    job: Name


class CertificateFact(Fact):
    """A certificate of a terminal: by its `number` staff find where and when it was printed, and never for whom.

    `layout`: of the paper; `numbered_at`: by the box's own clock; the hall keeps it as hall time.
    """

    t: Literal["certificate"] = "certificate"
    number: Name
    layout: Name
    service: Name | None = None
    paper: Paper
    numbered_at: Moment


class FaultFact(Fact):
    """A box's fault came or went. `fault` is a key of `contract.hints`."""

    t: Literal["fault"] = "fault"
    fault: Name
    since: Moment
    cleared: bool = False


class AlarmFact(Fact):
    """A silent alarm at the pad or button `unit`; its window follows from the hall document. `id` names the press."""

    t: Literal["alarm"] = "alarm"
    unit: Name
    kind: Literal["silent"] = "silent"


class RatingFact(Fact):
    """A visitor said at the rating pad `unit` how it was: 1 the worst, 5 the best. `id` names the press."""

    t: Literal["rating"] = "rating"
    unit: Name
    score: int = Field(ge=1, le=5)


class Ack(Message):
    """Facts up to and including sequence `upto` of the incarnation `inc` are committed: the box may forget them."""

    t: Literal["ack"] = "ack"
    inc: Name
    upto: Count

"""The hall document changed while the hall runs: looked at, published, taken back. Consoles only. Pure.

A document travels as text, so that its own faults come back with their places and do not spoil the message.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contract.messages.envelope import Command, Count, Moment, Name, Question, Reply, Wire

Document = Annotated[str, Field(min_length=2, max_length=900_000, repr=False)]
"""A hall document as JSON."""
Reason = Annotated[str, Field(min_length=3, max_length=200)]


class HallCheck(Question):
    """What would be if this document were published now?"""

    t: Literal["hall.check"] = "hall.check"
    document: Document


class HallPublish(Command):
    """From now on the hall runs by this document. `base`: the revision it was made from; another one in force is a refusal.

    Its own revision number is set by the hall: one more than the newest. PIN hashes that it leaves empty stay as they are.
    `operator`: who publishes, as the console knows them: it lets only those ask who may.
    """

    t: Literal["hall.publish"] = "hall.publish"
    document: Document
    base: Count
    why: Reason
    operator: Name


class HallRevert(Command):
    """Publish the document of the earlier revision `to` again, checked as any other."""

    t: Literal["hall.revert"] = "hall.revert"
    to: Count
    base: Count
    why: Reason
    operator: Name


class Finding(Wire):
    """Something a document would do to people or to the hall. The words for people are `check.<code>` with these `facts`.

    `stops`: it cannot be published like that. `of`: whom or what it is about: labels, ids, numbers.
    """

    code: Name
    stops: bool = False
    facts: dict[str, str] = {}
    of: tuple[str, ...] = Field(default=(), max_length=200)


class Change(Wire):
    """One difference: `part` of the document (services, windows …), the `id` in it ("" for the hall itself), and its `field`.

    `before`, `after`: None where it was not there, or is not any more; long values are cut.
    """

    part: Name
    id: str = ""
    field: str = ""
    before: str | None = None
    after: str | None = None


class HallRevisions(Question):
    """Which documents did the hall run by?"""

    t: Literal["hall.revisions"] = "hall.revisions"


class RevisionLine(Wire):
    """One document that was in force from hall time `at`. `by`: an operator or a box."""

    revision: Count
    at: Moment
    by: Name
    why: str


class Revisions(Reply):
    """The documents the hall ran by, the newest first. `open_pins`: whose PIN in force is a template's, which everybody can read."""

    t: Literal["revisions"] = "revisions"
    revisions: tuple[RevisionLine, ...] = Field(max_length=50)
    open_pins: tuple[Name, ...] = Field(default=(), max_length=200)


class Checked(Reply):
    """What a document would do against revision `base`. `faults`: why it is none, with their places; then there is nothing else."""

    t: Literal["checked"] = "checked"
    base: Count
    faults: tuple[str, ...] = Field(default=(), max_length=50)
    findings: tuple[Finding, ...] = Field(default=(), max_length=100)
    changes: tuple[Change, ...] = Field(default=(), max_length=300)

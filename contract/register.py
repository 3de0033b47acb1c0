"""What a hall may ask the registers about its community, as a terminal and the connector speak it: JSON over HTTPS. Pure.

One connector per hall holds the registers' credentials; terminals have the hall's certificates and nothing else. Personal numbers stand in
bodies, never in addresses, which are logged.

    POST /1/person      About → Person         POST /1/dues    About → Dues
    POST /1/household   About → Household      POST /1/due     DueCode → Dues (one, or none)
    POST /1/paid        Paid → Taken           POST /1/returned Returned → Taken
    GET  /1/health      → Registers            GET  /1/directories/NAME → Directory (ETag: its revision)

Any other answer than 200 and 304 carries a `Fault`. One connection is one question. A register that speaks HTTP itself is asked the same
questions in the same words, signed (docs/registers.md).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from contract.hall_part import Id, Text
from contract.messages.envelope import Count, Name, Wire
from contract.messages.money import Currency

MAX_QUESTION_BYTES = 4096
MAX_ANSWER_BYTES = 8 * 2**20
"""A directory of 20,000 entries in three languages fits."""
ROOT = "/1"

PersonalNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z-]{6,20}$")]
"""РНОКПП or УНЗР (Ukraine), IIN (Kazakhstan), PIN (Kyrgyzstan); the profile that read it has checked it."""
Line = Annotated[str, StringConstraints(max_length=200)]


class About(Wire):
    """Whom a question is about."""

    number: PersonalNumber = Field(repr=False)


class DueCode(Wire):
    """The code printed on a demand for payment."""

    code: Name = Field(repr=False)


class Address(Wire):
    """Where somebody lives: ids of the directories `settlements` and `streets`, and the whole as text by language."""

    settlement: Id
    street: Id | None = None
    house: Line = ""
    flat: Line = ""
    texts: Text


class Person(Wire):
    """A person of the community register. `number`: the one asked about.

    `names` by language: surname, given names and patronymic in the order of documents.
    """

    number: PersonalNumber = Field(repr=False)
    names: Text = Field(repr=False)
    birth_date: date = Field(repr=False)
    address: Address | None = Field(default=None, repr=False)
    since: date | None = None


class Member(Wire):
    """Somebody registered at an address. `relation`: a code whose words are `relation.<code>`, "" where not known."""

    names: Text = Field(repr=False)
    birth_date: date = Field(repr=False)
    relation: Name | Literal[""] = ""
    since: date | None = None


class Household(Wire):
    """Who is registered at the address of the person asked about, that person first; for the certificate of family composition."""

    address: Address = Field(repr=False)
    members: tuple[Member, ...] = Field(min_length=1, max_length=60, repr=False)


class DueSum(Wire):
    """Something to be paid. `payee`: of the hall document; `names`: what for; `code`: as printed on the demand."""

    id: Name
    code: Name
    names: Text
    service: Id | None = None
    payee: Id | None = None
    amount_minor: Annotated[int, Field(gt=0, le=10**12)]
    currency: Currency
    until: date | None = None


class Dues(Wire):
    """What is to be paid, the oldest first."""

    dues: tuple[DueSum, ...] = Field(default=(), max_length=50)


class Paid(Wire):
    """A sum was paid at a terminal: said until `Taken` comes; saying it twice changes nothing. `payment`: the terminal's own id."""

    due: Name
    payment: Name
    amount_minor: Count
    currency: Currency
    method: Literal["card", "cash"]
    at: AwareDatetime


class Returned(Wire):
    """A payment that was told as `Paid` was given back, whole: its due is open again. Said until `Taken` comes, as `Paid` is."""

    due: Name
    payment: Name
    amount_minor: Count
    currency: Currency
    at: AwareDatetime


class Taken(Wire):
    """The register has it. `again`: it had it before."""

    again: bool = False


class Entry(Wire):
    """One line of a directory. `under`: the entry it belongs to (a street's settlement); `was`: earlier names and other spellings."""

    id: Id
    names: Text
    under: Id | None = None
    was: tuple[Line, ...] = ()


class Directory(Wire):
    """One list to choose from: settlements, streets, documents, given names. A renamed street keeps its id.

    `revision`: another one where anything in it is another; no order. It is the ETag, as decimal digits in quotes.
    """

    name: Id
    revision: Count
    entries: tuple[Entry, ...] = Field(max_length=20_000)


class Registers(Wire):
    """How the connector is: each register by name, "" where it answers, else a key of `contract.hints`."""

    registers: dict[Name, str]


class Fault(Wire):
    """Why there is no answer. `unknown`: the register does not know that person, code or list; `register_away`: nobody answers, try later;
    `not_allowed`: this certificate may not ask that; `too_many`: it has asked too much in this minute; `bad_request`, `bad_answer`:
    one of the two sides is wrong, tell staff.
    """

    fault: Literal["unknown", "register_away", "not_allowed", "too_many", "bad_request", "bad_answer"]
    step: Line = ""


QUESTIONS: dict[str, tuple[type[Wire], type[Wire]]] = {
    "person": (About, Person),
    "household": (About, Household),
    "dues": (About, Dues),
    "due": (DueCode, Dues),
    "returned": (Returned, Taken),
    "paid": (Paid, Taken),
}
"""What is asked by POST: the last part of the address → what the body is → what a good answer is."""
DIRECTORIES = ("settlements", "streets", "documents", "given_names")
STATUS = {
    "bad_request": 400, "not_allowed": 403, "unknown": 404, "too_many": 429, "bad_answer": 502, "register_away": 503,
}  # fmt: skip
"""A fault's HTTP status; the word in the body is what counts."""

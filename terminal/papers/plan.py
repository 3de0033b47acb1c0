"""What stands on each certificate: data of this package (layouts/*.json), read once and checked."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import ValidationError

from contract.errors import ContractError
from contract.hall_part import Part

NAMES = ("extract", "household", "application")
Value = Literal[
    "person.name", "person.number", "person.birth_date", "person.address", "person.since", "household.address", "household.count",
]  # fmt: skip
Column = Literal["name", "birth_date", "relation", "since"]


class NamedValue(Part):
    """A line: the key of its text, and what stands there. A value that the register did not tell leaves no line."""

    name: str
    value: Value


class Plan(Part):
    """Texts are keys of the catalogues. `title`: "" for the service's name; `answers`: the form's questions and answers follow the facts;
    `people`: columns of the household's members, under `people_title`; `sign`: what is written by hand.
    """

    about: str
    title: str = ""
    opening: str
    facts: tuple[NamedValue, ...]
    people_title: str = ""
    people: tuple[Column, ...] = ()
    answers: bool = False
    closing: tuple[str, ...] = ()
    sign: tuple[str, ...] = ()
    note: str


@cache
def plan(name: str) -> Plan:
    """What stands on `SelfService.paper`. Raises: ContractError: there is no such layout."""
    if name not in NAMES:
        raise ContractError(f"paper {name!r}: allowed: {', '.join(NAMES)}")
    return read(name, files("terminal.papers").joinpath("layouts", f"{name}.json").read_text(encoding="utf-8"))


def read(name: str, text: str) -> Plan:
    """A plan from its JSON. Raises: ContractError: a key or value that is not allowed, with its place."""
    try:
        return Plan.model_validate_json(text)
    except ValidationError as exc:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in exc.errors())
        raise ContractError(f"paper {name}: {faults}") from exc

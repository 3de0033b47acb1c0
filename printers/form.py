"""How each kind of paper is laid out: data of this package (layouts/*.json), read once and checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from contract.errors import ContractError

Kind = Literal[
    "head", "stack", "text", "number", "facts", "list", "dashes", "code", "ends", "rows", "mark", "pairs", "people", "paragraphs",
    "lines", "band",
]  # fmt: skip
ROLES = ("note", "body", "label", "heading", "title", "display", "number")
FORMS = ("ticket", "receipt", "certificate")


@dataclass(frozen=True, slots=True)
class Block:
    """A strip of the paper. `text`, `items`, `right`: names of fields of the document, "" for none; `roles`: largest and smallest
    size; `lines`: wanted at most, at the smallest size it may be more; `of`: blocks inside.
    """

    kind: Kind
    text: str = ""
    items: str = ""
    right: str = ""
    roles: tuple[str, str] = ("body", "note")
    lines: int = 1
    bold: bool = False
    centre: bool = False
    logo: bool = False
    of: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of paper: its blocks from top to bottom, the fields that are read aloud in order, and how long it may get."""

    name: str
    blocks: tuple[Block, ...]
    spoken: tuple[str, ...]
    max_mm: int


@cache
def form(name: str) -> Form:
    """The form `ticket`, `receipt` or `certificate`. Raises: ContractError: there is no such form, or its file is wrong."""
    if name not in FORMS:
        raise ContractError(f"form {name!r}: allowed: {', '.join(FORMS)}")
    text = files("printers").joinpath("layouts", f"{name}.json").read_text(encoding="utf-8")
    return read(name, json.loads(text))


def read(name: str, raw: dict[str, Any]) -> Form:
    """A form from its JSON. Raises: ContractError: a key or value that is not allowed, with its place."""
    known = {"about", "max_mm", "blocks", "spoken"}
    if unknown := set(raw) - known:
        raise ContractError(f"form {name}: {sorted(unknown)}: allowed: {sorted(known)}")
    blocks = tuple(_block(f"form {name}: block {number}", each) for number, each in enumerate(raw["blocks"], 1))
    return Form(name, blocks, tuple(raw["spoken"]), int(raw["max_mm"]))


def _block(place: str, raw: dict[str, Any]) -> Block:
    if unknown := set(raw) - set(Block.__slots__):
        raise ContractError(f"{place}: {sorted(unknown)}: allowed: {sorted(Block.__slots__)}")
    if raw.get("kind") not in get_args(Kind):
        raise ContractError(f"{place}: kind {raw.get('kind')!r}: allowed: {', '.join(get_args(Kind))}")
    roles = tuple(raw.get("roles", ("body", "note")))
    if len(roles) != 2 or not set(roles) <= set(ROLES):
        raise ContractError(f"{place}: roles {roles}: largest and smallest of {', '.join(ROLES)}")
    inner = tuple(_block(f"{place}.{number}", each) for number, each in enumerate(raw.get("of", ()), 1))
    return Block(**{**raw, "kind": cast("Kind", raw["kind"]), "roles": roles, "of": inner})

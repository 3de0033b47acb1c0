"""Entries of the document: found, made, taken away, put in another place. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from consoles.changing.part import NEW, Document, UntakenError
from contract.errors import ContractError

_USES = {
    "employers": (
        ("rights", "employers"), ("windows", "employer"), ("operators", "employer"), ("operators", "rights.employer"),
    ),
    "rights": (("services", "right"), ("operators", "rights.right")),
    "zones": (("service_groups", "zone"), ("windows", "zone"), ("boxes", "zone")),
    "windows": (("boxes", "units.window"),),
    "service_groups": (("services", "group"), ("windows", "groups")),
    "documents": (("services", "bring"),),
    "services": (("services", "question.replies.service"),),
    "indices": (("services", "fees.index"),),
    "forms": (("services", "self_service.form"),),
    "payees": (("services", "self_service.payee"),),
}  # fmt: skip
"""Part → where else its keys stand."""


def entry(document: Document, part: str, key: str) -> Document:
    """The entry. Raises: ContractError: there is none."""
    found: Document | None = next((each for each in document[part] if each["id"] == key), None)
    if found is None:
        raise ContractError(f"{part}: there is no {key[:32]!r}")
    return found


def filled(document: Document, part: str, key: str, blank: Document) -> Document:
    """The entry, or for NEW a copy of `blank` of that id. Raises: ContractError: there is none."""
    return {"id": NEW, **blank} if key == NEW else entry(document, part, key)


def kept(document: Document, part: str, key: str, stem: str, values: Document) -> None:
    """Put `values` into the entry; NEW: at the end, by a free id of `stem`. Raises: ContractError: there is none."""
    if key == NEW:
        document[part].append({"id": free_id(document, part, stem), **values})
    else:
        entry(document, part, key).update(values)


def free_number(document: Document) -> int:
    """The lowest number that no window has."""
    taken = {each["number"] for each in document["windows"]}
    return next(n for n in count(1) if n not in taken)


def free_id(document: Document, part: str, stem: str) -> str:
    """An id for a new entry, of `stem` and the next number."""
    taken = {each["id"] for each in document[part]} if isinstance(document[part], list) else set(document[part])
    return next(name for n in count(1) if (name := f"{stem}{n:02}") not in taken)


def remove(document: Document, part: str, key: str) -> None:
    """Take an entry away. Raises: UntakenError: it is used elsewhere in the document; ContractError: there is none."""
    users = list(used(document, part, key))
    if users:
        raise UntakenError("untaken.used", of=", ".join(dict.fromkeys(users)))
    if isinstance(document[part], dict):
        if document[part].pop(key, None) is None:
            raise ContractError(f"{part}: there is no {key[:32]!r}")
    else:
        document[part].remove(entry(document, part, key))


def move(document: Document, part: str, key: str, places: int) -> None:
    """Put an entry so many places further down (less than 0: up), as far as there are any. Raises: ContractError: there is none."""
    entries = document[part]
    one = entry(document, part, key)
    at = entries.index(one)
    entries.insert(max(0, min(len(entries) - 1, at + places)), entries.pop(at))


def used(document: Document, part: str, key: str) -> Iterable[str]:
    """Who uses the entry, by name."""
    language = document["default_language"]
    for where, path in _USES.get(part, ()):
        for each in document[where]:
            if key in _values(each, path.split(".")):
                yield _called(where, each, language)


def _values(entry: Document, path: list[str]) -> list[Any]:
    found: list[Any] = [entry]
    for name in path:
        found = [value for each in found if isinstance(each, dict) for value in _listed(each.get(name))]
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _called(part: str, entry: Document, language: str) -> str:
    if part == "windows":
        return f"№ {entry['number']}"
    return str(entry["names"].get(language) if entry.get("names") else entry.get("name") or entry["id"])

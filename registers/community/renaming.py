"""An entry of a directory found by a name, and given another: the name it had goes on being known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from contract.errors import ContractError
from registers.community.table import STREETS
from registers.schema import ENTRY, LANGUAGES, SEPARATOR

MOST_FOUND, MOST_LETTERS = 50, 2000
_CELL = {column.name: column for column in STREETS.columns}
"""What a name may be is the same for every directory."""


def find(db: Connection, directory: str, text: str) -> list[str]:
    """Entries with `text` in a name they have or had, a line each: id, what it stands under, names, earlier names."""
    rows = db.execute(select(ENTRY).where(ENTRY.c.directory == directory).order_by(ENTRY.c.id)).mappings()
    wanted = text.casefold()
    found = [row for row in rows if any(wanted in name.casefold() for name in (*_names(row).values(), row["was"]))]
    return [_line(row) for row in found[:MOST_FOUND]]


def rename(db: Connection, directory: str, key: str, names: Mapping[str, str]) -> str:
    """Give an entry `names` by language; those that it loses are kept as earlier ones. Its line, as of `find`.

    Raises: ContractError: no such entry, no such name, or so many earlier names that there is no room for one more.
    """
    here = (ENTRY.c.directory == directory) & (ENTRY.c.id == key)
    row = db.execute(select(ENTRY).where(here)).mappings().one_or_none()
    if row is None:
        raise ContractError(f"{directory}: there is no {key[:32]!r}")
    before = _names(row)
    after = before | {language: _read(f"name_{language}", name) for language, name in names.items()}
    lost = [name for language, name in before.items() if after[language] != name]
    earlier = dict.fromkeys(
        name for name in (*row["was"].split(SEPARATOR), *lost) if name and name not in after.values()
    )
    if len(was := SEPARATOR.join(earlier)) > MOST_LETTERS:
        raise ContractError(f"{directory}: {key}: there is no room for one more earlier name")
    db.execute(
        update(ENTRY).where(here).values(was=was, **{f"name_{language}": name for language, name in after.items()})
    )
    return _line(db.execute(select(ENTRY).where(here)).mappings().one())


def _read(name: str, text: str) -> Any:
    cell = _CELL.get(name)
    if cell is None:
        raise ContractError(f"{name[:32]!r}: allowed: {', '.join(f'name_{each}' for each in LANGUAGES)}")
    try:
        return cell.read(text.strip())
    except (ValueError, IndexError) as exc:
        raise ContractError(f"{name}: allowed: {cell.allowed}") from exc


def _names(row: RowMapping) -> dict[str, str]:
    return {language: row[f"name_{language}"] for language in LANGUAGES if row[f"name_{language}"]}


def _line(row: RowMapping) -> str:
    was = f" (was: {row['was'].replace(SEPARATOR, ', ')})" if row["was"] else ""
    under = f"  {row['under']}" if row["under"] else ""
    return f"{row['id']}{under}  {' / '.join(_names(row).values())}{was}"

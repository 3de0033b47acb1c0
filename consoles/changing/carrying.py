"""The hall document carried out of the consoles and into them: the draft, the one in force, or any that the hall ran by."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from sqlalchemy import select

from consoles.changing.part import Document
from contract.errors import ContractError
from contract.hall import Hall
from journal.database import snapshot
from journal.errors import JournalError
from journal.schema import HALL
from runtime import hall_file


class Archive:
    """The documents the hall ran by, in its journal. `journal` None: it is not on this machine."""

    def __init__(self, journal: Path | None) -> None:
        self._journal = journal
        self._turn = asyncio.Lock()

    async def document(self, hall: str, revision: int) -> Document | None:
        """The document of a revision; None where it cannot be read."""
        if self._journal is None:
            return None
        async with self._turn:
            try:
                return await asyncio.to_thread(_read, self._journal, hall, revision)
            except JournalError:
                return None


def taken(data: bytes, hall: Hall) -> Document:
    """A file as the next document of `hall`. Raises: ContractError: faults with their places, or another hall's."""
    read = hall_file.read(data)
    if read.id != hall.id:
        raise ContractError(f"id: {read.id!r}: allowed: {hall.id!r}, this hall")
    document: Document = json.loads(read.model_dump_json(by_alias=True))
    return document | {"revision": hall.revision}


def _read(journal: Path, hall: str, revision: int) -> Document | None:
    table = HALL.table("revision")
    wanted = select(table.c.document).where(table.c.hall == hall, table.c.revision == revision)
    with snapshot(journal) as connection:
        text = connection.scalar(wanted)
    return json.loads(text) if text is not None else None

"""Questions with a name: those that every hall has, and those that its people saved, in a small database of the consoles' own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from consoles.reports.question import MOST_DAYS, USUAL_DAYS, Question
from contract.errors import ContractError

VERSION = 1
MOST = 200
"""Saved questions of one hall."""
NAME_LETTERS = 80
_METADATA = MetaData()
_SAVED = Table(
    "saved_report",
    _METADATA,
    Column("key", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("question", String, nullable=False),  # JSON
    Column("days", Integer, nullable=False),
    Column("at", String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Saved:
    """A question about the last `days`; for who runs a shift about the last `shift_days`, 0: it is not for them.

    `name` "": it is one that every hall has, with the texts `report.q_<key>`, and nobody's.
    """

    key: str
    question: Question
    days: int = USUAL_DAYS
    name: str = ""
    owner: str = ""
    shift_days: int = 0


@lru_cache
def standard() -> tuple[Saved, ...]:
    """The questions that every hall has, in the order of the page."""
    found = json.loads(Path(__file__).with_name("standard.json").read_text("utf-8"))
    return tuple(
        Saved(each.pop("key"), shift_days=each.pop("shift_days", 0), question=_question(each)) for each in found
    )


class SavedReports:
    """The store. `now`: aware wall clock. `close()` may be called twice."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        self._now = now
        self._engine = create_engine(f"sqlite:///{file}")
        with self._engine.begin() as db:
            version = int(db.execute(text("PRAGMA user_version")).scalar_one())
            if version > VERSION:
                raise ContractError(f"{file.name}: of a newer version ({version})")
            db.execute(text(f"PRAGMA user_version = {VERSION}"))
            _METADATA.create_all(db)

    def all(self) -> list[Saved]:
        """What was saved, by name; what this version cannot ask any more is left out."""
        with self._engine.connect() as db:
            rows = db.execute(select(_SAVED).order_by(_SAVED.c.name, _SAVED.c.key)).all()
        return [each for row in rows if (each := _saved(row)) is not None]

    def get(self, key: str) -> Saved | None:
        """The question of this key, standard or saved; None: there is none."""
        return next((each for each in (*standard(), *self.all()) if each.key == key), None)

    def add(self, key: str, name: str, owner: str, question: Question, days: int) -> Saved:
        """Keep a question; what was kept by this key before stays. Raises: ContractError: no name, or there are too many."""
        one = Saved(key, question, _days(days), _name(name), owner)
        words = {"question": json.dumps(asdict(question)), "at": self._now().isoformat()}
        with self._engine.begin() as db:
            if db.execute(select(_SAVED.c.key).where(_SAVED.c.key == key)).first() is not None:
                return one
            if db.execute(select(func.count()).select_from(_SAVED)).scalar_one() >= MOST:
                raise ContractError(f"no more than {MOST} saved reports: delete one that nobody needs")
            db.execute(insert(_SAVED).values(key=one.key, name=one.name, owner=owner, days=one.days, **words))
        return one

    def rename(self, key: str, name: str, owner: str) -> bool:
        """Another name; False: there is no such question of this owner. Raises: ContractError: no name."""
        mine = (_SAVED.c.key == key) & (_SAVED.c.owner == owner)
        with self._engine.begin() as db:
            return db.execute(update(_SAVED).where(mine).values(name=_name(name))).rowcount == 1

    def delete(self, key: str, owner: str) -> None:
        """Forget a question of this owner; twice is fine."""
        with self._engine.begin() as db:
            db.execute(delete(_SAVED).where(_SAVED.c.key == key, _SAVED.c.owner == owner))

    def close(self) -> None:
        """Let the file go."""
        self._engine.dispose()


def _saved(row: Any) -> Saved | None:
    try:
        return Saved(row.key, _question(json.loads(row.question)), row.days, row.name, row.owner)
    except (ContractError, TypeError, ValueError):
        return None


def _question(words: dict[str, object]) -> Question:
    return Question(**{**words, "figures": tuple(words["figures"])})  # type: ignore[arg-type]


def _name(name: str) -> str:
    found = " ".join(name.split())
    if not found or len(found) > NAME_LETTERS:
        raise ContractError(f"name: from 1 to {NAME_LETTERS} letters")
    return found


def _days(days: int) -> int:
    if not 1 <= days <= MOST_DAYS:
        raise ContractError(f"days: from 1 to {MOST_DAYS}")
    return days

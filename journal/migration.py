"""Brings a journal's tables to the newest form; alembic is imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from journal.schema import Schema

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent / "migrations"


def version(connection: Connection) -> str | None:
    """The migration that the file has reached, None for a file without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def known(schema: Schema) -> list[str]:
    """Every migration of this kind of journal, oldest first."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config(schema))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def upgrade(connection: Connection, schema: Schema, target: str = "head") -> None:
    """Run what is missing, inside the caller's transaction: all of it or nothing."""
    from alembic import command

    settings = config(schema)
    settings.attributes["connection"] = connection
    command.upgrade(settings, target)


def config(schema: Schema) -> Config:
    """Alembic's settings for this kind of journal; no alembic.ini is needed."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.set_main_option("version_locations", str(_FOLDER / schema.name).replace("%", "%%"))
    return settings

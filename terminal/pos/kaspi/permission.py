"""A terminal's permission for this box: two tokens in a file that only this box's user may read."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from contract.errors import ContractError


@dataclass(frozen=True, slots=True)
class Permission:
    """`name`: under which the terminal's operator allowed us; `refresh`: what a new `access` is asked for with."""

    name: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)


def load(path: Path) -> Permission | None:
    """None: there is no such file. Raises: ContractError: it holds something else."""
    try:
        words = json.loads(path.read_text("utf-8"))
        return Permission(str(words["name"]), str(words["access"]), str(words["refresh"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as exc:
        raise ContractError(f"{path}: no permission of a terminal: pair again") from exc


def save(path: Path, permission: Permission) -> None:
    """On disk when this returns, the old one whole until then; readable for this user alone."""
    fresh = path.with_name(f"{path.name}.new")
    words = {"name": permission.name, "access": permission.access, "refresh": permission.refresh}
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(words, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)

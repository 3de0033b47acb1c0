"""The hall's key: 32 random bytes in a file beside the journal, readable by its owner only, made at the first start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from contract.errors import ConfigError

KEY_BYTES = 32


def hall_key(path: Path) -> bytes:
    """The key in `path`, made where there is none. Raises: ConfigError: it cannot be read or made, or is not a key."""
    try:
        if not path.exists():
            _make(path)
        key, mode = path.read_bytes(), path.stat().st_mode
    except OSError as exc:
        raise ConfigError(
            path, None, "key", exc.strerror or "", "a file that the coordinator can read or make"
        ) from exc
    if len(key) != KEY_BYTES:
        raise ConfigError(path, None, "key", f"{len(key)} bytes", f"{KEY_BYTES} bytes; restore it from the backup")
    if mode & 0o077:
        raise ConfigError(path, None, "key", f"mode {mode & 0o777:o}", "mode 600: nobody else may read it")
    return key


def _make(path: Path) -> None:
    """Written whole or not at all: a half written key would be another hall's."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)

"""Files that are there whole or not at all."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.errors import ConfigError


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace `path` by `data`: written beside it, fsynced, renamed. A reader sees the old bytes or the new, also after a power cut.

    The new file keeps the owner of the folder, so what root renders for mosquitto stays readable by mosquitto.
    Raises: OSError: the folder is missing, full or not ours; the old file is then untouched.
    """
    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            os.fchmod(file.fileno(), mode)
            _keep_owner(file.fileno(), path.parent)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable; without it a rename may be lost by a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder` against other processes that lock it too: two revocations at once must both be kept.

    Raises: ConfigError: another process holds it.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise ConfigError(
                folder, None, "lock", "held", "one command at a time; try again when the other is done"
            ) from exc
        yield
    finally:
        os.close(fd)


def _keep_owner(fd: int, folder: Path) -> None:
    owner = folder.stat()
    if os.geteuid() == 0 and (owner.st_uid, owner.st_gid) != (0, 0):
        os.fchown(fd, owner.st_uid, owner.st_gid)

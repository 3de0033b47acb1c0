"""Room on the disk: how much is left, and a reserve to give away when there is none."""

from __future__ import annotations

import os
from pathlib import Path


def room(path: Path) -> int:
    """Bytes that this process may still write on the disk that holds `path` (a file or a folder that exists)."""
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize


class Ballast:
    """A file of real blocks beside the journal: released on a full disk, it gives the service room to recover."""

    def __init__(self, path: Path, size: int) -> None:
        """`size` in bytes. Nothing is written yet."""
        self.path, self.size = path, size

    @property
    def held(self) -> bool:
        """The whole reserve is there."""
        return self.path.exists() and self.path.stat().st_size >= self.size

    def hold(self) -> bool:
        """Take the reserve; False, and nothing is taken, while there is not twice its size free."""
        if self.held:
            return True
        self.release()
        if room(self.path.parent) < 2 * self.size:
            return False
        try:
            self._allocate()
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the reserve back to the disk."""
        self.path.unlink(missing_ok=True)

    def _allocate(self) -> None:
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        try:
            os.posix_fallocate(handle, 0, self.size)
            os.fsync(handle)
        finally:
            os.close(handle)

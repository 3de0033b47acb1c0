"""What a zip that is written goes to, until it is sent on."""

from __future__ import annotations

import io


class Outgo(io.RawIOBase):
    """It cannot be gone back in; what was taken is forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self._data = bytearray()

    def writable(self) -> bool:
        """It is there to be written to."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # a zip writes bytes only
        """Keep `data`."""
        self._data += data
        return len(data)

    def take(self) -> bytes:
        """All that came since the last time."""
        data = bytes(self._data)
        self._data.clear()
        return data

    @property
    def size(self) -> int:
        """How much waits to be taken, bytes."""
        return len(self._data)

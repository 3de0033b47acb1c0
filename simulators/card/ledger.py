"""What a card was asked and what it gave, event by event: kinds, counts and files, never what stands in them."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any


class Ledger:
    """Kept in `entries` and, with a path, line by line in a file that a reader may follow."""

    def __init__(self, path: Path | None = None) -> None:
        self.entries: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8") if path else None

    def write(self, event: str, **facts: object) -> None:
        entry = {"t": round(time.monotonic(), 6), "event": event, **facts}
        with self._lock:
            if self._file is None:
                self.entries.append(entry)
                return
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def of(self, event: str) -> list[dict[str, Any]]:
        return [entry for entry in self.entries if entry["event"] == event]

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

"""What people did and saw, a line each."""

from __future__ import annotations

import json
import time
from pathlib import Path


class Ledger:
    """What people did and saw."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8", buffering=1)

    def note(self, what: str, **facts: object) -> None:
        self._file.write(
            json.dumps({"at": round(time.monotonic(), 6), "what": what, **facts}, ensure_ascii=False) + "\n"
        )

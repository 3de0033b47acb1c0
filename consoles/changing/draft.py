"""A manager's changes to the hall that nobody sees yet: the next document in the making, one for all managers, kept on disk."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from consoles.changing.part import Document


@dataclass(frozen=True, slots=True)
class Draft:
    """`base`: the revision it was made from; `by`: the operator who changed it last, at `at` (ISO 8601, UTC)."""

    base: int
    by: str
    at: str
    document: Document


class Drafts:
    """The one draft of this hall, in a file that is always whole."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self) -> Draft | None:
        """The draft; None where there is none, or the file is of another version."""
        try:
            return Draft(**json.loads(self._file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, draft: Draft) -> None:
        """Keep it instead of the one before."""
        new = self._file.with_name(f"{self._file.name}.new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(asdict(draft), ensure_ascii=False), "utf-8")
        new.replace(self._file)

    def drop(self) -> None:
        """Forget it; twice is fine."""
        self._file.unlink(missing_ok=True)

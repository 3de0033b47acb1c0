"""A manager's changes to the hall that nobody sees yet: the next document in the making, one for all managers, kept on disk."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from consoles.changing.part import Document
from contract.difference import differences
from contract.hall import Hall
from contract.messages import Change

MOST_STEPS = 200
"""Changes that are remembered with who made them; older ones are in the document alone."""


@dataclass(frozen=True, slots=True)
class Step:
    """One form that was taken in: `by` whom, `at` (ISO 8601, UTC), which entry, and what it changed."""

    by: str
    at: str
    part: str
    key: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """`base`: the revision it was made from; `count`: forms taken in since `begun`, of which `steps` are the last."""

    base: int
    begun: str
    count: int
    document: Document
    steps: tuple[Step, ...]

    @property
    def by(self) -> str:
        """The operator who changed it last."""
        return self.steps[-1].by

    @property
    def mark(self) -> str:
        """Says which state of the draft somebody has before their eyes."""
        return f"{self.base}/{self.count}/{self.begun}"

    def since(self, mark: str) -> tuple[Step, ...]:
        """What was taken in after `mark`; all that is remembered where the mark is of another draft."""
        base, _, rest = mark.partition("/")
        count, _, begun = rest.partition("/")
        if not count.isdecimal() or (base, begun) not in ((str(self.base), self.begun), (str(self.base), "")):
            return self.steps
        new = self.count - int(count)
        return self.steps[-new:] if new > 0 else ()


def mark(hall: Hall, draft: Draft | None) -> str:
    """The mark of what can be seen now; where there is no draft, of the hall in force."""
    return draft.mark if draft is not None else f"{hall.revision}/0/"


def after(hall: Hall, draft: Draft | None, document: Document, step: tuple[str, str, str, str]) -> Draft:
    """The draft with `document` in place of what it had. `step`: by, at, part, key."""
    by, at, part, key = step
    old = draft.document if draft is not None else json.loads(hall.model_dump_json(by_alias=True))
    steps = draft.steps if draft is not None else ()
    new = Step(by, at, part, key, differences(old, document))
    count = draft.count if draft is not None else 0
    base, begun = (draft.base, draft.begun) if draft is not None else (hall.revision, at)
    return Draft(base, begun, count + 1, document, (*steps, new)[-MOST_STEPS:])


class Drafts:
    """The one draft of this hall, in a file that is always whole."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self) -> Draft | None:
        """The draft; None where there is none, or the file is of another version."""
        try:
            return _draft(json.loads(self._file.read_text("utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def put(self, draft: Draft) -> None:
        """Keep it instead of the one before."""
        new = self._file.with_name(f"{self._file.name}.new")
        new.touch(mode=0o600)
        told = asdict(draft) | {"steps": [_told(step) for step in draft.steps]}
        new.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        new.replace(self._file)

    def drop(self) -> None:
        """Forget it; twice is fine."""
        self._file.unlink(missing_ok=True)


def _told(step: Step) -> dict[str, Any]:
    return asdict(step) | {"changes": [change.model_dump() for change in step.changes]}


def _draft(told: dict[str, Any]) -> Draft:
    steps = [each | {"changes": tuple(Change(**change) for change in each["changes"])} for each in told["steps"]]
    return Draft(**told | {"steps": tuple(Step(**each) for each in steps)})

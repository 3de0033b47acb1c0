"""What was pressed and what became of it: one id per intention, however often it is sent. Pure but for ids.

A button carries a fresh id each time it is drawn. While its press has no answer it carries the same id again, so pressing
again is the same press; once the place shows another state (`mark`), a press means something new and gets a new id.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass

from runtime.asker import Answer, Unanswered, new_id

MOST_DESKS = 1000
_KEY = re.compile(r"c-[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Said:
    """The last press at a desk. `answer` None: it is on its way."""

    button: str
    answer: Answer | None


@dataclass(slots=True)
class _Desk:
    button: str
    key: str
    mark: str
    answer: Answer | None


def is_key(text: str) -> bool:
    """Whether `text` can be an id that we gave a button."""
    return _KEY.fullmatch(text) is not None


class Presses:
    """The last press of every desk (a session at a page); older desks are forgotten beyond `MOST_DESKS`."""

    def __init__(self) -> None:
        self._desks: OrderedDict[str, _Desk] = OrderedDict()

    def key(self, desk: str, button: str, mark: str) -> str:
        """The id a button carries now; `mark` names the state the page shows."""
        last = self._last(desk, mark)
        if last is not None and last.button == button and isinstance(last.answer, Unanswered | None):
            return last.key
        return new_id()

    def said(self, desk: str, mark: str) -> Said | None:
        """The last press as long as the page shows the state it was answered in; None: nothing to say."""
        last = self._last(desk, mark)
        return Said(last.button, last.answer) if last is not None else None

    def begin(self, desk: str, button: str, key: str, mark: str) -> None:
        """A button was pressed."""
        self._desks[desk] = _Desk(button, key, mark, None)
        self._desks.move_to_end(desk)
        while len(self._desks) > MOST_DESKS:
            self._desks.popitem(last=False)

    def end(self, desk: str, key: str, answer: Answer, mark: str) -> None:
        """The answer to a press came; `mark`: the state shown when it came. Of an older press it is no news any more."""
        last = self._desks.get(desk)
        if last is None or last.key != key:
            return
        if isinstance(answer, Unanswered):
            last.answer = answer
        else:
            last.answer, last.mark = answer, mark

    def _last(self, desk: str, mark: str) -> _Desk | None:
        last = self._desks.get(desk)
        return last if last is not None and last.mark == mark else None

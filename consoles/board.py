"""The board for screens that are browsers: what it shows of a zone, in the language whose turn it is. Pure.

A thin second client of the board that stands in the hall (`displays.board`): the same retained truth, the same ages, no card.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contract import messages as m
from contract.hall import Hall
from contract.hall_part import PLAIN_BOARD, BoardLayout
from contract.words import HallState, Light
from look import tokens
from look.texts import LANGUAGES
from runtime.freshness import Age

ROWS_MAX = 4
"""Calls that fit a lying screen; one less where a manager's message needs the room."""


class Kind(StrEnum):
    """Which of its faces it shows."""

    CALLS = "calls"
    DARK = "dark"
    """The truth is too old for any number."""
    CLOSED = "closed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Face:
    """`waiting` None: it is not told. `notice`: a manager's message, "" for none. `opens`: when a closed hall opens next."""

    kind: Kind
    layout: BoardLayout
    calls: tuple[m.BoardCall, ...] = ()
    waiting: int | None = None
    notice: str = ""
    opens: datetime | None = None


def language(hall: Hall, wanted: str, now: float) -> str:
    """The language asked for in the address where the hall has it, else the one whose turn it is at `now` (monotonic seconds)."""
    spoken = [code for code in hall.languages if code in LANGUAGES]
    return wanted if wanted in spoken else spoken[int(now // tokens.time().board_language_s) % len(spoken)]


def layout(hall: Hall, zone: str) -> BoardLayout | None:
    """How the board of a zone looks; None: the hall has no such zone."""
    return next((z.board or PLAIN_BOARD for z in hall.zones if z.id == zone), None)


def face(hall: Hall, board: m.Board, laid_out: BoardLayout, beat: m.Heartbeat | None, age: Age, lang: str) -> Face:
    """What to show of `board`; `beat` None: no heartbeat yet."""
    notice = board.notice.get(lang) or board.notice.get(hall.default_language, "")
    state = beat.state if beat is not None else board.state
    if age is Age.DARK:
        return Face(Kind.DARK, laid_out)
    if state is HallState.CLOSED:
        return Face(Kind.CLOSED, laid_out, notice=notice, opens=hall.next_opening(beat.now) if beat else None)
    if state is HallState.INTERRUPTED:
        return Face(Kind.INTERRUPTED, laid_out, notice=notice)
    # As on the board in the hall: those still awaited first, then the newest first.
    calls = sorted(board.calls, key=lambda call: (call.light is Light.CALLED, call.called_at), reverse=True)
    waiting = sum(board.waiting.values()) if "waiting" in laid_out.lines else None
    rows = min(laid_out.rows, ROWS_MAX) - bool(notice)
    return Face(Kind.CALLS, laid_out, tuple(calls[: max(1, rows)]), waiting, notice)

"""The first figure of a report as bars: upright along time, lying otherwise, beside the names. Pure: only shapes and words."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log10
from typing import Literal

from consoles.reports.figure import FIGURES
from consoles.reports.question import PERSONS, TIMES
from consoles.reports.table import Report, written

WIDTH, HEIGHT = 640.0, 300.0
MOST_BARS, MOST_LYING = 120, 40
NAME_LETTERS = 30
LETTERS_PX = 18.0
"""The size of words, in the units of the picture."""
_LEFT, _FOOT, _TOP = 72.0, 34.0, 14.0
_NAMES, _ROW = 300.0, 30.0
_WORDS = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar and what it says when it is pointed at. `late`: that part of it which broke the promise."""

    x: float
    y: float
    width: float
    height: float
    said: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A text by its base line."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, `width` by `height`; `rules`: hair lines from x, y to x, y; `cut`: not every line of the report is in it."""

    title: str
    height: float
    bars: tuple[Bar, ...]
    words: tuple[Word, ...]
    rules: tuple[tuple[float, float, float, float], ...]
    cut: bool = False
    width: float = WIDTH


def chart(made: Report, language: str) -> Chart | None:
    """None where lines stand for persons, or nothing can be drawn."""
    question = made.asked.question
    upright = question.by in TIMES
    lines = made.lines[-MOST_BARS:] if upright else made.lines[:MOST_LYING]
    most = max((float(line.figures[0] or 0) for line in lines), default=0.0)
    if PERSONS & {*question.parts} or not most:
        return None
    drawn = _Drawn(made, language, most, upright=upright)
    bars = [bar for place, line in enumerate(lines) for bar in drawn.bars(place, len(lines), line.name, line.figures)]
    words = [word for place, line in enumerate(lines) if (word := drawn.name(place, len(lines), line.name))]
    ticks, rules = drawn.scale(len(lines))
    return Chart(
        made.heads[1], drawn.height(len(lines)), tuple(bars), (*words, *ticks), rules, len(lines) < len(made.lines)
    )


class _Drawn:
    """The measures of one chart."""

    def __init__(self, made: Report, language: str, most: float, *, upright: bool) -> None:
        self._figures, self._language, self._upright = made.figures, language, upright
        self._days = made.asked.question.parts == ("day",)
        self._most = _round_up(most, share=FIGURES[made.figures[0]].unit == "share")

    def height(self, count: int) -> float:
        return HEIGHT if self._upright else _TOP + count * _ROW + _FOOT

    def bars(self, place: int, count: int, name: str, figures: tuple[int | float | None, ...]) -> list[Bar]:
        worth = float(figures[0] or 0)
        said = f"{name}: {written(self._figures[0], figures[0], self._language)}"
        found = [self._bar(place, count, worth, said)]
        if self._figures[0] == "turns" and "promise" in self._figures:
            kept = figures[self._figures.index("promise")]
            if kept is not None and kept < 1:
                found.append(self._bar(place, count, worth * (1 - kept), said, late=True))
        return found

    def _bar(self, place: int, count: int, worth: float, said: str, *, late: bool = False) -> Bar:
        if self._upright:
            step = (WIDTH - _LEFT) / count
            high = self._room * worth / self._most
            return Bar(_LEFT + place * step + step * 0.1, HEIGHT - _FOOT - high, step * 0.8, high, said, late)
        long = (WIDTH - _NAMES - _LEFT / 2) * worth / self._most
        return Bar(_NAMES, _TOP + place * _ROW + 4, long, _ROW - 8, said, late)

    @property
    def _room(self) -> float:
        return HEIGHT - _FOOT - _TOP

    def name(self, place: int, count: int, name: str) -> Word | None:
        """The name of a line where there is room for it."""
        if not self._upright:
            return Word(_NAMES - 8, _TOP + place * _ROW + _ROW * 0.65, _short(name), "end")
        every = ceil(count / _WORDS)
        step = (WIDTH - _LEFT) / count
        return (
            Word(_LEFT + (place + 0.5) * step, HEIGHT - 12, _short(name[5:10] if self._days else name, 9), "middle")
            if place % every == 0
            else None
        )

    def scale(self, count: int) -> tuple[list[Word], tuple[tuple[float, float, float, float], ...]]:
        """Nought, half and whole: their words and hair lines."""
        words, rules = [], []
        for part in (0.0, 0.5, 1.0):
            text = written(self._figures[0], _whole(self._most * part), self._language)
            if self._upright:
                y = HEIGHT - _FOOT - self._room * part
                words.append(Word(_LEFT - 8, y + 5, text, "end"))
                rules.append((_LEFT, y, WIDTH, y))
            else:
                x = _NAMES + (WIDTH - _NAMES - _LEFT / 2) * part
                words.append(Word(x, _TOP + count * _ROW + 20, text, "middle"))
                rules.append((x, _TOP, x, _TOP + count * _ROW))
        return words, tuple(rules)


def _round_up(most: float, *, share: bool) -> float:
    """The end of the scale: a round number whose half can be told, too."""
    if share:
        return 1.0
    size = 10.0 ** int(log10(max(most, 1)))
    return next((size * n for n in (1, 2, 4, 6, 8, 10) if most <= size * n), most)


def _whole(worth: float) -> int | float:
    return int(worth) if worth.is_integer() else worth


def _short(name: str, letters: int = NAME_LETTERS) -> str:
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"

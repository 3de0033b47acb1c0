"""Breaks a text into lines, whatever measures it. Pure."""

from __future__ import annotations

from collections.abc import Callable

Measure = Callable[[str], float]


def wrap(text: str, room: float, measure: Measure) -> list[str]:
    """Lines that `measure` at most `room`, broken at spaces; a word that is wider on its own is broken behind a hyphen, or inside."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and measure(joined) <= room:
            lines[-1] = joined
        else:
            lines += _pieces(word, room, measure)
    return lines


def _pieces(word: str, room: float, measure: Measure) -> list[str]:
    head, hyphen, tail = word.partition("-")
    if tail and measure(word) > room:
        return _joined(_pieces(head + hyphen, room, measure), _pieces(tail, room, measure), room, measure)
    pieces = [""]
    for letter in word:
        if pieces[-1] and measure(pieces[-1] + letter) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _joined(first: list[str], then: list[str], room: float, measure: Measure) -> list[str]:
    """A third part goes on the second's line where it fits."""
    middle = first[-1] + then[0]
    return [*first[:-1], middle, *then[1:]] if measure(middle) <= room else [*first, *then]

"""Which letters our fonts can show: a name that would come out with a hole is not printed at all. Pure: fonts are package data."""

from __future__ import annotations

from functools import cache

from look.tokens import font

_OURS = {ord("\u02bc"): "\u2019", ord("'"): "\u2019", ord("\u2011"): "-"}


def missing(text: str) -> set[str]:
    """The letters of `text` that one of the two fonts has not."""
    return {letter for letter in text if ord(letter) not in _drawn() and not letter.isspace()}


def one_line(text: str) -> str:
    """`text` without line ends and double blanks, with the apostrophe of names (ʼ, ' on keyboards) as ours, broken at its hyphens."""
    return " ".join(text.translate(_OURS).split())


@cache
def _drawn() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with TTFont(font().regular) as regular, TTFont(font().bold) as bold:
        return frozenset(set(regular.getBestCmap()) & set(bold.getBestCmap()))

"""What a call is in words: label and window → segments of the bank, and the same as text. Pure.

A segment is one recording: `L_A` a letter, `ticket` a phrase, `n20_c` and `n20_f` a number word as it sounds when more
follows and when it ends the sentence, `o3_c` an ordinal in the case the phrase needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

FALLBACK = "look_at_board"
AGAIN = "again"
JOIN_MS = 40
"""Between two segments where the template says no other pause."""
AFTER_AGAIN_MS = 350

_LABEL = re.compile(r"([A-Z])([0-9]{1,4})")
_GAP = re.compile(r"<gap:([0-9]+)>")
WINDOW_MAX = 999


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """One language's words, read from `words/<language>.json`.

    `signs`: ticket letter → how it is written; `letters`: → how it is said. `template`: phrases and slots of a call;
    `<w>` is the window as a cardinal, `<word>` as an ordinal. `one_is_said`: "one hundred", where others say "hundred".
    `espeak_says`: how words that espeak-ng 1.51 stresses wrongly are written for it (digits, or its phonemes in `[[ ]]`).
    """

    language: str
    espeak_voice: str
    signs: dict[str, str]
    letters: dict[str, str]
    phrases: dict[str, str]
    numbers: dict[str, str]
    one_is_said: bool
    tens_joint: str
    template: tuple[str, ...]
    espeak_says: dict[str, str]
    review: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence, milliseconds."""

    ms: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One recording of the bank."""

    language: str
    id: str


Part = Segment | Pause


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is played, and what it says."""

    parts: tuple[Part, ...]
    text: str


def call(words: Words, label: str, window: int, *, again: bool = False) -> Sentence | None:
    """A visitor called to a window (1..999); None for a label or a window that these words cannot say."""
    match = _LABEL.fullmatch(label)
    if match is None or match[1] not in words.letters or not 1 <= window <= WINDOW_MAX:
        return None
    ids = [part for slot in words.template for part in _slot(words, slot, match[1], int(match[2]), window)]
    parts = tuple(_part(words, part) for part in ids)
    text = _text(words, match[1], int(match[2]), window)
    if not again:
        return Sentence(parts, text)
    return Sentence((Segment(words.language, AGAIN), Pause(AFTER_AGAIN_MS), *parts), f"{words.phrases[AGAIN]} {text}")


def look_at_board(words: Words) -> Sentence:
    """What is said where a call cannot be."""
    return Sentence((Segment(words.language, FALLBACK),), words.phrases[FALLBACK])


def number(words: Words, value: int) -> list[str]:
    """Number words of a cardinal, 0..9999, without contour."""
    thousands, hundreds, small = value // 1000, value // 100 % 10, value % 100
    parts = _counted(words, thousands, "thousand", 1000) + _counted(words, hundreds, "hundred", 100)
    if parts and small and "and" in words.numbers:
        parts.append("and")
    if small or not parts:
        parts += [f"n{small}"] if f"n{small}" in words.numbers else [f"n{small - small % 10}", f"n{small % 10}"]
    return parts


def ordinal(words: Words, value: int) -> list[str]:
    """Number words of an ordinal: only its last word is one."""
    *before, last = number(words, value)
    return [*before, f"o{last.removeprefix('n')}"]


def number_text(words: Words, parts: list[str]) -> str:
    """Number words written as people write them."""
    text = words.numbers[parts[0]]
    for left, right in pairwise(parts):
        tens = left.startswith("n") and left.endswith("0") and left != "n10"
        text += (words.tens_joint if tens else " ") + words.numbers[right]
    return text


@lru_cache(8)
def needed(words: Words) -> tuple[str, ...]:
    """Every segment a call can need, in the order of the words' file."""
    values = [*range(1000), *range(1000, 10000, 1000)]
    inner = {part for value in values for part in number(words, value)}
    windows = range(1, WINDOW_MAX + 1)
    last: set[str] = set()
    if "<word>" in words.template:
        inner |= {part for value in windows for part in ordinal(words, value)}
    else:
        last = {number(words, value)[-1] for value in windows}
    found = [f"L_{letter}" for letter in words.letters] + list(words.phrases)
    found += [f"{name}_c" for name in words.numbers if name in inner]
    return (*found, *(f"{name}_f" for name in words.numbers if name in last))


def script(words: Words, segment: str) -> str:
    """What a person reads aloud for a segment; the sign at its end says whether the voice falls."""
    return _script(segment, words.letters, words.phrases, words.numbers, words.template[-1])


def espeak_script(words: Words, segment: str) -> str:
    """The same as espeak-ng reads it best."""
    phrases, numbers = (
        said | {k: v for k, v in words.espeak_says.items() if k in said} for said in (words.phrases, words.numbers)
    )
    return _script(segment, words.letters, phrases, numbers, words.template[-1])


def _script(segment: str, letters: dict[str, str], phrases: dict[str, str], numbers: dict[str, str], last: str) -> str:
    if segment.startswith("L_"):
        return letters[segment.removeprefix("L_")] + ","
    if segment in phrases:
        text = phrases[segment]
        return text if text.endswith(".") else text + ("." if segment == last else ",")
    name, _, contour = segment.rpartition("_")
    return numbers[name] + ("." if contour == "f" else ",")


def _counted(words: Words, count: int, noun: str, unit: int) -> list[str]:
    if not count:
        return []
    if (own := f"n{count * unit}") in words.numbers:
        return [own]
    return [noun] if count == 1 and not words.one_is_said else [f"n{count}", noun]


def _slot(words: Words, slot: str, letter: str, value: int, window: int) -> list[str]:
    match slot:
        case "<letter>":
            return [f"L_{letter}"]
        case "<n>":
            return [f"{name}_c" for name in number(words, value)]
        case "<word>":
            return [f"{name}_c" for name in ordinal(words, window)]
        case "<w>":
            *before, last = number(words, window)
            return [*(f"{name}_c" for name in before), f"{last}_f"]
        case _:
            return [slot]


def _part(words: Words, part: str) -> Part:
    gap = _GAP.fullmatch(part)
    return Pause(int(gap[1])) if gap else Segment(words.language, part)


def _text(words: Words, letter: str, value: int, window: int) -> str:
    """The longer pause is a comma, the shorter one nothing."""
    said = {
        "<letter>": words.signs[letter],
        "<n>": number_text(words, number(words, value)),
        "<w>": number_text(words, number(words, window)),
        "<word>": number_text(words, ordinal(words, window)) if "<word>" in words.template else "",
    }
    pieces: list[str] = []
    for slot in words.template:
        gap = _GAP.fullmatch(slot)
        if gap is None:
            pieces.append(said[slot] if slot in said else words.phrases[slot])
        elif int(gap[1]) >= 300:
            pieces[-1] += ","
    return " ".join(pieces) + "."

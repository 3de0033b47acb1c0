"""Suggestions from a directory while somebody types: any script, any of the hall's languages, old names, slips of the finger. Pure."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from contract.register import Directory, Entry

_LATIN = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e", "є": "e", "э": "e", "ж": "zh",
    "з": "z", "и": "i", "і": "i", "ї": "i", "й": "i", "ы": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "n",
    "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ү": "u", "ұ": "u", "ў": "u", "ф": "f", "х": "kh",
    "һ": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "iu", "я": "ia", "ә": "a", "ь": "", "ъ": "", "ı": "i",
    "'": "", "’": "", "ʼ": "", "`": "", "‘": "", "′": "",
})  # fmt: skip
"""Every letter of uk, ru, kk and ky → Latin, by sound; what differs between the usual romanisations is folded afterwards."""
_FOLDS = (
    ("x", "ks"), ("w", "v"), ("q", "k"), ("ph", "f"),
    ("shch", "w"), ("sch", "w"), ("sh", "w"), ("dzh", "j"), ("dj", "j"), ("zh", "j"), ("tch", "q"), ("ch", "q"),
    ("kh", "x"), ("gh", "g"), ("h", "g"), ("tz", "c"), ("ts", "c"), ("y", "i"), ("ie", "e"),
)  # fmt: skip
"""In this order: Hoholia, Gogolya and Гоголя become one, Zhambyl, Jambyl and Джамбул nearly."""
_DOUBLE = re.compile(r"(.)\1+")
_WORD = re.compile(r"[^\W_]+")
_EDITS = ((11, 3), (7, 2), (4, 1))
"""From so many letters on, so many slips are forgiven."""
_KEPT = 8


def suggest(directory: Directory, text: str, lang: str, under: str | None = None, limit: int = 6) -> list[Entry]:
    """The entries that `text` may be the beginning of, the likeliest first; in the order of `lang` where nothing else decides.

    Every word typed must be the beginning of a word of one of the entry's names, in any language or of earlier days, forgiving a
    slip or two. `under`: only what belongs to that entry (the streets of a settlement). Empty text: all, in order.
    """
    return _finder(directory).find(text, lang, under, limit)


def skeleton(text: str) -> tuple[str, ...]:
    """The words of `text` by their sound, whatever the script."""
    return tuple(_fold(word) for word in _WORD.findall(_plain(text)))


class Finder:
    """A directory made ready for searching."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._today = [_spoken(entry.names.values()) for entry in directory.entries]
        self._spoken = [today + _spoken(entry.was) for today, entry in zip(self._today, directory.entries, strict=True)]
        holders: dict[str, set[int]] = {}
        for number, spoken in enumerate(self._spoken):
            for word in spoken.split():
                holders.setdefault(word, set()).add(number)
        self._words = sorted(holders)
        self._holders = [holders[word] for word in self._words]

    def find(self, text: str, lang: str, under: str | None, limit: int) -> list[Entry]:
        """As `suggest`."""
        entries, typed = self.directory.entries, skeleton(text)
        belong = {n for n, entry in enumerate(entries) if under is None or entry.under == under}
        if not typed:
            fits = sorted(belong, key=lambda n: _called(entries[n], lang))
            return [entries[n] for n in fits[:limit]]
        slips = self._slips(typed, forgiving=False)
        if len(belong & slips.keys()) < limit:
            slips = self._slips(typed, forgiving=True)
        fits = sorted(belong & slips.keys(), key=lambda n: (slips[n], self._place(n, typed), _called(entries[n], lang)))
        return [entries[n] for n in fits[:limit]]

    def _slips(self, typed: tuple[str, ...], *, forgiving: bool) -> dict[int, int]:
        """Entry → slips in all words typed; without those that miss a word."""
        found: dict[int, int] | None = None
        for word in typed:
            near = self._near(word, forgiving=forgiving)
            found = near if found is None else {n: found[n] + near[n] for n in found.keys() & near.keys()}
        return found or {}

    def _near(self, word: str, *, forgiving: bool) -> dict[int, int]:
        """Entry → slips, for one word typed."""
        begin, end = bisect_left(self._words, word), bisect_right(self._words, word + "\uffff")
        found = {n: 0 for at in range(begin, end) for n in self._holders[at]}
        edits = next((edits for letters, edits in _EDITS if len(word) >= letters), 0)
        if forgiving and edits:
            for at, slips in self._misspelt(word, edits).items():
                for n in self._holders[at]:
                    found[n] = min(found.get(n, slips), slips)
        return found

    def _misspelt(self, word: str, edits: int) -> dict[int, int]:
        """Place of a word in the list → slips. A letter may be missing or too many, so its beginning is cut in three lengths."""
        best: dict[int, int] = {}
        for length in (len(word) - 1, len(word), len(word) + 1):
            cut = [known[:length] for known in self._words]
            for _, slips, at in process.extract(word, cut, scorer=OSA.distance, score_cutoff=edits, limit=None):
                best[at] = min(best.get(at, slips), slips)
        return best

    def _place(self, number: int, typed: tuple[str, ...]) -> tuple[bool, bool, bool]:
        """False sorts first: begins with what was typed; has every word whole; is called so today."""
        spoken, today = self._spoken[number], self._today[number]
        return (
            "\n " + " ".join(typed) not in spoken,
            not all(f" {word} " in spoken for word in typed),
            not all(f" {word}" in today for word in typed),
        )


_kept: deque[Finder] = deque(maxlen=_KEPT)


def _finder(directory: Directory) -> Finder:
    """The one made for this very object, so that typing costs no new index; the oldest of a few goes."""
    for finder in tuple(_kept):
        if finder.directory is directory:
            return finder
    finder = Finder(directory)
    _kept.append(finder)
    return finder


def _spoken(names: Iterable[str]) -> str:
    """A line for every name, and one for what follows its first word, which may only say "street"; a space around each word."""
    words = [skeleton(name) for name in names]
    return "".join("\n " + " ".join(rest) + " " for name in words for rest in (name, name[1:]) if rest)


def _plain(text: str) -> str:
    latin = unicodedata.normalize("NFC", text).lower().translate(_LATIN)
    return "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))


@lru_cache(4096)
def _fold(word: str) -> str:
    for sound, letter in _FOLDS:
        word = word.replace(sound, letter)
    return _DOUBLE.sub(r"\1", word)


def _called(entry: Entry, lang: str) -> tuple[str, str]:
    names: Mapping[str, str] = entry.names
    return names.get(lang) or next(iter(names.values()), ""), entry.id

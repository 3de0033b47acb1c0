"""What a person reads on a page: its texts, and the labels that are read aloud, without what is marked as code or another language."""

from __future__ import annotations

import re
from html.parser import HTMLParser

SILENT = {"script", "style", "code", "textarea"}
LABELS = ("title", "aria-label", "alt", "placeholder", "data-text", "data-old")
_VOID = {"br", "hr", "img", "input", "link", "meta"}


class PageText(HTMLParser):
    """`texts`: every text of a page in `language`, in its order."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._language = language
        self._silent: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Goes into an element."""
        told = dict(attrs)
        other = tag != "html" and told.get("lang") not in (None, self._language)
        silent = tag in SILENT or other or self._is_silent()
        if not silent:
            self.texts += [text for name in LABELS if (text := told.get(name))]
        if tag not in _VOID:
            self._silent.append(silent)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element of a drawing: nothing is read."""

    def handle_endtag(self, tag: str) -> None:
        """Goes out of an element."""
        if tag not in _VOID and self._silent:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        """A text."""
        if data.strip() and not self._is_silent():
            self.texts.append(" ".join(data.split()))

    def _is_silent(self) -> bool:
        return bool(self._silent) and self._silent[-1]


def texts_of(page: str, language: str) -> list[str]:
    """The texts of a page."""
    reader = PageText(language)
    reader.feed(page)
    return reader.texts


def latin_words(text: str) -> set[str]:
    """Words in Latin letters; what holds a digit is an id."""
    return {
        word for word in re.findall(r"[\w-]+", text) if re.fullmatch(r"[A-Za-z]+(-[A-Za-z]+)*", word) and len(word) > 1
    }

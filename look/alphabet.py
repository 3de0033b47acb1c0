"""Which letters a language is written with: finds a Latin look-alike inside a Cyrillic word. PURE."""

from __future__ import annotations

import re

_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"

ALPHABETS = {
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "ru": _RUSSIAN,
    "kk": _RUSSIAN + "әғқңөұүһі",
    "ky": _RUSSIAN + "ңөү",
    "en": "abcdefghijklmnopqrstuvwxyz",
}
"""Small letters by language."""
LATIN_WORDS = {"IBAN", "ID", "JSON", "QR", "SMS", "TOML"}
"""Abbreviations that stay Latin in every language."""


def strangers(text: str, language: str) -> set[str]:
    """Words of `text` that hold a letter foreign to `language`; placeholders in braces are not looked at."""
    plain = re.sub(r"\{[^}]*\}", " ", text)
    words = re.findall(r"[^\W\d_]+", plain)
    return {word for word in words if word not in LATIN_WORDS and set(word.lower()) - set(ALPHABETS[language])}

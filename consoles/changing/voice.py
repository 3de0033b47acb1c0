"""How a call sounds in the hall: its sentence and its sound in every language, made by the voice's own command."""

from __future__ import annotations

import asyncio
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from consoles.changing import tool
from consoles.changing.part import Document

MOST_KEPT = 4
NUMBER = 47


@dataclass(frozen=True, slots=True)
class Call:
    """A call as words and as WAV files, by language. `fault`: why there is no sound, "" where there is one."""

    label: str
    window: int
    sentences: Mapping[str, str]
    sounds: Mapping[str, bytes]
    fault: str


class Voices:
    """Calls that were made, each once."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[tuple[object, ...], Call] = OrderedDict()

    async def call(self, document: Document) -> Call:
        """A call that the hall of `document` may hear; made anew while it has no sound."""
        key = (*whom(document), *document["languages"])
        async with self._turn:  # one at a time: it takes a whole core for seconds
            if key in self._kept:
                return self._kept[key]
            made = await _speak(*whom(document), document["languages"])
            if not made.fault:
                self._kept[key] = made
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            return made


def whom(document: Document) -> tuple[str, int]:
    """A ticket of the first group of services and the first window that serves it."""
    group, windows = document["service_groups"][0], document["windows"]
    serving = [each["number"] for each in windows if group["id"] in each["groups"]]
    return f"{group['letter']}{NUMBER:03}", (serving or [each["number"] for each in windows] or [1])[0]


async def _speak(label: str, window: int, languages: list[str]) -> Call:
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        words = ["vikno", "voice", "say", "--label", label, "--window", str(window), "--wav", name]
        ran = await tool.run([*words, *(word for each in languages for word in ("--lang", each))], room)
        told = [(line[:2], line[4:]) for line in ran.said.splitlines()]
        sounds = {each: file.read_bytes() for each in languages if (file := room / f"{each}.wav").is_file()}
    whole = len(sounds) == len(languages)
    return Call(label, window, dict(told), sounds, "" if whole else ran.fault or "no sound")

"""The folder of segments: what people recorded wins, what was rendered at installation stands in for the rest.

    FOLDER/kk/recorded/n20_c.wav      22,050 Hz, mono, 16 bit
    FOLDER/kk/rendered/n20_c.wav      written by `vikno voice render`, never by hand

A recording without a contour (`n20.wav`) serves for both, so a speaker may read each number word once.
"""

from __future__ import annotations

import wave
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import structlog

from displays.voice import sound
from displays.voice.grammar import Segment, Words, needed

log = structlog.get_logger(__name__)

SECONDS_MAX = 20.0
KEPT_MAX = 1000
"""Segments held in memory, all of five languages; about 30 KiB each."""
RECORDED, RENDERED = "recorded", "rendered"


@dataclass(frozen=True, slots=True)
class Stock:
    """Segments of one language by where they come from. `unusable`: files there that are no such sound."""

    recorded: tuple[str, ...]
    rendered: tuple[str, ...]
    missing: tuple[str, ...]
    unusable: tuple[Path, ...]


class Bank:
    """Segments read from `folder` at their first use, levelled; a file that comes later is found then. For one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: OrderedDict[tuple[Path, int], sound.Samples] = OrderedDict()
        self._unusable: set[tuple[Path, int]] = set()

    def samples(self, segment: Segment) -> sound.Samples | None:
        """The segment as samples, None where there is none that can be used."""
        found = (self._read(file) for file in self._files(segment.language, segment.id))
        return next((one for one in found if one is not None), None)

    def stock(self, words: Words) -> Stock:
        """What there is of all a call in this language can need; reads what it has not read before."""
        recorded, rendered, missing, unusable = [], [], [], list[Path]()
        for name in needed(words):
            files = self._files(words.language, name)
            usable = [file for file in files if self._read(file) is not None]
            unusable += [file for file in files if file not in usable and file.exists()]
            if not usable:
                missing.append(name)
            elif usable[0].parent.name == RECORDED:
                recorded.append(name)
            else:
                rendered.append(name)
        return Stock(tuple(recorded), tuple(rendered), tuple(missing), tuple(unusable))

    def keep_rendered(self, segment: Segment, samples: sound.Samples) -> Path:
        """Write a rendered segment, whole or not at all; returns its file."""
        file = self.folder / segment.language / RENDERED / f"{segment.id}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_bytes(sound.wav(samples))
        return new.replace(file)

    def _files(self, language: str, name: str) -> list[Path]:
        recorded, rendered = (self.folder / language / part for part in (RECORDED, RENDERED))
        base, _, contour = name.rpartition("_")
        once = [recorded / f"{base}.wav"] if contour in {"c", "f"} else []
        return [recorded / f"{name}.wav", *once, rendered / f"{name}.wav"]

    def _read(self, file: Path) -> sound.Samples | None:
        try:
            mark = (file, file.stat().st_mtime_ns)
        except OSError:
            return None
        if mark in self._unusable:
            return None
        if mark not in self._kept:
            samples = _load(file)
            if samples is None:
                self._unusable.add(mark)
                return None
            self._kept[mark] = samples
            if len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return self._kept[mark]


def _load(file: Path) -> sound.Samples | None:
    try:
        with wave.open(str(file), "rb") as source:
            form = source.getnchannels(), source.getsampwidth(), source.getframerate()
            length = source.getnframes()
            data = source.readframes(min(length, round(sound.RATE * SECONDS_MAX)))
    except (OSError, EOFError, wave.Error) as exc:
        log.warning("voice.unusable", file=str(file), fault=str(exc))
        return None
    if form != (1, 2, sound.RATE) or not length or len(data) != 2 * length:
        log.warning("voice.unusable", file=str(file), channels=form[0], bytes=form[1], rate=form[2], samples=length)
        return None
    samples = sound.from_pcm(data)
    return samples if file.parent.name == RENDERED else sound.levelled(samples)

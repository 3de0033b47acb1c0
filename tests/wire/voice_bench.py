"""What the voice's wire tests stand on: the simulated loudspeaker, a bank of tones, and an ear that tells tones apart.

Every segment of the bank is a pure tone of its own pitch, so that what was said can be read back from the sound alone.
"""

from __future__ import annotations

import json
import math
import struct
import sys
import wave
from array import array
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

RATE = 22_050
TONE_S = 0.1
LOWEST_HZ, STEP_HZ = 1000.0, 40.0
DEADLINE_S = 60.0


class Speaker:
    """`python -m simulators.speaker` as the product is told to start it, and what it wrote."""

    def __init__(self, folder: Path, pace: float) -> None:
        self.ledger, self.kept, self.fault = folder / "speaker.jsonl", folder / "kept", folder / "fault"
        self.kept.mkdir(parents=True)
        self.command = [
            sys.executable,
            "-S",
            "-m",
            "simulators.speaker",
            "--ledger",
            str(self.ledger),
            "--pace",
            str(pace),
        ]
        self.command += ["--keep", str(self.kept), "--fault", str(self.fault)]

    def lines(self, what: str) -> list[dict[str, Any]]:
        if not self.ledger.exists():
            return []
        entries = map(json.loads, self.ledger.read_text("utf-8").splitlines())
        return [entry for entry in entries if entry["what"] == what]

    def ended(self, count: int) -> bool:
        """Whether so many sounds were played to their end."""
        return len(self.lines("end")) == count

    def sound(self, entry: dict[str, Any]) -> array[int]:
        """The samples of a sound in the ledger."""
        return samples_of((self.kept / f"{entry['pid']}.wav").read_bytes())


def samples_of(file: bytes) -> array[int]:
    assert struct.unpack_from("<I", file, 40)[0] == len(file) - 44
    return array("h", file[44:])


def tone_bank(folder: Path, language: str, segments: Iterable[str]) -> dict[str, float]:
    """Record a tone for each segment; returns their pitches."""
    pitches = {name: LOWEST_HZ + STEP_HZ * number for number, name in enumerate(segments)}
    recorded = folder / language / "recorded"
    recorded.mkdir(parents=True)
    for name, pitch in pitches.items():
        wave_s = (int(9000 * math.sin(2 * math.pi * pitch * n / RATE)) for n in range(int(RATE * TONE_S)))
        with wave.open(str(recorded / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(array("h", wave_s).tobytes())
    return pitches


def heard(samples: array[int], pitches: dict[str, float]) -> list[str]:
    """The segments in a sound, by pitch; the chime, which is lower than all of them, is left out."""
    found = []
    for tone in _tones(samples):
        ups = [i for i in range(1, len(tone)) if tone[i - 1] < 0 <= tone[i]]
        pitch = RATE * (len(ups) - 1) / (ups[-1] - ups[0])
        if pitch > LOWEST_HZ - STEP_HZ / 2:
            found.append(min(pitches, key=lambda name: abs(pitches[name] - pitch)))
    return found


def pauses_ms(samples: array[int]) -> list[int]:
    """The silences between the tones of a sound, milliseconds."""
    edges = _edges(samples)
    return [round(1000 * (begin - end) / RATE) for (_, end), (begin, _) in pairwise(edges)]


def _tones(samples: array[int]) -> list[array[int]]:
    return [samples[begin:end] for begin, end in _edges(samples)]


def _edges(samples: array[int], quiet: int = 60, gap: int = RATE // 50) -> list[tuple[int, int]]:
    """(begin, end) of each stretch without `gap` quiet samples in it."""
    edges: list[tuple[int, int]] = []
    for at, x in enumerate(samples):
        if abs(x) > quiet:
            if edges and at - edges[-1][1] < gap:
                edges[-1] = edges[-1][0], at
            else:
                edges.append((at, at))
    return edges

"""Sound as numbers: 16 bit mono samples at 22,050 Hz, made, levelled, joined, and the WAV file around them. Pure.

WAV: RIFF/WAVE with one `fmt ` chunk of 16 bytes (PCM) and one `data` chunk, little-endian (Multimedia Programming
Interface and Data Specifications 1.0, IBM and Microsoft, 1991).
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Iterable
from itertools import pairwise
from operator import mul
from typing import TypeAlias

RATE = 22_050
PEAK = 31_000
"""No sample is louder: room below the 32,767 of 16 bits."""
LEVEL = 3_000.0
"""Root mean square every segment is brought to, about -21 dB of full scale."""
AUDIBLE = 30
AUDIBLE_SHARE = 0.01
"""Samples below this, or this share of the peak, are silence: not counted for the level, cut off at both ends."""
EDGE_MS = 10
CHIME_HZ = (880.0, 660.0)
CHIME_S = 0.55
CHIME_DECAY_S = 0.18
AFTER_CHIME_MS = 200

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")

Samples: TypeAlias = "array[int]"


def silence(ms: float) -> Samples:
    """Nothing, for so long."""
    return array("h", bytes(2 * round(RATE * ms / 1000)))


def chime() -> Samples:
    """Two falling tones, each dying away."""
    sound = array("h")
    for frequency in CHIME_HZ:
        sound.extend(_tone(frequency, n / RATE) for n in range(round(RATE * CHIME_S)))
    return levelled(sound)


def seconds(sound: Samples) -> float:
    """How long it lasts."""
    return len(sound) / RATE


def rms(sound: Samples) -> float:
    """Root mean square of what can be heard in it; 0.0 for silence."""
    quiet = _quiet(sound)
    heard = [x for x in sound if abs(x) >= quiet]
    return math.sqrt(sum(map(mul, heard, heard)) / len(heard)) if heard else 0.0


def levelled(sound: Samples) -> Samples:
    """The same as loud as every other, as far as its peak allows; silence stays silence."""
    level = rms(sound)
    if not level:
        return sound
    return scaled(sound, min(LEVEL / level, PEAK / max(map(abs, sound))))


def scaled(sound: Samples, gain: float) -> Samples:
    """The same louder or quieter. Raises: OverflowError: a sample would leave 16 bits."""
    return array("h", [int(x * gain) for x in sound]) if gain != 1.0 else sound


def trimmed(sound: Samples) -> Samples:
    """Without the silence at its ends, but for `EDGE_MS`."""
    quiet = _quiet(sound)
    first = next((i for i, x in enumerate(sound) if abs(x) >= quiet), None)
    if first is None:
        return array("h")
    last = next(i for i in range(len(sound) - 1, -1, -1) if abs(sound[i]) >= quiet)
    edge = RATE * EDGE_MS // 1000
    return sound[max(0, first - edge) : last + 1 + edge]


def joined(pieces: Iterable[Samples | float], gap_ms: float) -> Samples:
    """One after the other: sounds, and pauses as milliseconds; two sounds that touch get `gap_ms` between them."""
    sound = array("h")
    for before, piece in pairwise([None, *pieces]):
        if isinstance(piece, array):
            if isinstance(before, array):
                sound.extend(silence(gap_ms))
            sound.extend(piece)
        elif piece is not None:
            sound.extend(silence(piece))
    return sound


def wav(sound: Samples) -> bytes:
    """The sound as a WAV file."""
    data = _little(sound).tobytes()
    head = _HEADER.pack(b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16, b"data", len(data))
    return head + data


def from_pcm(data: bytes) -> Samples:
    """Little-endian 16 bit samples as they stand in a WAV file; half a sample at the end is dropped."""
    return _little(array("h", data[: len(data) // 2 * 2]))


def _quiet(sound: Samples) -> float:
    return max(AUDIBLE, AUDIBLE_SHARE * max(map(abs, sound), default=0))


def _little(sound: Samples) -> Samples:
    if sys.byteorder == "big":
        sound = array("h", sound)
        sound.byteswap()
    return sound


def _tone(frequency: float, at_s: float) -> int:
    attack = min(1.0, at_s / 0.005)
    return int(20_000 * attack * math.exp(-at_s / CHIME_DECAY_S) * math.sin(2 * math.pi * frequency * at_s))

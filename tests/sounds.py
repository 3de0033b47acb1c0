"""Sounds made and measured by other formulas than the product's."""

import math
import wave
from array import array

from displays.voice import sound


def tone(frequency=440.0, seconds=0.1, amplitude=8000):
    return array(
        "h",
        (int(amplitude * math.sin(2 * math.pi * frequency * n / sound.RATE)) for n in range(int(seconds * sound.RATE))),
    )


def write(file, samples, rate=sound.RATE, channels=1, width=2):
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())


def strength(samples):
    """Plain root mean square, by another formula than the product's."""
    return math.sqrt(math.fsum(x**2 for x in samples) / len(samples))

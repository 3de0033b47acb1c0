"""A loudspeaker in the place of aplay: a WAV file from stdin, as long as its sound lasts, and a ledger of what was heard.

    python -m simulators.speaker --ledger FILE.jsonl [--pace 90] [--keep DIR] [--fault FILE]

One process for each sound, ended when the sound is. `--pace`: sounds pass so many times as fast. `--keep`: folder where each
sound is written as heard, `PID.wav`. `--fault`: while this file exists its word is obeyed: `busy` (the device is held by
another: an error at once), `stuck` (never ends), `broken` (an error in the middle).

    {"t": CLOCK_MONOTONIC, "what": "start", "pid", "seconds", "rms", "peak", "overlap": whether another sound was playing}
    {"t", "what": "end", "pid"}          a sound that was cut off has no end
    {"t", "what": "refused", "pid", "why"}

Exit code 1, with one line on stderr, for what aplay would not play. It imports nothing of the product.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import math
import os
import struct
import sys
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

RIFF_MIN = 12


class RefusedError(Exception):
    """The device does not take this; the text is what aplay would say."""


def pcm_of(file: bytes) -> tuple[int, bytes]:
    """Sample rate and samples of a WAV file, found chunk by chunk. Raises: RefusedError: anything but whole 16 bit mono PCM."""
    if len(file) < RIFF_MIN or file[:4] != b"RIFF" or file[8:12] != b"WAVE":
        raise RefusedError("not a WAV file")
    if struct.unpack_from("<I", file, 4)[0] != len(file) - 8:
        raise RefusedError("the file is shorter or longer than it says")
    rate, at = 0, RIFF_MIN
    while at + 8 <= len(file):
        name, size = file[at : at + 4], struct.unpack_from("<I", file, at + 4)[0]
        body = file[at + 8 : at + 8 + size]
        if name == b"fmt ":
            code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
            if (code, channels, bits) != (1, 1, 16):
                raise RefusedError("sample format not available")
        if name == b"data":
            if not rate or not body or len(body) != size or size % 2:
                raise RefusedError("no whole samples")
            return rate, body
        at += 8 + size + size % 2
    raise RefusedError("no samples")


class Speaker:
    """The device: one holder at a time, told by a lock beside the ledger."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger.open("a", encoding="utf-8")
        self._lock = ledger.with_suffix(".lock").open("a", encoding="utf-8")

    def play(self, file: bytes, pace: float, fault: str) -> None:
        """Be heard. Raises: RefusedError."""
        if fault == "busy":
            raise RefusedError("audio open error: Device or resource busy")
        rate, body = pcm_of(file)
        overlap = not self._take()
        samples = array("h", body)
        seconds = len(samples) / rate
        rms = math.sqrt(sum(x * x for x in samples) / len(samples))
        self._note("start", seconds=round(seconds, 3), rms=round(rms, 1), peak=max(map(abs, samples)), overlap=overlap)
        if fault == "stuck":
            time.sleep(10**6)
        if fault == "broken":
            time.sleep(seconds / pace / 2)
            raise RefusedError("write error: No such device")
        time.sleep(seconds / pace)
        self._note("end")

    def refuse(self, why: str) -> None:
        """Note what was not played."""
        self._note("refused", why=why)

    def _take(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _note(self, what: str, **more: float | str) -> None:
        self._ledger.write(json.dumps({"t": time.monotonic(), "what": what, "pid": os.getpid(), **more}) + "\n")
        self._ledger.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(prog="simulators.speaker", description="a loudspeaker that keeps a ledger")
    parser.add_argument("--ledger", type=Path, required=True, help="file to which what was heard is added")
    parser.add_argument("--pace", type=float, default=1.0, help="sounds pass so many times as fast")
    parser.add_argument("--keep", type=Path, help="folder for the sounds as heard")
    parser.add_argument("--fault", type=Path, help="file with a word to obey: busy, stuck, broken")
    given = parser.parse_args(arguments)
    fault = given.fault.read_text("utf-8").strip() if given.fault and given.fault.exists() else ""
    speaker = Speaker(given.ledger)
    file = sys.stdin.buffer.read()
    if given.keep:
        (given.keep / f"{os.getpid()}.wav").write_bytes(file)
    try:
        speaker.play(file, given.pace, fault)
    except RefusedError as exc:
        speaker.refuse(str(exc))
        print(f"speaker: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

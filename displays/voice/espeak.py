"""espeak-ng as a child process: a text in one of our languages → samples. Text goes in by stdin, so no process list shows it."""

from __future__ import annotations

import shutil
import subprocess

from contract.errors import PermanentDeviceError, TransientDeviceError
from contract.hints import HINTS
from displays.voice import sound

PROGRAM = "espeak-ng"
WORDS_PER_MIN = "140"
TIMEOUT_S = 20.0
HEADER_BYTES = 44
"""`--stdout` writes a plain WAV header with an unknown length before the samples (espeak-ng 1.51)."""


def installed() -> bool:
    """Whether the program is found."""
    return shutil.which(PROGRAM) is not None


def speak(text: str, voice: str) -> sound.Samples:
    """The text spoken by espeak-ng's `voice`, without silence around it, as loud as everything else.

    Raises: PermanentDeviceError (speech_missing): not installed. TransientDeviceError (speech_missing): it failed, or said
    something else than 22,050 Hz mono.
    """
    command = [PROGRAM, "-v", voice, "-s", WORDS_PER_MIN, "-b", "1", "--stdin", "--stdout"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=TIMEOUT_S, check=False)
    except FileNotFoundError as exc:
        raise PermanentDeviceError(PROGRAM, "speech_missing", HINTS["speech_missing"].step) from exc
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise TransientDeviceError(PROGRAM, "speech_missing", str(exc)) from exc
    if done.returncode or not _ours(done.stdout):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise TransientDeviceError(PROGRAM, "speech_missing", "; ".join(["no sound of 22,050 Hz came", *last]))
    return sound.levelled(sound.trimmed(sound.from_pcm(done.stdout[HEADER_BYTES:])))


def _ours(answer: bytes) -> bool:
    """Mono (22), the rate (24), 16 bit (34): fields of the WAV header by offset."""
    fields = answer[:4], answer[22:24], answer[24:28], answer[34:36]
    wanted = b"RIFF", b"\1\0", sound.RATE.to_bytes(4, "little"), b"\x10\0"
    return len(answer) > HEADER_BYTES and fields == wanted

"""The loudspeaker: a program that plays a WAV file from its stdin (aplay, pw-play), started once for each sound."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from contract.errors import TransientDeviceError
from contract.hints import HINTS
from displays.voice import sound

PATIENCE_S = 5.0
"""So much longer than the sound the program may take: opening the device, playing out its buffer."""


class Player:
    """Plays one sound at a time. Use as a context manager; `close` ends a sound in the middle and may be called twice."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = tuple(command)
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    def play(self, samples: sound.Samples) -> bool:
        """Play to the end; False where `close` cut it off.

        Raises: TransientDeviceError (speaker_failed): the program is not there, ends with an error, or does not end.
        """
        child = self._start()
        if child is None:
            return False
        try:
            _, words = child.communicate(sound.wav(samples), timeout=sound.seconds(samples) + PATIENCE_S)
        except subprocess.TimeoutExpired as exc:
            child.kill()
            child.communicate()
            raise self._failed(f"still playing {PATIENCE_S:g} s after the end") from exc
        if child.returncode and not self._closed:
            raise self._failed(words.decode(errors="replace").strip()[-200:] or f"exit code {child.returncode}")
        return not self._closed

    def close(self) -> None:
        """End the sound that plays; nothing plays after it."""
        with self._lock:
            self._closed = True
            if self._child is not None and self._child.poll() is None:
                self._child.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[bytes] | None:
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        with self._lock:
            if self._closed:
                return None
            try:
                self._child = subprocess.Popen(self.command, stdin=pipe, stdout=nowhere, stderr=pipe)
            except OSError as exc:
                raise self._failed(exc.strerror or str(exc)) from exc
            return self._child

    def _failed(self, words: str) -> TransientDeviceError:
        return TransientDeviceError(self.command[0], "speaker_failed", f"{words}; {HINTS['speaker_failed'].step}")

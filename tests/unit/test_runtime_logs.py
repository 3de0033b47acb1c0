"""Lines of the log: each whole, whoever else writes to the same file."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from runtime import logs


class Written(io.StringIO):
    """A file that remembers each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


@pytest.fixture
def kept() -> Iterator[None]:
    """The log of the tests' process stays as it was."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


def test_a_line_is_one_write(kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stderr := Written())
    logs.configure("kiosk")
    structlog.get_logger("x").info("link.up", dev="kiosk-1")
    (line,) = stderr.writes
    assert line.endswith("}\n")
    said = json.loads(line)
    assert (said["event"], said["dev"], said["process"]) == ("link.up", "kiosk-1", "kiosk")

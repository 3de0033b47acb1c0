"""A wrong configuration file is told as file:line: key: value: allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.errors import ConfigError
from coordinator.config import Options
from runtime.config import read

GOOD = """\
hall = "hall.json"
journal = "journal.db"

[broker]
hall = "small"
dev = "coordinator"
ca = "ca.crt"
cert = "c.crt"
key = "c.key"

[time]
speed = 60.0
anchor = 2026-03-02T08:00:00Z
wall_anchor = 2026-03-02T07:00:00Z
"""


def fault(tmp_path: Path, text: str) -> str:
    file = tmp_path / "box.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read(file, Options)
    return str(caught.value).removeprefix(str(file))


def test_good_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text(GOOD, encoding="utf-8")
    options = read(file, Options)
    assert options.broker.port == 8883
    assert options.time.clock().speed == 60.0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("speed = 60.0", "speed = -1"), ":12: time.speed: -1: Input should be greater than 0"),
        (("speed = 60.0", "sped = 60.0"), ":12: time.sped: 60.0: there is no such key"),
        (('dev = "coordinator"\n', ""), ":4: broker.dev: None: this key must be given"),
        (('hall = "hall.json"\n', ""), ": hall: None: this key must be given"),
        (('journal = "journal.db"', "journal = 7"), ":2: journal: 7: Input is not a valid path"),
        (("[broker]", "[broker"), ":4: syntax: "),
        (("wall_anchor = 2026-03-02T07:00:00Z\n", ""), ":11: time: "),
    ],
)
def test_each_fault_says_where_and_what_is_allowed(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert fault(tmp_path, GOOD.replace(*change)).startswith(told)


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read(tmp_path / "none.toml", Options)


def test_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8 text"):
        read(file, Options)

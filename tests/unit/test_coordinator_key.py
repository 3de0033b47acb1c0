"""The hall's key: made once, kept, nobody else's to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.errors import ConfigError
from coordinator.key import hall_key


def test_the_key_is_made_once_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "hall.db.key"
    key = hall_key(file)
    assert len(key) == 32
    assert hall_key(file) == key
    assert file.stat().st_mode & 0o777 == 0o600
    assert hall_key(tmp_path / "other.key") != key
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hall.db.key", "other.key"]


def test_what_a_power_cut_left_is_not_taken_for_the_key(tmp_path: Path) -> None:
    (tmp_path / "hall.db.key.new").write_bytes(b"half")
    assert len(hall_key(tmp_path / "hall.db.key")) == 32


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, size: int) -> None:
    file = tmp_path / "hall.db.key"
    file.write_bytes(bytes(size))
    file.chmod(0o600)
    with pytest.raises(ConfigError, match=f"hall.db.key: key: '{size} bytes': 32 bytes"):
        hall_key(file)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "hall.db.key"
    hall_key(file)
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="'mode 644': mode 600"):
        hall_key(file)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        hall_key(tmp_path / "gone" / "hall.db.key")

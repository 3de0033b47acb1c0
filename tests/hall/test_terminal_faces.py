"""Every screen of the three template halls at the terminal in every language: sizes in millimetres, nothing cut, nothing overlapping."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from glass.face import Face
from terminal import sample
from tests import face_gate
from tests.glass import ROOT, offscreen
from tests.halls import NAMES, TEMPLATES, load

HALLS = {name: load(name) for name in NAMES}
SPOKEN = [(name, lang) for name, hall in HALLS.items() for lang in hall.languages]


@cache
def faces_of(name: str, lang: str) -> dict[str, Face]:
    """Screen name → face of one hall in one language."""
    return dict(sample.faces(HALLS[name], lang))


def drawn() -> list[Face]:
    """Every face of every hall in every language."""
    return [face for hall in SPOKEN for face in faces_of(*hall).values()]


@pytest.fixture(params=SPOKEN, ids="-".join)
def faces(request: pytest.FixtureRequest) -> dict[str, Face]:
    return faces_of(*request.param)


def test_all_five_languages_are_there() -> None:
    assert {face.lang for face in drawn()} == {"uk", "ru", "kk", "ky", "en"}


@pytest.mark.parametrize("check", face_gate.CHECKS, ids=lambda check: check.__name__)
def test_screens_pass(faces: dict[str, Face], check: Callable[[dict[str, Face]], list[object]]) -> None:
    assert check(faces) == []


def test_kivy_draws_every_screen(tmp_path: Path) -> None:
    """The widths Kivy really needs, against the boxes: one process draws all screens of the hall with the longest words."""
    command = [sys.executable, "-m", "terminal", "--render", str(tmp_path), "--hall", str(TEMPLATES / "kz-con.json")]
    subprocess.run(
        [*command, "--lang", "kk", "--width", "270"], cwd=ROOT, env=offscreen(tmp_path), check=True, timeout=60
    )
    files = {file.stem for file in tmp_path.glob("*.png")}
    assert files == {f"kk-{name}" for name, _ in sample.faces(HALLS["kz-con"], "kk")}
    for file in tmp_path.glob("*.png"):
        with Image.open(file) as picture:
            assert picture.size == (270, 480)
            assert len(picture.convert("RGB").getcolors(270 * 480) or []) > 20, file.name


def test_kivy_needs_no_more_room_than_was_measured(tmp_path: Path) -> None:
    assert face_gate.too_wide_for_kivy(drawn(), tmp_path) == []

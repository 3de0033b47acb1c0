"""Every screen of the three template halls at the terminal in every language: sizes in millimetres, nothing cut, nothing overlapping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from terminal import sample
from tests import face_gate
from tests.face_gate import SPOKEN, Faces, Gallery

GALLERY = Gallery("terminal", sample.faces)


@pytest.fixture(params=SPOKEN, ids="-".join)
def faces(request: pytest.FixtureRequest) -> Faces:
    return GALLERY.of(*request.param)


def test_all_five_languages_are_there() -> None:
    assert {face.lang for face in GALLERY.all()} == {"uk", "ru", "kk", "ky", "en"}


@pytest.mark.parametrize("check", face_gate.CHECKS, ids=lambda check: check.__name__)
def test_screens_pass(faces: Faces, check: Callable[[Faces], list[object]]) -> None:
    assert check(faces) == []


def test_kivy_draws_every_screen(tmp_path: Path) -> None:
    """The widths Kivy really needs, against the boxes: one process draws all screens of the hall with the longest words."""
    assert GALLERY.badly_rendered(tmp_path) == []


def test_kivy_needs_no_more_room_than_was_measured(tmp_path: Path) -> None:
    assert face_gate.too_wide_for_kivy(GALLERY.all(), tmp_path) == []

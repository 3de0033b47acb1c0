"""Every screen of the three template halls in every language: sizes in millimetres, nothing cut, nothing overlapping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from contract.hall import Hall
from glass.face import Words
from kiosk import drawing, sample
from look.texts import Texts
from tests import face_gate
from tests.face_gate import HALLS, SPOKEN, Faces, Gallery
from tests.halls import NAMES

GALLERY = Gallery("kiosk", sample.faces)


@pytest.fixture(params=SPOKEN, ids="-".join)
def faces(request: pytest.FixtureRequest) -> Faces:
    return GALLERY.of(*request.param)


def test_all_five_languages_are_there() -> None:
    assert {face.lang for face in GALLERY.all()} == {"uk", "ru", "kk", "ky", "en"}


@pytest.mark.parametrize("check", face_gate.CHECKS, ids=lambda check: check.__name__)
def test_screens_pass(faces: Faces, check: Callable[[Faces], list[object]]) -> None:
    assert check(faces) == []


@pytest.mark.parametrize("count", [5, 6, 7])
@pytest.mark.parametrize("name", NAMES)
def test_a_long_list_of_documents_leaves_the_wait_and_the_controls_free(name: str, count: int) -> None:
    hall = HALLS[name]
    papers = {f"d{n}": dict.fromkeys(hall.languages, "ID") for n in range(count)}
    service = hall.services[0].model_copy(
        update={"bring": tuple(papers), "fee_minor": 100, "fee_currency": hall.currency}
    )
    changes = {"documents": {**hall.documents, **papers}, "services": (service, *hall.services[1:])}
    longer = Hall.model_validate_json(hall.model_copy(update=changes).model_dump_json())
    for lang in hall.languages:
        state = dict(sample.states(longer, lang))["confirm"]
        assert state.visit.service == service.id
        face = drawing.draw(state, sample.NOW, sample.moment(longer))
        assert state.view is not None
        wait = state.view.waits[service.id]
        assert any(Texts(lang).wait(wait.low, wait.high) in text for text in face.script())
        loose = [part for part in face.parts if isinstance(part, Words)]
        over = [(w.lines, c.key) for w in loose for c in face.controls if face_gate.gap(face_gate.ink(w), c.box) < 0]
        assert over == []


def test_kivy_draws_every_screen(tmp_path: Path) -> None:
    """The widths Kivy really needs, against the boxes: one process draws all screens of the hall with the longest words."""
    assert GALLERY.badly_rendered(tmp_path) == []


def test_kivy_needs_no_more_room_than_was_measured(tmp_path: Path) -> None:
    assert face_gate.too_wide_for_kivy(GALLERY.all(), tmp_path) == []

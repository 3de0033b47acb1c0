"""Every screen of the three template halls in every language: sizes in millimetres, nothing cut, nothing overlapping."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from contract.hall import Hall
from glass import measure
from glass.face import HEIGHT, WIDTH, Box, Control, Face, Icon, Picture, Plate, Words
from glass.sheet import LOW_Y
from kiosk import drawing, sample
from look import tokens
from look.contrast import ratio
from look.texts import Texts
from tests.halls import NAMES, TEMPLATES, load

ROOT = Path(__file__).parents[2]
HALLS = {name: load(name) for name in NAMES}
FACES = {f"{name}-{lang}": dict(sample.faces(hall, lang)) for name, hall in HALLS.items() for lang in hall.languages}
EDGE = 0.5  # rounding of design pixels
MM = tokens.surface("kiosk").px_per_mm


@pytest.fixture(params=list(FACES))
def faces(request: pytest.FixtureRequest) -> dict[str, Face]:
    """Screen name → face of one hall in one language."""
    return FACES[request.param]


def inside(inner: Box, outer: Box) -> bool:
    return (
        inner.x >= outer.x - EDGE
        and inner.y >= outer.y - EDGE
        and inner.right <= outer.right + EDGE
        and inner.bottom <= outer.bottom + EDGE
    )


def gap(one: Box, two: Box) -> float:
    """Empty pixels between two boxes; negative where they overlap."""
    across = max(one.x - two.right, two.x - one.right)
    down = max(one.y - two.bottom, two.y - one.bottom)
    return max(across, down)


def ink(words: Words) -> Box:
    """Where the lines of a text lie."""
    wide = max(measure.width(line, words.size, bold=words.bold) for line in words.lines)
    high = words.leading * len(words.lines)
    left = {
        "left": words.box.x,
        "right": words.box.right - wide,
        "center": words.box.x + (words.box.w - wide) / 2,
    }[words.align]
    return Box(left, words.box.y + (words.box.h - high) / 2, wide, high)


def test_all_five_languages_are_there() -> None:
    assert {face.lang for faces in FACES.values() for face in faces.values()} == {"uk", "ru", "kk", "ky", "en"}


def test_targets_are_large_and_on_the_screen(faces: dict[str, Face]) -> None:
    wide, high = (mm * MM for mm in tokens.target().kiosk_mm)
    whole = Box(0, 0, WIDTH, HEIGHT)
    bad = [
        (name, c.key, c.box)
        for name, face in faces.items()
        for c in face.controls
        if c.box.w < wide or c.box.h < high or not inside(c.box, whole)
    ]
    assert bad == []


def test_targets_are_apart(faces: dict[str, Face]) -> None:
    least = tokens.target().kiosk_gap_mm * MM
    bad = [
        (name, one.key, two.key)
        for name, face in faces.items()
        for one, two in itertools.combinations(face.controls, 2)
        if gap(one.box, two.box) < least
    ]
    assert bad == []


def test_keys_are_unique_and_a_person_or_a_way_out_is_there(faces: dict[str, Face]) -> None:
    for name, face in faces.items():
        keys = [control.key for control in face.controls]
        assert len(set(keys)) == len(keys), name
        assert set(keys) & {"person", "close", "finish"} or face.anywhere, name


def test_text_stays_in_its_box(faces: dict[str, Face]) -> None:
    bad = [
        (name, words.lines, words.size)
        for name, face in faces.items()
        for words in face.words()
        if not inside(ink(words), words.box)
    ]
    assert bad == []


def test_controls_hold_what_lies_on_them(faces: dict[str, Face]) -> None:
    bad = []
    for name, face in faces.items():
        for control in face.controls:
            top = Box(control.box.x, control.box.y, control.box.w, control.box.h - control.depth)
            boxes = [ink(part) if isinstance(part, Words) else part.box for part in control.parts]
            bad += [(name, control.key) for box in boxes if not inside(box, top)]
    assert bad == []


def test_nothing_lies_on_a_text(faces: dict[str, Face]) -> None:
    bad: list[tuple[object, ...]] = []
    for name, face in faces.items():
        loose = [part for part in face.parts if isinstance(part, Words)]
        others = [p.box for p in face.parts if isinstance(p, Icon | Picture | Control)]
        bad += [
            (name, one.lines, two.lines)
            for one, two in itertools.combinations(loose, 2)
            if gap(ink(one), ink(two)) < -EDGE
        ]
        bad += [(name, words.lines, box) for words in loose for box in others if gap(ink(words), box) < 0]
    assert bad == []


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
        over = [(w.lines, c.key) for w in loose for c in face.controls if gap(ink(w), c.box) < 0]
        assert over == []


def test_cards_hold_what_lies_on_them(faces: dict[str, Face]) -> None:
    bad: list[tuple[object, ...]] = []
    for name, face in faces.items():
        for plate in (part for part in face.parts if isinstance(part, Plate) and part.radius):
            bad += [(name, plate.box, c.key) for c in face.controls if gap(plate.box, c.box) < 8]
            texts = [ink(part) for part in face.parts if isinstance(part, Words)]
            bad += [
                (name, plate.box, box) for box in texts if gap(box, plate.box) < -EDGE and not inside(box, plate.box)
            ]
    assert bad == []


def test_no_small_print(faces: dict[str, Face]) -> None:
    surface = tokens.surface("kiosk")
    least = surface.type[surface.min_role]
    assert [(name, w.lines) for name, face in faces.items() for w in face.words() if w.size < least] == []


def test_contrast_of_every_text(faces: dict[str, Face]) -> None:
    bad = []
    for name, face in faces.items():
        theme = tokens.theme(face.theme)
        for words, ground in grounds(face):
            found = ratio(getattr(theme, words.color), getattr(theme, ground))
            bad += [(name, words.lines, words.color, ground, found)] if found < 7.0 else []
    assert bad == []


def grounds(face: Face) -> list[tuple[Words, str]]:
    """Each text with the colour it lies on."""
    found = []
    for n, part in enumerate(face.parts):
        if isinstance(part, Words):
            under = [p.fill for p in face.parts[:n] if isinstance(p, Plate) and inside(ink(part), p.box)]
            found.append((part, under[-1] if under else face.ground))
        elif isinstance(part, Control):
            found += [(each, part.fill) for each in part.parts if isinstance(each, Words)]
    return found


def test_low_mode_keeps_every_control_in_reach(faces: dict[str, Face]) -> None:
    reach = HEIGHT * (1 - tokens.reach().zone_share)
    assert reach <= LOW_Y
    low = {name: face for name, face in faces.items() if name.endswith("-low")}
    assert len(low) > 5
    assert [(name, c.key) for name, face in low.items() for c in face.controls if c.box.y < reach] == []


def test_every_screen_has_a_script(faces: dict[str, Face]) -> None:
    assert [name for name, face in faces.items() if not face.script() or not all(map(str.strip, face.script()))] == []


def test_kivy_draws_every_screen(tmp_path: Path) -> None:
    """The widths Kivy really needs, against the boxes: one process draws all screens of the hall with the longest words."""
    command = [sys.executable, "-m", "kiosk", "--render", str(tmp_path), "--hall", str(TEMPLATES / "kz-con.json")]
    env = {**os.environ, "SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1", "KIVY_HOME": str(tmp_path)}
    subprocess.run([*command, "--lang", "kk", "--width", "270"], cwd=ROOT, env=env, check=True, timeout=60)
    files = {file.stem for file in tmp_path.glob("*.png")}
    assert files == {f"kk-{name}" for name, _ in sample.faces(HALLS["kz-con"], "kk")}
    for file in tmp_path.glob("*.png"):
        with Image.open(file) as picture:
            assert picture.size == (270, 480)
            assert len(picture.convert("RGB").getcolors(270 * 480) or []) > 20, file.name


_WIDTHS = """
import json, sys
from glass import window
window.configure(270, 480, "mouse")
from kivy.base import EventLoop
from kivy.core.text import Label
from glass import surface
EventLoop.ensure_window()
surface.prepare()
def width(text, size, bold):
    label = Label(text=text, font_size=size, font_name=surface.TEXT, bold=bold)
    label.refresh()
    return label.texture.width
print(json.dumps([width(*each) for each in json.load(sys.stdin)]))
"""


def test_kivy_needs_no_more_room_than_was_measured(tmp_path: Path) -> None:
    drawn = [face for faces in FACES.values() for face in faces.values()]
    lines = {(line, w.size, w.bold): w for face in drawn for w in face.words() for line in w.lines}
    env = {**os.environ, "SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1", "KIVY_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _WIDTHS], input=json.dumps(list(lines)), capture_output=True, text=True, cwd=ROOT, env=env,
        check=True, timeout=60,
    )  # fmt: skip
    widths = json.loads(done.stdout)
    assert len(widths) == len(lines)
    bad = [(w.lines, wide, w.box.w) for w, wide in zip(lines.values(), widths, strict=True) if wide > w.box.w + 2]
    assert bad == []

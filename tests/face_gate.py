"""What every screen of every room must hold: sizes in millimetres, nothing cut, nothing overlapping, contrast, words to be read out.

Each check takes the faces of one hall in one language by their screens' names.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image

from contract.hall import Hall
from glass import measure
from glass.face import HEIGHT, WIDTH, Box, Control, Face, Icon, Picture, Plate, Words
from glass.sheet import LOW_Y
from look import tokens
from look.contrast import ratio
from tests.glass import ROOT, offscreen
from tests.halls import NAMES, TEMPLATES, load

EDGE = 0.5  # rounding of design pixels
MM = tokens.surface("kiosk").px_per_mm
Faces = dict[str, Face]
HALLS = {name: load(name) for name in NAMES}
SPOKEN = [(name, lang) for name, hall in HALLS.items() for lang in hall.languages]
"""Every hall with each of its languages."""


class Gallery:
    """Every face of a room in every hall and language, drawn once."""

    def __init__(self, room: str, faces: Callable[[Hall, str], Iterable[tuple[str, Face]]]) -> None:
        self._room, self._faces = room, faces
        self._drawn: dict[tuple[str, str], Faces] = {}

    def of(self, name: str, lang: str) -> Faces:
        """Screen name → face of one hall in one language."""
        if (name, lang) not in self._drawn:
            self._drawn[name, lang] = dict(self._faces(HALLS[name], lang))
        return self._drawn[name, lang]

    def all(self) -> list[Face]:
        """Every face of every hall in every language."""
        return [face for spoken in SPOKEN for face in self.of(*spoken).values()]

    def badly_rendered(self, folder: Path) -> list[object]:
        """Screens of the hall with the longest words that the room's command does not draw, or not as they should be."""
        hall, lang = "kz-con", "kk"
        command = [sys.executable, "-m", self._room, "--render", str(folder), "--hall", str(TEMPLATES / f"{hall}.json")]
        subprocess.run(
            [*command, "--lang", lang, "--width", "270"], cwd=ROOT, env=offscreen(folder), check=True, timeout=60
        )
        files = {file.stem: file for file in folder.glob("*.png")}
        wanted = {f"{lang}-{name}" for name in self.of(hall, lang)}
        return [*(wanted ^ files.keys()), *(name for name, file in files.items() if not _has_colours(file))]


def _has_colours(file: Path) -> bool:
    with Image.open(file) as picture:
        return picture.size == (270, 480) and len(picture.convert("RGB").getcolors(270 * 480) or []) > 20


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


def large_targets(faces: Faces) -> list[object]:
    """Each target is large enough for a finger, and whole on the screen."""
    wide, high = (mm * MM for mm in tokens.target().kiosk_mm)
    whole = Box(0, 0, WIDTH, HEIGHT)
    return [
        (name, c.key, c.box)
        for name, face in faces.items()
        for c in face.controls
        if c.box.w < wide or c.box.h < high or not inside(c.box, whole)
    ]


def targets_apart(faces: Faces) -> list[object]:
    """No finger hits two; letters of a keyboard stand closer to each other, and to nothing else."""
    target = tokens.target()
    least, letters = target.kiosk_gap_mm * MM, target.kiosk_letter_gap_mm * MM
    return [
        (name, one.key, two.key)
        for name, face in faces.items()
        for one, two in itertools.combinations(face.controls, 2)
        if gap(one.box, two.box) < (letters if _keyboard(face, one) and _keyboard(face, two) else least)
    ]


def _keyboard(face: Face, control: Control) -> bool:
    typing = any(each.key == "sign:space" for each in face.controls)
    return typing and control.key.partition(":")[0] in ("sign", "signs", "erase", "next", "skip")


def unique_keys_and_a_person(faces: Faces) -> list[object]:
    """Keys are unique, and a person or a way out is there."""
    bad: list[object] = []
    for name, face in faces.items():
        keys = [control.key for control in face.controls]
        if len(set(keys)) != len(keys) or not (set(keys) & {"person", "close", "finish"} or face.anywhere):
            bad.append((name, keys))
    return bad


def text_in_its_box(faces: Faces) -> list[object]:
    """No text is cut."""
    return [
        (name, words.lines, words.size)
        for name, face in faces.items()
        for words in face.words()
        if not inside(ink(words), words.box)
    ]


def controls_hold_their_parts(faces: Faces) -> list[object]:
    """What lies on a control lies on its face."""
    bad: list[object] = []
    for name, face in faces.items():
        for control in face.controls:
            top = Box(control.box.x, control.box.y, control.box.w, control.box.h - control.depth)
            boxes = [ink(part) if isinstance(part, Words) else part.box for part in control.parts]
            bad += [(name, control.key, control.text) for box in boxes if not inside(box, top)]
    return bad


def nothing_on_a_text(faces: Faces) -> list[object]:
    """No text is covered."""
    bad: list[object] = []
    for name, face in faces.items():
        loose = [part for part in face.parts if isinstance(part, Words)]
        others = [p.box for p in face.parts if isinstance(p, Icon | Picture | Control)]
        pairs = itertools.combinations(loose, 2)
        bad += [(name, one.lines, two.lines) for one, two in pairs if gap(ink(one), ink(two)) < -EDGE]
        bad += [(name, words.lines, box) for words in loose for box in others if gap(ink(words), box) < 0]
    return bad


def cards_hold_their_parts(faces: Faces) -> list[object]:
    """A card is not covered, and a text lies on it whole or not at all."""
    bad: list[object] = []
    for name, face in faces.items():
        for plate in (part for part in face.parts if isinstance(part, Plate) and part.radius):
            bad += [(name, plate.box, c.key) for c in face.controls if gap(plate.box, c.box) < _beside(face, c)]
            texts = [ink(part) for part in face.parts if isinstance(part, Words)]
            over = [box for box in texts if gap(box, plate.box) < -EDGE and not inside(box, plate.box)]
            bad += [(name, plate.box, box) for box in over]
    return bad


def _beside(face: Face, control: Control) -> float:
    return tokens.target().kiosk_letter_gap_mm * MM if _keyboard(face, control) else 8.0


def no_small_print(faces: Faces) -> list[object]:
    """Nothing is smaller than what can be read at the screen's distance."""
    surface = tokens.surface("kiosk")
    least = surface.type[surface.min_role]
    return [(name, w.lines) for name, face in faces.items() for w in face.words() if w.size < least]


def contrast(faces: Faces) -> list[object]:
    """Every text has 7 to 1 against what it lies on."""
    bad: list[object] = []
    for name, face in faces.items():
        theme = tokens.theme(face.theme)
        for words, ground in grounds(face):
            found = ratio(getattr(theme, words.color), getattr(theme, ground))
            bad += [(name, words.lines, words.color, ground, found)] if found < 7.0 else []
    return bad


def low_mode_in_reach(faces: Faces) -> list[object]:
    """In low mode every control is within the reach of every hand."""
    reach = HEIGHT * (1 - tokens.reach().zone_share)
    low = {name: face for name, face in faces.items() if name.endswith("-low")}
    few: list[object] = [] if reach <= LOW_Y and len(low) > 5 else [("low faces", len(low))]
    return few + [(name, c.key) for name, face in low.items() for c in face.controls if c.box.y < reach]


def words_to_read_out(faces: Faces) -> list[object]:
    """Every screen can be read out."""
    return [name for name, face in faces.items() if not face.script() or not all(map(str.strip, face.script()))]


CHECKS = (
    large_targets, targets_apart, unique_keys_and_a_person, text_in_its_box, controls_hold_their_parts, nothing_on_a_text,
    cards_hold_their_parts, no_small_print, contrast, low_mode_in_reach, words_to_read_out,
)  # fmt: skip

WIDTHS = """
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


def too_wide_for_kivy(drawn: list[Face], folder: Path) -> list[object]:
    """Lines that Kivy draws wider than they were measured and their boxes allow."""
    lines = {(line, w.size, w.bold): w for face in drawn for w in face.words() for line in w.lines}
    done = subprocess.run(
        [sys.executable, "-c", WIDTHS], input=json.dumps(list(lines)), capture_output=True, text=True, cwd=ROOT,
        env=offscreen(folder), check=True, timeout=60,
    )  # fmt: skip
    widths = json.loads(done.stdout)
    assert len(widths) == len(lines)
    return [(w.lines, wide, w.box.w) for w, wide in zip(lines.values(), widths, strict=True) if wide > w.box.w + 2]

"""The board as Kivy really draws it, in every language of the three templates: nothing cut, nothing too small, no overlap."""

import itertools
import json
import os
import subprocess
import sys

import pytest
from PIL import Image

from displays.board.face import WHY
from displays.board.sample import NOTICES
from look import tokens
from look.texts import Texts

ENVIRONMENT = os.environ | {"SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1"}
SURFACE = tokens.surface("board")
ON_THE_LYING_PANEL = pytest.mark.parametrize("panel", ["lying"], indirect=True, scope="module")
"""Drawn there only: an upright panel draws the same words."""


@pytest.fixture(scope="module", params=["lying", "upright"])
def panel(request):
    """How the panel hangs: (word, width, height)."""
    return {"lying": ("lying", 1920, 1080), "upright": ("upright", 1080, 1920)}[request.param]


@pytest.fixture(scope="module")
def probed(panel):
    """All lines of the probe."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.displays_board_probe", panel[0]],
        capture_output=True, text=True, timeout=180, env=ENVIRONMENT, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def seen(probed):
    """All texts of all faces, as the probe saw them."""
    return [line for line in probed if "text" in line]


def test_a_face_is_drawn_with_few_strokes(probed):
    """Where a processor draws, the time of a picture is the area that is filled, and a Kivy Line takes that of a whole panel."""
    faces = [line for line in probed if "paint" in line]
    assert len(faces) > 30
    assert [face["case"] for face in faces if face["lines"]] == []
    assert [(face["case"], face["paint"]) for face in faces if face["paint"] > 2.2] == []


def test_every_language_of_the_templates_was_drawn(seen, panel):
    assert {text["case"].split()[1] for text in seen} == {"uk", "en", "kk", "ru", "ky"}
    assert len({text["case"] for text in seen}) > (70 if panel[0] == "lying" else 30)


def test_no_text_is_smaller_than_the_surface_allows(seen):
    least = SURFACE.type[SURFACE.min_role]
    assert [text for text in seen if text["px"] < least - 0.01] == []


def test_calls_in_card_and_list_are_never_below_the_display_size(seen):
    numbers = [t for t in seen if t["role"] in ("display", "number") and any(c.isdigit() for c in t["text"])]
    assert len(numbers) > 100
    assert {t["case"].split()[2] for t in numbers} >= {"calls", "calls-list", "calls-contrast", "calls-short", "notice"}
    assert [t for t in numbers if t["px"] < SURFACE.type["display"] - 0.01 and "board-1" not in t["text"]] == []


def test_no_text_is_cut_or_broken_inside_a_word(seen):
    assert [t for t in seen if len(t["lines"]) > t["most_lines"]] == []
    assert [t for t in seen if " ".join(" ".join(t["lines"]).split()) != " ".join(t["text"].split())] == []


def test_no_text_lies_over_another_or_leaves_the_panel(seen, panel):
    _, wide, high = panel
    for _, group in itertools.groupby(seen, key=lambda text: text["case"]):
        boxes = [(t["text"], ink(t)) for t in group]
        for text, (left, top, right, bottom) in boxes:
            assert min(left, top) >= 0, text
            assert right <= wide, text
            assert bottom <= high, text
        for (one, a), (other, b) in itertools.combinations(boxes, 2):
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)


def ink(text):
    """The box in which capitals and digits of a text stand: its place across, its lines' capitals up and down."""
    left, top, width, height = text["place"]
    line = text["px"] * 1.362 * 0.86
    high = line * (len(text["lines"]) - 1) + text["px"] * tokens.font().cap_ratio
    middle = top + height / 2
    return left, middle - high / 2, left + width, middle + high / 2


def test_a_notice_is_told_whole_in_every_language(seen):
    for case in {t["case"] for t in seen if t["case"].endswith((" notice", " interrupted"))}:
        assert len([t for t in seen if t["case"] == case and t["text"] == NOTICES[case.split()[1]]]) == 1


def test_a_list_without_the_card_has_the_newest_call_first_and_more_of_them(seen):
    for case in {t["case"] for t in seen if t["case"].endswith("calls-list")}:
        labels = [
            t["text"] for t in seen if t["case"] == case and t["text"][:1] in "KAMBTC" and t["text"][1:].isdigit()
        ]
        assert len(labels) == 6
        assert labels[-1] == "K047" or labels[0] == "K047"


def test_few_calls_are_drawn_larger(seen):
    size = {t["case"].split()[2]: t["px"] for t in seen if t["text"] == "A1118" and t["case"].startswith("ua-cnap uk")}
    assert size["calls-short"] > size["calls-list"]


@ON_THE_LYING_PANEL
def test_the_dark_face_has_no_numbers_but_times(seen):
    dark = [t["text"] for t in seen if t["case"].endswith(" dark")]
    assert dark
    assert not any(t.startswith(("K0", "A1", "M0")) for t in dark)


@ON_THE_LYING_PANEL
@pytest.mark.parametrize("code", sorted(WHY))
def test_the_reason_of_a_call_is_drawn_on_one_line(seen, code):
    cases = {t["case"] for t in seen if t["case"].endswith(f" {code}")}
    assert len(cases) == 8, "every language of every template"
    for case in cases:
        words = Texts(case.split()[1]).get(f"board.why.{code}")
        assert [t["lines"] for t in seen if t["case"] == case and t["text"] == words] == [[words]]
    assert not any(t["text"] == Texts("uk").get(f"board.why.{code}") for t in seen if t["case"].endswith(" uk calls"))


def test_the_wait_of_the_group_with_the_longest_name_is_drawn(seen):
    for case in {t["case"] for t in seen if t["case"].endswith(" wait")}:
        wait = Texts(case.split()[1]).wait(60, None)
        assert len([t for t in seen if t["case"] == case and wait in t["text"]]) == 1


def picture(tmp_path, moment):
    file = tmp_path / f"{moment}.png"
    words = ["--render", str(file), "--hall", "coordinator/templates/ua-cnap.json", "--moment", moment]
    done = subprocess.run(
        [sys.executable, "-m", "displays.board", *words], capture_output=True, text=True, timeout=60, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with Image.open(file) as image:
        return image.convert("RGB")


def share(image, colour):
    wanted = tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return sum(count for count, found in image.getcolors(1 << 24) if found == wanted) / (image.width * image.height)


def test_amber_is_only_for_a_call_of_now(tmp_path):
    amber = tokens.theme("dark").now
    assert share(picture(tmp_path, "calls"), amber) > 0.08
    for moment in ("stale", "calm"):
        assert share(picture(tmp_path, moment), amber) < 0.002
    assert picture(tmp_path, "dark").size == (1920, 1080)

"""The kiosk as a process with a real window and fingers: off-screen Kivy, real mosquitto, a real printer on TCP."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from look.texts import Texts
from tests.glass import REACTION_S, Glass
from tests.halls import load
from tests.kiosk_hall import SmallHall
from tests.printing import SimPrinter
from tests.until import until


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHall]:
    with SmallHall(tmp_path_factory.mktemp("broker"), load("ua-cnap")) as small:
        yield small


@pytest.fixture(scope="module")
def glass(hall: SmallHall, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glass]:
    folder = tmp_path_factory.mktemp("glass")
    with SimPrinter(folder / "paper") as printer, Glass(hall, printer, folder) as each:
        yield each


def test_fingers_take_a_ticket_and_the_double_touch_is_one_question(hall: SmallHall, glass: Glass) -> None:
    glass.sees("attract")
    glass.press("start", "language")
    glass.press("lang:en", "groups")
    glass.press("group:residence", "services")
    wait = Texts("en").wait(15, 25)
    assert glass.reads(Texts("en").get("kiosk.wait_range", wait=wait))
    glass.press("service:res-register", "confirm")
    assert glass.reads(wait)
    for _ in range(3):
        glass.ask(tap="take")
    glass.press("take", "take")
    assert glass.reads("A001")
    assert glass.reads(wait)
    assert len({command.id for command in hall.commands}) == 1
    assert list(hall.labels.values()) == ["A001"]
    glass.press("done", "attract")


def shows(glass: Glass, digits: int) -> bool:
    """Whether so many single characters stand on the screen."""
    return sum(len(word) == 1 for word in glass.ask(controls=True)["words"]) == digits


def typed(glass: Glass, code: str) -> None:
    """Type a code on the pad that is shown, each digit once the one before stands there."""
    ready_at = time.monotonic() + REACTION_S
    until(lambda: time.monotonic() >= ready_at)
    for n, sign in enumerate(code, 11):  # the pad's own ten digits stand there already
        glass.ask(tap=f"digit:{sign}")
        until(partial(shows, glass, n), f"digit {n - 10}")


def test_fingers_type_a_code_and_the_ticket_comes(hall: SmallHall, glass: Glass) -> None:
    hall.bookings["40718263"] = "res-register"
    before = len(hall.labels)
    glass.sees("attract")
    glass.press("booking", "language")
    glass.press("lang:en", "code")
    typed(glass, "40718264")
    glass.press("next", "no_booking")
    assert glass.reads("No booking with this code.")
    glass.press("again", "code")
    typed(glass, "40718263")
    glass.press("next", "found")
    for _ in range(3):
        glass.ask(tap="take")
    glass.press("take", "take")
    assert len(hall.labels) == before + 1
    assert hall.bookings == {}
    glass.press("done", "attract")


def test_every_finger_is_reported_by_one_provider_only(glass: Glass) -> None:
    assert glass.ask(controls=True)["inputs"] == ["Fingers"]


def test_language_is_switched_live_and_put_back(glass: Glass) -> None:
    glass.sees("attract")
    assert glass.reads("Візьміть талон тут")
    glass.press("language", "language")
    glass.press("lang:en", "attract")
    assert glass.reads("Take your ticket here")
    glass.press("start", "language")
    glass.press("back", "attract")
    until(lambda: glass.reads("Візьміть талон тут"))


def test_touch_beside_the_controls_of_the_attract_screen_begins(glass: Glass) -> None:
    glass.sees("attract")

    def begun() -> bool:
        if glass.screen() == "attract":
            glass.touch(1, touch=[540, 400], do="down")
            glass.touch(1, touch=[540, 400], do="up")
        return glass.screen() == "language"

    until(begun)
    glass.press("back", "attract")


def test_finger_that_slides_off_a_control_presses_nothing(glass: Glass) -> None:
    glass.sees("attract")
    glass.press("start", "language")
    x, y, w, h = next(c["rect"] for c in glass.ask(controls=True)["controls"] if c["key"] == "lang:uk")
    glass.touch(1, touch=[x + w / 2, y + h / 2], do="down")
    glass.touch(1, touch=[x + w / 2, y + h + 12], do="up")
    assert glass.screen() == "language"
    glass.press("back", "attract")


def test_screenshot_is_a_picture_of_the_window(glass: Glass, tmp_path: Path) -> None:
    glass.sees("attract")
    file = tmp_path / "attract.png"
    assert glass.ask(screenshot=str(file)) == {"screenshot": str(file)}
    with Image.open(file) as picture:
        assert picture.size == (540, 960)
        assert len(picture.getcolors(540 * 960) or []) > 50


@pytest.mark.parametrize(
    "line", [b"", b"nonsense", b"[]", b"{}", b'{"tap": 3}', b'{"touch": [1], "do": "up"}', b"\xff"]
)
def test_bad_lines_to_the_fingers_are_answered_with_an_error(glass: Glass, line: bytes) -> None:
    assert "error" in glass.say(line)


def test_tap_on_what_is_not_there_is_an_error(glass: Glass) -> None:
    glass.sees("attract")
    assert glass.ask(tap="take") == {"error": "no control 'take' on this screen", "screen": "attract"}


def test_systemd_hears_that_frames_are_drawn(hall: SmallHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(15)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with SimPrinter(tmp_path / "paper") as printer, Glass(hall, printer, tmp_path):
            assert [systemd.recv(64) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        assert set(iter(lambda: systemd.recv(64), b"STOPPING=1")) <= {b"WATCHDOG=1"}

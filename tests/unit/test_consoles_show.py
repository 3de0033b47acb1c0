"""What the pages make of the view."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consoles import show
from contract import messages as m
from contract.words import HallState, Role

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "minutes", "level", "percent"),
    [(0, 0, "fine", 0), (-5, 0, "fine", 0), (899, 14, "fine", 70), (900, 15, "warn", 75), (1200, 20, "warn", 100),
     (1201, 20, "stop", 100), (3600, 60, "stop", 100)],
)  # fmt: skip
def test_a_wait_is_at_risk_before_and_red_after_the_promise(
    seconds: float, minutes: int, level: str, percent: int
) -> None:
    wait = show.wait(seconds, 20)
    assert (wait.minutes, wait.level, wait.percent) == (minutes, level, percent)


def test_a_text_the_hall_lacks_in_a_language_is_shown_in_another() -> None:
    assert show.named({"uk": "Зал", "en": "Hall"}, "en") == "Hall"
    assert show.named({"uk": "Зал"}, "en") == "Зал"
    assert show.named({}, "en") == ""


def test_boxes_in_trouble_stand_first_and_the_others_keep_their_places() -> None:
    boxes = (("k1", "here", ()), ("k2", "here", ("paper_low",)), ("b1", "lost", ()), ("b2", "here", ()))
    devices = tuple(m.DeskDevice(dev=d, kind=Role.KIOSK, state=s, faults=f) for d, s, f in boxes)  # type: ignore[arg-type]
    view = m.ConsolesView(
        id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(), queues=(), devices=devices
    )
    assert [d.dev for d in show.devices(view)] == ["b1", "k2", "k1", "b2"]

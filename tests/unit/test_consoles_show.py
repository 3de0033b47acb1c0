"""What the pages make of the view."""

from __future__ import annotations

import pytest

from consoles import show


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

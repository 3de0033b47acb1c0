"""Waiting for what another thread or process does: polled, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

DEADLINE_S = 60.0
LOOK_S = 0.005


def until(condition: Callable[[], Any], what: str | Callable[[], str] = "", deadline_s: float = DEADLINE_S) -> Any:
    """The first true value of `condition`. Raises: AssertionError: none within `deadline_s`; it says `what`."""
    end = time.monotonic() + deadline_s
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {deadline_s} s for {what() if callable(what) else what or condition}"
        time.sleep(LOOK_S)
    return value

"""How a process ends that is killed: at once, nothing is said or written any more."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any


def die() -> None:
    """As by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def mortal(does: Callable[..., Any], fatal: int, when: str) -> Callable[..., Any]:
    """`does`, but its `fatal`th call dies `before` or `after` it."""
    calls = 0

    def body(*args: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == fatal and when == "before":
            die()
        done = does(*args, **more)
        if calls == fatal:
            die()
        return done

    return body

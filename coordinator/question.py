"""What the coordinator asks its forecasting child, and how it goes through the pipe: length (4 bytes, big-endian), pickle. Pure."""

from __future__ import annotations

import pickle
from typing import NamedTuple

from coordinator.floor import Floor
from coordinator.future import Habits
from coordinator.policy import Rules

HEAD = 4


class Question(NamedTuple):
    """How long a walk-in of each service will wait in that hall."""

    floor: Floor
    now: float
    rules: Rules
    habits: Habits
    seed: int


def packed(value: object) -> bytes:
    """The value as it goes through a pipe."""
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(HEAD, "big") + body

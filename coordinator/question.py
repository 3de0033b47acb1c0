"""What the coordinator asks its forecasting child, and how it goes through the pipe: length (4 bytes, big-endian), pickle. Pure."""

from __future__ import annotations

import pickle
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from contract.hall import Hall
from coordinator import effect, forecast
from coordinator.effect import Key, Weighed
from coordinator.floor import Floor
from coordinator.forecast import Range
from coordinator.future import Habits
from coordinator.planner import PlanRules
from coordinator.policy import Rules
from coordinator.replays.so_far import SoFar

HEAD = 4


class Question(NamedTuple):
    """How long a walk-in of each service will wait in that hall."""

    floor: Floor
    now: float
    rules: Rules
    habits: Habits
    seed: int


class Planning(NamedTuple):
    """What is worth doing about the staff of that hall; the last three as of `effect.advise`."""

    floor: Floor
    now: float
    rules: Rules
    habits: Habits
    seed: int
    plans: PlanRules
    settled: frozenset[Key]
    min_gain: float


class LookBack(NamedTuple):
    """Today until `now` against FIFO by profile, as the journal at that path tells it."""

    journal: Path
    hall: Hall
    day: date
    now: datetime


AnyQuestion = Question | Planning | LookBack
Answer = dict[str, Range] | list[Weighed] | SoFar


def answered(question: Question | Planning) -> dict[str, Range] | list[Weighed]:
    """What a question that has all it needs comes to."""
    match question:
        case Question():
            return forecast.walk_ins(*question)
        case Planning():
            return effect.advise(*question)


def packed(value: object) -> bytes:
    """The value as it goes through a pipe."""
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(HEAD, "big") + body

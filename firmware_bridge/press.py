"""A press: one finger, once. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_bridge.frames import Key

PRESS_LIFE_S = 10.0
"""An older press is never acted on: after an outage it would call people nobody waits for."""


@dataclass(frozen=True, slots=True)
class Press:
    """A key of the unit `uid`, the `seq`-th since its start `boot`. `age_s`: how long ago at most, when it was heard."""

    uid: str
    boot: int
    seq: int
    key: Key
    age_s: float


def command_id(press: Press) -> str:
    """The command id of a press: the same whenever and however often it is said; at most 64 characters."""
    return f"pad-{press.uid}-{press.boot}-{press.seq}"

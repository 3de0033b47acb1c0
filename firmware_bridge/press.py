"""A press: one finger, once. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_bridge.frames import Key

PRESS_LIFE_S = 10.0
"""An older press of a window's key is never acted on: after an outage it would call people nobody waits for."""
FACT_LIFE_S = 60.0
"""An older call for help, alarm or rating tells nobody anything."""
RATES = {Key.RATE_1: 1, Key.RATE_2: 2, Key.RATE_3: 3, Key.RATE_4: 4, Key.RATE_5: 5}
FACTS = frozenset({Key.HELP, Key.ALARM, *RATES})
"""Keys that ask the hall for nothing: they tell it something."""


def life_s(key: Key) -> float:
    """For how long a press of `key` means anything."""
    return FACT_LIFE_S if key in FACTS else PRESS_LIFE_S


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

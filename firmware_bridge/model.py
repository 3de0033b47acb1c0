"""What a press asks for and what a lamp shows. PURE."""

from __future__ import annotations

from typing import assert_never

from contract import messages as m
from contract.words import Light
from firmware_bridge.frames import Key, Pattern
from firmware_bridge.press import RATES, Press, command_id

Asked = (
    m.CallNext | m.CallRecall | m.CallStart | m.CallFinish | m.CallNoShow | m.WindowOpen | m.WindowPause | m.WindowClose
)


def command(press: Press, light: Light | None) -> Asked:
    """The command a press means at a window that shows `light` (None: not known).

    Its bytes depend on nothing else, so that asking again is the same question. Key start/finish: finish while serving, else
    start; key break: open while paused, else pause. Raises: ValueError: the key tells a fact (`press.FACTS`) and asks for nothing.
    """
    key = command_id(press)
    match press.key:
        case Key.NEXT:
            return m.CallNext(id=key, unit=press.uid)
        case Key.RECALL:
            return m.CallRecall(id=key, unit=press.uid)
        case Key.START_FINISH if light is Light.SERVING:
            return m.CallFinish(id=key, unit=press.uid)
        case Key.START_FINISH:
            return m.CallStart(id=key, unit=press.uid)
        case Key.NO_SHOW:
            return m.CallNoShow(id=key, unit=press.uid)
        case Key.BREAK if light is Light.PAUSED:
            return m.WindowOpen(id=key, unit=press.uid)
        case Key.BREAK:
            return m.WindowPause(id=key, unit=press.uid)
        case Key.CLOSE:
            return m.WindowClose(id=key, unit=press.uid)
        case _:
            raise ValueError(f"key {press.key.name} asks for nothing")


def fact(press: Press) -> dict[str, object] | None:
    """What a press tells the hall; None: it calls for help, which is state of the box."""
    if press.key is Key.ALARM:
        return {"t": "alarm", "unit": press.uid, "kind": "silent"}
    if press.key in RATES:
        return {"t": "rating", "unit": press.uid, "score": RATES[press.key]}
    return None


def pattern(light: Light | None) -> Pattern:
    """What the lamp shows for `light`; None: what the hall knows cannot be told."""
    match light:
        case None:
            return Pattern.UNKNOWN
        case Light.CALLED | Light.SERVING:
            return Pattern.STEADY
        case Light.ARMED:
            return Pattern.SLOW
        case Light.FREE | Light.PAUSED | Light.CLOSED:
            return Pattern.OFF
        case _:
            assert_never(light)

"""A sign on a display that has digits only. Pure.

The letter of a label cannot be shown, so its digits stand alone (`A012` → `012`): choose such a display where windows have
one letter each, or where the board is in sight of every window.

    called, serving  the label's digits    free, armed  empty    paused, closed  `-`
    old              dashes all over: a number that cannot be marked as old is not shown
    identify         the window's number, on and off every second; `-` where it is bound to no window
    training         a `-` before the digits, `-012`: no ticket of a real hall has one; dashes all over where there is no room for it
"""

from __future__ import annotations

from typing import assert_never

from contract.words import Light
from displays.window.model import Sign


def digits(sign: Sign, width: int) -> str:
    """The sign in exactly `width` digits, spaces and minus signs, ranged right."""
    if sign.identify:
        return "".rjust(width) if sign.flash else _fit("-" if sign.number is None else str(sign.number), width)
    match sign.light:
        case None:
            return " " * width
        case _ if sign.old:
            return "-" * width
        case Light.CALLED | Light.SERVING:
            return _fit("-" * sign.training + "".join(c for c in sign.label if c in "0123456789"), width)
        case Light.FREE | Light.ARMED:
            return " " * width
        case Light.PAUSED | Light.CLOSED:
            return "-".rjust(width)
        case _:
            assert_never(sign.light)


def _fit(text: str, width: int) -> str:
    """A number that does not fit is not shortened, which would make it another: it is dashes."""
    return text.rjust(width) if 0 < len(text) <= width else "-" * width

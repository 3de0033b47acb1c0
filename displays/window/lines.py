"""A sign on a display of two lines with 20 ASCII characters each. Pure.

The same in every language, because a display of this kind has no Kazakh or Ukrainian letters:

    called    upper `> A012 <`    serving  upper `A012`    free, armed  upper empty
    paused    upper `| |`         closed   upper `- - -`   lower line: the window's number, always
    old       as above, dimmed, with `?` in both upper corners
    identify  upper the unit's id                          lower line: the window's number, between arrows every other second
    training  as above, TRAINING before the window's number
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from contract.words import Light
from displays.window.model import Sign
from look.training import PLAIN

CELLS = 20
LABEL_MAX = CELLS - len("?> ") * 2
"""A longer label is not shortened, which would make it another label: it is shown as `?`."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Two lines of exactly `CELLS` printable ASCII characters; `dim`: at the lowest brightness."""

    upper: str
    lower: str
    dim: bool = False


def lines(sign: Sign) -> Lines:
    """The sign as it is drawn."""
    number = " ".join([PLAIN] * sign.training + [str(sign.number)] * (sign.number is not None))
    if sign.identify:
        return Lines(_centred(sign.identify), _centred(f"> {number} <" if sign.flash else number))
    upper = _centred(_upper(sign))
    if sign.old:
        return Lines(f"?{upper[1:-1]}?", _centred(number), dim=True)
    return Lines(upper, _centred(number))


def cells(text: str) -> bytes:
    """One line as bytes. Raises: ValueError: not `CELLS` characters of printable ASCII."""
    if len(text) != CELLS or not drawable(text):
        raise ValueError(f"{text!r}: allowed: {CELLS} characters of printable ASCII")
    return text.encode("ascii")


def drawable(text: str) -> bool:
    """Whether the display has every character of `text`."""
    return text.isascii() and text.isprintable()


def _upper(sign: Sign) -> str:
    label = sign.label if 0 < len(sign.label) <= LABEL_MAX else "?"
    match sign.light:
        case Light.CALLED:
            return f"> {label} <"
        case Light.SERVING:
            return label
        case Light.FREE | Light.ARMED | None:
            return ""
        case Light.PAUSED:
            return "| |"
        case Light.CLOSED:
            return "- - -"
        case _:
            assert_never(sign.light)


def _centred(text: str) -> str:
    return "".join(c if drawable(c) else "?" for c in text)[:CELLS].center(CELLS)

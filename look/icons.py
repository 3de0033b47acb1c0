"""Icons by our own names: a glyph of ViknoIcons.ttf for Kivy and paper, an inline SVG for the web, and the logo."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

_HERE = Path(__file__).parent


class _Row(TypedDict):
    code: str
    paths: list[str]


LOGO_PNG = _HERE / "logo.png"
"""The logo with transparent ground, 512 pixels square."""


def glyph(name: str) -> str:
    """The one character that draws icon `name` in the file `tokens.font().icons`. Raises: KeyError: no such icon."""
    return chr(int(_row(name)["code"], 16))


def svg(name: str) -> str:
    """Icon `name` as an inline SVG, 1.5em square, in the text's colour; hidden from screen readers, a word stands by it.

    Raises: KeyError: no such icon.
    """
    drawn = "".join(f'<path d="{path}"/>' for path in _row(name)["paths"])
    return (
        '<svg class="icon" viewBox="0 0 24 24" width="1.5em" height="1.5em" fill="none" stroke="currentColor" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{drawn}</svg>'
    )


def logo_svg() -> str:
    """The logo as SVG text: four panes, one of them lit, over an amber sill."""
    return (_HERE / "logo.svg").read_text("utf-8")


@lru_cache
def _table() -> dict[str, _Row]:
    table: dict[str, _Row] = json.loads((_HERE / "icons.json").read_text("utf-8"))
    return table


def _row(name: str) -> _Row:
    try:
        return _table()[name]
    except KeyError:
        raise KeyError(f"no icon {name!r}: add it to icon.names in tokens.json and run look.build_icons") from None

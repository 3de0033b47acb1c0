"""`python -m consoles.api FILE`: write the OpenAPI document as it is committed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from consoles.api.api import Api, schema
from consoles.live import Live
from consoles.page import Pages
from consoles.press import Presses


def document() -> str:
    """The document of an API before which no hall is."""
    from consoles.card import Cards

    loop = asyncio.new_event_loop()
    try:
        live = Live(loop)
        pages = Pages(live, Presses(), Cards(live, loop.time), None)
        return schema(Api(live, pages, lambda _secret: None, lambda *_note: None).app())
    finally:
        loop.close()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), "utf-8")

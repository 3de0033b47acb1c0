"""Draws screens of a hall one after the other, the garbage collector off: `python -m tests.hall.kiosk_surface_probe COUNT`.

Prints how many drawing instructions are alive after the first picture of the last screen, and after COUNT others and that again.
"""

from __future__ import annotations

import gc
import json
import sys
from itertools import cycle, islice
from typing import Any

from glass import window
from kiosk import sample
from tests.halls import load


def main(count: int) -> None:
    window.configure(540, 960, "mouse")
    from kivy.base import EventLoop

    EventLoop.ensure_window()
    from glass import surface

    surface.prepare()
    faces = [face for _, face in sample.faces(load("ua-cnap"), "en")]
    screen = surface.Surface(lambda _key: None, size=(540, 960), size_hint=(None, None))
    screen.draw(faces[-1])
    gc.collect()
    gc.disable()
    before = alive()
    for face in islice(cycle(faces), count):
        screen.draw(face)
    screen.draw(faces[-1])
    print(json.dumps({"before": before, "after": alive()}))


def alive() -> int:
    """Vertex instructions that something still holds."""
    from kivy.graphics.instructions import VertexInstruction

    kinds: Any = VertexInstruction
    return sum(isinstance(each, kinds) for each in gc.get_objects())


if __name__ == "__main__":
    main(int(sys.argv[1]))

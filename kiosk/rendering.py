"""Draws every screen of a hall to PNG files, without a hall, a broker or a display."""

from __future__ import annotations

import os
from pathlib import Path

from contract.hall import Hall
from kiosk import sample
from kiosk.face import HEIGHT, WIDTH


def render(hall: Hall, langs: tuple[str, ...], folder: Path, width: int = WIDTH) -> list[Path]:
    """One PNG per screen and language, `<lang>-<screen>.png`, `width` pixels wide; returns the files."""
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    from kiosk.screens import window

    window.configure(width, width * HEIGHT // WIDTH, "mouse")
    from kivy.base import EventLoop
    from kivy.core.window import Window

    from kiosk.screens import surface

    EventLoop.ensure_window()
    surface.prepare()
    picture = surface.Surface(lambda _key: None, size=(width, width * HEIGHT // WIDTH), size_hint=(None, None))
    Window.add_widget(picture)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for lang in langs:
        for name, face in sample.faces(hall, lang):
            picture.draw(face)
            files.append(folder / f"{lang}-{name}.png")
            picture.export_to_png(str(files[-1]))
    return files

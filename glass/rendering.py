"""Draws faces to PNG files, without a hall, a broker or a display."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from glass.face import HEIGHT, WIDTH, Face


def render(faces: Iterable[tuple[str, Face]], folder: Path, width: int = WIDTH) -> list[Path]:
    """One PNG per name and face, `<name>.png`, `width` pixels wide; returns the files."""
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    from glass import window

    window.configure(width, width * HEIGHT // WIDTH, "mouse")
    from kivy.base import EventLoop
    from kivy.core.window import Window

    from glass import surface

    EventLoop.ensure_window()
    surface.prepare()
    picture = surface.Surface(lambda _key: None, size=(width, width * HEIGHT // WIDTH), size_hint=(None, None))
    Window.add_widget(picture)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, face in faces:
        picture.draw(face)
        files.append(folder / f"{name}.png")
        picture.export_to_png(str(files[-1]))
    return files

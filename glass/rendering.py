"""Draws faces to PNG files, without a hall, a broker or a display."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from contract import hall as halls
from contract.errors import ConfigError, ContractError
from contract.hall import Hall
from glass.face import HEIGHT, WIDTH, Face


def render_hall(
    file: Path | None,
    langs: str,
    faces: Callable[[Hall, str], Iterable[tuple[str, Face]]],
    folder: Path,
    width: int,
    only: str = "",
) -> list[Path]:
    """Every screen of the hall in `file`, `<lang>-<name>.png`; `langs`: "all", or some of its languages with commas between.

    `only`: names of screens with commas between, "" for every one.

    Raises: ConfigError: no file, no hall document in it, or a language it does not have.
    """
    if file is None:
        raise ConfigError("--hall", None, "hall", None, "a hall document to render")
    try:
        hall = halls.load(file.read_bytes())
    except (OSError, ContractError) as exc:
        raise ConfigError(file, None, "hall", file.name, str(exc)) from exc
    wanted = hall.languages if langs == "all" else tuple(langs.split(","))
    if set(wanted) - set(hall.languages):
        raise ConfigError("--lang", None, "lang", langs, f"all, or some of {', '.join(hall.languages)}")
    chosen = set(filter(None, only.split(",")))
    every = ((lang, name, face) for lang in wanted for name, face in faces(hall, lang))
    named = ((f"{lang}-{name}", face) for lang, name, face in every if not chosen or name in chosen)
    return render(named, folder, width)


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

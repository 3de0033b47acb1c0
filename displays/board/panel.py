"""The panel a board is drawn on: Kivy set up for a screen that nobody touches. To be called before `screen` is imported."""

from __future__ import annotations

import os

FPS_MAX = 30


def prepare(width: int, height: int, *, fullscreen: bool) -> None:
    """Set Kivy up before its window is made: no arguments, no configuration file, no input, no cursor, no escape key."""
    os.environ.setdefault("KIVY_NO_ARGS", "1")
    os.environ.setdefault("KIVY_NO_CONFIG", "1")
    os.environ.setdefault("KIVY_NO_FILELOG", "1")
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")
    from kivy.config import Config

    for name, _ in Config.items("input"):
        Config.remove_option("input", name)
    graphics = {"width": width, "height": height, "fullscreen": int(fullscreen), "maxfps": FPS_MAX, "show_cursor": 0}
    for key, value in {**graphics, "resizable": 0, "multisamples": 0}.items():
        Config.set("graphics", key, str(value))
    Config.set("kivy", "exit_on_escape", "0")

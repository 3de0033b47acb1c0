"""The Kivy process: one window, one input provider, faces in, presses out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from glass.face import Face
from runtime import supervise

FPS = 30
FRAME_S = 3.0
"""So often a picture that did not change is drawn again, to prove that it can be: well inside systemd's ten seconds."""
SDL = "sdl"


def configure(width: int, height: int, provider: str, *, rotation: int = 0, fullscreen: bool = False) -> None:
    """Set Kivy up; before anything of Kivy that opens a window is imported.

    `provider`: the one input provider, as Kivy writes it ("mtdev,/dev/input/event0"), or "sdl" for the window's own. Exactly
    one: the defaults report one finger twice on Raspberry Pi panels (kivy #3801, #8494).
    """
    supervise.give_memory_back()
    for name, value in {"KIVY_NO_ARGS": "1", "KIVY_NO_FILELOG": "1", "KIVY_LOG_MODE": "PYTHON"}.items():
        os.environ.setdefault(name, value)
    from kivy.config import Config

    for option in Config.options("input"):
        Config.remove_option("input", option)
    if provider != SDL:
        Config.set("input", "fingers", provider)
    graphics = {
        "width": width, "height": height, "rotation": rotation, "fullscreen": "auto" if fullscreen else 0, "maxfps": FPS,
        "show_cursor": 0 if fullscreen else 1, "resizable": 0, "multisamples": 0, "position": "auto",
    }  # fmt: skip
    for option, value in graphics.items():
        Config.set("graphics", option, str(value))
    for option, value in {"exit_on_escape": "0", "log_level": "warning"}.items():
        Config.set("kivy", option, value)


def run(
    on_press: Callable[[str], None],
    face: Callable[[], Face],
    alive: Callable[[], bool],
    on_frame: Callable[[], None],
    ready: Callable[[object], None] = lambda _screen: None,
) -> None:
    """Show what `face()` returns until `alive()` is False; `on_frame` is called at first and every `FRAME_S`, after a drawn frame.

    `ready` is given the screen once it stands (fingers and screenshots hang on to it).
    """
    from kivy.app import App
    from kivy.base import EventLoop
    from kivy.clock import Clock
    from kivy.config import Config
    from kivy.core.window import Window

    from glass import surface

    class Screen(App):  # type: ignore[misc]  # Kivy has no types
        def build(self) -> object:
            surface.prepare()
            self.surface = surface.Surface(on_press)
            self.proved: Face | None = None
            Clock.schedule_interval(self.look, 1 / FPS)
            Clock.schedule_once(self.prove, 1 / FPS)
            Clock.schedule_interval(self.prove, FRAME_S)
            return self.surface

        def on_start(self) -> None:
            self.look(0)
            ready(self)

        def open_settings(self, *_options: object) -> None:
            """No settings panel: a visitor must not leave the kiosk."""

        def look(self, _dt: float) -> None:
            if not alive():
                self.stop()
                return
            now = face()
            if now is not self.surface.face:
                self.surface.draw(now)

        def prove(self, _dt: float) -> None:
            self.surface.canvas.ask_update()
            if self.proved is not self.surface.face:  # what the face before was made of is free now
                self.proved = self.surface.face
                supervise.give_memory_back()
            on_frame()

        def screenshot(self, file: Path) -> None:
            self.surface.export_to_png(str(file))

    if Config.options("input"):  # the window has added SDL's provider by itself: a second report of every finger
        for each in list(EventLoop.input_providers):
            EventLoop.remove_input_provider(each)
    Window.clearcolor = (0, 0, 0, 1)
    Screen().run()

"""The hall's board with a witness: a JSON line {"t", "frame_s", "labels"} on stdout whenever something new has been drawn.

python -m bench.board_screen --config FILE      (a board's file)
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from pathlib import Path

from displays.board import panel
from displays.board.config import Options
from displays.board.face import Face
from displays.board.service import Service
from runtime import config, logs, supervise


def show(options: Options, stop: threading.Event) -> None:
    """Be the board until `stop` is set."""
    panel.prepare(options.screen.width, options.screen.height, fullscreen=False)
    from kivy.core.window import Window

    from displays.board.screen import BoardApp

    class Witness(BoardApp):
        _labels: list[str] | None = None
        _began = 0.0

        def show(self, face: Face, pulse: float = 1.0) -> None:
            self._began = time.monotonic()
            super().show(face, pulse)
            self._labels = [face.label, *(row.label for row in face.rows)]

        def flipped(self, *_: object) -> None:
            """A picture stands on the panel."""
            labels, self._labels = self._labels, None
            if labels is not None:
                now = time.monotonic()
                print(json.dumps({"t": now, "frame_s": now - self._began, "labels": labels}), flush=True)

    app = Witness()
    service = Service(options, stop, app)
    Window.bind(on_flip=app.flipped)
    app.bind(on_start=lambda _app: service.start())
    app.run()
    service.stop()


def main() -> int:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="bench.board_screen")
    parser.add_argument("--config", type=Path, required=True)
    given = parser.parse_args()
    logs.configure("bench.board", level="warning")
    return supervise.run(lambda stop: show(config.read(given.config, Options), stop))


if __name__ == "__main__":
    sys.exit(main())

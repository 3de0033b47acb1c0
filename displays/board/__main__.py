"""`python -m displays.board --config FILE`: the hall's board; `--render FILE.png`: a picture of it without a hall."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from contract import hall as document
from displays.board import panel, sample
from displays.board.config import Options
from displays.board.face import face
from displays.board.service import Service
from runtime import config, logs, supervise


def main(arguments: list[str] | None = None) -> int:
    """Run the process; returns its exit code."""
    given = _parser().parse_args(arguments)
    logs.configure("displays.board")

    def body(stop: threading.Event) -> None:
        if given.config is not None:
            run(config.read(given.config, Options), stop)
        else:
            render(given.render, document.load(given.hall.read_text("utf-8")), given)

    return supervise.run(body)


def run(options: Options, stop: threading.Event) -> None:
    """Be the board until `stop` is set."""
    panel.prepare(options.screen.width, options.screen.height, fullscreen=options.screen.fullscreen)
    from displays.board.screen import BoardApp

    app = BoardApp()
    service = Service(options, stop, app)
    app.bind(on_start=lambda _app: service.start())
    app.run()
    service.stop()


def render(file: Path, hall: document.Hall, given: argparse.Namespace) -> None:
    """Write a picture of an invented moment of `hall`."""
    panel.prepare(*given.size, fullscreen=False)
    from displays.board.screen import BoardApp

    zones = [given.zone] if given.zone else None
    model, now = sample.at_moment(given.moment, hall, given.language or hall.default_language, zones, given.message)

    app = BoardApp()

    def finish() -> None:
        app.picture(file)
        app.stop()

    def show(_app: BoardApp) -> None:
        app.show(face(model.scene(now), model.hall, "board-1"))
        app.when_drawn(finish)

    app.bind(on_start=show)
    app.run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="displays.board", description="the hall's board")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--config", type=Path, metavar="FILE", help="the board's TOML file")
    what.add_argument("--render", type=Path, metavar="FILE.png", help="write one picture and end; needs --hall")
    parser.add_argument("--hall", type=Path, metavar="FILE.json", help="hall document for --render")
    parser.add_argument("--language", help="language for --render; the hall's default without it")
    parser.add_argument("--moment", choices=sample.MOMENTS, default="calls", help="what --render shows")
    parser.add_argument("--zone", help="the board of one zone for --render; of all without it")
    parser.add_argument("--message", help="the hall's saved message that --moment notice shows")
    parser.add_argument(
        "--size", type=_size, default=(1920, 1080), metavar="WxH", help="of the panel (default: 1920x1080)"
    )
    return parser


def _size(text: str) -> tuple[int, int]:
    wide, _, high = text.partition("x")
    return int(wide), int(high)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m kiosk --config FILE` runs the box; `--render DIR --hall FILE` draws every screen of a hall to PNG files."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.config import Options
from runtime import config, logs, supervise

ALIVE_S = 5.0
"""A reactor that has not come round for so long is stuck: systemd is not told that all is well."""


def main(argv: Sequence[str] | None = None, provider: str = "", ready: Callable[[object], None] | None = None) -> int:
    """Run the command; returns the exit code. `provider`, `ready`: for fingers over a socket (see `screens.window.run`)."""
    args = _parser().parse_args(argv)
    logs.configure("kiosk")
    if args.render is not None:
        return supervise.run(lambda _stop: _render(args))
    return supervise.run(lambda stop: run(config.read(args.config, Options), stop, provider, ready))


def run(options: Options, stop: threading.Event, provider: str, ready: Callable[[object], None] | None) -> None:
    """Be a kiosk until `stop`."""
    from glass import window

    screen = options.screen
    window.configure(
        screen.width, screen.height, provider or screen.input, rotation=screen.rotation, fullscreen=screen.fullscreen
    )
    from kiosk.service import Kiosk

    if options.card_reader is not None:
        from card_reader import log as card_log

        card_log.guard()
    kiosk = Kiosk(options)
    kiosk.start()
    told = False

    def frame() -> None:
        nonlocal told
        if not told:
            told = supervise.notify("READY=1")
        if kiosk.alive_s() < ALIVE_S:
            supervise.notify("WATCHDOG=1")

    try:
        window.run(kiosk.press, lambda: kiosk.face, lambda: not stop.is_set(), frame, ready or (lambda _screen: None))
    finally:
        supervise.notify("STOPPING=1")
        kiosk.stop()


def _render(args: argparse.Namespace) -> None:
    from glass import rendering
    from kiosk import sample

    rendering.render_hall(args.hall, args.lang, sample.faces, args.render, args.width, args.only)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--config", type=Path, help="the box's TOML file")
    what.add_argument("--render", type=Path, help="folder for the PNG files")
    parser.add_argument("--hall", type=Path, help="the hall document to render")
    parser.add_argument("--lang", default="all", help="languages to render, comma separated")
    parser.add_argument("--only", default="", help="names of screens to render, comma separated (default: every one)")
    parser.add_argument("--width", type=int, default=1080, help="picture width in pixels")
    return parser


if __name__ == "__main__":
    sys.exit(main())

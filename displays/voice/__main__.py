"""`python -m displays.voice --config FILE`: call visitors aloud until told to stop."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from displays.voice.config import Options
from displays.voice.service import Service
from runtime import config, logs, supervise


def main(arguments: list[str] | None = None) -> int:
    """Run the process; returns its exit code."""
    parser = argparse.ArgumentParser(prog="displays.voice", description="the voice that calls visitors")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the box's TOML file")
    given = parser.parse_args(arguments)
    logs.configure("displays.voice")

    def body(stop: threading.Event) -> None:
        service = Service(config.read(given.config, Options))
        service.start()
        supervise.notify("READY=1")
        stop.wait()
        service.stop()

    return supervise.run(body)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m card_reader --config FILE`: the box with a reader for ID cards at a window."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from runtime import config, logs, supervise

WATCH_S = 5.0


def main() -> int:
    """Parse, configure, run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="card_reader", description="Run the reader for ID cards at a window.")
    parser.add_argument("--config", type=Path, required=True, help="its TOML file")
    args = parser.parse_args()
    logs.configure("card-reader")

    def body(stop: threading.Event) -> None:
        from card_reader import log
        from card_reader.config import Options
        from card_reader.window import WindowReader

        log.guard()
        supervise.harden()
        with WindowReader(config.read(args.config, Options)):
            supervise.notify("READY=1")
            while not stop.wait(WATCH_S):
                supervise.notify("WATCHDOG=1")
            supervise.notify("STOPPING=1")

    return supervise.run(body)


if __name__ == "__main__":
    sys.exit(main())

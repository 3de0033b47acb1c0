"""`python -m registers --config FILE`: the hall's connector to registers."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from runtime import config, logs, supervise

WATCH_S = 5.0


def main() -> int:
    """Parse, configure, run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="registers", description="Run the hall's connector to registers.")
    parser.add_argument("--config", type=Path, required=True, help="its TOML file")
    args = parser.parse_args()
    logs.configure("registers")

    def body(stop: threading.Event) -> None:
        from registers.config import Options
        from registers.service import Connector

        supervise.harden()
        with Connector(config.read(args.config, Options)):
            supervise.notify("READY=1")
            while not stop.wait(WATCH_S):
                supervise.notify("WATCHDOG=1")
            supervise.notify("STOPPING=1")

    return supervise.run(body)


if __name__ == "__main__":
    sys.exit(main())

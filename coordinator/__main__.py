"""`python -m coordinator --config FILE`: run one hall's coordinator."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from threading import Event

from coordinator.config import Options
from coordinator.service import Coordinator
from runtime import config, logs, supervise


def main() -> int:
    """Parse, configure, run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="coordinator", description="Run one hall's coordinator.")
    parser.add_argument("--config", type=Path, required=True, help="its TOML file")
    args = parser.parse_args()
    logs.configure("coordinator")

    def body(stop: Event) -> None:
        Coordinator(config.read(args.config, Options)).run(stop)

    return supervise.run(body)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m consoles --config FILE`: run the web consoles of one hall."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from runtime import config, logs, supervise


def main() -> int:
    """Parse, configure, run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="consoles", description="Run the web consoles of one hall.")
    parser.add_argument("--config", type=Path, required=True, help="its TOML file")
    args = parser.parse_args()
    logs.configure("consoles")

    def body(stop: threading.Event) -> None:
        from consoles.config import Options
        from consoles.service import MOST_CONNECTIONS, run

        supervise.harden()
        supervise.many_files(MOST_CONNECTIONS + 200)
        run(config.read(args.config, Options), stop)

    return supervise.run(body)


if __name__ == "__main__":
    sys.exit(main())

"""Start the bridge: `python -m firmware_bridge --config FILE`."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from firmware_bridge.config import BridgeConfig
from firmware_bridge.service import Bridge
from runtime import config, logs, supervise


def main() -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m firmware_bridge", description="Button pads and Pi buttons of a hall."
    )
    parser.add_argument("--config", type=Path, required=True, help="its TOML file, see firmware_bridge/README.md")
    file = parser.parse_args().config
    logs.configure("firmware_bridge")

    def body(stop: threading.Event) -> None:
        with Bridge(config.read(file, BridgeConfig)):
            supervise.notify("READY=1")
            stop.wait()
            supervise.notify("STOPPING=1")

    return supervise.run(body)


if __name__ == "__main__":
    sys.exit(main())

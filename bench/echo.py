"""The limit's other half: a service on the same link and codec that answers every command and remembers nothing.

python -m bench.echo --config FILE      (the coordinator's file; hall and journal are not used)
"""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from contract import messages as m
from contract import topics
from coordinator.config import Options
from runtime import config, logs, supervise
from runtime.link import Link, Received


def serve(options: Options, stop: threading.Event) -> None:
    """Answer until `stop`."""
    arrived: list[Received] = []
    hall = options.broker.hall
    link = Link(options.broker.broker(), [(topics.UP_CMD.at(hall, "+"), 1)], on_message=arrived.append)
    while not stop.is_set():
        link.pump(0.25)
        batch, arrived[:] = list(arrived), []
        for received in batch:
            address = topics.parse(received.topic)
            command = topics.read(address, received.payload)
            reply = m.Done(id="r", re=command.id, window="W01", label="A001")
            link.publish(topics.DOWN_REP, m.encode(reply), dev=address.dev)
        link.flush()
    link.close()


def main() -> int:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="bench.echo")
    parser.add_argument("--config", type=Path, required=True)
    args = parser.parse_args()
    logs.configure("echo")
    return supervise.run(lambda stop: serve(config.read(args.config, Options), stop))


if __name__ == "__main__":
    sys.exit(main())

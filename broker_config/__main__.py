"""`python -m broker_config pki|broker …`: the commands without the launcher."""

from __future__ import annotations

import argparse
import sys

from broker_config.command import add_commands
from contract.errors import ViknoError


def main() -> int:
    """Run one command; an error is one sentence on stderr and exit code 2."""
    parser = argparse.ArgumentParser(prog="broker_config", description="the hall's broker and its certificates")
    add_commands(parser.add_subparsers(required=True))
    arguments = parser.parse_args()
    try:
        return int(arguments.run(arguments))
    except ViknoError as exc:
        print(exc, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

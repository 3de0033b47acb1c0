"""The JSON Schema of every message: `python -m contract.schema` shows it, `--write` puts it into schema.json, which a test compares."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from contract.messages import ADAPTER

FILE = Path(__file__).with_name("schema.json")


def text() -> str:
    """The schema of the union as it is committed: sorted, indented, one newline at its end."""
    return json.dumps(ADAPTER.json_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Show or write the schema."""
    parser = argparse.ArgumentParser(prog="contract.schema", description="the JSON Schema of every message")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name} beside the models")
    if parser.parse_args().write:
        FILE.write_text(text(), encoding="utf-8")
    else:
        sys.stdout.write(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`./vikno test`: style, types, import rules and tests, in that order, each with its time; stops at nothing, fails if one fails."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


PASSES_ON = True
"""Words it does not know go to pytest."""


ORDER = [f"tests/{kind}" for kind in ("hall", "faults", "browser", "wire", "model", "unit")]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """With words of its own (e.g. -k recall tests/unit): only pytest, with them."""
    parser.usage = "vikno test [pytest's own arguments]"


def run(args: argparse.Namespace) -> int:
    """Run the steps; returns 0 when all passed."""
    if args.rest:
        return _step("tests", [sys.executable, "-m", "pytest", *args.rest])
    steps = {
        "style": [str(BIN / "ruff"), "check", "."],
        "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
        "types": [str(BIN / "mypy"), "."],
        "import rules": [str(BIN / "lint-imports"), "--no-logo"],
        # One process more than cores, for half of what runs is waiting for a wire; a file stays in one process, for what its tests
        # share. Long files first, as ORDER has them, so that the short ones of tests/unit fill all processes to the end.
        "tests": [
            *(sys.executable, "-m", "pytest", "-q", "-n", str((os.cpu_count() or 1) + 1)),
            *("--dist", "loadfile", "--no-loadscope-reorder"),
            *("--durations=12", *ORDER),
        ],
    }
    failed = [name for name, command in steps.items() if _step(name, command)]
    print(f"\nvikno test: {'all green' if not failed else 'FAILED: ' + ', '.join(failed)}")
    return 1 if failed else 0


def _step(name: str, command: list[str]) -> int:
    print(f"── {name}", flush=True)
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False).returncode
    print(f"── {name}: {'ok' if code == 0 else f'failed ({code})'} in {time.monotonic() - began:.0f} s", flush=True)
    return code

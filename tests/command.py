"""`./vikno test`: style, format, import rules, types and tests, each with its time; stops at nothing, fails if one fails."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


PASSES_ON = True
"""Words it does not know go to pytest."""


ORDER = [f"tests/{kind}" for kind in ("browser", "hall", "faults", "wire", "model", "unit")]
"""The longest file first, the short ones last: no process is left with a long one at the end."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """With words of its own (e.g. -k recall tests/unit): only pytest, with them."""
    parser.usage = "vikno test [pytest's own arguments]"


def run(args: argparse.Namespace) -> int:
    """Run the steps; returns 0 when all passed."""
    if args.rest:
        return _step("tests", [sys.executable, "-m", "pytest", *args.rest])
    checks = {
        "style": [str(BIN / "ruff"), "check", "."],
        "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
        "import rules": [str(BIN / "lint-imports"), "--no-logo"],
        "types": [str(BIN / "mypy"), "."],
    }
    # Two processes a core, for most of what runs is waiting for a wire; a file stays in one process, for what its tests share.
    tests = [
        *(sys.executable, "-m", "pytest", "-q", "-n", str(2 * (os.cpu_count() or 1))),
        *("--dist", "loadfile", "--no-loadscope-reorder"),
        *("--durations=12", *ORDER),
    ]
    with ThreadPoolExecutor(1) as beside:
        checked = beside.map(lambda name: _step(name, checks[name], aside=True), checks)
        passed = {"tests": _step("tests", tests) == 0}
        passed |= {name: code == 0 for name, code in zip(checks, checked, strict=True)}
    failed = [name for name, well in passed.items() if not well]
    print(f"\nvikno test: {'all green' if not failed else 'FAILED: ' + ', '.join(failed)}")
    return 1 if failed else 0


def _step(name: str, command: list[str], *, aside: bool = False) -> int:
    """Run it and say how it ended; `aside`: what it says is shown in one piece after it, for another step is talking."""
    if not aside:
        print(f"── {name}", flush=True)
    began = time.monotonic()
    kept = subprocess.PIPE if aside else None
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(), check=False, stdout=kept, stderr=kept and subprocess.STDOUT
    )
    ending = "ok" if done.returncode == 0 else f"failed ({done.returncode})"
    words = f"\n{(done.stdout or b'').decode()}" if aside else ""
    print(f"{words}── {name}: {ending} in {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode


def _environment() -> dict[str, str]:
    """Ours with the tree on the path. Python may keep what it compiled: a run starts hundreds of processes of the same modules."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT)}

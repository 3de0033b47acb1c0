"""`vikno training`: a hall to learn in, of the demo's processes: every screen is marked, and nothing of it is real."""

from __future__ import annotations

import argparse
import secrets
import tempfile
from pathlib import Path

from contract.hall import Hall
from contract.pin import hashed
from coordinator.hall_command import template, templates
from demo import command
from demo.layout import operators_at
from demo.process import DemoError
from runtime import hall_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose hall, how fast, where."""
    parser.add_argument(
        "--hall", default="ua-cnap",
        help=f"your hall's document, a file, or one of {', '.join(templates())} (default: ua-cnap)",
    )  # fmt: skip
    parser.add_argument("--speed", type=float, default=10.0, help="hall seconds per second (default: 10)")
    parser.add_argument("--seconds", type=float, help="end after so long (default: until Ctrl-C)")
    parser.add_argument("--headless", action="store_true", help="draw off-screen, also where there is a display")
    parser.add_argument(
        "--out", type=Path, help="folder for everything it makes, emptied (default: one that goes away)"
    )
    parser.set_defaults(report=None, kill=[], fault="", seed=1)


def run(args: argparse.Namespace) -> int:
    """As `vikno demo`. Raises: DemoError; ContractError: the document has faults."""
    hall = for_training(_given(args.hall))
    print("TRAINING: own broker, own certificates, own journal; the windows' PINs are invented:")
    print("  " + ", ".join(f"{who} {pin}" for who, pin in pins(hall).items()))
    with tempfile.TemporaryDirectory(prefix="vikno-training-") as room:
        args.out = args.out or Path(room) / "hall"
        return command.play(args, hall)


def for_training(hall: Hall) -> Hall:
    """The hall marked as training, without its boxes, with the PINs of `pins` in place of its own."""
    known = pins(hall)
    operators = tuple(
        one.model_copy(update={"pin_hash": hashed(known[one.id], secrets.token_bytes(16)) if one.id in known else ""})
        for one in hall.operators
    )
    return hall.model_copy(update={"training": True, "boxes": (), "operators": operators})


def pins(hall: Hall) -> dict[str, str]:
    """Operator → the PIN that the simulated operators type, of each who has a window of the demo."""
    numbers = {window.id: window.number for window in hall.windows}
    return {operator.id: f"10{numbers[window]:02d}" for window, operator in operators_at(hall).items()}


def _given(name: str) -> Hall:
    if name in templates():
        return template(name)
    file = Path(name)
    if not file.is_file():
        raise DemoError(f"--hall {name}: allowed: a file, or one of {', '.join(templates())}")
    return hall_file.read(file.read_bytes())

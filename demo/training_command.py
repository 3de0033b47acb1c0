"""`vikno training`: a hall to learn in, of the demo's processes: all of it is marked, and nothing of it is real."""

from __future__ import annotations

import argparse
import secrets
import socket
import tempfile
import textwrap
from collections import Counter
from functools import partial
from pathlib import Path

from consoles.training import PORT
from contract.hall import Hall
from contract.hall_part import Operator, Window
from contract.pin import hashed
from coordinator.hall_command import template, templates
from demo import command
from demo.layout import left_free, operators_at
from demo.process import DemoError
from demo.report import lines
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
    parser.add_argument(
        "--learners", type=int, default=1, metavar="N",
        help="so many windows are left to people, those that most visitors come to; at the others simulated operators work (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--port", type=int, default=PORT,
        help=f"port of its web pages on this machine (default: {PORT}; the consoles of a hall look there and nowhere else)",
    )  # fmt: skip
    parser.set_defaults(kill=[], fault="", seed=1)


def run(args: argparse.Namespace) -> int:
    """0 once the day is over or was stopped. Raises: DemoError; ContractError: the document has faults."""
    hall = for_training(_given(args.hall))
    _free(args.port)
    if args.learners < 0:
        raise DemoError(f"--learners {args.learners}: allowed: 0 and more")
    _tell(hall, left_free(hall, args.learners))
    with tempfile.TemporaryDirectory(prefix="vikno-training-") as room:
        kept = args.out is not None
        args.out = args.out or Path(room) / "hall"
        return command.play(args, hall, partial(_over, kept))


def _tell(hall: Hall, free: frozenset[str]) -> None:
    print("TRAINING: own broker, own certificates, own journal. Who signs in where, with an invented PIN:")
    seats = (f"window\u00a0{window.number}:\u00a0{one.id}\u00a0{pins(hall)[one.id]}" for window, one in seated(hall))
    print(textwrap.fill(", ".join(seats), 118, initial_indent="  ", subsequent_indent="  ", break_long_words=False))
    yours = ", ".join(f"window {window.number}" for window, _ in seated(hall) if window.id in free)
    print(f"Left to you: {yours or 'no window'}. Simulated operators work at the others.")


def _over(kept: bool, day: command.Demo, _stopped: bool) -> int:
    seen = Counter(str(entry["what"]) for entry in lines(day.ledgers.people))
    print(f"TRAINING is over: {seen['arrived']} visitors came, served: {seen['served']}. ", end="")
    print(f"Everything it made is in {day.folder}" if kept else "Nothing of it is left.")
    return 0


def _free(port: int) -> None:
    """Raises: DemoError: somebody listens there."""
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as exc:
            raise DemoError(
                f"--port {port}: taken, perhaps a training hall runs already: stop it, or choose another"
            ) from exc


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
    return {operator.id: f"10{window.number:02d}" for window, operator in seated(hall)}


def seated(hall: Hall) -> list[tuple[Window, Operator]]:
    """The windows at which somebody sits."""
    there = operators_at(hall)
    return [(window, there[window.id]) for window in hall.windows if window.id in there]


def _given(name: str) -> Hall:
    if name in templates():
        return template(name)
    file = Path(name)
    if not file.is_file():
        raise DemoError(f"--hall {name}: allowed: a file, or one of {', '.join(templates())}")
    return hall_file.read(file.read_bytes())

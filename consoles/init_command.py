"""`vikno init`: a hall in one folder, ready to start on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from consoles import founding
from contract.errors import ConfigError
from look.texts import Texts
from runtime import hall_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, the hall, where it listens."""
    parser.add_argument("folder", type=Path, help="where to make it; no hall may be there yet")
    parser.add_argument(
        "--hall", required=True, help="a name from `vikno hall list`, or a hall document (JSON or TOML)"
    )
    parser.add_argument(
        "--name", action="append", default=[],
        help="host name or address by which other boxes reach this machine; may be repeated; none: this machine alone",
    )  # fmt: skip
    parser.add_argument("--port", type=int, default=8883, help="the broker's port (default: 8883)")
    parser.add_argument("--web-port", type=int, default=8080, help="the consoles' port (default: 8080)")


def run(args: argparse.Namespace) -> int:
    """0. Raises: ViknoError in one sentence."""
    args.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = Path(args.hall)
    if file.suffix in {".json", ".toml"}:
        try:
            hall = hall_file.read(file.read_bytes())
        except OSError as exc:
            raise ConfigError(file, None, "--hall", exc.strerror or "", "a hall document") from exc
    else:
        hall = founding.template(args.hall, args.folder)
    made = founding.make(hall, args.folder, args.name, args.port, args.web_port)
    texts = Texts("en")
    for one in made.told:
        print(f"{one.place}: {texts.get(one.key, **one.facts)}")
    if made.pins:
        print("PINs of the operators, shown this once:")
        print("\n".join(f"  {one.operator:<8} {one.pin}  {one.name}" for one in made.pins))
    print("start, each in a terminal or a unit of its own:")
    print("\n".join(f"  {line}" for line in made.next))
    print("then open the consoles: the first who does becomes the administrator")
    return 0

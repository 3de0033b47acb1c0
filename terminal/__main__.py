"""`python -m terminal --config FILE` runs the box; `--render DIR --hall FILE` draws every screen of a hall to PNG files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from contract import hall as halls
from contract.errors import ConfigError, ContractError
from runtime import logs, supervise


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    args = _parser().parse_args(argv)
    logs.configure("terminal")
    return supervise.run(lambda _stop: _render(args.render, args.hall, args.lang, args.width))


def _render(folder: Path, file: Path | None, langs: str, width: int) -> None:
    from glass import rendering
    from terminal import sample

    if file is None:
        raise ConfigError("--hall", None, "hall", None, "a hall document to render")
    try:
        hall = halls.load(file.read_bytes())
    except (OSError, ContractError) as exc:
        raise ConfigError(file, None, "hall", file.name, str(exc)) from exc
    wanted = hall.languages if langs == "all" else tuple(langs.split(","))
    unknown = set(wanted) - set(hall.languages)
    if unknown:
        raise ConfigError("--lang", None, "lang", langs, f"all, or some of {', '.join(hall.languages)}")
    faces = ((f"{lang}-{name}", face) for lang in wanted for name, face in sample.faces(hall, lang))
    rendering.render(faces, folder, width)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="terminal", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--render", type=Path, help="folder for the PNG files")
    parser.add_argument("--hall", type=Path, help="the hall document to render")
    parser.add_argument("--lang", default="all", help="languages to render, comma separated")
    parser.add_argument("--width", type=int, default=1080, help="picture width in pixels")
    return parser


if __name__ == "__main__":
    sys.exit(main())

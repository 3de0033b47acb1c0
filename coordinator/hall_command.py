"""`vikno hall`: hall documents: list the templates, make one from a template, check one."""

from __future__ import annotations

import argparse
import json
from importlib.resources import files
from pathlib import Path

from contract import hall as hall_document
from contract.errors import ConfigError, ContractError
from contract.hall import Hall

TEMPLATES = files("coordinator").joinpath("templates")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """list, new, check."""
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("list", help="the templates that come with the product")
    new = acts.add_parser("new", help="a hall document from a template")
    new.add_argument("template", help="a name from `vikno hall list`")
    new.add_argument("file", type=Path, help="where to write it; must not be there yet")
    new.add_argument("--id", help="the hall's id (default: the template's)")
    check = acts.add_parser("check", help="every fault of a hall document, or what it holds")
    check.add_argument("file", type=Path)


def run(args: argparse.Namespace) -> int:
    """0, or 2 with the fault."""
    if args.act == "list":
        for name in templates():
            print(f"{name:<10} {_line(template(name))}")
    elif args.act == "new":
        print(f"{args.file}: {_line(_new(args.template, args.file, args.id))}")
    else:
        print(f"{args.file}: {_line(_checked(args.file))}")
    return 0


def templates() -> list[str]:
    """Names of the templates."""
    return sorted(entry.name.removesuffix(".json") for entry in TEMPLATES.iterdir() if entry.name.endswith(".json"))


def template(name: str) -> Hall:
    """One of them. Raises: ContractError: there is none of this name."""
    if name not in templates():
        raise ContractError(f"template {name!r}: allowed: {', '.join(templates())}")
    return hall_document.load(TEMPLATES.joinpath(f"{name}.json").read_bytes())


def _new(name: str, file: Path, hall_id: str | None) -> Hall:
    hall = template(name)
    document = json.loads(hall.model_dump_json(by_alias=True))
    made = hall_document.load(json.dumps({**document, "id": hall_id or hall.id, "revision": 1}))
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(made.model_dump_json(indent=1) + "\n")
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a new file in a folder that is there") from exc
    return made


def _checked(file: Path) -> Hall:
    try:
        return hall_document.load(file.read_bytes())
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a readable hall document (JSON)") from exc


def _line(hall: Hall) -> str:
    counts = f"{len(hall.services)} services, {len(hall.windows)} windows, {len(hall.boxes)} boxes"
    return f"{hall.id} revision {hall.revision}, {hall.names[hall.default_language]}: {counts}; {', '.join(hall.languages)}"

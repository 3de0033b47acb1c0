"""`vikno check-hall`: a hall document by itself: its faults, what a manager should know of it, how it differs from another."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from contract.errors import ConfigError
from contract.hall import Hall
from contract.messages import Change, Finding
from coordinator.revising.change import changes
from coordinator.revising.finding import of_document
from look.texts import LANGUAGES, Texts
from runtime import hall_file
from runtime.clock import utc_now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The document, one before it, a language."""
    parser.add_argument("file", type=Path, help="the hall document, JSON or TOML")
    parser.add_argument("--before", type=Path, help="an earlier one: what is different")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the sentences")
    parser.add_argument("--json", action="store_true", help="for a program")
    parser.epilog = (
        "Exit code 0: sound; 1: sound, but a person should read what is said; 2: no hall document. What it would do to people who are "
        "waiting now is said by the running hall: the page Changing the hall."
    )


def run(args: argparse.Namespace) -> int:
    """0, 1 where something is to be read, or 2 with the faults."""
    hall = read(args.file)
    found = [*of_document(hall, hall.local(utc_now()).date())]
    differences = changes(read(args.before), hall) if args.before is not None else ()
    if args.json:
        told = {"findings": [f.model_dump() for f in found], "changes": [c.model_dump() for c in differences]}
        print(json.dumps(told, ensure_ascii=False))
        return 1 if found else 0
    texts = Texts(args.lang)
    for change in differences:
        print(f"{args.file}: {_difference(change)}")
    for each in found:
        print(f"{args.file}: {_sentence(texts, each)}")
    print(f"{args.file}: {held(texts, hall)}")
    return 1 if found else 0


def held(texts: Texts, hall: Hall) -> str:
    """What a document holds, in a line."""
    parts = {"services": hall.services, "windows": hall.windows, "boxes": hall.boxes}
    counts = {name: texts.plural(f"check.{name}", len(some)) for name, some in parts.items()}
    name = hall.names.get(texts.language) or hall.names[hall.default_language]
    return texts.get(
        "check.hall", id=hall.id, revision=hall.revision, name=name, languages=", ".join(hall.languages), **counts
    )


def read(file: Path) -> Hall:
    """Raises: ConfigError: it cannot be read. ContractError: it is no hall document, every fault with its place."""
    try:
        return hall_file.read(file.read_bytes())
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a readable hall document") from exc


def _sentence(texts: Texts, found: Finding) -> str:
    return texts.get(f"check.{found.code}", **{"of": ", ".join(found.of), **found.facts})


def _difference(change: Change) -> str:
    place = ".".join(filter(None, (change.part, change.id, change.field)))
    return f"{place}: {change.before or 'nothing'} → {change.after or 'nothing'}"

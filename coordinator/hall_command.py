"""`vikno hall`: hall documents: the templates, a new one, TOML and back, a pad bound to a window, new PINs."""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from contract import hall as hall_document
from contract import pin
from contract.errors import ConfigError, ContractError
from contract.hall import Hall
from contract.hall_part import Unit
from contract.words import Role
from coordinator.revising.check_command import held, read
from look.texts import LANGUAGES, Texts
from runtime import hall_file

PAD_KEYS = 4
PIN_FIGURES = 6
"""Of a PIN that is drawn."""
TEMPLATES = files("coordinator").joinpath("templates")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """list, new, export, import, bind, pins."""
    acts = parser.add_subparsers(dest="act", required=True)
    listed = acts.add_parser("list", help="the templates that come with the product")
    listed.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the lines")
    new = acts.add_parser("new", help="a hall document from a template")
    new.add_argument("template", help="a name from `vikno hall list`")
    new.add_argument("file", type=Path, help="where to write it; must not be there yet")
    new.add_argument("--id", help="the hall's id (default: the template's)")
    for act, to in (("export", "a TOML file of a hall document"), ("import", "a hall document of a TOML file")):
        carried = acts.add_parser(act, help=f"{to} (PIN hashes are in neither)")
        carried.add_argument("source", type=Path)
        carried.add_argument("file", type=Path, help="where to write it; must not be there yet")
    bind = acts.add_parser("bind", help="bind a pad, button or display to a window: the document's next revision")
    bind.add_argument("file", type=Path)
    bind.add_argument("unit", help="its uid, as the fault pad_unbound names it, or its name")
    bind.add_argument("window", help="id or number of the window")
    bind.add_argument("--box", help="the box it hangs on (default: where it is, else the only bridge)")
    bind.add_argument("--keys", type=int, help="its number of keys (default: as it was, else 4)")
    pins = acts.add_parser("pins", help="new PINs for operators, told this once: the document's next revision")
    pins.add_argument("file", type=Path)
    pins.add_argument(
        "--of", nargs="+", metavar="OPERATOR", help="who gets one (default: who has none, or a template's)"
    )


def run(args: argparse.Namespace) -> int:
    """0, or 2 with the fault."""
    if args.act == "list":
        for name in templates():
            print(f"{name:<10} {held(Texts(args.lang), template(name))}")
    elif args.act == "new":
        print(f"{args.file}: {_line(_new(args.template, args.file, args.id))}")
    elif args.act in ("export", "import"):
        print(f"{args.file}: {_line(_carried(args.source, args.file, 'toml' if args.act == 'export' else 'json'))}")
    elif args.act == "pins":
        _give_pins(args.file, args.of)
    else:
        bound = bind(read(args.file), args.unit, args.window, args.box, args.keys)
        _replace(args.file, bound)
        print(f"{args.file}: {_line(bound)}; restart the coordinator to use it")
    return 0


def templates() -> list[str]:
    """Names of the templates."""
    return sorted(entry.name.removesuffix(".json") for entry in TEMPLATES.iterdir() if entry.name.endswith(".json"))


def template(name: str) -> Hall:
    """One of them. Raises: ContractError: there is none of this name."""
    if name not in templates():
        raise ContractError(f"template {name!r}: allowed: {', '.join(templates())}")
    return hall_document.load(TEMPLATES.joinpath(f"{name}.json").read_bytes())


def bind(hall: Hall, unit: str, window: str, box: str | None = None, keys: int | None = None) -> Hall:
    """The next revision of `hall`, in which `unit` belongs to `window` (id or number), and nowhere else.

    `box`: None: where it is, else the only bridge. `keys`: None: as it was, else 4.
    Raises: ContractError: no such window or box, or it does not follow which box is meant.
    """
    place = next((w.id for w in hall.windows if window in (w.id, str(w.number))), None)
    if place is None:
        raise ContractError(f"window {window!r}: allowed: {', '.join(w.id for w in hall.windows)}")
    before = next(((b.id, u) for b in hall.boxes for u in b.units if u.id == unit), None)
    home = box or (before[0] if before else _only_bridge(hall))
    if home not in hall.box_by_id:
        raise ContractError(f"box {home!r}: allowed: {', '.join(hall.box_by_id)}")
    count = keys if keys is not None else before[1].keys if before else PAD_KEYS
    bound = Unit.model_construct(id=unit, window=place, keys=count)  # the document is checked as a whole
    boxes = []
    for one in hall.boxes:
        others = tuple(u for u in one.units if u.id != unit)
        boxes.append(one.model_copy(update={"units": (*others, bound) if one.id == home else others}))
    changed = hall.model_copy(update={"boxes": tuple(boxes), "revision": hall.revision + 1})
    return hall_document.load(changed.model_dump_json(by_alias=True))


def with_pins(hall: Hall, who: Sequence[str] | None = None) -> tuple[Hall, dict[str, str]]:
    """The next revision of `hall`, in which each of `who` (None: each without a PIN, or with a template's) has a new one; and these.

    Raises: ContractError: no such operator.
    """
    if strange := sorted(set(who or ()) - set(hall.operator_by_id)):
        raise ContractError(f"operator {strange[0]!r}: allowed: {', '.join(hall.operator_by_id)}")
    wants = who if who is not None else [o.id for o in hall.operators if not o.pin_hash or pin.is_open(o.pin_hash)]
    told = {name: _drawn() for name in wants}
    operators = tuple(
        o.model_copy(update={"pin_hash": pin.hashed(told[o.id], secrets.token_bytes(16))}) if o.id in told else o
        for o in hall.operators
    )
    return hall.model_copy(update={"operators": operators, "revision": hall.revision + bool(told)}), told


def _drawn() -> str:
    """A PIN by chance that is not guessed first."""
    while pin.fault(one := f"{secrets.randbelow(10**PIN_FIGURES):0{PIN_FIGURES}}"):
        pass
    return one


def _give_pins(file: Path, who: Sequence[str] | None) -> None:
    hall, told = with_pins(read(file), who)
    if told:
        _replace(file, hall)
    for name, one in told.items():
        print(f"{name} {one} {hall.operator_by_id[name].name}")


def _only_bridge(hall: Hall) -> str:
    bridges = [b.id for b in hall.boxes if b.kind is Role.BRIDGE]
    if len(bridges) != 1:
        raise ContractError(
            f"the hall has {len(bridges)} bridges: say which box it hangs on, --box {' or '.join(bridges)}"
        )
    return bridges[0]


def _replace(file: Path, hall: Hall) -> None:
    """Write the whole document or nothing of it."""
    new = file.with_name(f"{file.name}.new")
    try:
        new.write_text(hall.model_dump_json(indent=1, by_alias=True) + "\n", encoding="utf-8")
        new.replace(file)
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a file that can be written") from exc


def _new(name: str, file: Path, hall_id: str | None) -> Hall:
    hall = template(name)
    document = json.loads(hall.model_dump_json(by_alias=True))
    made = hall_document.load(json.dumps({**document, "id": hall_id or hall.id, "revision": 1}))
    _put(file, made.model_dump_json(indent=1) + "\n")
    return made


def _carried(source: Path, file: Path, kind: str) -> Hall:
    """The hall of `source`, written as `kind`."""
    hall = read(source)
    _put(file, hall_file.text(json.loads(hall.model_dump_json(by_alias=True)), kind))
    return hall


def _put(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a new file in a folder that is there") from exc


def _line(hall: Hall) -> str:
    return held(Texts("en"), hall)

"""`vikno trust …`: which states' signatures a hall believes, from a master list to a pinned bundle. Needs no network."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from card_reader.trust import master_list, store
from card_reader.trust.certificate import certificate
from contract.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """import, add, show."""
    actions = parser.add_subparsers(required=True, metavar="import|add|show")
    take = _action(actions, "import", _import, "make a bundle from a master list (.ml)")
    take.add_argument("list", type=Path, metavar="MASTERLIST")
    take.add_argument("--root", help="SHA-256 of the certificate the list stands under, as its publisher prints it")
    take.add_argument("--country", action="append", help="two letters; may be repeated (default: all)")
    add = _action(actions, "add", _add, "add one state's certificate, or the link to its next one")
    add.add_argument("certificate", type=Path, metavar="CERTIFICATE", help="DER")
    add.add_argument("--fingerprint", help="its SHA-256, as the state gave it; a link from a known one needs none")
    show = _action(actions, "show", _show, "say what a bundle holds")
    for action in (take, add, show):
        action.add_argument(
            "--bundle", type=Path, default=Path("card-trust.json"), help="the file (default: card-trust.json)"
        )


def run(args: argparse.Namespace) -> int:
    """Do it; returns 0, or 1 where a person must first compare. Raises: ViknoError in one sentence."""
    act: Callable[[argparse.Namespace], int] = args.act
    return act(args)


def _import(args: argparse.Namespace) -> int:
    data = _read(args.list)
    if not args.root:
        root = master_list.root_of(data)
        print(f"the list stands under the certificate of {root.country} with SHA-256\n\n  {root.fingerprint}\n")
        print("compare it with what the list's publisher prints elsewhere, then give it: --root SHA256")
        return 1
    countries = frozenset(c.upper() for c in args.country) if args.country else None
    made = master_list.imported(data, args.root, countries, datetime.now(UTC))
    store.write(args.bundle, made.bundle)
    _tell(args.bundle, made.bundle)
    print(
        f"left out: {made.unreadable} unreadable, {made.unusable} with keys that are not taken; unproved: {made.unproved}"
    )
    missing = sorted(countries - {a.country for a in made.bundle.anchors}) if countries else []
    if missing:
        print(f"the list has nothing of {', '.join(missing)}: their cards will be unverified until vikno trust add")
    return 0


def _add(args: argparse.Namespace) -> int:
    bundle = store.read(args.bundle) if args.bundle.exists() else _empty()
    bundle = master_list.added(bundle, certificate(_read(args.certificate)), args.fingerprint)
    store.write(args.bundle, bundle)
    _tell(args.bundle, bundle)
    return 0


def _show(args: argparse.Namespace) -> int:
    _tell(args.bundle, store.read(args.bundle))
    return 0


def _tell(file: Path, bundle: store.Bundle) -> None:
    counts = Counter(a.country for a in bundle.anchors)
    weak = sorted({a.country for a in bundle.anchors if a.sha1})
    print(
        f"{file}: {len(bundle.anchors)} certificates of {len(counts)} states, to be used until {bundle.expires:%Y-%m-%d}"
    )
    print("  " + ", ".join(f"{country} {count}" for country, count in sorted(counts.items())))
    if weak:
        print(f"  signed with SHA-1, which results will say: {', '.join(weak)}")


def _empty() -> store.Bundle:
    now = datetime.now(UTC)
    return store.Bundle(made=now, expires=now + master_list.LIFE, source="", signer="", anchors=())


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a readable file") from exc


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    act: Callable[[argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    action.set_defaults(act=act)
    return action

"""`vikno pki …`: certificates of the hall's boxes. Says what was done and what to do next."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from broker_config.pki import Authority


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """init, issue, renew, renew-broker, revoke, list."""
    actions = parser.add_subparsers(required=True, metavar="init|issue|renew|renew-broker|revoke|list")
    for name, act, text in (
        ("init", _init, "make the hall's authority and the broker's certificate"),
        ("issue", _issue, "make certificates for boxes"),
        ("renew", _renew, "give boxes a new last day, same key"),
        ("renew-broker", _renew_broker, "give the broker's certificate a new last day, or other names"),
        ("revoke", _revoke, "refuse boxes from the next reload on"),
        ("list", _list, "every certificate ever issued"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("--pki", type=Path, default=Path("pki"), help="the authority's folder (default: pki)")
        action.set_defaults(act=act)
        if name in {"init", "renew-broker"}:
            text = "host name or address of the broker; may be repeated"
            text += "" if name == "init" else "; none: as before"
            action.add_argument("--name", action="append", default=[], help=text)
        elif name != "list":
            action.add_argument("box", nargs="+", help="id of a box, or coordinator")
        if name == "issue":
            action.add_argument(
                "--name", action="append", default=[],
                help="only for a connector to registers: host name or address by which terminals reach it; may be repeated",
            )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Do it; returns 0. Raises: ViknoError in one sentence."""
    act: Callable[[argparse.Namespace], None] = args.act
    act(args)
    return 0


def _init(args: argparse.Namespace) -> None:
    authority = Authority.create(args.pki, args.name)
    print(f"{authority.folder}: authority and broker certificate made")
    print("keep ca.key of this folder on the coordinator only; next: vikno pki issue coordinator <box> …")


def _issue(args: argparse.Namespace) -> None:
    authority = Authority.open(args.pki)
    for box in args.box:
        print(f"{box}: copy the folder {authority.issue(box, args.name).key.parent} to it")


def _renew(args: argparse.Namespace) -> None:
    authority = Authority.open(args.pki)
    for box in args.box:
        print(f"{box}: copy {authority.renew(box).cert} to it")


def _renew_broker(args: argparse.Namespace) -> None:
    authority = Authority.open(args.pki)
    files = authority.renew_server(args.name)
    print(f"{files.cert}: good until {authority.server_until():%Y-%m-%d}; next: vikno broker reload --hall hall.json")


def _revoke(args: argparse.Namespace) -> None:
    authority = Authority.open(args.pki)
    for box in args.box:
        authority.revoke(box)
        print(f"{box}: revoked; next: take it out of the hall document, then vikno broker reload")


def _list(args: argparse.Namespace) -> None:
    authority = Authority.open(args.pki)
    print(f"{'(broker)':32} {'valid':8} until {authority.server_until():%Y-%m-%d}")
    for row in authority.certificates():
        state = "revoked" if row.revoked else "valid"
        print(f"{row.dev:32} {state:8} until {row.until:%Y-%m-%d}  serial {row.serial:040x}")

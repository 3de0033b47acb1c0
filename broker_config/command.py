"""The commands `vikno pki …` and `vikno broker …`: they call, and say what was done and what to do next."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

# The libraries behind these commands take a third of a second to load; `vikno --help` must not wait for them.
if TYPE_CHECKING:
    from contract.hall import Hall

    Sub = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it


def add_commands(subparsers: Sub) -> None:
    """Register `pki` and `broker`. The parsed arguments carry `run(arguments) -> int`, the exit code; it raises ViknoError."""
    pki = subparsers.add_parser("pki", help="certificates of the hall's boxes").add_subparsers(required=True)
    init = _add(pki, "init", _init, "make the hall's authority and the broker's certificate")
    init.add_argument("--name", action="append", default=[], help="host name or address of the broker, may be repeated")
    for name, run, text in (
        ("issue", _issue, "make certificates for boxes"),
        ("renew", _renew, "give boxes a new last day, same key"),
        ("revoke", _revoke, "refuse boxes from the next reload on"),
    ):
        _add(pki, name, run, text).add_argument("box", nargs="+", help="id of the box, or coordinator")
    _add(pki, "list", _list, "every certificate ever issued")

    broker = subparsers.add_parser("broker", help="mosquitto's files").add_subparsers(required=True)
    render = _add(broker, "render", _render, "write mosquitto.conf, ACL, revocation list and certificates")
    _hall(render)
    render.add_argument("--port", type=int, default=8883, help="port of the only listener (default 8883)")
    render.add_argument("--bind", help="address to listen on (default: all)")
    render.add_argument("--user", help="user mosquitto runs as when root starts it (default: mosquitto)")
    reload = _add(broker, "reload", _reload, "write again what may change and tell mosquitto, nobody is disconnected")
    _hall(reload)
    reload.add_argument("--pid", type=int, help="mosquitto's process id (default: from its pid file)")


def _add(commands: Sub, name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--pki", type=Path, default=Path("pki"), help="the authority's folder (default: pki)")
    parser.set_defaults(run=run)
    return parser


def _hall(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hall", type=Path, required=True, help="the hall document (JSON)")
    parser.add_argument("--folder", type=Path, default=Path("broker"), help="mosquitto's folder (default: broker)")


def _init(arguments: argparse.Namespace) -> int:
    from broker_config.pki import Authority

    authority = Authority.create(arguments.pki, arguments.name)
    print(f"{authority.folder}: authority and broker certificate made")
    print("keep ca.key of this folder on the coordinator only; next: vikno pki issue coordinator <box> …")
    return 0


def _issue(arguments: argparse.Namespace) -> int:
    from broker_config.pki import Authority

    authority = Authority.open(arguments.pki)
    for box in arguments.box:
        print(f"{box}: copy the folder {authority.issue(box).key.parent} to it")
    return 0


def _renew(arguments: argparse.Namespace) -> int:
    from broker_config.pki import Authority

    authority = Authority.open(arguments.pki)
    for box in arguments.box:
        print(f"{box}: copy {authority.renew(box).cert} to it")
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    from broker_config.pki import Authority

    authority = Authority.open(arguments.pki)
    for box in arguments.box:
        authority.revoke(box)
        print(f"{box}: revoked; next: take it out of the hall document, then vikno broker reload")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from broker_config.pki import Authority

    for row in Authority.open(arguments.pki).certificates():
        state = "revoked" if row.revoked else "valid"
        print(f"{row.dev:32} {state:8} until {row.until:%Y-%m-%d}  serial {row.serial:040x}")
    return 0


def _render(arguments: argparse.Namespace) -> int:
    from broker_config import apply
    from broker_config.pki import Authority
    from broker_config.render import Settings

    hall = _load_hall(arguments.hall)
    settings = Settings(arguments.folder.absolute(), arguments.port, arguments.bind, arguments.user)
    conf = apply.install(Authority.open(arguments.pki), settings, hall.id, hall.boxes)
    print(f"{conf}: written for {hall.id} with {len(hall.boxes)} boxes; next: mosquitto -c {conf}")
    return 0


def _reload(arguments: argparse.Namespace) -> int:
    from broker_config import apply
    from broker_config.pki import Authority

    hall = _load_hall(arguments.hall)
    apply.update(Authority.open(arguments.pki), arguments.folder, hall.id, hall.boxes)
    pid = apply.reload(arguments.folder, arguments.pid)
    print(f"mosquitto {pid} takes over {len(hall.boxes)} boxes of {hall.id}")
    return 0


def _load_hall(file: Path) -> Hall:
    from contract.errors import ConfigError, ContractError
    from contract.hall import load

    try:
        return load(file.read_bytes())
    except (OSError, ContractError) as exc:
        raise ConfigError(file, None, "hall", str(exc), "a hall document (vikno-hall/1)") from exc

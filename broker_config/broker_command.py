"""`vikno broker …`: mosquitto's files from the hall document. Says what was done and what to do next."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from broker_config import apply
from broker_config.pki import Authority
from broker_config.render import Settings
from contract.errors import ConfigError, ContractError
from contract.hall import Hall, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """render, reload."""
    actions = parser.add_subparsers(required=True, metavar="render|reload")
    render = _action(
        actions.add_parser("render", help="write mosquitto.conf, ACL, revocation list, certificates"), _render
    )
    render.add_argument("--port", type=int, default=8883, help="port of the only listener (default: 8883)")
    render.add_argument("--bind", help="address to listen on (default: all)")
    render.add_argument("--user", help="user mosquitto runs as when root starts it (default: mosquitto)")
    again = actions.add_parser("reload", help="write again what may change, tell mosquitto; nobody is disconnected")
    _action(again, _reload).add_argument("--pid", type=int, help="mosquitto's process id (default: from its pid file)")


def run(args: argparse.Namespace) -> int:
    """Do it; returns 0. Raises: ViknoError in one sentence."""
    act: Callable[[argparse.Namespace], None] = args.act
    act(args)
    return 0


def _action(action: argparse.ArgumentParser, act: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
    action.add_argument("--hall", type=Path, required=True, help="the hall document (JSON)")
    action.add_argument("--pki", type=Path, default=Path("pki"), help="the authority's folder (default: pki)")
    action.add_argument("--folder", type=Path, default=Path("broker"), help="mosquitto's folder (default: broker)")
    action.set_defaults(act=act)
    return action


def _render(args: argparse.Namespace) -> None:
    hall = _load(args.hall)
    settings = Settings(args.folder.absolute(), args.port, args.bind, args.user)
    conf = apply.install(Authority.open(args.pki), settings, hall.id, hall.boxes)
    print(f"{conf}: written for {hall.id} with {len(hall.boxes)} boxes; next: mosquitto -c {conf}")


def _reload(args: argparse.Namespace) -> None:
    hall = _load(args.hall)
    apply.update(Authority.open(args.pki), args.folder, hall.id, hall.boxes)
    pid = apply.reload(args.folder, args.pid)
    print(f"mosquitto {pid} takes over {len(hall.boxes)} boxes of {hall.id}")


def _load(file: Path) -> Hall:
    try:
        return load(file.read_bytes())
    except (OSError, ContractError) as exc:
        raise ConfigError(file, None, "hall", str(exc), "a hall document (vikno-hall/1)") from exc

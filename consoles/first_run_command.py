"""`vikno first-run`: consoles without a hall yet, with one page that makes it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import threading
import time
from pathlib import Path

from consoles import service
from consoles.app import FirstRun
from consoles.config import WebSection
from consoles.live import Live
from consoles.staff.staff import FILE, Staff
from contract.errors import ConfigError
from runtime import logs, supervise
from runtime.clock import utc_now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, and where it listens."""
    parser.add_argument("folder", type=Path, help="where to make the hall; none may be there yet")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument(
        "--web-port", type=int, default=8080, help="port of this page, later the consoles' (default: 8080)"
    )
    parser.add_argument("--port", type=int, default=8883, help="the broker's port (default: 8883)")
    parser.add_argument(
        "--name", action="append", default=[],
        help="host name or address by which other boxes reach this machine; may be repeated; none: this machine alone",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C; 0. Raises: ViknoError."""
    if (args.folder / "hall.json").exists() or (args.folder / "consoles" / FILE).exists():
        raise ConfigError(args.folder, None, "DIR", "hall.json", "a folder in which there is no hall yet")
    args.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    logs.configure("consoles")

    def body(stop: threading.Event) -> None:
        section = WebSection(host=args.host, port=args.web_port)
        with contextlib.closing(service.listen(section)) as listener:
            asyncio.run(_serve(args, section, listener, stop))

    return supervise.run(body)


async def _serve(args: argparse.Namespace, section: WebSection, listener: socket.socket, stop: threading.Event) -> None:
    live, port = Live(asyncio.get_running_loop()), listener.getsockname()[1]
    with Staff(args.folder / "consoles", utc_now) as staff:
        web = FirstRun(live, staff, args.folder, tuple(args.name), (args.port, port), time.monotonic)
        print(f"open http://{args.host}:{port}/first", flush=True)
        print(f"from another machine it asks for this code: {web.wizard.code}", flush=True)
        await service.serve(section, web.app(), listener, live, stop)

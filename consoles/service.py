"""The consoles' wiring: the box on the hall's broker, the web server, one asyncio loop between them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import structlog
import uvicorn
from fastapi import FastAPI

from consoles.app import Web
from consoles.changing.draft import Drafts
from consoles.config import Options, WebSection
from consoles.connection import Connection
from consoles.live import Live
from consoles.staff.staff import Staff
from contract import topics
from contract.errors import ConfigError
from contract.words import Role
from runtime.box import Box
from runtime.clock import utc_now
from runtime.supervise import notify

log = structlog.get_logger(__name__)

MOST_CONNECTIONS = 2000
"""More than pages may watch, so that who presses a button still gets in."""
STOP_S = 2
_WATCH_S = 0.2


def run(options: Options, stop: threading.Event) -> None:
    """Serve until `stop`. Raises: ConfigError: the address cannot be listened on."""
    with contextlib.closing(listen(options.web)) as listener:
        asyncio.run(_serve(options, listener, stop))


async def _serve(options: Options, listener: socket.socket, stop: threading.Event) -> None:
    live = Live(asyncio.get_running_loop())
    staff = Staff(options.data, utc_now, options.audit_days)
    web = Web(
        live,
        staff,
        Drafts(options.data / "draft.json"),
        options.journal,
        options.language,
        secure=options.web.secure,
        monotonic=time.monotonic,
    )
    with staff, _box(options, live):
        if not staff.founded:
            log.info("consoles.first_run", page="/first", code=web.first.code)
        await serve(options.web, web.app(), listener, live, stop)
        web.stop()
        await web.proof.stop()


async def serve(section: WebSection, app: FastAPI, listener: socket.socket, live: Live, stop: threading.Event) -> None:
    """Serve `app` on `listener` until `stop`."""
    server = uvicorn.Server(_loaded(_uvicorn(section, app)))
    watching = asyncio.create_task(_watch(server, live, stop))
    scheme = "https" if section.secure else "http"
    host, port = listener.getsockname()[:2]
    log.info("consoles.ready", address=f"{scheme}://{host}:{port}/")
    notify("READY=1")
    await server.serve(sockets=[listener])
    watching.cancel()
    notify("STOPPING=1")


@contextlib.contextmanager
def _box(options: Options, live: Live) -> Iterator[None]:
    box = Box(
        options.broker.broker(),
        Role.CONSOLE,
        [topics.DOWN_VIEW, topics.DOWN_CFG, topics.DOWN_CARD, topics.PUB_BOARD],
        live.post,
        zones=["+"],  # every zone: which there are is told later, by the hall document
        tick=live.post_tick,
    )
    live.asks_by(box)
    box.start()
    try:
        yield
    finally:
        box.stop()


async def _watch(server: uvicorn.Server, live: Live, stop: threading.Event) -> None:
    """Carry the wish to stop to the server, and the server's to the streams, which would hold it otherwise."""
    while not (stop.is_set() or server.should_exit):
        await asyncio.sleep(_WATCH_S)
        notify("WATCHDOG=1")
    server.should_exit = True
    live.pulse.close()


def _uvicorn(section: WebSection, app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Connection,
        ssl_certfile=section.cert,
        ssl_keyfile=section.key,
        access_log=False,
        log_config=None,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=STOP_S,
    )


def _loaded(config: uvicorn.Config) -> uvicorn.Config:
    try:
        config.load()
    except OSError as exc:  # ssl.SSLError is one
        raise ConfigError(
            "[web]", None, "cert, key", str(config.ssl_certfile), f"a certificate and its key, PEM: {exc}"
        ) from exc
    return config


def listen(section: WebSection) -> socket.socket:
    """A socket at the section's address. Raises: ConfigError: it cannot be listened on."""
    family = socket.AF_INET6 if ":" in section.host else socket.AF_INET
    # With its protocol named, or asyncio leaves Nagle on: 44 ms an answer, as between broker and boxes (design, decision 2).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((section.host, section.port))
    except OSError as exc:
        listener.close()
        address = f"{section.host}:{section.port}"
        raise ConfigError(
            "[web]", None, "host, port", address, f"a free address of this machine: {exc.strerror}"
        ) from exc
    return listener

"""The wires a printer hangs on: a TCP connection, or a pseudo-terminal that looks like a serial port or /dev/usb/lp0."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import socket
import struct
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

BUFFER_BYTES = 4096
RESET = struct.pack("ii", 1, 0)


class Wire(Protocol):
    """One client's connection. `XON`/`XOFF` are told where `flow` is True."""

    flow: bool

    async def take(self, limit: int) -> bytes:
        """What the client sent, at most `limit` bytes, waiting for the first. Raises: OSError; empty: it left."""

    def ahead(self, limit: int) -> bytes:
        """What comes next, without taking it and without waiting."""

    def skip(self, count: int) -> bytes:
        """Take `count` bytes that `ahead` showed."""

    def say(self, data: bytes) -> None: ...

    def cut(self) -> None:
        """Break the connection."""


class TcpWire:
    """A connection on port 9100."""

    flow = False

    def __init__(self, link: socket.socket) -> None:
        self._link = link

    async def take(self, limit: int) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self._link, limit)

    def ahead(self, limit: int) -> bytes:
        try:
            found = self._link.recv(limit, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return b""
        if not found:
            raise ConnectionError("client left")
        return found

    def skip(self, count: int) -> bytes:
        return self._link.recv(count)

    def say(self, data: bytes) -> None:
        with suppress(OSError):
            self._link.send(data)

    def cut(self) -> None:
        with suppress(OSError):
            self._link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._link.close()


class PtyWire:
    """A line that is always there; `baud` None: as fast as it goes (USB). What a client that closed the file left in the kernel
    never reaches the printer.
    """

    def __init__(self, master: int, baud: int | None) -> None:
        self.flow = baud is not None
        self._master, self._baud = master, baud
        self._ahead = b""
        self._free_at = 0.0
        self._hangup = select.poll()
        self._hangup.register(master, 0)

    async def take(self, limit: int) -> bytes:
        while not self.ahead(1):  # noqa: ASYNC110 - a pseudo-terminal tells nobody
            await asyncio.sleep(0.002)
        limit = min(limit, 64) if self._baud else limit
        data = self.ahead(limit)
        self._ahead = self._ahead[limit:]
        if self._baud:
            now = time.monotonic()
            self._free_at = max(self._free_at, now - 0.05) + len(data) * 10 / self._baud
            await asyncio.sleep(max(self._free_at - now, 0))
        return data

    def ahead(self, limit: int) -> bytes:
        more = self._read(limit - len(self._ahead))  # may find that what lay ahead is gone
        self._ahead += more
        return self._ahead[:limit]

    def skip(self, count: int) -> bytes:
        data, self._ahead = self._ahead[:count], self._ahead[count:]
        return data

    def say(self, data: bytes) -> None:
        with suppress(OSError):
            os.write(self._master, data)

    def cut(self) -> None:
        """The line itself goes with its plug."""

    def _read(self, limit: int) -> bytes:
        if self._hangup.poll(0):
            self._ahead = b""
            with suppress(OSError):
                while os.read(self._master, BUFFER_BYTES):
                    pass
            return b""
        if limit <= 0:
            return b""
        try:
            return os.read(self._master, limit)
        except BlockingIOError:
            return b""


class TcpPlug:
    """The printer's network socket: open while the printer has power, always on the same port."""

    def __init__(self, connect: Callable[[Wire], None], port: int) -> None:
        self._connect, self.port = connect, port
        self._accepting: asyncio.Task[None] | None = None
        self._listener: socket.socket | None = None
        self.power(on=True)

    @property
    def address(self) -> dict[str, object]:
        return {"port": self.port}

    def power(self, on: bool) -> None:
        if not on:
            if self._accepting is not None and self._listener is not None:
                self._accepting.cancel()
                self._listener.close()
            return
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._listener.bind(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._listener.listen()
        self._listener.settimeout(0)
        self._accepting = asyncio.ensure_future(self._accept(self._listener))

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            link, _ = await loop.sock_accept(listener)
            link.settimeout(0)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connect(TcpWire(link))


class PtyPlug:
    """A device file at `path`: there while the plug is in, a new one after each plugging."""

    def __init__(self, connect: Callable[[Wire], None], path: Path, baud: int | None) -> None:
        self._connect, self._path, self._baud = connect, path, baud
        self._master = -1
        self.power(on=True)

    @property
    def address(self) -> dict[str, object]:
        return {"path": str(self._path)}

    def power(self, on: bool) -> None:
        if self._master >= 0:
            os.close(self._master)
        self._master = -1
        self._path.unlink(missing_ok=True)
        if not on:
            return
        master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._master = master
        self._path.symlink_to(os.ttyname(slave))
        os.close(slave)
        self._connect(PtyWire(master, self._baud))

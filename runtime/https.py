"""One question over HTTPS before a deadline: bounded both ways, no redirects, one connection each. What connector and terminal share."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from contract.errors import ConfigError, ContractError

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Url:
    """Where questions go. `path`: what stands before a question's own path, without a slash at its end."""

    host: str
    port: int
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Url:
        """Of `https://host[:port][/path]`. Raises: ContractError: anything else, a password or a query too; it is not repeated."""
        allowed = "allowed: https://host[:port][/path]"
        try:
            parts = urlsplit(text)
            port = parts.port or 443
        except ValueError as exc:
            raise ContractError(f"url: {allowed}") from exc
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ContractError(f"url: {allowed}")
        return cls(parts.hostname, port, parts.path.rstrip("/"))

    @property
    def authority(self) -> str:
        """As the header `Host` says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers`: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Stream(io.RawIOBase):
    """A socket's bytes until a moment of the monotonic clock, at most `most` of them read.

    Raises: TimeoutError: the moment has come, however busily bytes drip. ContractError: more came than may.
    """

    def __init__(self, sock: socket.socket, until: float, most: int) -> None:
        self._sock, self._until, self._left = sock, until, most

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower than typeshed's Buffer
        """Some bytes; 0 at the end."""
        self._wait()
        count = self._sock.recv_into(buffer, min(len(buffer), self._left + 1))
        self._left -= count
        if self._left < 0:
            raise ContractError("more bytes than an answer or a question may have")
        return count

    def send(self, data: bytes) -> None:
        """All of it."""
        view = memoryview(data)
        while view:
            self._wait()
            view = view[self._sock.send(view[:_CHUNK]) :]

    def _wait(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for this question is over")
        self._sock.settimeout(left)


def client_context(ca: Path | None, cert: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """TLS 1.3 as a client. `ca`: whom to trust, None: the machine's own list; `cert`, `key`: who we are.

    Raises: ConfigError: a file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        if cert is not None:
            context.load_cert_chain(cert, key)
    except OSError as exc:  # ssl.SSLError is one
        raise ConfigError(
            cert or ca or "", None, "certificate", exc.strerror or str(exc), "readable PEM files"
        ) from exc
    return context


def server_context(ca: Path, cert: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.3 for those whose certificate `ca` signed. Raises: ConfigError: a file cannot be used."""
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.num_tickets = 0  # one connection is one question: nobody comes back with a ticket
        context.load_cert_chain(cert, key)
    except OSError as exc:
        raise ConfigError(cert, None, "certificate", exc.strerror or str(exc), "readable PEM files") from exc
    return context


def ask(
    url: Url,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    context: ssl.SSLContext,
    *,
    timeout_s: float,
    most: int,
) -> Answer:
    """Ask and wait; the whole of it within `timeout_s` (a slow name server not counted), of at most `most` bytes.

    `target`: path as asked for, `url.path` included. Raises: OSError: nobody there, too late, cut off, or TLS refused by either side
    (ssl.SSLError). ContractError: what came is not HTTP, or too much of it.
    """
    until = time.monotonic() + timeout_s
    with socket.create_connection((url.host, url.port), timeout_s) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(max(0.001, until - time.monotonic()))
        with context.wrap_socket(plain, server_hostname=url.host) as tls:
            stream = Stream(tls, until, most)
            with suppress(ConnectionError):  # who hangs up on a question may have said why
                stream.send(_head(url, method, target, headers, body) + body)
            return _heard(stream, method, most)


def _head(url: Url, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = {"Host": url.authority, "Connection": "close", "Content-Length": str(len(body)), **headers}
    return "".join([f"{method} {target} HTTP/1.1\r\n", *(f"{k}: {v}\r\n" for k, v in lines.items()), "\r\n"]).encode(
        "ascii"
    )


class _Heard:
    """What http.client reads an answer from."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._stream)


def _heard(stream: Stream, method: str, most: int) -> Answer:
    response = http.client.HTTPResponse(_Heard(stream), method=method)  # type: ignore[arg-type]  # it asks for makefile only
    try:
        response.begin()
        body = response.read(most)
        left = response.length
    except (http.client.IncompleteRead, http.client.RemoteDisconnected) as exc:
        raise ConnectionError("the answer was cut off") from exc
    except (http.client.HTTPException, ValueError) as exc:
        if isinstance(exc, ContractError):
            raise
        raise ContractError("the answer is not HTTP") from exc
    finally:
        response.close()
    if left:
        raise ConnectionError("the answer was cut off")
    return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)

"""The connector's door: HTTPS with the hall's certificates on both sides. One connection, one question, one deadline."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import structlog

from contract import register as r
from contract.errors import ConfigError, ContractError
from registers import request as heads
from registers.enquiry import Answer
from registers.request import Request
from runtime.https import Stream
from runtime.supervise import crash

log = structlog.get_logger(__name__)

ASK_S = 5.0
"""Until TLS stands and the whole question is here."""
TELL_S = 10.0
"""Until the whole answer is taken."""
LINGER_S = 1.0
AT_ONCE = 32
PER_ADDRESS = 8
"""Open questions of one address: who drips bytes holds up itself."""
_REASONS = {
    200: "OK", 304: "Not Modified", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests",
    502: "Bad Gateway", 503: "Service Unavailable",
}  # fmt: skip

Reply = Callable[[str, Request, bytes], Answer]
"""(common name of who asks, question, body) → answer."""


class Server:
    """Listens on `address` from the first moment; `answer` is called in the threads of its questions. A context manager.

    Raises: ConfigError: the address is taken or not ours.
    """

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext, answer: Reply, ask_s: float = ASK_S) -> None:
        self._context, self._answer, self._ask_s = context, answer, ask_s
        self._refused: Counter[str] = Counter()
        self._open: dict[threading.Thread, str] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        try:
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            self._door = socket.create_server(address, family=family, backlog=AT_ONCE)
        except OSError as exc:
            raise ConfigError("listen", None, "address", address, f"a free address of this machine: {exc}") from exc
        self._door.settimeout(1.0)
        self._thread = threading.Thread(target=crash(self._run), name="register-door", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._door.getsockname()[1])

    @property
    def refused(self) -> Counter[str]:
        """Connections that came to no question, by cause."""
        with self._lock:
            return Counter(self._refused)

    def stop(self, timeout_s: float = 5.0) -> None:
        """No new questions; those that are open are waited for; may be called twice."""
        self._stopping.set()
        with suppress(OSError):  # it was closed by an earlier stop
            self._door.shutdown(socket.SHUT_RDWR)  # ends the accept that waits
        until = time.monotonic() + timeout_s
        with self._lock:
            open_ = list(self._open)
        for thread in (self._thread, *open_):
            thread.join(max(0.0, until - time.monotonic()))
        self._door.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                plain, (host, *_) = self._door.accept()
            except TimeoutError:
                continue
            except OSError as exc:  # stopped, out of file descriptors, or who connected has gone
                if not self._stopping.wait(0.2):
                    log.warning("register.accept", fault=str(exc))
                continue
            self._admit(plain, str(host))

    def _admit(self, plain: socket.socket, host: str) -> None:
        with self._lock:
            if len(self._open) >= AT_ONCE or list(self._open.values()).count(host) >= PER_ADDRESS:
                self._refused["too many"] += 1
                plain.close()
                return
            body = crash(lambda: self._serve(plain))
            thread = threading.Thread(target=body, name="register-question", daemon=True)
            self._open[thread] = host
        thread.start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with plain:
                plain.settimeout(self._ask_s)
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as tls:
                    self._converse(tls, time.monotonic() + self._ask_s)
        except ssl.SSLError as exc:
            self._refuse("tls", exc.reason or "")
        except (OSError, ContractError) as exc:
            self._refuse(type(exc).__name__, "")
        finally:
            with self._lock:
                del self._open[threading.current_thread()]

    def _converse(self, tls: ssl.SSLSocket, until: float) -> None:
        try:
            tls.do_handshake()
        except ssl.SSLError:
            _linger(tls)
            raise
        stream = Stream(tls, until, heads.MAX_HEAD_BYTES + r.MAX_QUESTION_BYTES)
        try:
            request, body = _question(stream)
        except ContractError as exc:
            self._refuse("bad question", str(exc))
            told = r.Fault(fault="bad_request", step=str(exc))
            answer = Answer(r.STATUS["bad_request"], told)
        else:
            answer = self._answer(_common_name(tls), request, body)
        Stream(tls, time.monotonic() + TELL_S, 0).send(_written(answer))
        if answer.status == r.STATUS["bad_request"]:
            _linger(tls)

    def _refuse(self, cause: str, detail: str) -> None:
        with self._lock:
            self._refused[cause] += 1
        log.debug("register.refused", cause=cause, detail=detail)


def _question(stream: Stream) -> tuple[Request, bytes]:
    data = bytearray()
    while (end := data.find(heads.END)) < 0:
        _more(stream, data)
        if len(data) > heads.MAX_HEAD_BYTES and heads.END not in data:
            raise ContractError("a head longer than it may be")
    head = end + len(heads.END)
    request = heads.parse(bytes(data[:head]))
    while len(data) < head + request.length:
        _more(stream, data)
    if len(data) > head + request.length:
        raise ContractError("more than one question")
    return request, bytes(data[head:])


def _more(stream: Stream, data: bytearray) -> None:
    piece = stream.read(heads.MAX_HEAD_BYTES)
    if not piece:
        raise ConnectionError("gone before the question was whole")
    data += piece


def _linger(tls: ssl.SSLSocket) -> None:
    """Read off what is still coming: closing upon unread bytes is a reset, which takes away the word that says what is wrong."""
    with suppress(OSError):
        socket.socket.shutdown(
            tls, socket.SHUT_WR
        )  # its own would forget TLS, and who asks sees the end of it all the same
        until = time.monotonic() + LINGER_S
        while (left := until - time.monotonic()) > 0:
            tls.settimeout(left)
            if not socket.socket.recv(tls, heads.MAX_HEAD_BYTES):
                return


def _common_name(tls: ssl.SSLSocket) -> str:
    cert: Any = tls.getpeercert() or {}
    return next((str(value) for part in cert.get("subject", ()) for name, value in part if name == "commonName"), "")


def _written(answer: Answer) -> bytes:
    body = answer.body.model_dump_json().encode() if answer.body is not None else b""
    etag = f'ETag: "{answer.revision}"\r\n' if answer.revision is not None else ""
    head = (
        f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}\r\nConnection: close\r\nCache-Control: no-store\r\n{etag}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body

"""Kaspi Smart POS, local API v2: requests, HTTP answers, and what is read of them. Pure.

No official page was found; several public integrations agree: HTTPS GET on port 8080, `{"statusCode": 0, "data": {…}}`, a process id for
each operation, `wait | success | fail | unknown`. Every request has a connection of its own, so that it is known what left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from contract.errors import ContractError
from terminal.pos.privat.frames import masked

MAX_HEAD, MAX_BODY = 16 * 1024, 64 * 1024
OK, UNKNOWN_PROCESS, BUSY = 0, 101, 107
REFUSED = frozenset({401, 403})
_PLAIN = (
    "processId", "status", "subStatus", "transactionId", "accessToken", "refreshToken", "posNum", "serialNum", "terminalId",
)  # fmt: skip
_OF_CHEQUE = ("method", "cardMask")
_LINE = b"\r\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """`code`: the API's, 0 for done; 401 and 403 where HTTP says so. `words`: what is read of the data, as text; whatever else
    comes (a client's name, a card's data) is dropped unread.
    """

    code: int
    words: Mapping[str, str]

    def word(self, name: str) -> str:
        """ "" where it was not told."""
        return self.words.get(name, "")


def request(path: str, words: Mapping[str, str], host: str, token: str = "") -> bytes:
    """One GET as it goes out."""
    query = f"?{urlencode(words)}" if words else ""
    heads = [f"GET {path}{query} HTTP/1.1", f"Host: {host}", "Accept: application/json", "Connection: close"]
    if token:
        heads.append(f"accesstoken: {token}")
    text = "\r\n".join([*heads, "", ""])
    if text.count("\r\n") != len(heads) + 1 or not text.isascii():
        raise ContractError(f"a request for {path}: a line break or a letter that is not ASCII in a header")
    return text.encode()


class Reader:
    """Takes an answer's bytes as they come."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Reply | None:
        """The answer once `data` completes it. Raises: ContractError: it is none, or too long."""
        self._bytes += data
        head, found, rest = bytes(self._bytes).partition(_LINE * 2)
        if not found:
            if len(self._bytes) > MAX_HEAD:
                raise ContractError("an HTTP head without an end")
            return None
        status, fields = _head(head)
        body = _chunked(rest) if "chunked" in fields.get("transfer-encoding", "") else _counted(rest, fields)
        return None if body is None else parse(status, body)


def parse(status: int, body: bytes) -> Reply:
    """What an answer says. Raises: ContractError: it is no answer of this API."""
    if status in REFUSED:
        return Reply(status, {})
    try:
        told = json.loads(body)
        code = told["statusCode"]
        data = told.get("data") or {}
        cheque = data.get("chequeInfo") or {}
        words = {name: _text(data[name]) for name in _PLAIN if name in data}
        words |= {name: _text(cheque[name]) for name in _OF_CHEQUE if name in cheque}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise ContractError(f"HTTP {status}: {len(body)} bytes that are no answer of this API") from exc
    if isinstance(code, bool) or not isinstance(code, int):
        raise ContractError("a statusCode that is no number")
    return Reply(code, {**words, "cardMask": masked(words.get("cardMask", ""))})


def _head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not (words[1].isascii() and words[1].isdigit()):
        raise ContractError("an answer that does not begin as HTTP/1")
    pairs = (line.partition(":") for line in lines)
    return int(words[1][:3]), {name.strip().lower(): value.strip().lower() for name, _, value in pairs}


def _counted(rest: bytes, fields: Mapping[str, str]) -> bytes | None:
    text = fields.get("content-length", "")
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > MAX_BODY:
        raise ContractError(f"a body of {text[:16] or 'unknown'} bytes: allowed: 0 to {MAX_BODY}")
    size = int(text)
    return rest[:size] if len(rest) >= size else None


def _chunked(rest: bytes) -> bytes | None:
    body = b""
    while True:
        head, found, rest = rest.partition(_LINE)
        if not found:
            if len(head) > 64:
                raise ContractError("a chunk without a size")
            return None
        size = _size(head.split(b";")[0].strip())
        if len(body) + size > MAX_BODY:
            raise ContractError(f"chunks of more than {MAX_BODY} bytes")
        if size == 0:
            return body
        if len(rest) < size + 2:
            return None
        body, rest = body + rest[:size], rest[size + 2 :]


def _size(text: bytes) -> int:
    if not text or len(text) > 8 or text.strip(b"0123456789abcdefABCDEF"):
        raise ContractError("a chunk's size that is no number")
    return int(text, 16)


def _text(value: Any) -> str:
    return str(value).strip()[:200] if isinstance(value, str | int | float | bool) else ""

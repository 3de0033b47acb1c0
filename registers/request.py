"""The head of a question as it comes over the wire: strict, small, nothing optional that nobody sends. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contract.errors import ContractError
from contract.register import MAX_QUESTION_BYTES

MAX_HEAD_BYTES = 4096
END = b"\r\n\r\n"
_HEAD = re.compile(
    rb"(GET|POST) (/1/(?:directories/)?[a-z_]{1,32}) HTTP/1\.1\r\n((?:[!#-'*+.0-9A-Z^_`a-z|~-]+:[\t -~]*\r\n)*)\r\n"
)
"""Request line and fields of RFC 9112, without folding; addresses are those of `contract.register`."""
_LENGTH = re.compile(r"[0-9]{1,5}")
_ETAG = re.compile(r'"([0-9]{1,16})"')


@dataclass(frozen=True, slots=True)
class Request:
    """A question. `path`: after `/1/`; `length`: bytes of its body; `unless`: the revision that the asker has, None for none."""

    method: str
    path: str
    length: int
    unless: int | None = None


def parse(head: bytes) -> Request:
    """Read a head, its empty line included. Raises: ContractError: what is wrong, never its text."""
    match = _HEAD.fullmatch(head)
    if match is None:
        raise ContractError("not a question of this contract")
    fields: dict[str, str] = {}
    for line in match[3].decode("ascii").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        if fields.setdefault(name.lower(), value.strip()) != value.strip():
            raise ContractError("a header field stands twice")
    if "transfer-encoding" in fields:
        raise ContractError("a body without a length")
    length = fields.get("content-length", "0")
    if not _LENGTH.fullmatch(length) or int(length) > MAX_QUESTION_BYTES:
        raise ContractError(f"a body of at most {MAX_QUESTION_BYTES} bytes is allowed")
    etag = _ETAG.fullmatch(fields.get("if-none-match", ""))
    return Request(
        match[1].decode(), match[2].decode().removeprefix("/1/"), int(length), int(etag[1]) if etag else None
    )

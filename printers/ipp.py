"""The Internet Printing Protocol's bytes: a request packed, an answer read. Pure.

RFC 8010 (encoding) and RFC 8011 (operations, attributes, states). Only what a queue is asked for is known here; other attributes are
stepped over.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from contract.errors import ContractError

VERSION = b"\x02\x00"
MAX_BYTES = 1 << 20
"""Of an answer."""
_END = 0x03
_OPERATION, _JOB, _PRINTER = 0x01, 0x02, 0x04
_INTEGER, _BOOLEAN, _ENUM = 0x21, 0x22, 0x23
_NAME, _KEYWORD, _URI, _CHARSET, _LANGUAGE, _MIME = 0x42, 0x44, 0x45, 0x47, 0x48, 0x49
_TEXTS = {0x41, _NAME, _KEYWORD, _URI, 0x46, _CHARSET, _LANGUAGE, _MIME}
_TAGS = {
    "attributes-charset": _CHARSET, "attributes-natural-language": _LANGUAGE, "printer-uri": _URI, "requesting-user-name": _NAME,
    "job-name": _NAME, "document-format": _MIME, "requested-attributes": _KEYWORD, "which-jobs": _KEYWORD, "media": _KEYWORD,
}  # fmt: skip

Value = int | bool | str | bytes
Group = Mapping[str, tuple[Value, ...]]
Asked = Mapping[str, int | str | tuple[str, ...]]
"""Operation attributes by name, without the three that every request has."""


class Operation(IntEnum):
    """What a queue is asked (RFC 8011, 5.4.15)."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER = 0x000B


class JobWord(IntEnum):
    """`job-state` (RFC 8011, 5.3.7)."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


ENDED = {JobWord.CANCELED, JobWord.ABORTED, JobWord.COMPLETED}
NOT_FOUND = 0x0406
NOT_POSSIBLE = 0x0404
"""Cancelling what has ended."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status`: below 0x0100 is a yes. `jobs`, `printer`: attributes by name, one group a job."""

    status: int
    number: int
    jobs: tuple[Group, ...] = ()
    printer: Group | None = None

    @property
    def good(self) -> bool:
        return self.status < 0x0100


def request(
    operation: Operation,
    number: int,
    uri: str,
    asked: Asked,
    template: Mapping[str, str] | None = None,
) -> bytes:
    """A request about the queue `uri`; the document, if any, follows it. `asked`: operation attributes; `template`: of the job."""
    first = {"attributes-charset": "utf-8", "attributes-natural-language": "en", "printer-uri": uri}
    body = VERSION + struct.pack(">HI", operation, number) + bytes([_OPERATION])
    body += b"".join(_attribute(name, value) for name, value in {**first, **asked}.items())
    if template:
        body += bytes([_JOB]) + b"".join(_attribute(name, value) for name, value in template.items())
    return body + bytes([_END])


def read(data: bytes) -> Answer:
    """An answer. Raises: ContractError: it is none, or not whole."""
    if len(data) > MAX_BYTES:
        raise ContractError(f"IPP answer of {len(data)} bytes: {MAX_BYTES} at most")
    try:
        _, status, number = struct.unpack_from(">HHI", data)
        groups = _groups(data, 8)
    except (struct.error, IndexError, UnicodeDecodeError) as exc:
        raise ContractError(f"IPP answer of {len(data)} bytes: not whole, or no text where one belongs") from exc
    jobs = tuple(group for tag, group in groups if tag == _JOB)
    return Answer(status, number, jobs, next((group for tag, group in groups if tag == _PRINTER), None))


def _attribute(name: str, value: int | str | tuple[str, ...]) -> bytes:
    if isinstance(value, int):
        return _pair(_INTEGER, name, struct.pack(">i", value))
    first, *more = (value,) if isinstance(value, str) else value
    tag = _TAGS[name]
    return _pair(tag, name, first.encode()) + b"".join(_pair(tag, "", each.encode()) for each in more)


def _pair(tag: int, name: str, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(value)) + value


def _groups(data: bytes, at: int) -> list[tuple[int, dict[str, tuple[Value, ...]]]]:
    groups: list[tuple[int, dict[str, tuple[Value, ...]]]] = []
    name = ""
    while (tag := data[at]) != _END:
        if tag < 0x10:
            groups.append((tag, {}))
            at, name = at + 1, ""
            continue
        key, at = _field(data, at + 1)
        value, at = _field(data, at)
        name = key.decode() or name
        if not groups or not name:
            raise IndexError("a value without a name")
        groups[-1][1][name] = (*groups[-1][1].get(name, ()), _value(tag, value))
    return groups


def _field(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", data, at)
    end = at + 2 + length
    if end > len(data):
        raise IndexError("a field over the end")
    return data[at + 2 : end], end


def _value(tag: int, value: bytes) -> Value:
    if tag in (_INTEGER, _ENUM):
        return int(struct.unpack(">i", value)[0])
    if tag == _BOOLEAN:
        return value[0] != 0
    return value.decode() if tag in _TEXTS else value

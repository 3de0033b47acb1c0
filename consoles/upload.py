"""A form with a file: multipart/form-data, RFC 7578, read whole and bounded."""

from __future__ import annotations

from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP

from starlette.requests import Request

from consoles.gate import MAX_FIELDS, FormError


async def upload(request: Request, most_bytes: int) -> Mapping[str, bytes]:
    """What each field holds, a file's bytes where it is one. Raises: FormError: too long, or no such form."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise FormError("a form with a file is needed")
    body = bytearray(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n")
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise FormError("the file is too long")
    message = BytesParser(policy=HTTP).parsebytes(bytes(body))
    parts = list(message.iter_parts()) if message.is_multipart() else []
    if not 0 < len(parts) <= MAX_FIELDS:
        raise FormError("the form cannot be read")
    found = {}
    for part in parts:
        name, data = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(data, bytes):
            found[name] = data
    return found

"""Refusing what another site makes a browser send (CSRF). Pure.

A browser says where an unsafe request comes from: `Sec-Fetch-Site` (W3C Fetch Metadata) or, an older one, `Origin` (RFC 6454).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def allowed(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request may change something. Names in `headers` are lower case; one that says nothing of its origin may not."""
    if method in SAFE:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = urlsplit(headers.get("origin", ""))
    return origin.scheme in {"http", "https"} and origin.netloc == headers.get("host")

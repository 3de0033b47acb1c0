"""Where a request comes from: refusing what another site makes a browser send (CSRF), knowing this very machine. Pure.

A browser says where an unsafe request comes from: `Sec-Fetch-Site` (W3C Fetch Metadata) or, an older one, `Origin` (RFC 6454).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

PASSED_ON = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"})
"""What servers add to a request that they pass on."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def allowed(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request may change something. Names in `headers` are lower case; one that says nothing of its origin may not."""
    if method in SAFE:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = split(headers.get("origin", ""))
    return origin.scheme in {"http", "https"} and origin.netloc == headers.get("host")


def split(address: str) -> SplitResult:
    """The parts of an address; all empty where it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def here(address: str, headers: Mapping[str, str], version: str) -> bool:
    """Whether a request comes from this very machine. `address`: the other end of the connection; `version`: of HTTP, "1.1".

    The name it asks for must be this machine's own too: a page of another site may have its name lead here (DNS rebinding).
    """
    if version == "1.0" or PASSED_ON & {
        name.lower() for name in headers
    }:  # no browser speaks 1.0; servers in between do
        return False
    return _loopback(address) and _loopback(split(f"//{headers.get('host', '')}").hostname or "")


def _loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False

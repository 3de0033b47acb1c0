"""Signed requests: HTTP Message Signatures (RFC 9421) with ed25519, and Content-Digest (RFC 9530). Pure."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence

COVERED = ("@method", "@target-uri", "content-digest", "date")
LABEL = "vikno"

Sign = Callable[[bytes], bytes]
"""A signature base → 64 bytes of ed25519 (RFC 8032)."""


def content_digest(body: bytes) -> str:
    """The field's value: SHA-256 of the content as it travels."""
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


def parameters(covered: Sequence[str], created: int, keyid: str, nonce: str = "") -> str:
    """What is covered and by whom, as a structured field's inner list. `created`: seconds since 1970."""
    names = " ".join(f'"{name}"' for name in covered)
    once = f';nonce="{nonce}"' if nonce else ""
    return f'({names});created={created}{once};keyid="{keyid}"'


def base(values: Mapping[str, str], covered: Sequence[str], told: str) -> bytes:
    """The signature base, RFC 9421 2.5. `values`: component → its value; `told`: of `parameters`."""
    lines = [f'"{name}": {values[name]}' for name in covered]
    return "\n".join([*lines, f'"@signature-params": {told}']).encode("ascii")


def signed(
    method: str, uri: str, body: bytes, date: str, *, created: int, nonce: str, keyid: str, sign: Sign
) -> dict[str, str]:
    """The fields that make a request a signed one. `date`: an IMF-fixdate of the same moment as `created`."""
    fields = {"Date": date, "Content-Digest": content_digest(body)}
    values = {"@method": method, "@target-uri": uri, "content-digest": fields["Content-Digest"], "date": date}
    told = parameters(COVERED, created, keyid, nonce)
    signature = b64encode(sign(base(values, COVERED, told))).decode()
    return {**fields, "Signature-Input": f"{LABEL}={told}", "Signature": f"{LABEL}=:{signature}:"}

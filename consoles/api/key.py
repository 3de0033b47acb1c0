"""One key, one act: the caller's Idempotency-Key becomes the command's id, which the hall does once. Pure.

IETF draft-ietf-httpapi-idempotency-key-header: the same key with another request is refused.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

MOST_KEPT = 10_000
"""Keys whose requests are remembered. A key forgotten is still done once: then the first request's answer is given again."""


class Keys:
    """What each key was first used for."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._used: OrderedDict[str, bytes] = OrderedDict()
        self._most = most

    def command(self, token: str, key: str, request: bytes) -> str | None:
        """The id of the command that `key` of `token` names; None: it was used for another request."""
        name = f"a-{_hash(token.encode(), key.encode()).hex()[:40]}"
        seen = self._used.setdefault(name, _hash(request))
        self._used.move_to_end(name)
        while len(self._used) > self._most:
            self._used.popitem(last=False)
        return name if seen == _hash(request) else None


def _hash(*parts: bytes) -> bytes:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.digest()

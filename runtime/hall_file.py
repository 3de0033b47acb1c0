"""A hall document as a file that people read and edit: TOML, or JSON as the coordinator has it. PIN hashes are never in it.

TOML has no word for nothing: what is None is left out, and comes back as the default that it was.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from contract import hall as halls
from contract.errors import ContractError
from contract.hall import Hall

MOST_BYTES = 1024 * 1024
"""A longer document would not reach the boxes."""
KINDS = ("toml", "json")


def text(document: Mapping[str, Any], kind: str) -> str:
    """The document (as JSON has it) as a file of `kind`. Raises: ContractError: no such kind."""
    plain = _plain(document)
    if kind == "json":
        return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
    if kind != "toml":
        raise ContractError(f"{kind[:16]!r}: allowed: {', '.join(KINDS)}")
    import tomli_w

    return tomli_w.dumps(plain)


def read(data: bytes) -> Hall:
    """The hall of a TOML or JSON file, whichever it is. Raises: ContractError: every fault with its place."""
    if len(data) > MOST_BYTES:
        raise ContractError(f"{len(data)} bytes: allowed: at most {MOST_BYTES}")
    if data.lstrip()[:1] in (b"{", b""):
        return halls.load(data)
    try:
        said = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as exc:
        raise ContractError(f"neither JSON nor TOML: {exc}") from exc
    return halls.load(json.dumps(said, default=_said))


def _plain(value: Any) -> Any:
    """Without what is None and without PIN hashes."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if each is not None and key != "pin_hash"}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _said(value: Any) -> str:
    """A date that was written without quotes."""
    if isinstance(value, date | time):
        return value.isoformat()
    raise ContractError(f"{value!r}: allowed: text, numbers, dates, lists")

"""The real pcscd with readers that simulated cards are laid on, for tests that need PC/SC; where it cannot be they say why.

    @pytest.fixture(scope="module")
    def readers():
        with pcsc_bench.readers(4) as readers:
            yield readers

`readers.names` are PC/SC's names of slots "0" to "3"; `readers.order(do="insert", card="ua", slot="0", script={…})` lays a card down;
`readers.kill_pcscd()` and `readers.start_pcscd()` are the crash and what comes after; `readers.ledger()` is the cards' own account.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from simulators.card.readers import Readers, missing
from tests.until import until


@contextmanager
def readers(count: int = 4) -> Iterator[Readers]:
    """`count` empty readers in this process's PC/SC; one such set at a time."""
    if reason := why_not():
        pytest.skip(f"no pcscd of our own: {reason}")
    folder = _folder()
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    with Readers(folder, count) as made:
        yield made


@lru_cache
def why_not() -> str | None:
    """Why these tests cannot run here, None where they can."""
    try:
        import smartcard.scard  # noqa: F401
    except ImportError as exc:
        return str(exc)
    return missing()


@lru_cache
def _folder() -> Path:
    """The same for the whole process: libpcsclite reads the socket's name once."""
    folder = Path(tempfile.mkdtemp(prefix="pcsc-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PCSCLITE_CSOCK_NAME"] = str(folder / "pcscd" / "pcscd.comm")
    return folder


def take_away(bench: Readers) -> None:
    """Back when pcscd has seen it: it looks every 0.4 s."""
    from smartcard import scard

    bench.order(do="remove", slot="0")
    context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)[1]
    until(lambda: not _state(context, bench.names[0]) & scard.SCARD_STATE_PRESENT, "still there")
    scard.SCardReleaseContext(context)


def _state(context: Any, name: str) -> int:
    from smartcard import scard

    code, states = scard.SCardGetStatusChange(context, 0, [(name, scard.SCARD_STATE_UNAWARE)])
    return int(states[0][1]) if code == 0 else scard.SCARD_STATE_PRESENT

"""The demo's ID card reader: a pcscd of its own, whose cards the simulated people lay down."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from simulators.card.readers import READER_NAME, Readers, missing

TABLE = f'[card_reader]\nnames = "{READER_NAME}"\nprofiles = ["ua", "kz", "kg", "generic"]\n'
"""The box's section for it."""


@contextmanager
def readers() -> Iterator[Readers | None]:
    """The readers, until the context is left; None, and said why, where this machine cannot have any."""
    with ExitStack() as stack:
        made = None
        try:
            if reason := _missing():
                raise OSError(reason)
            # Beside the demo's folder: a socket's name has 108 bytes, and what the cards write down is their holders'.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vikno-cards-"))
            made = stack.enter_context(Readers(Path(folder), 1))
        except (OSError, TimeoutError) as exc:
            print(f"  id cards   none in this demo: {exc}", file=sys.stderr)
        yield made


def _missing() -> str | None:
    return "pyscard is not installed" if importlib.util.find_spec("smartcard") is None else missing()

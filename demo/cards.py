"""The demo's ID card reader: a pcscd of its own, whose cards the simulated people lay down."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from simulators.card.readers import READER_NAME, Readers, missing

TABLE = f'[card_reader]\nnames = "{READER_NAME}"\nprofiles = ["ua", "kz", "kg", "generic"]\n'
"""The box's section for it."""


@contextmanager
def readers(say: Callable[[str], None]) -> Iterator[Readers | None]:
    """The readers, until the context is left; None where this machine cannot have any, and `say` is told why."""
    with ExitStack() as stack:
        reason, made = _missing(), None
        if reason is None:
            # Beside the demo's folder: a socket's name has 108 bytes, and what the cards write down is their holders'.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vikno-cards-"))
            try:
                made = stack.enter_context(Readers(Path(folder), 1))
            except (OSError, TimeoutError) as exc:
                reason = str(exc)
        if reason is not None:
            say(f"  id cards   none in this demo: {reason}")
        yield made


def _missing() -> str | None:
    return "pyscard is not installed" if importlib.util.find_spec("smartcard") is None else missing()

"""The demo's ID card readers, at a kiosk, at a window and at a terminal: a pcscd of its own, whose cards the simulated people lay down."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from card_reader.trust import master_list, store
from card_reader.trust.certificate import certificate
from runtime.clock import utc_now
from simulators.card.readers import Readers, missing

KIOSK_SLOT, WINDOW_SLOT, TERMINAL_SLOT = 0, 1, 2


@contextmanager
def readers(say: Callable[[str], None]) -> Iterator[Readers | None]:
    """The readers, until the context is left; None where this machine cannot have any, and `say` is told why."""
    with ExitStack() as stack:
        reason, made = _missing(), None
        if reason is None:
            # Beside the demo's folder: a socket's name has 108 bytes, and what the cards write down is their holders'.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vikno-cards-"))
            try:
                made = stack.enter_context(Readers(Path(folder), 3))
            except (OSError, TimeoutError) as exc:
                reason = str(exc)
        if reason is not None:
            say(f"  id cards   none in this demo: {reason}")
        yield made


def table(readers: Readers, slot: int, folder: Path) -> str:
    """A box's section for the reader of a slot; the bundle of the states that issued the cards is made in `folder`."""
    bundle = folder / "card-trust.json"
    root = certificate(readers.list_anchor.read_bytes()).fingerprint
    store.write(bundle, master_list.imported(readers.master_list.read_bytes(), root, None, utc_now()).bundle)
    return f'[card_reader]\nnames = "{readers.names[slot]}$"\nprofiles = ["ua", "kz", "kg", "generic"]\ntrust = "{bundle}"\n'


def _missing() -> str | None:
    return "pyscard is not installed" if importlib.util.find_spec("smartcard") is None else missing()

"""`vikno card-doctor`: what a reader and a card can do, and how fast. Tells nothing of the holder; writes nothing anywhere."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path

from card_reader import log, mrz
from card_reader.doctor import examine
from card_reader.errors import CardError
from card_reader.key import CanKey, Key
from card_reader.privacy import redact
from card_reader.readers.monitor import Monitor
from card_reader.readers.pcsc import PcscSlot
from card_reader.trust import store
from card_reader.trust.store import Store
from runtime import logs
from runtime.supervise import harden


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Keys are asked for, not given as words: words stay in a shell's history."""
    parser.add_argument("--names", default="", help="what the reader's name must contain")
    parser.add_argument(
        "--open", choices=("mrz", "can"), help="open the card, too: asks for its three MRZ fields or its CAN"
    )
    parser.add_argument("--bundle", type=Path, help="the bundle made by vikno trust import")
    parser.add_argument("--wait-s", type=float, default=30.0, help="how long a card is waited for")


def run(args: argparse.Namespace) -> int:
    """0 when the card could be examined, 1 when not."""
    harden()
    logs.configure("card-doctor", level="warning")
    log.guard()
    trusted = store.load(args.bundle) if args.bundle else Store(())
    key = _key(args.open)
    try:
        with Monitor(args.names) as monitor:
            print("lay the card on the reader …", flush=True)
            with PcscSlot(monitor).card(args.wait_s, lambda: False) as card:
                for line in examine(card, key, trusted):
                    print(redact(line) if not line.startswith("ATR") else line, flush=True)
    except CardError as exc:
        print(f"{exc.code.value}: {redact(str(exc))}")
        return 1
    return 0


def _key(kind: str | None) -> Key | None:
    match kind:
        case "can":
            return CanKey.typed(getpass.getpass("CAN: "))
        case "mrz":
            fields = [getpass.getpass(f"{text}: ") for text in ("document number", "birth YYMMDD", "expiry YYMMDD")]
            return mrz.MrzKey.typed(*fields)
        case _:
            return None

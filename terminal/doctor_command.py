"""`vikno pos-doctor`: what a card terminal and a note acceptor answer, and what to do next. Moves no money."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from contract.errors import ContractError
from journal.lock import Lock
from runtime import config, logs
from terminal import device, doctor
from terminal.config import CardSection, CashSection, Currency, Options
from terminal.doctor import Finding
from terminal.pos.kaspi.session import KaspiTerminal
from terminal.wire import shown_pin

KINDS = "privat+tcp://HOST:2000, zvt+tcp://HOST:20007, zvt+serial:///dev/…?baud=115200, kaspi+tls://HOST:8080?pin=…, ccnet+serial:///dev/…"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which device."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--config", type=Path, help="the terminal's TOML file: its card terminal and its note acceptor")
    which.add_argument("url", nargs="?", help=f"one device: {KINDS}")
    parser.add_argument("--currency", choices=("UAH", "KZT", "KGS"), default="UAH", help="with a URL (default: UAH)")
    parser.add_argument(
        "--data", type=Path, default=Path(), help="Kaspi, with a URL: folder of its permission (default: this one)"
    )
    parser.add_argument("--pair", metavar="NAME", help="Kaspi: ask to be allowed under this name first")


def run(args: argparse.Namespace) -> int:
    """0 when all that was asked can be used, 1 when not.

    Raises: ConfigError, ContractError: a wrong file or address; JournalError: the terminal's own program is running.
    """
    logs.configure("pos-doctor", level="error")
    card, cash, currency = _of_url(args) if args.url else (None, None, args.currency)
    data = args.data
    with ExitStack() as held:
        if args.config:
            options = config.read(args.config, Options)
            held.enter_context(closing(Lock(options.data / "terminal.db")))  # its devices have one master at a time
            card, cash, currency = options.card, options.cash, options.currency or args.currency
            data = options.data
        return _examine(card, cash, currency, data, args.pair)


def _examine(
    card: CardSection | None, cash: CashSection | None, currency: Currency, data: Path, pair: str | None
) -> int:
    fine = True
    if card is not None:
        print(f"card terminal {card.id}: {card.protocol} at {card.url}")
        terminal = device.card_terminal(card, currency, data)
        with closing(terminal):
            if card.protocol == "kaspi":
                print(f"  certificate: its pin is {_pin(card.url, card.id)}")
            if pair and isinstance(terminal, KaspiTerminal):
                print("  permission: say yes on the terminal's screen …", flush=True)
                terminal.pair(pair)
            fine &= _say(doctor.card(terminal))
    if cash is not None:
        print(f"note acceptor {cash.id}: ccnet at {cash.url}")
        with closing(device.acceptor(cash, currency)) as acceptor:
            fine &= _say(doctor.acceptor(acceptor))
    if card is None and cash is None:
        print("the configuration names no payment device")
    return 0 if fine else 1


def _say(findings: Iterator[Finding]) -> bool:
    fine = True
    for finding in findings:
        print(f"  {'' if finding.ok else 'BROKEN '}{finding.text}", flush=True)
        if finding.step:
            print(f"    next: {finding.step}")
        fine &= finding.ok
    return fine


def _of_url(args: argparse.Namespace) -> tuple[CardSection | None, CashSection | None, Currency]:
    kind, plus, url = args.url.partition("+")
    if kind == "ccnet" and plus:
        return None, CashSection(url=url), args.currency
    if kind not in {"privat", "zvt", "kaspi"} or not plus:
        raise ContractError(f"{args.url!r}: allowed: {KINDS}")
    currency: Currency = "KZT" if kind == "kaspi" else args.currency
    if kind == "kaspi" and "pin" not in parse_qs(urlsplit(url).query):
        pin = _pin(url, "pos-1")
        raise ContractError(
            f"no pin: the certificate there has {pin}; where that is the terminal's own, give {args.url}?pin={pin}"
        )
    return CardSection(protocol=kind, url=url), None, currency


def _pin(url: str, device_id: str) -> str:
    parts = urlsplit(url)
    return shown_pin(parts.hostname or "", parts.port or 8080, device_id)

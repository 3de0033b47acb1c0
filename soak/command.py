"""`vikno soak WHAT`: faults by the thousand, and the ledgers of both sides."""

from __future__ import annotations

import argparse
import importlib

SOAKS: dict[str, tuple[str, str]] = {
    "printers": (
        "tickets on simulated printers that break in every way, and the box killed in between",
        "soak.printers",
    ),
    "payments": ("card and cash payments, killed and cut at every step", "soak.payments"),
    "pads": ("presses over bad cables, by USB and by bus, into the hall's journal", "soak.pads"),
}
"""name → (one line for the help, module with `add_arguments(parser)` and `run(args) -> exit code`)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One word a soak, each with options of its own."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, (text, module) in SOAKS.items():
        kind = kinds.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        importlib.import_module(module).add_arguments(kind)


def run(args: argparse.Namespace) -> int:
    """0 when the ledgers match, 1 when they do not."""
    return int(importlib.import_module(SOAKS[args.what][1]).run(args))

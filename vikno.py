"""The command: `./vikno help`. Each sub-command's module is imported only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("a whole hall on this machine: real wires, simulated paper, pads, displays, visitors", "demo.command"),
    "training": (
        "the demo's hall with your document, every screen marked: to learn, touching nothing real",
        "demo.training_command",
    ),
    "test": (
        "everything a change must pass: style, types, import rules, tests (with arguments: only pytest, with them)",
        "tests.command",
    ),
    "check": ("the same as test, before a commit", "tests.command"),
    "bench": ("speed as ratios to limits measured in the same run", "bench.command"),
    "soak": ("faults by the thousand, and the ledgers of both sides", "soak.command"),
    "pki": ("the hall's certificates: init, issue, revoke, list", "broker_config.pki_command"),
    "broker": ("mosquitto's files from the hall document: render, reload", "broker_config.broker_command"),
    "voice": ("the voice bank: fill it, list what is to be recorded, hear a call", "displays.voice.voice_command"),
    "preview": ("a ticket or receipt as a picture, in any language and print", "demo.preview_command"),
    "hall": (
        "hall documents: list the templates, make one from a template, bind a pad to a window",
        "coordinator.hall_command",
    ),
    "check-hall": (
        "every fault of a hall document, what to know of it, how it differs",
        "coordinator.revising.check_command",
    ),
    "try": ("what a draft of the hall document would have done on the last days", "coordinator.revising.try_command"),
    "init": ("a hall in one folder: document, certificates, broker, what to start", "consoles.init_command"),
    "first-run": ("the same by a page in a browser, with the first administrator", "consoles.first_run_command"),
    "account": ("the consoles' accounts, for an administrator who is locked out", "consoles.account_command"),
    "doctor": ("what is broken in the hall, why, and what to do next", "consoles.doctor_command"),
    "replay": ("what other rules would have done on recorded days", "coordinator.replays.replay_command"),
    "till": (
        "a terminal's money: export a day's payments, notes and balances; close its card terminal's day",
        "terminal.till_command",
    ),
    "verify": ("prove a journal: chain, gaps, damage, rebuilt tables equal the live ones", "journal.verify_command"),
    "rebuild": ("make a journal's tables anew from its events", "journal.rebuild_command"),
    "trust": ("whose signatures on ID cards a hall believes: import, add, show", "card_reader.trust_command"),
    "card-doctor": (
        "what a card reader and an ID card can do, and how fast; tells nothing of the holder",
        "card_reader.doctor_command",
    ),
    "pos-doctor": (
        "what a card terminal and a note acceptor answer, and what to do next; moves no money",
        "terminal.doctor_command",
    ),
    "register": (
        "a community's register: make an invented one, import CSV files, rename a street",
        "registers.register_command",
    ),
    "backup": ("copy a journal while it runs, and prove the copy", "journal.backup_command"),
}
"""name → (one line for the help, module with `add_arguments(parser)` and `run(args) -> exit code`)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command; returns its exit code (2: wrong words or a wrong file, with the reason on stderr)."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = words[0] if words else "help"
    if name in {"help", "-h", "--help"}:
        print(overview())
        return 0
    if name not in COMMANDS:
        print(f"vikno: there is no command {name!r}\n\n{overview()}", file=sys.stderr)
        return 2
    text, module_name = COMMANDS[name]
    module = importlib.import_module(module_name)
    parser = argparse.ArgumentParser(prog=f"vikno {name}", description=text[0].upper() + text[1:] + ".")
    module.add_arguments(parser)
    from contract.errors import ViknoError

    args, rest = parser.parse_known_args(words[1:])
    args.rest = rest
    if rest and not getattr(module, "PASSES_ON", False):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return int(module.run(args))
    except ViknoError as exc:
        print(f"vikno {name}: {exc}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def overview() -> str:
    """The list of commands."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, (text, _) in COMMANDS.items()]
    return "\n".join(["Vikno runs a public-service hall. Commands (each has --help):", "", *lines])


if __name__ == "__main__":
    sys.exit(main())

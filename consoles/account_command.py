"""`vikno account`: the consoles' accounts from a shell of their machine, for an administrator who is locked out."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from consoles.staff.account import StaffError
from consoles.staff.role import StaffRole
from consoles.staff.staff import FILE, Staff
from contract.errors import ConfigError, ContractError
from look.texts import Texts
from runtime.clock import utc_now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """list, add, password, role, disable, enable."""
    parser.add_argument("--data", type=Path, required=True, help="the consoles' folder: `data` of their TOML file")
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("list", help="every account")
    roles = [role.value for role in StaffRole]
    add = acts.add_parser("add", help="a new account; prints its one-time password")
    add.add_argument("account", help="the name to sign in with")
    add.add_argument("name", help="the person's name")
    add.add_argument("role", choices=roles)
    add.add_argument("--operator", help="who of the hall document this is")
    role = acts.add_parser("role", help="another role; the link to an operator stays")
    role.add_argument("account")
    role.add_argument("role", choices=roles)
    for act, text in (
        ("password", "prints a new one-time password"),
        ("disable", "lets nobody in by it any more"),
        ("enable", "lets in again"),
    ):
        acts.add_parser(act, help=text).add_argument("account")


def run(args: argparse.Namespace) -> int:
    """0. Raises: ViknoError in one sentence."""
    if args.act != "add" and not (args.data / FILE).is_file():
        raise ConfigError(args.data, None, "--data", FILE, "the folder of consoles that have run")
    with Staff(args.data, utc_now) as staff:
        if args.act == "list":
            _list(staff)
            return 0
        if args.act != "add" and staff.accounts.get(args.account) is None:
            raise ContractError(f"there is no account {args.account!r}: vikno account --data {args.data} list")
        try:
            _do(staff, args)
        except StaffError as exc:
            raise ContractError(Texts("en").get(exc.key)) from exc
        staff.audit.add(f"shell:{getpass.getuser()}", "", "staff", f"vikno account {args.act}", args.account, 0)
    return 0


def _list(staff: Staff) -> None:
    for one in staff.accounts.all():
        state = "disabled" if one.disabled else "one-time password" if one.once else "active"
        print(f"{one.id:<20} {one.role:<11} {state:<18} {one.operator or '-':<12} {one.name}")


def _do(staff: Staff, args: argparse.Namespace) -> None:
    accounts, key, told = staff.accounts, args.account, ""
    if args.act == "add":
        told = accounts.add(key, args.name, StaffRole(args.role), args.operator)
    known = accounts.get(key)
    mine = (key, *((known.operator,) if known is not None and known.operator is not None else ()))
    match args.act:
        case "password":
            told = accounts.forget_password(key)
            staff.attempts.clear([f"account {key}"])
            staff.sessions.end_of(key)
        case "role":
            accounts.put(key, StaffRole(args.role), known.operator if known is not None else None)
        case "disable":
            accounts.disable(key, disabled=True)
            staff.sessions.end_of(*mine)
        case "enable":
            accounts.disable(key, disabled=False)
    print(f"{key}: done", file=sys.stderr)
    if told:
        print(f"one-time password: {told}")

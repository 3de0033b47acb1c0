"""Making a hall on this machine: its document, certificates, the broker's files, a file for the coordinator and the consoles.

Runs the commands that a technician would (`vikno hall`, `pki`, `broker`), in the folder of the hall.
"""

from __future__ import annotations

import contextlib
import getpass
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from contract import hall as hall_document
from contract.errors import ConfigError, ContractError
from contract.hall import Hall
from contract.hall_part import Box
from contract.words import Role

CONSOLE, DOCTOR = "console-1", "doctor-1"
TIMEOUT_S = 120.0
_MADE = ("hall.json", "pki", "broker", "coordinator", "consoles/consoles.toml")


@dataclass(frozen=True, slots=True)
class Pin:
    """The new PIN of an operator, to be told this once."""

    operator: str
    name: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that was made: where it is, and what, a key of the catalogue with its facts."""

    place: str
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """`told`: what was made; `next`: the commands that start it, in this order; `address`: of its consoles then;
    `pins`: of the operators who had none, or a template's, in the document.
    """

    hall: Hall
    told: tuple[Thing, ...]
    next: tuple[str, ...]
    address: str
    pins: tuple[Pin, ...] = ()


def templates(language: str) -> tuple[tuple[str, str], ...]:
    """Name and one line of every hall that comes with the product."""
    lines = _vikno("hall", "list", "--lang", language).splitlines()
    return tuple((name, line.strip()) for name, _, line in (one.partition(" ") for one in lines))


def template(name: str, folder: Path) -> Hall:
    """A hall that comes with the product; `folder` is there to write in. Raises: ContractError: there is none of this name."""
    file = folder / "template.json"
    try:
        _vikno("hall", "new", name, str(file))
        return hall_document.load(file.read_bytes())
    finally:
        file.unlink(missing_ok=True)


def check(hall: Hall, folder: Path, language: str) -> str:
    """What is to know of a document, in the words of `vikno check-hall`, a line each; the last says what it holds."""
    file = folder / "check.json"
    file.write_text(hall.model_dump_json(by_alias=True), "utf-8")
    try:
        return _vikno("check-hall", str(file), "--lang", language, fails=False).replace(f"{file}: ", "").strip()
    finally:
        file.unlink(missing_ok=True)


def make(hall: Hall, folder: Path, names: Sequence[str] = (), port: int = 8883, web_port: int = 8080) -> Made:
    """Make the hall in `folder`, whole or nothing of it. `names`: host names and addresses of this machine for other boxes.

    Raises: ConfigError: there is a hall already; ContractError: a command refused, in its words.
    """
    folder = folder.absolute()
    if found := next((name for name in _MADE if (folder / name).exists()), None):
        raise ConfigError(folder, None, "DIR", found, "a folder in which there is no hall yet")
    with contextlib.ExitStack() as undo:
        undo.callback(_unmake, folder)
        pinned, pins = _pinned(_furnished(hall), folder)
        made = replace(_make(pinned, folder, names, port, web_port), pins=pins)
        undo.pop_all()
    return made


def _unmake(folder: Path) -> None:
    for name in _MADE:
        shutil.rmtree(folder / name, ignore_errors=True)
        if (folder / name).is_file():
            (folder / name).unlink()


def _make(hall: Hall, folder: Path, names: Sequence[str], port: int, web_port: int) -> Made:
    for name in ("coordinator", "consoles"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    document, pki, broker = folder / "hall.json", folder / "pki", folder / "broker"
    document.touch(mode=0o600)  # PINs are short: their hashes are for this user alone
    document.write_text(hall.model_dump_json(indent=1, by_alias=True) + "\n", "utf-8")
    hosts = dict.fromkeys(("localhost", "127.0.0.1", *names))
    boxes = ("coordinator", *(box.id for box in hall.boxes))
    _vikno("pki", "init", "--pki", str(pki), *(word for host in hosts for word in ("--name", host)))
    _vikno("pki", "issue", *boxes, "--pki", str(pki))
    where = ("--hall", str(document), "--pki", str(pki), "--folder", str(broker), "--port", str(port))
    # Started by root mosquitto would become a user who may not read this folder.
    _vikno("broker", "render", *where, "--user", getpass.getuser(), *(() if names else ("--bind", "127.0.0.1")))
    journal = folder / "coordinator" / "journal.db"
    heads = {
        "coordinator": ("coordinator", f'hall = "{document}"\njournal = "{journal}"\n', ""),
        "consoles": (
            CONSOLE,
            f'data = "{folder / "consoles"}"\njournal = "{journal}"\n',
            f"[web]\nport = {web_port}\n",
        ),
    }
    for name, (dev, head, tail) in heads.items():
        text = head + _broker(hall.id, dev, port, pki / "boxes" / dev) + tail
        (folder / name / f"{name}.toml").write_text(text, "utf-8")
    return Made(
        hall,
        (
            Thing(str(document), "first.made_hall", {"hall": hall.id}),
            Thing(str(pki), "first.made_pki", {"of": ", ".join(boxes)}),
            Thing(str(broker), "first.made_broker", {"port": port}),
            Thing(f"{folder}/coordinator/coordinator.toml", "first.made_coordinator"),
            Thing(f"{folder}/consoles/consoles.toml", "first.made_consoles"),
        ),
        (
            f"mosquitto -c {broker}/mosquitto.conf",
            f"python -m coordinator --config {folder}/coordinator/coordinator.toml",
            f"python -m consoles --config {folder}/consoles/consoles.toml",
        ),
        f"http://{names[0] if names else '127.0.0.1'}:{web_port}/",
    )


def _pinned(hall: Hall, folder: Path) -> tuple[Hall, tuple[Pin, ...]]:
    """The hall with new PINs for those who have none that is their own, and these."""
    file = folder / "pins.json"
    file.touch(mode=0o600)
    file.write_text(hall.model_dump_json(by_alias=True), "utf-8")
    try:
        drawn = [line.split(" ", 2) for line in _vikno("hall", "pins", str(file)).splitlines()]
        made = hall_document.load(file.read_bytes())
    finally:
        file.unlink(missing_ok=True)
    return made.model_copy(update={"revision": hall.revision}), tuple(Pin(one, name, pin) for one, pin, name in drawn)


def _furnished(hall: Hall) -> Hall:
    """The hall with the two boxes that this machine is: its consoles and its doctor."""
    here = tuple(Box(id=name, kind=Role.CONSOLE) for name in (CONSOLE, DOCTOR) if name not in hall.box_by_id)
    made = hall.model_copy(update={"boxes": (*hall.boxes, *here)})
    return hall_document.load(made.model_dump_json(by_alias=True))


def _broker(hall: str, dev: str, port: int, box: Path) -> str:
    return (
        f'[broker]\nhall = "{hall}"\ndev = "{dev}"\nhost = "127.0.0.1"\nport = {port}\n'
        f'ca = "{box}/ca.crt"\ncert = "{box}/box.crt"\nkey = "{box}/box.key"\n'
    )


def _vikno(*words: str, fails: bool = True) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "vikno", *words],
        capture_output=True, timeout=TIMEOUT_S, check=False, encoding="utf-8", errors="replace",
    )  # fmt: skip
    if done.returncode and fails:
        raise ContractError(done.stderr.strip().rpartition("\n")[2][:500])
    return done.stdout + ("" if fails else done.stderr)

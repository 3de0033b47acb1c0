"""A pcscd of one's own with readers that cards are laid on: the real daemon, the real driver, in a network and mount of its own.

The driver listens on all addresses and on fixed ports, and the daemon's socket has a fixed place: in namespaces of their own neither is in
anyone's way. `folder` of this side is the daemon's socket folder inside; a client finds it by PCSCLITE_CSOCK_NAME, which libpcsclite reads
once in a process. Two readers come of each copy of the driver: a second entry on the same file would share its table of cards.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

DRIVER_BINARY = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
DAEMON = "pcscd"
FIRST_PORT = 0x8C7B
SLOTS_A_DRIVER = 2
DEADLINE_S = 10.0
PREPARE = 'ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/pcscd && mount --bind "$1" /run/pcscd && echo ready && exec cat'
READER_NAME = "Vikno Test Reader"


def missing() -> str | None:
    """Why there can be no readers on this machine, in words; None where there can."""
    wanted = (DAEMON, "unshare", "nsenter", "setpriv", "ip", "mount")
    places = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    for program in wanted:
        if shutil.which(program, path=places) is None:
            return f"{program} is not installed"
    if not DRIVER_BINARY.exists():
        return "the vpcd driver is not installed (package vsmartcard-vpcd)"
    words = [*_unshare(), "sh", "-c", "ip link set lo up && mount -t tmpfs tmpfs /run"]
    tried = subprocess.run(words, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    return f"no network and mount namespace of our own: {tried.stderr.strip()}" if tried.returncode else None


def _unshare() -> list[str]:
    """As root at once; anyone else becomes root in a user namespace, where the kernel lets them."""
    return ["unshare", "--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]


class Readers:
    """`count` readers of a private pcscd and one `simulators.card` for all of them; a context manager.

    `folder` must be empty or new, its path short: a socket's name has 108 bytes. What is started dies with the thread that starts it, so
    that nothing outlives a killed test; that thread must live on. Raises: OSError, TimeoutError: it did not start.
    """

    def __init__(self, folder: Path, count: int = 2) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.socket_folder = folder / "pcscd"
        self.socket_folder.mkdir(exist_ok=True)
        self._folder = folder
        self._drivers = -(-count // SLOTS_A_DRIVER)
        self._processes: list[subprocess.Popen[str]] = []
        with ExitStack() as unless_all_started:
            unless_all_started.callback(self.close)
            self._configure()
            self._inside = self._start([*_unshare(), "sh", "-c", PREPARE, "sh", str(self.socket_folder)], "ready")
            self._daemon = self.start_pcscd()
            self._start_cards()
            unless_all_started.pop_all()

    @property
    def environment(self) -> dict[str, str]:
        """What a client of these readers must have in its environment."""
        return {"PCSCLITE_CSOCK_NAME": str(self.socket_folder / "pcscd.comm")}

    @property
    def names(self) -> list[str]:
        """The readers as PC/SC calls them, in the order of the slots "0", "1" …"""
        return [f"{READER_NAME} {n} 00 {slot:02}" for n in range(self._drivers) for slot in range(SLOTS_A_DRIVER)]

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the daemon -------------------------------------------------------------------------------------------------

    def start_pcscd(self) -> subprocess.Popen[str]:
        """Start the daemon, again after `kill_pcscd`; ready when this returns."""
        for left in self.socket_folder.iterdir():
            left.unlink()
        log = (self._folder / "pcscd.log").open("a")
        words = [
            *self._enter("--mount"),
            "setpriv",
            "--pdeathsig",
            "KILL",
            DAEMON,
            "--foreground",
            "--config",
            str(self._folder / "readers"),
        ]
        with log:
            self._daemon = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True, env=_environment()
            )
        self._processes.append(self._daemon)
        self._wait(lambda: (self.socket_folder / "pcscd.comm").exists(), "pcscd")
        return self._daemon

    def kill_pcscd(self) -> None:
        """As a crash would: at once, nothing tidied."""
        self._daemon.kill()
        self._daemon.wait(DEADLINE_S)

    # -- the cards --------------------------------------------------------------------------------------------------

    @property
    def control(self) -> Path:
        """The socket that takes orders, for others than `order`."""
        return self._folder / "cards" / "control"

    def order(self, **order: Any) -> dict[str, Any]:
        """An order to the cards; the answer. Raises: ValueError: refused."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(DEADLINE_S)
            line.connect(str(self.control))
            line.sendall(json.dumps(order).encode() + b"\n")
            with line.makefile("r") as answers:
                answer: dict[str, Any] = json.loads(answers.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def ledger(self) -> list[dict[str, Any]]:
        """What the cards have written down so far."""
        lines = (self._folder / "cards" / "ledger.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @property
    def master_list(self) -> Path:
        return self._folder / "cards" / "master-list.ml"

    @property
    def list_anchor(self) -> Path:
        return self._folder / "cards" / "list-anchor.der"

    def close(self) -> None:
        """Stop all that was started here."""
        for process in reversed(self._processes):
            if process.stdin is not None:
                process.stdin.close()
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(DEADLINE_S)
            if process.stdout is not None:
                process.stdout.close()
        self._processes.clear()

    # -- making -----------------------------------------------------------------------------------------------------

    def _configure(self) -> None:
        """One reader file, one copy of the driver for every two readers."""
        readers = self._folder / "readers"
        readers.mkdir(exist_ok=True)
        entries = []
        for number in range(self._drivers):
            driver = self._folder / f"libifdvpcd-{number}.so"
            shutil.copyfile(DRIVER_BINARY, driver)
            port = FIRST_PORT + number * SLOTS_A_DRIVER
            entries.append(
                f'FRIENDLYNAME "{READER_NAME} {number}"\nDEVICENAME /dev/null:{port:#x}\nLIBPATH {driver}\nCHANNELID {port:#x}\n'
            )
        (readers / "vpcd").write_text("\n".join(entries))

    def _start_cards(self) -> None:
        words = [*self._enter(), "setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "simulators.card"]
        words += ["--dir", str(self._folder / "cards")]
        for number in range(self._drivers * SLOTS_A_DRIVER):
            words += ["--slot", f"{number}=127.0.0.1:{FIRST_PORT + number}"]
        self._start(words, "{")

    def _enter(self, *more: str) -> list[str]:
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self._inside.pid), "--net", *user, *more, "--"]

    def _start(self, words: list[str], first: str) -> subprocess.Popen[str]:
        """A child, and its first line awaited."""
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(),
            cwd=Path(__file__).parents[2],
        )
        self._processes.append(process)
        assert process.stdout is not None
        if not select.select([process.stdout], [], [], DEADLINE_S)[0]:
            raise TimeoutError(f"{words[0]} did not start")
        if not (line := process.stdout.readline()).startswith(first):
            raise OSError(f"{words[0]} did not start: {line!r}")
        return process

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"{what} did not start")
            time.sleep(0.002)


def _environment() -> dict[str, str]:
    """Programs of the administrator are not on everybody's path."""
    return {**os.environ, "PATH": os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"}

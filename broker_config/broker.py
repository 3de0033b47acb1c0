"""A real mosquitto as a child of this process, for the demo, the tests and the bench."""

from __future__ import annotations

import errno
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from broker_config import apply
from broker_config.pki import Authority, Credentials
from broker_config.render import COORDINATOR, Settings
from contract.errors import PermanentDeviceError, TransientDeviceError
from contract.hall_part import Box
from contract.hints import HINTS

# Below the range from which outgoing connections take theirs, so that nobody grabs the port during a restart.
_PORTS = range(20000, 32000)
_START_S = 10.0
_POLL_S = 0.01


class Broker:
    """mosquitto for one hall in `folder`, on loopback, with an authority of its own; started by `with` or `start`.

    hall, boxes: the registry the ACL is rendered from. port: None picks a free one at the first start and keeps it, so that
    clients find the broker again after `restart`. The child dies with the thread that started it (Linux parent-death
    signal): start it from one that stays.
    """

    def __init__(self, folder: Path, hall: str, boxes: Iterable[Box], *, port: int | None = None) -> None:
        self.folder = folder.absolute()
        self.host = "127.0.0.1"
        self.hall, self.boxes = hall, tuple(boxes)
        self._port = port
        self._child: subprocess.Popen[bytes] | None = None
        pki = self.folder / "pki"
        self.authority = Authority.open(pki) if pki.exists() else Authority.create(pki)

    @property
    def port(self) -> int:
        """The port it listens on. Raises: TransientDeviceError: never started."""
        if self._port is None:
            raise _error(TransientDeviceError, "broker_unreachable")
        return self._port

    @property
    def log(self) -> Path:
        """What mosquitto said, over all its starts."""
        return self.folder / "mosquitto.log"

    @property
    def pid(self) -> int | None:
        """The running mosquitto's process id, None while it does not run."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def credentials(self, dev: str = COORDINATOR) -> Credentials:
        """The files of a box or of the coordinator, issued at the first asking."""
        known = (self.authority.folder / "boxes" / dev).exists()
        return self.authority.credentials(dev) if known else self.authority.issue(dev)

    def start(self) -> None:
        """Start mosquitto and return when its port accepts.

        Raises: PermanentDeviceError: it is not installed, or does not start; the text holds its own last words.
        """
        for last in (False, False, True):
            port = self._port or _free_port(self.host)
            if self._run(port):
                self._port = port
                return
            if last or self._port is not None:
                raise _error(PermanentDeviceError, "broker_start_failed", self._last_words())

    def stop(self, timeout_s: float = 5.0) -> None:
        """End it in order; after `timeout_s` by force. Twice is fine."""
        self._end(signal.SIGTERM, timeout_s)

    def kill(self) -> None:
        """SIGKILL: the broker is gone without a word, as in a crash."""
        self._end(signal.SIGKILL, 5.0)

    def restart(self) -> None:
        """Start again on the same port, ending it in order first if it still runs."""
        self.stop()
        self.start()

    def reload(self, boxes: Iterable[Box] | None = None) -> None:
        """Render ACL and revocation list again, for `boxes` where given, and have them taken over by the live broker.

        When it returns the next packet is judged by the new files. Raises: TransientDeviceError: mosquitto does not run or
        does not answer.
        """
        if boxes is not None:
            self.boxes = tuple(boxes)
        apply.update(self.authority, self.folder / "broker", self.hall, self.boxes)
        if self.pid is None:
            raise _error(TransientDeviceError, "broker_unreachable")
        told = self._count(b"Reloading config.")
        apply.reload(self.folder / "broker", self.pid)
        # mosquitto has one thread: it reloads between two packets, and says so as it begins.
        if not _until(lambda: self._count(b"Reloading config.") > told, 5.0):
            raise _error(TransientDeviceError, "broker_unreachable", "did not reload within 5 s")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _run(self, port: int) -> bool:
        settings = Settings(self.folder / "broker", port, self.host, _own_user())
        conf = apply.install(self.authority, settings, self.hall, self.boxes)
        command = ["setpriv", "--pdeathsig", "KILL", _mosquitto(), "-c", str(conf)]
        runs = self._count(b" running\n")
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0, close_fds=True
            )
        child = self._child
        # A port that accepts is not enough: somebody else's mosquitto may hold it. Ours says so when its listener stands.
        _until(lambda: child.poll() is not None or self._count(b" running\n") > runs, _START_S)
        if child.poll() is None and _accepts(self.host, port):
            return True
        self._end(signal.SIGKILL, 5.0)
        return False

    def _end(self, how: signal.Signals, timeout_s: float) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.send_signal(how)
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(timeout_s)

    def _count(self, words: bytes) -> int:
        return self.log.read_bytes().count(words) if self.log.exists() else 0

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return " | ".join(lines[-3:])


def _mosquitto() -> str:
    # Debian keeps it in /usr/sbin, which is not on an ordinary user's PATH.
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise _error(PermanentDeviceError, "broker_missing")
    return found


def _own_user() -> str | None:
    # Started by root, mosquitto would become "mosquitto" and could not read keys that are ours.
    return pwd.getpwuid(0).pw_name if os.geteuid() == 0 else None


def _free_port(host: str) -> int:
    for port in random.sample(_PORTS, 200):
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError as exc:
                if exc.errno != errno.EADDRINUSE:
                    raise
            else:
                return port
    raise _error(PermanentDeviceError, "broker_start_failed", "no free port")


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _until(true: Callable[[], bool], timeout_s: float) -> bool:
    """Poll `true()` until it holds; False when the time ran out."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_S)
    return True


def _error(
    kind: type[PermanentDeviceError | TransientDeviceError], fault: str, words: str = ""
) -> PermanentDeviceError | TransientDeviceError:
    step = HINTS[fault].step
    return kind("broker", fault, f"{words}: {step}" if words else step)

"""Keeping a process honest: one way in, one way out, troubles said once, systemd told. The only broad excepts of the product."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType

import structlog

from contract.errors import ConfigError, ContractError, ViknoError
from contract.hints import HINTS
from runtime.clock import utc_now

log = structlog.get_logger(__name__)

EXIT_USAGE = 2
"""A file or an address is wrong: starting again will not help before a person acts."""
EXIT_BUG = 70
"""A bug: systemd starts the process again."""
EXIT_AGAIN = 75
"""What it works with failed (a full disk, a journal in use, a device): systemd starts it again. EX_TEMPFAIL of sysexits.h."""


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""Of `mallopt`, as glibc's malloc.h numbers them."""
_LARGE = 16 * 1024
_PR_SET_DUMPABLE = 4
"""prctl(2), linux/prctl.h."""


class Troubles:
    """Open faults of a box with since-when. A transition is logged once, with the next step from the hint table."""

    def __init__(self, dev: str) -> None:
        self._dev = dev
        self.open: dict[str, datetime] = {}

    def raise_(self, fault: str, device: str = "") -> bool:
        """The fault is there; True when that is news. `device` names which of several."""
        key = f"{fault}:{device}" if device else fault
        if key in self.open:
            return False
        self.open[key] = utc_now()
        hint = HINTS.get(fault)
        log.warning("trouble", dev=self._dev, fault=key, next_step=hint.step if hint else "")
        return True

    def clear(self, fault: str, device: str = "") -> bool:
        """The fault is gone; True when that is news."""
        key = f"{fault}:{device}" if device else fault
        since = self.open.pop(key, None)
        if since is None:
            return False
        log.info("trouble.over", dev=self._dev, fault=key, after_s=round((utc_now() - since).total_seconds(), 1))
        return True


def harden() -> None:
    """No core dump, no look from another process of this user: what people's papers say must not leave memory by such a way."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE)")


def give_memory_back() -> None:
    """Return freed memory to the system, now and from now on; first before threads start, and again where much was freed.

    The C library keeps it for later otherwise: 25 MB of a terminal's, whose pictures come and go by the megabyte.
    """
    libc = ctypes.CDLL(None)
    for parameter, value in {_M_MMAP_THRESHOLD: _LARGE, _M_TRIM_THRESHOLD: _LARGE, _M_ARENA_MAX: 1}.items():
        libc.mallopt(parameter, value)
    libc.malloc_trim(0)


def many_files(count: int) -> None:
    """Let this process have `count` open files and connections, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def crash(target: Callable[[], None]) -> Callable[[], None]:
    """Wrap a thread's body: what it does not handle is a bug, so the process ends at once and is started again.

    What must not be lost is on disk before it is acknowledged, so an abrupt end loses nothing.
    """

    def body() -> None:
        try:
            target()
        except Exception:
            log.exception("thread.crashed", thread=threading.current_thread().name)
            sys.stderr.flush()
            os._exit(EXIT_BUG)

    return body


def run(main: Callable[[threading.Event], None]) -> int:
    """Run a process body until it returns; `stop` is set by SIGTERM or SIGINT. Returns the exit code.

    A ViknoError ends it with its sentence: EXIT_USAGE for a file that cannot be used, EXIT_AGAIN for the rest. Anything else
    is a bug, logged with its trace.
    """
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    try:
        main(stop)
    except ViknoError as exc:
        print(f"vikno: {exc}", file=sys.stderr)  # noqa: T201 - the last word of a process goes to its terminal
        return EXIT_USAGE if isinstance(exc, ConfigError | ContractError) else EXIT_AGAIN
    except Exception:
        log.exception("process.crashed")
        return EXIT_BUG
    return 0


def notify(state: str) -> bool:
    """Tell systemd `READY=1`, `WATCHDOG=1` or `STOPPING=1`; False when it did not start us. sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError:
            return False
    return True

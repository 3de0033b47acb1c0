"""Adapters pulled and plugged in again under a real bridge: whatever its process held for one has to be given back."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contract.errors import ViknoError

NOTICED_S = 30.0
TOLD_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: open descriptors, threads, memory in KiB."""

    descriptors: int
    threads: int
    memory_kib: int

    @classmethod
    def of(cls, pid: int) -> Held:
        """As the kernel counts it now."""
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        memory_kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
        return cls(
            len(list(Path(f"/proc/{pid}/fd").iterdir())), len(list(Path(f"/proc/{pid}/task").iterdir())), memory_kib
        )


@dataclass(frozen=True, slots=True)
class Wear:
    """So many cycles, and what the bridge held with everything plugged in before and after them."""

    cycles: int
    before: Held
    after: Held

    @property
    def leaked(self) -> bool:
        """Whether a descriptor or a thread was left behind."""
        return self.after.descriptors > self.before.descriptors or self.after.threads > self.before.threads

    def line(self) -> str:
        """For the ledger."""
        told = (
            f"{name} {getattr(self.before, name)} → {getattr(self.after, name)}"
            for name in ("descriptors", "threads", "memory_kib")
        )
        return f"{self.cycles} times pulled and plugged in; the bridge held: {', '.join(told)}"


def wear(pid: int, plugs: Mapping[Path, Callable[[str], None]], cycles: int) -> Wear:
    """Pull and plug in, in turn, `cycles` times in all. `pid`: the bridge's; `plugs`: an adapter's device link → its "unplug" and
    "replug". The bridge has to let each go and take each again. Raises: ViknoError: it did not in time.
    """
    done, told_at = 0, time.monotonic()
    devices = _taken(pid, plugs)
    before = Held.of(pid)
    while done < cycles:
        turn = dict(list(plugs.items())[: cycles - done])
        for plug in turn.values():
            plug("unplug")
        _until(lambda pulled=[devices[link] for link in turn]: not _open(pid, pulled), "were let go", turn)  # type: ignore[misc]
        for plug in turn.values():
            plug("replug")
        devices |= _taken(pid, turn)
        done += len(turn)
        if time.monotonic() - told_at >= TOLD_EVERY_S:
            told_at = time.monotonic()
            print(f"{done} of {cycles} times pulled and plugged in", file=sys.stderr)
    return Wear(cycles, before, Held.of(pid))


def _taken(pid: int, links: Mapping[Path, object]) -> dict[Path, str]:
    """The devices behind `links`, once the bridge has all of them open."""
    devices = {link: str(link.resolve()) for link in links}
    _until(lambda: _open(pid, devices.values()) == set(devices.values()), "were taken", links)
    return devices


def _open(pid: int, devices: Iterable[str]) -> set[str]:
    """Which of `devices` the process has open."""
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.add(str(each.readlink()))
    return found.intersection(devices)


def _until(true: Callable[[], bool], what: str, links: Mapping[Path, object]) -> None:
    end = time.monotonic() + NOTICED_S
    while not true():
        if time.monotonic() > end:
            raise ViknoError(f"not all of {', '.join(link.name for link in links)} {what} within {NOTICED_S:.0f} s")
        time.sleep(0.005)

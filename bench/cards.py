"""ID cards through a real pcscd: commands counted, reading time against the air's, recovery, four readers at once, insertions."""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.rig import Figure, wait
from card_reader import mrz
from card_reader.chip.apdu import Command
from card_reader.chip.channel import Channel
from card_reader.files.block import Blocks
from card_reader.files.file import AID, DG2, SOD
from card_reader.key import Key
from card_reader.opened import OpenedChip
from card_reader.outcome import Reading
from card_reader.profiles import PROFILES
from card_reader.purpose import Purpose, plan
from card_reader.readers.monitor import Monitor
from card_reader.readers.pcsc import PcscSlot
from card_reader.session import Kit, Request, Session
from card_reader.trust import master_list, passive, sod, store
from card_reader.trust.certificate import certificate
from contract.errors import ViknoError
from simulators.card.readers import Readers, missing
from simulators.card.script import Air

KBIT_S = 424
READERS = 4
PHOTOS = 3
_SELECT = Command(0, 0xA4, 0x04, 0x0C, AID)


class Table:
    """Four readers, the cards beside them, and the bundle that trusts their states."""

    def __init__(self, folder: Path) -> None:
        self.readers = Readers(folder, READERS)
        os.environ.update(self.readers.environment)
        root = certificate(self.readers.list_anchor.read_bytes()).fingerprint
        bundle = master_list.imported(self.readers.master_list.read_bytes(), root, None, datetime.now(UTC)).bundle
        self.kit = Kit(store.Store(bundle.anchors, bundle.expires), tuple(PROFILES.values()))

    def lay(self, name: str, slot: int = 0, *, air: bool = False) -> Key:
        """A card on a reader; its key."""
        script = {"air": {"kbit_s": KBIT_S}} if air else {}
        self.readers.order(do="insert", card=name, slot=str(slot), script=script)
        return mrz.parse("\n".join(self.readers.order(do="describe", card=name)["mrz"])).key

    def take_away(self, monitor: Monitor) -> None:
        """Every card, and pcscd has seen it."""
        for slot in range(READERS):
            self.readers.order(do="remove", slot=str(slot))
        wait(lambda: monitor.scene.occupied is None, "the cards stay", 5)

    def read(self, monitor: Monitor, key: Key, purpose: Purpose) -> Reading:
        """One whole read."""
        request = Request(plan(purpose), key, bytes(32) if purpose is Purpose.MATCH else None)
        return Session(PcscSlot(monitor), self.kit, request, lambda _p: None, lambda: False).run()


@contextmanager
def _table() -> Iterator[tuple[Table, Monitor]]:
    """A short folder of its own: a socket's name has 108 bytes. Raises: ViknoError: no readers can be had here."""
    if why := missing():
        raise ViknoError(f"no card readers on this machine: {why}")
    with tempfile.TemporaryDirectory(prefix="vk") as name:
        table = Table(Path(name))
        try:
            with Monitor() as monitor:
                wait(lambda: len(monitor.scene.readers) == READERS, "no readers", 5)
                yield table, monitor
        finally:
            table.readers.close()


def measure(_folder: Path, rounds: int) -> list[Figure]:
    """Everything but the long walk of insertions."""
    with _table() as (table, monitor):
        return [
            *_counts(table, monitor),
            *_air(table, monitor),
            _passive(table, monitor, rounds),
            _together(table),
            _recovery(table, monitor),
        ]


def cycles(_folder: Path, count: int) -> list[Figure]:
    """`count` insertions on four readers; threads, descriptors and memory before and after."""
    with _table() as (table, monitor):
        _round(table, monitor)
        before = _held()
        for _ in range(-(-count // READERS)):
            _round(table, monitor)
        after = _held()
    grown = sum(max(0, b - a) for a, b in zip(before[:2], after[:2], strict=True))
    note = f"n {count}; threads {before[0]} → {after[0]}, descriptors {before[1]} → {after[1]}, memory +{after[2] - before[2]} KiB"
    return [Figure("card insertions, threads and files grown", grown, "", 1, grown / 1, 0.0, at_least=False, note=note)]


def _counts(table: Table, monitor: Monitor) -> list[Figure]:
    """Commands the card saw, beside the fewest there can be for files of this size."""
    found = []
    for name, way in (("long", "BAC"), ("ua", "PACE")):
        key = table.lay(name)
        wait(lambda: monitor.scene.occupied is not None, "no card", 5)
        with PcscSlot(monitor).card(5, lambda: False) as card:
            chip = OpenedChip(card, key, table.kit.profiles, Blocks(), lambda: False)
            chip.open()
            opened = chip.channel.exchanges
            size = len(chip.read(SOD) or b"")
            blocks, fewest = chip.channel.exchanges - opened, -(-size // (231 if way == "BAC" else 223))
        budget = 6 if way == "BAC" else 7
        found.append(
            _at_most(f"card opened by {way}", opened, "APDU", budget, "EF.CardAccess sought 3 times before BAC")
        )
        found.append(_at_most(f"EF.SOD by {way}", blocks, "APDU", fewest, f"{size} bytes"))
        table.take_away(monitor)
    return found


def _air(table: Table, monitor: Monitor) -> list[Figure]:
    """The photo's time against what air, chip and USB of the model take; then the visitor's wait."""
    key = table.lay("long", air=True)
    wait(lambda: monitor.scene.occupied is not None, "no card", 5)
    took, exchanges, size = min(_photo(table, monitor, key) for _ in range(PHOTOS))
    limit = _air_s(size)
    table.take_away(monitor)
    figures = [
        Figure(
            f"DG2 at {KBIT_S} kbit/s, share of the air's limit", took * 1000, "ms", limit * 1000, limit / took, 0.9, at_least=True,
            note=f"{size} bytes, {exchanges} APDUs, {(took - limit) / exchanges * 1e6:.0f} µs each beside the card's, best of {PHOTOS}",
        )
    ]  # fmt: skip
    for name, way, budget_s in (("long", "BAC", 0.6), ("ua", "PACE", 1.5)):
        key = table.lay(name, air=True)
        wait(lambda: monitor.scene.occupied is not None, "no card", 5)
        began = time.perf_counter()
        table.read(monitor, key, Purpose.MATCH)
        took = time.perf_counter() - began
        figures.append(
            _at_most(f"card seen → verified by {way}", took * 1000, "ms", budget_s * 1000, f"{KBIT_S} kbit/s")
        )
        table.take_away(monitor)
    return figures


def _photo(table: Table, monitor: Monitor, key: Key) -> tuple[float, int, int]:
    """Seconds, commands and bytes of one DG2."""
    with PcscSlot(monitor).card(5, lambda: False) as card:
        chip = OpenedChip(card, key, table.kit.profiles, Blocks(), lambda: False)
        chip.open()
        before, began = chip.channel.exchanges, time.perf_counter()
        size = len(chip.read(DG2) or b"")
        return time.perf_counter() - began, chip.channel.exchanges - before, size


def _air_s(size: int) -> float:
    """The model's time for the fewest short protected reads of a file under 3DES."""
    air, at, total = Air(KBIT_S), 0, 0.0
    while at < size:
        block = min(231, size - at)
        hidden = block + 8 - block % 8 + 1
        total += air.exchange_s(19, (3 if hidden > 127 else 2) + hidden + 4 + 10 + 2)
        at += block
    return total


def _passive(table: Table, monitor: Monitor, rounds: int) -> Figure:
    """Signature, chain and hash of one card, the bundle parsed already."""
    key = table.lay("kz")
    wait(lambda: monitor.scene.occupied is not None, "no card", 5)
    with PcscSlot(monitor).card(5, lambda: False) as card:
        chip = OpenedChip(card, key, table.kit.profiles, Blocks(), lambda: False)
        chip.open()
        content = bytes(chip.read(SOD) or b"")
    table.take_away(monitor)
    took = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        passive.judge(sod.security_object(content), table.kit.store, datetime.now(UTC))
        took.append(time.perf_counter() - began)
    return _at_most(
        "passive authentication, warm", statistics.median(took[1:]) * 1000, "ms", 3.0, f"n {rounds}, median"
    )


def _together(table: Table) -> Figure:
    """Four photos on four readers at once against one alone."""
    monitors = [Monitor(name) for name in table.readers.names]
    try:
        for monitor in monitors:
            monitor.start()
        alone = _photos(table, monitors[:1])
        together = _photos(table, monitors)
    finally:
        for monitor in monitors:
            monitor.stop()
    return _at_most("four readers at once", together * 1000, "ms", alone * 1000, "one photo each by BAC", 1.2)


def _photos(table: Table, monitors: list[Monitor]) -> float:
    keys = [table.lay("long", slot, air=True) for slot in range(len(monitors))]
    wait(lambda: all(m.scene.occupied for m in monitors), "no cards", 5)
    failed: list[str] = []

    def read(monitor: Monitor, key: Key) -> None:
        try:
            table.read(monitor, key, Purpose.PHOTO)
        except ViknoError as exc:
            failed.append(str(exc))

    threads = [threading.Thread(target=read, args=pair) for pair in zip(monitors, keys, strict=True)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    took = time.perf_counter() - began
    if failed:
        raise ViknoError(f"a card was not read: {failed[0]}")
    for slot in range(len(monitors)):
        table.readers.order(do="remove", slot=str(slot))
    wait(lambda: not any(m.scene.occupied for m in monitors), "the cards stay", 5)
    return took


def _recovery(table: Table, monitor: Monitor) -> Figure:
    """pcscd killed and started again → a card is read."""
    key = table.lay("long")
    table.read(monitor, key, Purpose.MATCH)
    table.readers.kill_pcscd()
    table.readers.start_pcscd()
    began = time.perf_counter()
    table.read(monitor, key, Purpose.MATCH)
    took = time.perf_counter() - began
    table.take_away(monitor)
    return _at_most("pcscd back → card read", took * 1000, "ms", 1500, "")


def _round(table: Table, monitor: Monitor) -> None:
    for slot in range(READERS):
        table.lay("kz", slot)
    wait(lambda: all(r.present for r in monitor.scene.readers), "no cards", 5)
    with PcscSlot(monitor).card(5, lambda: False) as card:
        if not Channel(card).send(_SELECT).ok:
            raise ViknoError("a card did not answer")
    table.take_away(monitor)


def _held() -> tuple[int, int, int]:
    """Threads, descriptors, resident KiB of this process."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), resident


def _at_most(name: str, value: float, unit: str, limit: float, note: str, budget: float = 1.0) -> Figure:
    return Figure(name, value, unit, limit, value / limit, budget, at_least=False, note=note)

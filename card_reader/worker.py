"""The process that touches cards: what it reads stays in its memory, and it is replaced often. One JSON object a line.

stdin: first the settings, then `{"do": "read", …}` and `{"do": "cancel"}`; its end ends the process.
stdout: `{"t": "scene", …}` when readers come and go, progress, and for each read one reading or failure.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog

from card_reader import log as card_log
from card_reader.errors import CardError
from card_reader.files.block import Blocks
from card_reader.key import CanKey, Key
from card_reader.mrz import MrzError, MrzKey
from card_reader.outcome import Failure, Progress, Reading, pack
from card_reader.profiles import PROFILES
from card_reader.purpose import Purpose, plan
from card_reader.readers.monitor import Monitor, Scene
from card_reader.readers.pcsc import PcscSlot
from card_reader.session import Kit, Request, Session
from card_reader.trust import store
from card_reader.trust.store import Store
from runtime import logs
from runtime.supervise import crash, harden, run

log = structlog.get_logger(__name__)
LINE = 1 << 16


class Worker:
    """Reads one card after another, as it is told."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._orders: queue.Queue[dict[str, Any] | None] = queue.Queue(maxsize=4)
        self._gave_up = threading.Event()
        self._writing = threading.Lock()
        self._monitor = Monitor(settings["names"], self._scene)
        self._kit = kit(settings)

    def serve(self) -> None:
        """Until stdin ends."""
        threading.Thread(target=crash(self._hear), name="orders", daemon=True).start()
        with self._monitor:
            while (order := self._orders.get()) is not None:
                self._say(pack(self._outcome(order)))
                self._say({"t": "learned", "blocks": self._kit.blocks.dump()})

    def _hear(self) -> None:
        for order in _lines():
            if order.get("do") == "cancel":
                self._give_up()
            elif order.get("do") == "read":
                self._gave_up.clear()
                self._orders.put(order)
        self._give_up()
        self._orders.put(None)

    def _give_up(self) -> None:
        self._gave_up.set()
        self._monitor.wake()

    def _outcome(self, order: dict[str, Any]) -> Reading | Failure:
        try:
            request = request_of(order)
            slot = PcscSlot(self._monitor)
            return Session(slot, self._kit, request, self._progress, self._gave_up.is_set).run()
        except CardError as exc:
            log.info("card.failed", code=exc.code.value, cause=str(exc))
            return Failure(exc.code, exc.fields if isinstance(exc, MrzError) else ())

    def _progress(self, progress: Progress) -> None:
        self._say(pack(progress))

    def _scene(self, scene: Scene) -> None:
        names = [reader.name for reader in scene.readers]
        self._say({"t": "scene", "service": scene.service, "readers": len(names), "model": names[0] if names else ""})

    def _say(self, told: dict[str, Any]) -> None:
        with self._writing:
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()


def kit(settings: dict[str, Any]) -> Kit:
    """What reads share, from the settings. Raises: ConfigError: the bundle cannot be used."""
    profiles = tuple(PROFILES[code] for code in settings["profiles"])
    countries = frozenset(c for p in profiles for c in p.countries) or None
    if any(not p.countries for p in profiles):
        countries = None
    trusted = store.load(Path(settings["trust"]), countries) if settings["trust"] else Store(())
    return Kit(trusted, profiles, Blocks.load(settings["blocks"]))


def request_of(order: dict[str, Any]) -> Request:
    """An order as a request. Raises: MrzError: the key cannot be right."""
    day_key = bytes.fromhex(order["day_key"]) if order["day_key"] else None
    return Request(
        plan(Purpose(order["purpose"]), frozenset(order["fields"])), key_of(order["key"]), day_key, order["wait_s"]
    )


def key_of(data: dict[str, str] | None) -> Key | None:
    """A key from its JSON form. Raises: MrzError."""
    if data is None:
        return None
    if "can" in data:
        return CanKey.typed(data["can"])
    return MrzKey.typed(data["number"], data["birth"], data["expiry"])


def key_data(key: Key | None) -> dict[str, str] | None:
    """The JSON form of a key."""
    match key:
        case None:
            return None
        case CanKey():
            return {"can": key.digits}
        case MrzKey():
            return {"number": key.number, "birth": key.birth, "expiry": key.expiry}


def main(stop: threading.Event) -> None:  # noqa: ARG001 - stdin's end stops it, a signal to the group does not matter
    """Serves the process at the other end of stdin and stdout."""
    harden()
    settings = next(_lines(), None)
    if settings is not None:
        Worker(settings).serve()


def _lines() -> Iterator[dict[str, Any]]:
    while line := sys.stdin.readline(LINE):
        yield json.loads(line)


if __name__ == "__main__":
    logs.configure("card-worker")
    card_log.guard()
    sys.exit(run(main))

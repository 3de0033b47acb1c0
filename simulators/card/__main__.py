"""Cards on the readers of a pcscd, laid down and taken away over a control socket.

    python -m simulators.card --dir DIR [--slot NAME=HOST:PORT …]

prints one line of JSON: its control socket, its ledger, its slots, the master list of the states that issued the cards (DIR/master-list.ml)
and the certificate to check that list by (DIR/list-anchor.der). Without --slot there are the two of a stock vpcd on this machine.
Orders are one JSON object a line, each answered with the slots' state, or {"error": …}:

    {"do": "insert", "card": "ua", "slot": "0", "script": {…}}     slot and script may be left out; scripts: see script.py
    {"do": "remove", "slot": "0"} · {"do": "script", "slot": "0", "script": {…}} · {"do": "state"}
    {"do": "describe", "card": "ua"}                               what is printed on the card: {"mrz": […], "can": …}
"""

from __future__ import annotations

import argparse
import json
import signal
import socketserver
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulators.card.ledger import Ledger
from simulators.card.slot import Slot
from simulators.card.specimen import Drawer

STOCK = ("0=127.0.0.1:35963", "1=127.0.0.1:35964")
ORDER_BYTES = 65536


class Desk:
    """The slots and the drawer of cards beside them."""

    def __init__(self, drawer: Drawer, slots: dict[str, tuple[str, int]]) -> None:
        self._drawer = drawer
        self._slots = {name: Slot(name, address, drawer) for name, address in slots.items()}

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Raises: ValueError, KeyError, TypeError: an order that is none."""
        match order["do"]:
            case "insert":
                self._slot(order).insert(order["card"], order.get("script"))
            case "remove":
                self._slot(order).remove()
            case "script":
                self._slot(order).obey(order["script"])
            case "describe":
                return self._drawer.describe(order["card"])
            case "state":
                pass
            case other:
                raise ValueError(f"do: {other!r}")
        return self.state()

    def state(self) -> dict[str, Any]:
        return {"slots": [slot.state() for slot in self._slots.values()]}

    def stop(self) -> None:
        for slot in self._slots.values():
            slot.stop()

    def _slot(self, order: dict[str, Any]) -> Slot:
        return self._slots[order.get("slot", next(iter(self._slots)))]


class Control(socketserver.ThreadingUnixStreamServer):
    """One JSON object a line, both ways."""

    daemon_threads = True

    def __init__(self, path: Path, desk: Desk) -> None:
        self.desk = desk
        super().__init__(str(path), Line)


class Line(socketserver.StreamRequestHandler):
    """One who gives orders."""

    server: Control

    def handle(self) -> None:
        with suppress(ConnectionError):
            while line := self.rfile.readline(ORDER_BYTES):
                self.wfile.write(json.dumps(self._answer(line)).encode() + b"\n")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return self.server.desk.obey(json.loads(line))
        except (ValueError, KeyError, TypeError) as exc:
            return {"error": f"{type(exc).__name__}: {exc}"}


def slot_address(text: str) -> tuple[str, tuple[str, int]]:
    """NAME=HOST:PORT. Raises: ValueError: it is not."""
    name, _, address = text.partition("=")
    host, _, port = address.rpartition(":")
    return name, (host, int(port))


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True, help="for control socket, ledger and master list")
    parser.add_argument(
        "--slot", action="append", type=slot_address, help="NAME=HOST:PORT of a slot of the vpcd driver"
    )
    options = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    serve(options.dir, dict(options.slot or map(slot_address, STOCK)), ended)


def serve(folder: Path, slots: dict[str, tuple[str, int]], ended: threading.Event) -> None:
    """Lay cards on the slots as the control line says, until `ended`; prints one line when ready."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(folder / "ledger.jsonl")
    drawer = Drawer(datetime.now(UTC), ledger)
    (folder / "master-list.ml").write_bytes(drawer.world.master_list())
    (folder / "list-anchor.der").write_bytes(drawer.world.list_anchor())
    desk = Desk(drawer, slots)
    (folder / "control").unlink(missing_ok=True)
    with Control(folder / "control", desk) as control:
        threading.Thread(target=control.serve_forever, args=(0.05,), daemon=True).start()
        said = {name: str(folder / name) for name in ("control", "master-list.ml", "list-anchor.der", "ledger.jsonl")}
        print(json.dumps({**said, **desk.state()}), flush=True)
        ended.wait()
        control.shutdown()
    desk.stop()
    ledger.close()


if __name__ == "__main__":
    main()

"""Faults of the demo: only those that can be made, and made at the other end of the wire."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import fault
from demo.process import DemoError, Processes

UIDS = {"W01": "000000000000d001"}
ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def simulator(name: str, *words: str) -> Iterator[dict[str, object]]:
    """A running simulator and the line by which it says where it is."""
    command = [sys.executable, "-m", f"simulators.{name}", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def asked(link: socket.socket, question: dict[str, str]) -> dict[str, object]:
    """A simulator's answer."""
    with link, link.makefile() as answers:
        link.sendall(json.dumps(question).encode() + b"\n")
        answer: dict[str, object] = json.loads(answers.readline())
        return answer


def test_a_fault_that_cannot_be_made_is_refused_with_those_that_can() -> None:
    assert fault.named("paper@kiosk-1,unplug@pad-W01,busy@voice-1", UIDS) == [
        "paper@kiosk-1",
        "unplug@pad-W01",
        "busy@voice-1",
    ]
    assert fault.named("", UIDS) == []
    for wrong in ("paper@kiosk-9", "unplug@pad-W09", "paper", "fire@board-1"):
        with pytest.raises(DemoError, match=r"allowed: paper@kiosk-1, .*dead@board-1"):
            fault.named(wrong, UIDS)


def test_a_terminals_devices_break_where_there_is_a_terminal(tmp_path: Path) -> None:
    faults = "paper@terminal-1,unplug@pos-1,unplug@cash-1"
    with pytest.raises(DemoError, match="allowed: "):
        fault.named(faults, UIDS)
    with (
        simulator("privat_pos", "--port", "0", "--control-port", "0", "--out", str(tmp_path / "pos")) as pos,
        simulator("ccnet", "--control-port", "0", "--out", str(tmp_path / "acceptor")) as acceptor,
        simulator("printer", "--port", "0", "--out", str(tmp_path / "papers")) as printer,
        Processes(tmp_path) as processes,
    ):
        told = {"pos-1": pos, "cash-1": acceptor, "terminal-1": printer}
        ports = {name: int(str(facts["control_port"])) for name, facts in told.items()}
        wires = fault.Wires(ports, tmp_path / "none", tmp_path / "none", tmp_path / "none")
        for name in fault.named(faults, UIDS, terminal=True):
            fault.make(name, wires, UIDS, processes)
        states = {
            name: asked(socket.create_connection(("127.0.0.1", port), 5), {"do": "state"})
            for name, port in ports.items()
        }
        assert (states["pos-1"]["powered"], states["cash-1"]["powered"], states["terminal-1"]["paper"]) == (
            False,
            False,
            "out",
        )


def test_a_printer_loses_its_paper_and_a_display_its_cable(tmp_path: Path) -> None:
    with (
        simulator("printer", "--port", "0", "--out", str(tmp_path / "papers")) as printer,
        simulator("display", "--dir", str(tmp_path / "displays"), "--display", "display-W01") as displays,
        Processes(tmp_path) as processes,
    ):
        port = printer["control_port"]
        assert isinstance(port, int)
        assert Path(str(displays["control"])).exists()
        speaker = tmp_path / "speaker.fault"
        wires = fault.Wires({"kiosk-1": port}, Path(str(displays["control"])), tmp_path / "none.sock", speaker)
        for name in fault.named("paper@kiosk-1,unplug@display-W01,busy@voice-1", UIDS):
            fault.make(name, wires, UIDS, processes)
        assert speaker.read_text(encoding="utf-8") == "busy"
        assert asked(socket.create_connection(("127.0.0.1", port), 5), {"do": "state"})["paper"] == "out"
        display = socket.socket(socket.AF_UNIX)
        display.connect(str(displays["control"]))
        assert asked(display, {"read": "display-W01"})["plugged"] is False

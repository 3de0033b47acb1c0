"""A judge that is not ours: tshark reads what till and simulated terminal say to each other over TCP."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from contract.words import PaymentState as State
from soak.money_site import POS, Device, card_till, open_journal
from terminal.money import Money
from terminal.wire import Wire

pytestmark = pytest.mark.skipif(
    shutil.which("tshark") is None or shutil.which("text2pcap") is None,
    reason="tshark is not installed: sudo apt-get install tshark",
)
PORT = 20007


class Tapped:
    """A wire whose bytes are written down: O out, I in, as text2pcap reads them."""

    def __init__(self, inner: Wire, notes: list[tuple[str, bytes]]) -> None:
        self._inner, self._notes = inner, notes

    def write(self, data: bytes) -> None:
        self._notes.append(("O", data))
        self._inner.write(data)

    def read(self, timeout_s: float) -> bytes:
        data = self._inner.read(timeout_s)
        if data:
            self._notes.append(("I", data))
        return data

    def close(self) -> None:
        self._inner.close()


def decoded(notes: list[tuple[str, bytes]], folder: Path) -> list[dict[str, Any]]:
    dump = "".join(f"{way}\n0000 {data.hex(' ')}\n\n" for way, data in notes)
    (folder / "dump.txt").write_text(dump)
    capture = folder / "zvt.pcap"
    subprocess.run(
        ["text2pcap", "-q", "-D", "-T", f"40000,{PORT}", str(folder / "dump.txt"), str(capture)],
        check=True,
        capture_output=True,
    )
    told = subprocess.run(
        ["tshark", "-r", str(capture), "-d", f"tcp.port=={PORT},zvt", "-T", "json"], check=True, capture_output=True
    )
    packets: list[dict[str, Any]] = json.loads(told.stdout)
    return [packet["_source"]["layers"].get("zvt", {}) for packet in packets]


def test_tshark_reads_the_amount_the_currency_and_the_result_of_a_sale(tmp_path: Path) -> None:
    notes: list[tuple[str, bytes]] = []
    module, make = POS["zvt"]
    with (
        Device(module, tmp_path / "pos") as pos,
        open_journal(tmp_path) as journal,
        card_till(journal, make(pos, lambda wire: Tapped(wire, notes))) as till,
    ):
        assert till.pay("o", Money(1235, "UAH")).state is State.APPROVED
    text = json.dumps(decoded(notes, tmp_path))
    assert "0x0601" in text
    assert "0x040f" in text
    assert "1235" in text
    assert "980" in text

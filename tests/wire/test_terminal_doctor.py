"""`vikno pos-doctor` before five kinds of device: what it says, what it leaves as it was, how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import vikno
from journal.lock import Lock
from soak.money_site import Device


@pytest.fixture
def device(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Device]:
    with Device(request.param, tmp_path / "device") as device:
        yield device


def url(device: Device, kind: str) -> str:
    facts = device.facts
    match kind:
        case "kaspi+tls":
            return f"{kind}://127.0.0.1:{facts['port']}?pin={facts['pin']}"
        case "zvt+serial" | "ccnet+serial":
            return f"{kind}://{facts['device']}?baud=115200"
        case _:
            return f"{kind}://127.0.0.1:{facts['port']}"


CARDS = [
    ("simulators.privat_pos", "privat+tcp"),
    ("simulators.zvt_pt", "zvt+tcp"),
    ("simulators.zvt_pt", "zvt+serial"),
]


@pytest.mark.parametrize(("device", "kind"), CARDS, indirect=["device"])
def test_a_card_terminal_tells_its_last_receipt_and_batch_and_no_money_moves(
    device: Device, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    device.do("foreign", minor=1235)
    assert vikno.main(["pos-doctor", url(device, kind)]) == 0
    said = capsys.readouterr().out
    assert "handshake: it is" in said
    assert "last receipt: 1, a sale over 12.35 UAH, approved" in said
    assert "batch: 1 sales, 12.35 UAH" in said
    assert len(device.lines("bank.jsonl")) == 1


@pytest.mark.parametrize("device", ["simulators.kaspi_pos"], indirect=True)
def test_a_kaspi_terminal_is_paired_first_and_shows_its_pin(
    device: Device, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [url(device, "kaspi+tls"), "--data", str(tmp_path)]
    assert vikno.main(["pos-doctor", *words]) == 1
    assert "payment_device_unpaired" in capsys.readouterr().out
    assert vikno.main(["pos-doctor", *words, "--pair", "hall-1"]) == 0
    said = capsys.readouterr().out
    assert f"its pin is {device.facts['pin']}" in said
    assert "handshake: it is Kaspi SIM-K1" in said
    bare = words[0].split("?")[0]
    steps = device.do("state")["steps"]
    assert vikno.main(["pos-doctor", bare, *words[1:]]) == 2  # nothing of ours is told to a certificate nobody compared
    assert f"{bare}?pin={device.facts['pin']}" in capsys.readouterr().err
    assert device.do("state")["steps"] == steps
    assert device.lines("bank.jsonl") == []


@pytest.mark.parametrize("device", ["simulators.kaspi_pos"], indirect=True)
def test_another_certificate_is_named(device: Device, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = f"kaspi+tls://127.0.0.1:{device.facts['port']}?pin={'0' * 64}"
    (tmp_path / "permission.json").write_text('{"name": "hall-1", "access": "a", "refresh": "r"}')
    assert vikno.main(["pos-doctor", address, "--data", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "payment_device_stranger" in said
    assert f"its pin is {device.facts['pin']}" in said


@pytest.mark.parametrize("device", ["simulators.ccnet"], indirect=True)
def test_an_acceptor_tells_its_bill_table_and_cassette_and_takes_nothing(
    device: Device, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vikno.main(["pos-doctor", url(device, "ccnet+serial")]) == 0
    said = capsys.readouterr().out
    assert "bill table: 1.00 UAH, 2.00 UAH" in said
    assert "cassette: in its place" in said
    device.do("fault", word="full")
    assert vikno.main(["pos-doctor", url(device, "ccnet+serial")]) == 1
    assert "BROKEN state: the acceptor's cassette is full" in capsys.readouterr().out
    assert device.do("state")["enabled"] == 0
    assert device.lines("notes.jsonl") == []


@pytest.mark.parametrize("device", ["simulators.ccnet"], indirect=True)
def test_a_note_that_was_stacked_and_not_yet_remembered_is_still_told_of_afterwards(device: Device) -> None:
    vikno.main(["pos-doctor", url(device, "ccnet+serial")])
    device.do("again", kind=5)
    assert vikno.main(["pos-doctor", url(device, "ccnet+serial")]) == 0
    assert device.do("state")["open"]


@pytest.mark.parametrize(("device", "kind"), CARDS[:1], indirect=["device"])
def test_nobody_there_is_broken_with_its_next_step(
    device: Device, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    device.do("power", on=False)
    assert vikno.main(["pos-doctor", url(device, kind)]) == 1
    said = capsys.readouterr().out
    assert "BROKEN handshake" in said
    assert "next: check its power and cable" in said


def test_a_wrong_address_is_told_with_the_right_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert vikno.main(["pos-doctor", "http://127.0.0.1"]) == 2
    assert "privat+tcp://HOST:2000" in capsys.readouterr().err


@pytest.mark.parametrize("device", ["simulators.privat_pos"], indirect=True)
def test_a_configuration_names_the_devices_and_a_running_terminal_keeps_them(
    device: Device, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "terminal.toml"
    file.write_text(f"""
        currency = "UAH"
        data = "{tmp_path}"
        [broker]
        hall = "h"
        dev = "terminal-1"
        ca = "ca.pem"
        cert = "c.pem"
        key = "k.pem"
        [printer]
        url = "tcp://127.0.0.1:9100"
        [card]
        protocol = "privat"
        url = "tcp://127.0.0.1:{device.facts["port"]}"
    """)
    assert vikno.main(["pos-doctor", "--config", str(file)]) == 0
    assert "card terminal pos-1: privat at" in capsys.readouterr().out
    with closing(Lock(tmp_path / "terminal.db")):
        assert vikno.main(["pos-doctor", "--config", str(file)]) == 2
    assert "another service has it open" in capsys.readouterr().err

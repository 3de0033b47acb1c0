"""New firmware over the line: real pads under MicroPython take it, prove it, and go back from what does not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_bridge.image import Image
from firmware_bridge.shipped import shipped
from tests.until import until
from tests.wire.pad_bench import Hall, Simulator

FIRMWARE = Path(__file__).parents[2] / "firmware_bridge/firmware"


def image(**changed: str) -> Image:
    """The repository's firmware as version 2.1.7, with modules of other content."""
    modules = {file.name: file.read_bytes() for file in FIRMWARE.glob("*.py")}
    modules |= {f"{name}.py": text.encode() for name, text in changed.items()}
    modules["pad.py"] = modules["pad.py"].replace(b"FIRMWARE = (2, 1, 0)", b"FIRMWARE = (2, 1, 7)")
    return Image.of(modules)


def version(hall: Hall, uid: str) -> str:
    units = hall.driver.units
    return units[uid].version if uid in units else ""


@pytest.mark.parametrize("corrupt", [0, 8])
def test_pad_takes_newer_firmware_and_keeps_it_and_no_press_is_lost(tmp_path: Path, corrupt: int) -> None:
    with Simulator(tmp_path) as pad:
        with Hall(pad.port, image=image()) as hall:
            hall.driver.know([pad.uid])
            until(lambda: hall.here(pad.uid))
            pad.do("wire", pad.uid, corrupt=corrupt)
            pad.do("press", pad.uid, key=0)
            until(lambda: version(hall, pad.uid) == "2.1.7", deadline_s=60)
            pad.do("wire", pad.uid)
            pad.do("press", pad.uid, key=2)
            hall.commands(2)
            said = {(row["boot"], row["seq"]) for row in pad.ledger("event")}
            assert {(press.boot, press.seq) for press in hall.presses()} == said
            assert len({boot for boot, _ in said}) == 2, "one before, one after"
            assert [row["code"] for row in pad.ledger("again")] == [3]
        pad.restart(pad.uid)
        with Hall(pad.port, image=image()) as hall:
            hall.driver.know([pad.uid])
            until(lambda: version(hall, pad.uid) == "2.1.7")
            assert not hall.faults()
    assert not (tmp_path / f"{pad.uid}.trial").exists()


@pytest.mark.parametrize("broken", ["import nothing_of_that_name", "class Keys:\n    pass", "def broken(:"])
def test_pad_goes_back_from_firmware_that_does_not_run_and_says_so(tmp_path: Path, broken: str) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port, image=image(keys=broken)) as hall:
        hall.driver.know([pad.uid])
        until(lambda: any(fault.fault == "firmware_failed" for fault in hall.faults()), deadline_s=60)
        assert len(pad.ledger("again")) == 1 + 3, "sent once, started three times"
        assert pad.ledger("died") == []
        assert version(hall, pad.uid) == "2.1.0"
        pad.do("press", pad.uid, key=1)
        hall.commands(1)


def test_pad_that_was_not_asked_to_is_left_as_it_is(tmp_path: Path) -> None:
    with Simulator(tmp_path) as pad, Hall(pad.port, image=shipped()) as hall:
        hall.driver.know([pad.uid])
        until(lambda: hall.here(pad.uid))
        pad.do("press", pad.uid, key=1)
        hall.commands(1)
        assert pad.ledger("again") == []
        assert not (tmp_path / f"{pad.uid}.image").exists()

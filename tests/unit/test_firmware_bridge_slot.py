"""The pad's two slots: whatever breaks on the way, firmware that is whole runs, and what does not prove itself is left."""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract.errors import ContractError
from firmware_bridge.image import STAY, Image
from firmware_bridge.shipped import shipped

FIRMWARE = Path(__file__).parents[2] / "firmware_bridge/firmware"
OLD = Image.of({"pad.py": b"FIRMWARE = (2, 1, 0)\n", "keys.py": b"old"})
NEW = Image.of({"pad.py": b"FIRMWARE = (2, 2, 0)\n" * 30, "link.py": b"new" * 500, "main.py": b"stays"})
GO_ON, WHOLE, REFUSED = range(3)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(FIRMWARE)
    yield importlib.import_module("slot")
    for name in ("slot", "main"):
        sys.modules.pop(name, None)


def send(slots: Any, image: Image) -> int:
    """Offer and send it as a bridge does; how it ended."""
    state, at = slots.offer(len(image.data), image.crc)
    while state == GO_ON:
        block = image.block(at)
        assert block is not None
        state, at = slots.block(block.at, block.data)
    return int(state)


def held(folder: str) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in Path(folder).iterdir()} if folder else {}


def wanted(image: Image) -> dict[str, bytes]:
    """The modules of an image, read by another author."""
    found, rest = {}, image.data
    while rest:
        name, rest = rest[1 : 1 + rest[0]], rest[1 + rest[0] :]
        size, rest = int.from_bytes(rest[:4], "little"), rest[4:]
        found[name.decode()], rest = rest[:size], rest[size:]
    return found


def test_image_holds_all_modules_but_those_that_choose_what_runs() -> None:
    image = shipped()
    assert set(wanted(image)) == {file.name for file in FIRMWARE.glob("*.py")} - STAY
    assert wanted(image)["pad.py"] == (FIRMWARE / "pad.py").read_bytes()
    assert f"FIRMWARE = {image.version}".encode() in wanted(image)["pad.py"]
    with pytest.raises(ContractError, match="FIRMWARE"):
        Image.of({"pad.py": b"VERSION = 3"})


def test_image_runs_on_trial_and_stays_when_it_proved_itself(module: Any, tmp_path: Path) -> None:
    flash = f"{tmp_path}/pad."
    slots = module.Slots(flash)
    assert slots.start() == ""
    assert send(slots, NEW) == WHOLE
    for _ in range(2):
        on_trial = module.Slots(flash)
        assert held(on_trial.start()) == wanted(NEW)
        assert on_trial.trial
    on_trial.prove()
    for _ in range(5):
        proved = module.Slots(flash)
        assert held(proved.start()) == wanted(NEW)
        assert not proved.trial


def test_next_image_goes_into_the_other_slot(module: Any, tmp_path: Path) -> None:
    flash = f"{tmp_path}/"
    folders = []
    for image in (NEW, OLD, NEW):
        slots = module.Slots(flash)
        slots.start()
        assert send(slots, image) == WHOLE
        slots = module.Slots(flash)
        folders.append(slots.start())
        assert held(folders[-1]) == wanted(image)
        slots.prove()
    assert folders[0] == folders[2] != folders[1]


def test_what_never_proves_itself_is_started_three_times_and_never_taken_again(module: Any, tmp_path: Path) -> None:
    flash = f"{tmp_path}/"
    slots = module.Slots(flash)
    slots.start()
    send(slots, NEW)
    starts = [module.Slots(flash).start() for _ in range(5)]
    assert [bool(folder) for folder in starts] == [True, True, True, False, False]
    slots = module.Slots(flash)
    slots.start()
    assert slots.offer(len(NEW.data), NEW.crc) == (REFUSED, 0)
    assert send(slots, OLD) == WHOLE


def test_pieces_that_come_twice_late_or_from_nowhere_change_nothing(module: Any, tmp_path: Path) -> None:
    slots = module.Slots(f"{tmp_path}/")
    slots.start()
    assert slots.block(0, b"stray") is None
    assert slots.offer(len(NEW.data), NEW.crc) == (GO_ON, 0)
    first, second = NEW.block(0), NEW.block(54)
    assert first is not None
    assert second is not None
    assert slots.block(second.at, second.data) == (GO_ON, 0)
    assert slots.block(first.at, first.data) == (GO_ON, 54)
    assert slots.block(first.at, first.data) == (GO_ON, 54)
    assert slots.offer(len(NEW.data), NEW.crc) == (GO_ON, 54), "the same offer goes on where it was"
    assert send(slots, NEW) == WHOLE
    assert slots.offer(len(NEW.data), NEW.crc)[0] == slots.block(0, b"late")[0] == WHOLE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x00", id="no name"),
        pytest.param(b"\x06../pad\x01\0\0\0x", id="another folder"),
        pytest.param(b"\x03pad\x09\0\0\0x", id="cut"),
        pytest.param(b"\x03pad\xff\xff\xff\xff", id="endless"),
    ],
)
def test_damaged_image_is_refused_and_what_runs_goes_on(module: Any, tmp_path: Path, data: bytes) -> None:
    from zlib import crc32

    slots = module.Slots(f"{tmp_path}/")
    slots.start()
    assert send(slots, Image((9, 0, 0), data, crc32(data))) == REFUSED
    assert module.Slots(f"{tmp_path}/").start() == ""
    assert send(slots, Image((9, 0, 0), NEW.data, NEW.crc ^ 1)) == REFUSED, "another CRC than was said"
    assert slots.offer(module.MOST + 1, 1) == (REFUSED, 0)
    assert module.Slots(f"{tmp_path}/").start() == ""


class PowerCut(BaseException):
    """The power is gone at this step."""


class Flash:
    """`open` and `os` for the firmware, with the power gone before step `last`."""

    def __init__(self, last: int) -> None:
        self.steps, self._last = 0, last
        self.os = SimpleNamespace(
            listdir=os.listdir, **{name: self._cut(getattr(os, name)) for name in ("mkdir", "remove", "rename")}
        )

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self._last:
            raise PowerCut

    def _cut(self, act: Any) -> Any:
        def done(*given: Any) -> Any:
            self._step()
            return act(*given)

        return done

    def open(self, name: str, mode: str = "r") -> Any:
        if "w" not in mode:
            return builtins.open(name, mode)  # noqa: PTH123 - as the firmware does
        self._step()
        file = builtins.open(name, mode, buffering=0 if "b" in mode else -1)  # noqa: PTH123, SIM115 - closed by the firmware
        if "b" not in mode:
            return file
        write = self._cut(file.write)
        return _Written(file, write)


class _Written:
    def __init__(self, file: Any, write: Any) -> None:
        self._file, self.write, self.close = file, write, file.close

    def __enter__(self) -> _Written:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def test_power_cut_at_any_step_leaves_firmware_that_is_whole(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts, last = 0, 0
    while True:
        last += 1
        flash = f"{tmp_path}/{last}."
        if not whole_way(module, flash, Flash(last), monkeypatch):
            break
        cuts += 1
        monkeypatch.undo()
        monkeypatch.syspath_prepend(FIRMWARE)
        slots = module.Slots(flash)
        runs = held(slots.start())
        assert runs in ({}, wanted(OLD), wanted(NEW)), f"cut before step {last}"
        if slots.trial:
            slots.prove()
        if runs != wanted(NEW):
            assert send(slots, NEW) == WHOLE, f"cut before step {last}: it does not come again"
            assert held(module.Slots(flash).start()) == wanted(NEW)
    assert cuts > 70


def whole_way(module: Any, path: str, flash: Flash, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Two images, each sent, tried and proved; True when the power went away meanwhile."""
    monkeypatch.setattr(module, "open", flash.open, raising=False)
    monkeypatch.setattr(module, "os", flash.os)
    opened: list[Any] = []
    try:
        for image in (OLD, NEW):
            slots = module.Slots(path)
            opened.append(slots)
            slots.start()
            assert send(slots, image) == WHOLE
            slots = module.Slots(path)
            assert held(slots.start()) == wanted(image)
            slots.prove()
    except PowerCut:
        return True
    finally:
        for slots in opened:
            slots._close()
    return False


# --- the loop around the pad


class Outside:
    """A hal and a pad whose time runs by itself."""

    def __init__(self) -> None:
        self.now, self.welcome, self.renewed = 0, False, False
        self.waiting: list[str] = []

    def now_ms(self) -> int:
        return self.now

    def idle(self, ms: int) -> None:
        self.now += ms

    def step(self) -> int:
        return 1000


def test_firmware_on_trial_that_is_never_welcome_is_left_after_a_minute(module: Any) -> None:
    serve = importlib.import_module("main").serve
    outside = Outside()
    serve(outside, outside, SimpleNamespace(trial="a"))
    assert 60_000 < outside.now <= 62_000


def test_welcome_proves_a_trial_and_the_pad_goes_on_until_other_firmware_came(module: Any) -> None:
    serve = importlib.import_module("main").serve
    outside = Outside()
    slots: Any = SimpleNamespace(trial="a", prove=lambda: setattr(slots, "trial", ""))
    seconds = iter(range(1000))

    def step() -> int:
        second = next(seconds)
        outside.welcome = second > 5
        outside.renewed = second > 100
        outside.waiting = ["a press"] if second < 110 else []
        return 1000

    outside.step = step  # type: ignore[method-assign]
    serve(outside, outside, slots)
    assert slots.trial == ""
    assert outside.now == 111_000, "a press that waits is said first"

"""The monitor against a pcscd of the test's own: readers that are unplugged and plugged, a service that goes and comes, cancel."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from smartcard import scard

from card_reader.config import CardReaderSection, Options
from card_reader.readers.monitor import PNP, Monitor, Scene
from contract.errors import ConfigError
from runtime import config
from runtime.config import Section
from tests.until import until

ATR = [0x3B, 0x00]
GONE, NO_SERVICE, CANCELLED = 0x8010001E, 0x8010001D, 0x80100002


class Pcscd:
    """What libpcsclite's five calls see. `news` ends a wait; `up` False: no service."""

    def __init__(self) -> None:
        self.readers: dict[str, bool] = {}
        self.up = True
        self.contexts = 0
        self.news: queue.Queue[int] = queue.Queue()
        self.seen: list[tuple[str, int]] = []

    def establish(self, _scope: int) -> tuple[int, int]:
        if not self.up:
            return NO_SERVICE, 0
        self.contexts += 1
        return 0, self.contexts

    def release(self, _context: int) -> int:
        self.contexts -= 1
        return 0

    def found(self, _context: int, _groups: list[str]) -> tuple[int, list[str]]:
        if not self.up:
            return GONE, []
        return (0, list(self.readers)) if self.readers else (0x8010002E, [])

    def change(
        self, _context: int, _timeout: int, states: list[tuple[str, int]]
    ) -> tuple[int, list[tuple[str, int, list[int]]]]:
        if all(state for name, state in states if name != PNP):
            code = self.news.get()
            if code:
                return code, []
        found = []
        for name, _state in states:
            present = self.readers.get(name, False)
            state = scard.SCARD_STATE_PRESENT if present else scard.SCARD_STATE_EMPTY
            if name != PNP and name not in self.readers:
                state = scard.SCARD_STATE_UNKNOWN
            found.append((name, state | scard.SCARD_STATE_CHANGED, ATR if present else []))
        return 0, found

    def cancel(self, _context: int) -> int:
        self.news.put(CANCELLED)
        return 0


@pytest.fixture
def pcscd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pcscd]:
    fake = Pcscd()
    for name, call in (("SCardEstablishContext", fake.establish), ("SCardReleaseContext", fake.release), ("SCardListReaders", fake.found),
                       ("SCardGetStatusChange", fake.change), ("SCardCancel", fake.cancel)):  # fmt: skip
        monkeypatch.setattr(scard, name, call)
    yield fake
    assert fake.contexts == 0


def names(scene: Scene) -> list[str]:
    return [reader.name for reader in scene.readers]


def test_readers_come_and_go(pcscd: Pcscd) -> None:
    scenes: list[Scene] = []
    with Monitor("PICC", scenes.append) as monitor:
        until(lambda: monitor.scene == Scene(service=True), "no scene")
        pcscd.readers = {"ACS ACR1252 PICC 00 00": False, "ACS ACR1252 SAM 00 01": False}
        pcscd.news.put(0)
        until(lambda: names(monitor.scene) == ["ACS ACR1252 PICC 00 00"], "not plugged")
        pcscd.readers["ACS ACR1252 PICC 00 00"] = True
        pcscd.news.put(0)
        until(lambda: monitor.scene.occupied is not None, "no card")
        pcscd.readers.clear()
        pcscd.news.put(0)
        until(lambda: monitor.scene == Scene(service=True), "still plugged")
    assert scenes[-1] == Scene(service=True)


def test_a_service_that_goes_and_comes_is_followed_with_patience(pcscd: Pcscd) -> None:
    pcscd.readers = {"R": False}
    with Monitor() as monitor:
        until(lambda: names(monitor.scene) == ["R"], "no reader")
        pcscd.up = False
        pcscd.news.put(0x80100013)
        until(lambda: not monitor.scene.service, "still there")
        assert monitor.wait(lambda s: s.service, 0.3, lambda: False) == Scene()
        pcscd.up = True
        began = time.monotonic()
        until(lambda: names(monitor.scene) == ["R"], "not back", 3)
        assert time.monotonic() - began <= 1.3


def test_who_waits_is_woken_to_give_up(pcscd: Pcscd) -> None:
    assert pcscd.up
    gave_up = threading.Event()
    with Monitor() as monitor:

        def give_up() -> None:
            gave_up.set()
            monitor.wake()

        timer = threading.Timer(0.05, give_up)
        timer.start()
        began = time.monotonic()
        monitor.wait(lambda _scene: False, 10, gave_up.is_set)
        assert time.monotonic() - began < 2
        timer.join()


class Box(Section):
    """A box's file with nothing but the reader's section."""

    card_reader: CardReaderSection


def test_the_readmes_configuration_is_taken(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "card_reader/README.md").read_text("utf-8")
    blocks: list[Any] = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "box.toml").write_text(blocks[0])
    section = config.read(tmp_path / "box.toml", Options).card_reader
    assert (section.profiles, section.swipe is None) == (("ua", "generic"), False)
    for wrong, said in (('names = "(PICC"', "not a regular expression"), ('swipe = "tcp://x"', "frame=desko")):
        (tmp_path / "box.toml").write_text(f"[card_reader]\n{wrong}\n")
        with pytest.raises(ConfigError, match=said):
            config.read(tmp_path / "box.toml", Box)

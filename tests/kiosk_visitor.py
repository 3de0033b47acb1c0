"""A kiosk on its wires with somebody before it, and the papers that leave it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from card_reader.config import CardReaderSection
from kiosk.config import MouthLightSection, Options, PrinterSection
from kiosk.service import Kiosk
from runtime.config import BrokerSection
from tests.halls import KIOSK
from tests.kiosk_hall import SmallHall
from tests.printing import SimPrinter
from tests.until import until


class Visitor:
    """A kiosk, and somebody before it who reads the screen and waits for what it offers."""

    def __init__(
        self, hall: SmallHall, printer: SimPrinter, data: Path, *, pins: Any = None, cards: CardReaderSection | None = None,
        **printer_options: Any,
    ) -> None:  # fmt: skip
        """`pins`: with a lamp at the printer's mouth, on pin 17 of these; `cards`: with a reader."""
        broker = hall.broker(KIOSK)
        section = BrokerSection(
            hall=broker.hall, dev=broker.dev, host=broker.host, port=broker.port, ca=broker.ca, cert=broker.cert, key=broker.key
        )  # fmt: skip
        url = f"tcp://127.0.0.1:{printer.port}"
        light = MouthLightSection(pin=17) if pins is not None else None
        paper = PrinterSection(url=url, **printer_options)
        options = Options(broker=section, printer=paper, mouth_light=light, card_reader=cards, data=data)
        self.kiosk = Kiosk(options, pins=pins)

    def __enter__(self) -> Visitor:
        self.kiosk.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kiosk.stop()

    def sees(self, screen: str) -> None:
        until(lambda: self.kiosk.face.name == screen, lambda: f"{screen}, seen: {self.kiosk.face.script()}")

    def reads(self, text: str) -> bool:
        return any(text in each.replace("\u2011", "-") for each in self.kiosk.face.script())

    def press(self, key: str, then: str) -> None:
        """Press until the screen `then` comes: a touch right after a change of screen is not meant for it."""

        def pressed() -> bool:
            if self.kiosk.face.name != then and self.kiosk.face.control(key):
                self.kiosk.press(key)
            return self.kiosk.face.name == then

        until(pressed, then)

    def choose(self) -> None:
        self.sees("attract")
        until(lambda: self.kiosk._printer.ready().ready, "printer")
        self.press("start", "language")
        self.press("lang:uk", "groups")
        self.press("group:residence", "services")
        self.press("service:res-register", "confirm")


def papers(printer: SimPrinter, count: int) -> list[str]:
    """What the QR codes on the whole papers say, once the pictures of at least `count` of them are written."""
    until(lambda: len(whole(printer)) >= count, f"{count} papers")
    read = [
        subprocess.run(["zbarimg", "-q", "--raw", each], capture_output=True, text=True, check=True)
        for each in whole(printer)
    ]
    return [each.stdout.strip() for each in read]


def whole(printer: SimPrinter) -> list[str]:
    """Pictures of the papers that came out whole."""
    return [str(printer.folder / each["file"]) for each in printer.papers() if not each["torn"]]

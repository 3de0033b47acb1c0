"""What a terminal is told about itself: one TOML file, read at start."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from card_reader.config import CardReaderSection
from glass.config import ScreenSection
from printers.config import PrinterSection
from runtime.config import BrokerSection, Section
from terminal.fiscal.config import FiscalSection

Currency = Literal["UAH", "KZT", "KGS"]


class CardSection(Section):
    """`[card]`: the card terminal; its acquirer says which protocol it speaks."""

    protocol: Literal["privat", "zvt", "kaspi"]
    url: str = Field(
        description="tcp://192.0.2.7:2000, serial:///dev/ttyUSB0?baud=115200, or tls://192.0.2.7:8080?pin=… (Kaspi)"
    )
    id: str = Field(default="pos-1", min_length=1, max_length=32, description="its name in the hall's accounts")
    merchant: str = Field(default="0", description="the terminal's own number of the merchant (PrivatBank)")
    last_only: bool = Field(
        default=False, description="it voids its last receipt only, whatever it is asked (some ZVT)"
    )
    charset: Literal["cp437", "iso8859-1"] = Field(default="cp437", description="of a card's name (ZVT)")


class CashSection(Section):
    """`[cash]`: the note acceptor, CCNET."""

    url: str = Field(description="serial:///dev/ttyUSB1?baud=9600")
    id: str = Field(default="cash-1", min_length=1, max_length=32, description="its name in the hall's accounts")


class SheetSection(Section):
    """`[sheet]`: the A4 printer for certificates."""

    url: str = Field(description="a queue that speaks IPP, e.g. ipp://localhost/printers/a4")


class RegisterSection(Section):
    """`[registers]`: the hall's connector to registers; it knows this box by the certificate of `[broker]`."""

    url: str = Field(description="https://connector.hall:8444")
    timeout_s: float = Field(default=10, gt=0, le=60, description="for the whole of a question, in seconds")


class Options(Section):
    """A terminal's configuration file."""

    broker: BrokerSection
    printer: PrinterSection
    screen: ScreenSection = ScreenSection()
    card_reader: CardReaderSection | None = Field(default=None, description="the reader for ID cards; left out: none")
    card: CardSection | None = Field(default=None, description="the card terminal; left out: no cards are taken")
    cash: CashSection | None = Field(default=None, description="the note acceptor; left out: no notes are taken")
    registers: RegisterSection | None = Field(default=None, description="the connector to registers; left out: none")
    sheet: SheetSection | None = Field(
        default=None, description="the A4 printer; left out: certificates on receipt paper"
    )
    fiscal: FiscalSection = FiscalSection()
    currency: Currency | None = Field(default=None, description="what both tills take; needed with either")
    data: Path = Field(description="folder of the box's journal, on a disk that survives a power cut")

    @model_validator(mode="after")
    def _money(self) -> Options:
        if (self.card or self.cash) and self.currency is None:
            raise ValueError("currency: must be given with [card] or [cash]")
        return self

"""What a box is told about its card reader: a section of its TOML file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from card_reader.readers.swipe import address
from contract.errors import ContractError
from runtime.config import BrokerSection, Section

ProfileCode = Literal["ua", "kz", "kg", "ee", "generic"]


class CardReaderSection(Section):
    """`[card_reader]`: the reader for ID cards."""

    names: str = Field(
        default="",
        description="a regular expression the reader's name must contain, e.g. PICC for the contactless half of a dual one",
    )

    @field_validator("names")
    @classmethod
    def _expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as exc:
            raise ValueError(f"not a regular expression: {exc}") from exc
        return value

    profiles: tuple[ProfileCode, ...] = Field(
        default=("generic",), min_length=1, description="states whose cards are expected; others are read as generic"
    )
    trust: Path | None = Field(
        default=None, description="the bundle made by vikno trust import; without it every card is unverified"
    )
    swipe: str | None = Field(
        default=None,
        description="a reader of machine-readable zones: serial:///dev/ttyACM0?baud=9600&frame=desko (or 3m, lines); left out: none",
    )

    @field_validator("swipe")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                address(value)
            except ContractError as exc:
                raise ValueError(str(exc)) from exc
        return value

    recycle_after: int = Field(
        default=20, ge=1, le=1000, description="reads after which the reading process is replaced by a fresh one"
    )


class Options(Section):
    """The configuration file of a box with a reader at a window."""

    broker: BrokerSection
    card_reader: CardReaderSection = CardReaderSection()

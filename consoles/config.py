"""The consoles' TOML file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator, model_validator

from consoles.staff.audit import KEEP_DAYS
from look.texts import LANGUAGES
from runtime.config import BrokerSection, Section


class WebSection(Section):
    """`[web]`: where browsers find the consoles."""

    host: str = Field(default="127.0.0.1", description="address to listen on; another than loopback wants cert and key")
    port: int = Field(
        default=8080, ge=0, le=65535, description="port to listen on; 0 takes a free one, the log says which"
    )
    cert: Path | None = Field(default=None, description="certificate for HTTPS, PEM; with `key`")
    key: Path | None = Field(default=None, description="private key for HTTPS, PEM; with `cert`")

    @model_validator(mode="after")
    def _pair(self) -> WebSection:
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key go together")
        return self

    @property
    def secure(self) -> bool:
        """Whether it speaks HTTPS."""
        return self.cert is not None


class Options(Section):
    """Everything the consoles read at start."""

    broker: BrokerSection
    web: WebSection = WebSection()
    data: Path = Field(
        description="folder for the consoles' own database (accounts, sessions, what was done); made when it is not there"
    )
    journal: Path | None = Field(
        default=None,
        description="the coordinator's journal, read for reports; left out: on another machine, no reports",
    )
    language: str | None = Field(
        default=None,
        description="staff language where none was chosen (uk, ru, kk, ky, en); left out: the hall's default",
    )

    audit_days: int = Field(default=KEEP_DAYS, ge=30, le=3660, description="how long it is kept who did what, days")

    @field_validator("language")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in LANGUAGES:
            raise ValueError(f"one of {', '.join(LANGUAGES)}")
        return value

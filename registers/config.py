"""The connector's TOML file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from contract.hall_part import Id
from runtime.config import BrokerSection, Section

Answers = Literal["person", "household", "dues", "settlements", "streets", "documents", "given_names"]


class ListenSection(Section):
    """`[listen]`: where terminals ask, with the certificate of `[broker]`, which names this address."""

    address: str = Field(default="127.0.0.1", description="the address of this machine in the hall's network")
    port: int = Field(default=8443, ge=0, le=65535)
    allow: tuple[Id, ...] = Field(
        min_length=1, description="ids of the terminals that may ask: their certificates' common names"
    )
    per_minute: int = Field(
        default=30, ge=1, le=1000, description="questions about persons and codes that one terminal may ask in a minute"
    )


class RegisterSection(Section):
    """`[[registers]]`: one register, and what it is asked about."""

    name: Id = Field(description="how it is called in faults and on the doctor's page")
    url: str = Field(
        description="sqlite:////path/to/file, postgresql://user@host/database (password in ~/.pgpass) or https://host/path"
    )
    answers: tuple[Answers, ...] = Field(
        min_length=1, description="the questions and lists that it answers; dues: payments too"
    )
    timeout_s: float = Field(default=5.0, gt=0.1, le=9.0, description="how long one question may take")
    sign_key: Path | None = Field(
        default=None, description="https only: our ed25519 key, PEM, readable by this user only"
    )
    key_id: str = Field(
        default="", pattern=r"^[A-Za-z0-9._:-]{0,64}$", description="https only: how its owner calls our key"
    )
    ca: Path | None = Field(
        default=None, description="https only: whose certificates to trust; left out: the machine's list"
    )

    @model_validator(mode="after")
    def _signs(self) -> RegisterSection:
        if self.url.startswith("https:") != (self.sign_key is not None and bool(self.key_id)):
            raise ValueError("sign_key and key_id belong to an https register, and only there")
        return self


class Options(Section):
    """The connector's configuration file."""

    broker: BrokerSection
    listen: ListenSection
    registers: tuple[RegisterSection, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Options:
        asked = [what for register in self.registers for what in register.answers]
        names = [register.name for register in self.registers]
        if len(set(asked)) < len(asked) or len(set(names)) < len(names):
            raise ValueError("a question is answered by one register, and a name stands once")
        return self

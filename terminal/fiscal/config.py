"""`[fiscal]`: who registers sales with the tax service."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from contract.errors import ConfigError
from runtime.config import Section
from terminal.fiscal.checkbox import URL, Account, CheckboxRegistrar
from terminal.fiscal.registrar import FiscalRegistrar, NoRegistrar


class CheckboxSection(Section):
    """`[fiscal.checkbox]`: sales are registered by Checkbox (Ukraine); needs the extra `checkbox`."""

    url: str = Field(default=URL, description="the cloud's address", pattern=r"^https?://[^\s/]+$")
    licence_file: Path = Field(description="file with the cash register's licence key, readable by this user only")
    pin_file: Path = Field(description="file with the cashier's PIN, readable by this user only")
    tax: list[int] = Field(default=[], max_length=4, description="codes of the taxes that are in every price")

    def account(self) -> Account:
        """The same with the files read. Raises: ConfigError."""
        return Account(self.url, _secret(self.licence_file), _secret(self.pin_file), tuple(self.tax))


class FiscalSection(Section):
    """Left out: the bank or the payment company registers."""

    checkbox: CheckboxSection | None = Field(
        default=None, description="the cloud's account; left out: nothing is registered here"
    )

    def registrar(self, device: str) -> FiscalRegistrar:
        """What is configured. Raises: ConfigError: a file cannot be read."""
        return NoRegistrar() if self.checkbox is None else CheckboxRegistrar(self.checkbox.account(), device)


def _secret(file: Path) -> str:
    try:
        words = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(file, None, "file", type(exc).__name__, "a readable text file") from exc
    if not words or not words.isprintable():
        raise ConfigError(file, None, "file", "no text", "one line of text")
    return words

"""Configuration of a box: one TOML file into one pydantic model; every fault is told as `file:line: key: value: allowed`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract.errors import ConfigError
from runtime.link import Broker

Options = TypeVar("Options", bound=BaseModel)


class Section(BaseModel):
    """Base of configuration models: frozen, an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BrokerSection(Section):
    """`[broker]`: where the hall's broker is and the certificate this box shows it."""

    hall: str = Field(description="the hall's id, as in the hall document")
    dev: str = Field(description="this box's id: the common name of its certificate")
    host: str = Field(default="localhost", description="name or address, as in the broker's certificate")
    port: int = Field(default=8883, ge=1, le=65535)
    ca: Path = Field(description="the hall's certificate authority, PEM")
    cert: Path = Field(description="this box's certificate, PEM")
    key: Path = Field(description="this box's private key, PEM, readable by this user only")

    def broker(self) -> Broker:
        """The link's settings."""
        return Broker(self.hall, self.dev, self.host, self.port, self.ca, self.cert, self.key)


def read(file: Path, model: type[Options]) -> Options:
    """Read `file` into `model`; relative paths in it are left as they are.

    Raises: ConfigError: not there, not TOML, an unknown key, a missing key, or a value that is not allowed (the first one).
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a readable TOML file") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(file, None, "file", f"byte {exc.start}", "UTF-8 text") from exc
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        line = re.search(r"line (\d+)", str(exc))
        raise ConfigError(file, int(line.group(1)) if line else None, "syntax", str(exc), "TOML 1.0") from exc
    try:
        return model.model_validate(data)
    except ValidationError as exc:
        raise _first_fault(file, text, exc) from exc


def _first_fault(file: Path, text: str, exc: ValidationError) -> ConfigError:
    error = exc.errors(include_url=False)[0]
    path = [str(part) for part in error["loc"]]
    key = ".".join(path)
    value: Any = error.get("input")
    if error["type"] == "missing":
        return ConfigError(file, _line(text, path[:-1]), key, None, "this key must be given")
    if error["type"] == "extra_forbidden":
        return ConfigError(file, _line(text, path), key, value, "there is no such key")
    return ConfigError(file, _line(text, path), key, value, error["msg"])


def _line(text: str, path: list[str]) -> int | None:
    """The line where a key stands (or its table begins); None when it cannot be found."""
    table: list[str] = []
    best = None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if header := re.fullmatch(r"\[\[?([^\]]+)\]\]?(\s*#.*)?", stripped):
            table = [part.strip().strip('"') for part in header.group(1).split(".")]
            if table == [p for p in path if not p.isdigit()][: len(table)]:
                best = number
        elif match := re.match(r'([A-Za-z0-9_\-."]+)\s*=', stripped):
            here = table + [part.strip('"') for part in match.group(1).split(".")]
            wanted = [p for p in path if not p.isdigit()]
            if here == wanted[: len(here)] and len(here) > len(table):
                return number
    return best

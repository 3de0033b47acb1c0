"""The pinned bundle: the states' signing certificates a hall trusts, as one JSON file made by `vikno trust import`."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from card_reader.errors import DataError
from card_reader.trust.certificate import Certificate, certificate
from contract.errors import ConfigError


class Anchor(BaseModel):
    """One certificate. `sha1`: it was signed with SHA-1, which results say; `proved`: another of the bundle signed it, or itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str
    subject: str
    key_id: str | None
    sha1: bool
    proved: bool
    certificate: str


class Bundle(BaseModel):
    """The file. `source`: SHA-256 of the master list; `signer`: SHA-256 of the certificate that signed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    made: AwareDatetime
    expires: AwareDatetime
    source: str
    signer: str
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The certificate that signed a document signer."""

    certificate: Certificate
    sha1: bool


class Store:
    """Anchors by name and key, each parsed when it is first needed. Immutable from outside."""

    def __init__(self, anchors: Iterable[Anchor], expires: datetime | None = None) -> None:
        self.expires = expires or datetime.max.replace(tzinfo=UTC)
        self._anchors = tuple(anchors)
        self._parsed: dict[int, Certificate] = {}

    def __len__(self) -> int:
        return len(self._anchors)

    def issuer(self, signer: Certificate) -> Found | None:
        """The anchor whose key signed `signer`; None: no anchor did.

        Anchors of the issuer's key id come first, then every one of its name: link certificates share the name, not the key.
        """
        wanted = (signer.issuer_key_id or b"").hex()
        candidates = [
            n
            for n, a in enumerate(self._anchors)
            if a.subject == signer.issuer.hex() or (wanted and a.key_id == wanted)
        ]
        for number in sorted(candidates, key=lambda n: self._anchors[n].key_id != wanted):
            anchor = self._certificate(number)
            try:
                if anchor.signed(signer):
                    return Found(anchor, self._anchors[number].sha1)
            except DataError:
                continue
        return None

    def _certificate(self, number: int) -> Certificate:
        if number not in self._parsed:
            self._parsed[number] = certificate(base64.b64decode(self._anchors[number].certificate))
        return self._parsed[number]


def anchor(found: Certificate, *, proved: bool) -> Anchor:
    """An entry of the bundle."""
    return Anchor(
        country=found.country,
        subject=found.subject.hex(),
        key_id=found.key_id.hex() if found.key_id else None,
        sha1=found.scheme.digest == "sha1",
        proved=proved,
        certificate=base64.b64encode(found.der).decode("ascii"),
    )


def load(file: Path, countries: frozenset[str] | None = None) -> Store:
    """The anchors of `countries` (ISO letters, two; None: all). Raises: ConfigError: the file cannot be used."""
    bundle = read(file)
    return Store((a for a in bundle.anchors if countries is None or a.country in countries), bundle.expires)


def read(file: Path) -> Bundle:
    """Raises: ConfigError: not there, or not a bundle."""
    try:
        return Bundle.model_validate_json(file.read_bytes())
    except OSError as exc:
        raise ConfigError(file, None, "file", exc.strerror or "", "a bundle made by vikno trust import") from exc
    except ValidationError as exc:
        raise ConfigError(file, None, "bundle", exc.error_count(), "a bundle made by vikno trust import") from exc


def write(file: Path, bundle: Bundle) -> None:
    """The bundle whole or not at all."""
    part = file.with_suffix(".part")
    part.write_text(json.dumps(bundle.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")
    part.replace(file)

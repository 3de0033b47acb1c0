"""Compiles the catalogues: `python -m look.compile` writes vikno.mo beside every vikno.po. The result is committed."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from look.texts import LANGUAGES, LOCALE


def po(language: str) -> Path:
    """The source of one language."""
    return LOCALE / language / "LC_MESSAGES" / "vikno.po"


def read(language: str) -> Catalog:
    """The source catalogue. Raises: babel.messages.pofile.PoFileError: it is not well formed."""
    with po(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def compiled(language: str) -> bytes:
    """What the .mo should hold. The dates in its header are fixed, so that equal sources give equal bytes."""
    catalogue = read(language)
    catalogue.creation_date = catalogue.revision_date = datetime(2020, 1, 1, tzinfo=UTC)
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> None:
    """Compiles every language."""
    for language in LANGUAGES:
        po(language).with_suffix(".mo").write_bytes(compiled(language))


if __name__ == "__main__":
    main()

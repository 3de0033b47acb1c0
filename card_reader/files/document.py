"""DG1: the machine-readable zone on the chip. Pure. ICAO Doc 9303-10 §4.7.1."""

from __future__ import annotations

from card_reader import mrz, tlv
from card_reader.errors import Code, DataError
from card_reader.mrz import Mrz


def zone(file: bytes) -> Mrz:
    """The zone in DG1. Raises: DataError: malformed, or its check digits do not hold."""
    text = tlv.find(tlv.only(file, 0x61), 0x5F1F)
    if text is None or len(text) not in {72, 88, 90}:
        raise DataError("DG1: no machine-readable zone")
    try:
        return mrz.parse(text.decode("ascii"))
    except (UnicodeDecodeError, mrz.MrzError) as exc:
        raise DataError("DG1: a zone that does not hold", Code.CARD_ERROR) from exc

"""DG2: the face. The image is found and measured, never decoded here. Pure. ICAO Doc 9303-10 §4.7.2, ISO/IEC 19794-5."""

from __future__ import annotations

from dataclasses import dataclass

from card_reader import tlv
from card_reader.errors import DataError

_JPEG = b"\xff\xd8\xff"
_JP2 = (b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")


@dataclass(frozen=True, slots=True, repr=False)
class Portrait:
    """`kind`: "jpeg" or "jp2"."""

    kind: str
    image: bytes


def portrait(file: bytes) -> Portrait:
    """The first face of DG2. Raises: DataError: no image in it that is a JPEG or JPEG 2000."""
    template = tlv.find(tlv.only(file, 0x75), 0x7F61, 0x7F60)
    if template is None:
        raise DataError("DG2: no biometric template")
    block = next((o.value for o in tlv.walk(template) if o.tag in {0x5F2E, 0x7F2E}), None)
    if block is None:
        raise DataError("DG2: no image data")
    return _image(block)


def _image(block: bytes) -> Portrait:
    """The facial record header is of fixed sizes, but for features; the image begins with its own mark behind it."""
    if block[:4] != b"FAC\0" or len(block) < 46:
        raise DataError("DG2: not a facial record")
    points = int.from_bytes(block[18:20], "big")
    start = 14 + 20 + 8 * points + 12
    end = 14 + int.from_bytes(block[14:18], "big")
    image = block[start : end if start < end <= len(block) else len(block)]
    if image.startswith(_JPEG):
        return Portrait("jpeg", image)
    if image.startswith(_JP2):
        return Portrait("jp2", image)
    raise DataError("DG2: an image that is neither JPEG nor JPEG 2000")

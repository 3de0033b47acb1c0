"""A face that belongs to nobody, as a biometric record of a wanted size (ISO 19794-5 in a CBEFF group, ICAO 9303-10, 4.7.2)."""

from __future__ import annotations

import struct
from functools import lru_cache
from io import BytesIO

from simulators.card.tlv import tlv

WIDTH, HEIGHT = 240, 320
RECORD_BYTES = 15_000
BIOMETRIC_HEADER = tlv(0x80, b"\x01\x01") + tlv(0x81, b"\x02") + tlv(0x87, b"\x01\x01") + tlv(0x88, b"\x00\x08")


@lru_cache
def face_group() -> bytes:
    """DG2 with one face."""
    record = _record(_picture(RECORD_BYTES))
    template = tlv(0x7F60, tlv(0xA1, BIOMETRIC_HEADER), tlv(0x5F2E, record))
    return tlv(0x75, tlv(0x7F61, tlv(0x02, b"\x01"), template))


def _record(jpeg: bytes) -> bytes:
    features = struct.pack(">IHBBB3sH3s3s", 20 + 12 + len(jpeg), 0, 0, 0, 0, bytes(3), 0, bytes(3), bytes(3))
    image = struct.pack(">BBHHBBHH", 1, 0, WIDTH, HEIGHT, 1, 2, 0, 0)
    return struct.pack(">4s4sIH", b"FAC\0", b"010\0", 14 + 20 + 12 + len(jpeg), 1) + features + image + jpeg


def _picture(size: int) -> bytes:
    """A drawn head and shoulders as JPEG of exactly `size` bytes: filled up in a comment, as no decoder minds."""
    from PIL import Image, ImageDraw

    picture = Image.effect_noise((WIDTH, HEIGHT), 24).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 220, 220, 420), fill=(70, 90, 120))
    draw.ellipse((70, 60, 170, 200), fill=(215, 180, 155))
    for left in (98, 132):
        draw.ellipse((left, 112, left + 10, 120), fill=(40, 40, 40))
    draw.arc((100, 140, 140, 170), 20, 160, fill=(150, 60, 60), width=4)
    jpeg = _encoded(picture, size)
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", size - len(jpeg) - 2) + bytes(size - len(jpeg) - 4) + jpeg[2:]


def _encoded(picture: object, size: int) -> bytes:
    for quality in range(90, 5, -5):
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=quality)  # type: ignore[attr-defined]
        if buffer.tell() <= size - 4:
            return buffer.getvalue()
    raise ValueError(f"no picture of {size} bytes")

"""A ticket's label on an SSD1306 panel, 128 x 64 dots (Solomon Systech SSD1306 data sheet, revision 1.1, §8 to §10).

Untested on hardware. Four letters in dots of 4 x 4, more of them in 2 x 2.
"""

import framebuf

WIDTH, HEIGHT = 128, 64
ADDRESS = 0x3C
CELL = 8
START = bytes(
    [
        0xAE,  # off
        0x20, 0x00,  # horizontal addressing
        0x40, 0xA1, 0xC8,  # first line, columns and rows as mounted
        0xA8, HEIGHT - 1, 0xD3, 0x00, 0xDA, 0x12,  # 64 rows
        0xD5, 0x80, 0xD9, 0xF1, 0xDB, 0x30,  # clock, precharge, VCOMH
        0x81, 0xCF, 0xA4, 0xA6,  # contrast, follow the memory, not inverted
        0x8D, 0x14, 0xAF,  # charge pump, on
    ]
)  # fmt: skip
WHOLE = bytes([0x21, 0, WIDTH - 1, 0x22, 0, HEIGHT // 8 - 1])


class Panel:
    def __init__(self, i2c):
        self._i2c = i2c
        self._dots = bytearray(WIDTH * HEIGHT // 8)
        self._picture = framebuf.FrameBuffer(self._dots, WIDTH, HEIGHT, framebuf.MONO_VLSB)
        self._tell(START)
        self.show("")

    def show(self, text):
        """Draw `text` as large as it fits; dots outside are left out."""
        scale = 4 if len(text) <= 4 else 2
        self._picture.fill(0)
        letters = framebuf.FrameBuffer(bytearray(CELL * 8), CELL * 8, CELL, framebuf.MONO_VLSB)
        letters.text(text[:8], 0, 0)
        top = (HEIGHT - CELL * scale) // 2
        for x in range(CELL * min(len(text), 8)):
            for y in range(CELL):
                if letters.pixel(x, y):
                    self._picture.fill_rect(x * scale, top + y * scale, scale, scale, 1)
        try:
            self._tell(WHOLE)
            self._i2c.writeto(ADDRESS, b"\x40" + self._dots)
        except OSError:
            # A panel that fell off must not stop the pad.
            pass

    def _tell(self, commands):
        self._i2c.writeto(ADDRESS, b"\x00" + commands)

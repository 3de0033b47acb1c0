"""The tokens as Kivy wants them: colours as four floats, sizes scaled to the window."""

from __future__ import annotations

from functools import lru_cache

from glass.face import HEIGHT, WIDTH, Box
from look import tokens

Rgba = tuple[float, float, float, float]


@lru_cache(maxsize=256)
def rgba(theme: str, token: str) -> Rgba:
    """A colour token of a theme; "" is nothing at all. Raises: AttributeError: no such token."""
    if not token:
        return (0.0, 0.0, 0.0, 0.0)
    text = getattr(tokens.theme(theme), token)
    red, green, blue = (int(text[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return (red, green, blue, 1.0)


class Scale:
    """Design pixels (from the top left) to window pixels (Kivy: from the bottom left), whole picture in the middle."""

    def __init__(self, width: float, height: float) -> None:
        self.factor = min(width / WIDTH, height / HEIGHT)
        self.left = (width - WIDTH * self.factor) / 2
        self.bottom = (height - HEIGHT * self.factor) / 2

    def pos(self, box: Box) -> tuple[float, float]:
        """The lower left corner of a box in the window."""
        return self.left + box.x * self.factor, self.bottom + (HEIGHT - box.bottom) * self.factor

    def size(self, box: Box) -> tuple[float, float]:
        """The size of a box in the window."""
        return box.w * self.factor, box.h * self.factor

    def design(self, x: float, y: float) -> tuple[float, float]:
        """A point of the window in design pixels."""
        return (x - self.left) / self.factor, HEIGHT - (y - self.bottom) / self.factor

    def window(self, x: float, y: float) -> tuple[float, float]:
        """A point in design pixels in the window."""
        return self.left + x * self.factor, self.bottom + (HEIGHT - y) * self.factor

"""Draws logo.png from logo.svg, which is made of rounded rectangles only: `python -m look.build_logo`. Needs Pillow."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from PIL import Image, ImageDraw

from look.icons import LOGO_PNG, logo_svg

SIZE_PX = 512
OVERSAMPLING = 4
GRID = 48
"""Side of the SVG's view box."""


def draw(size_px: int = SIZE_PX) -> Image.Image:
    """The logo, `size_px` square, transparent ground."""
    scale = size_px * OVERSAMPLING / GRID
    canvas = Image.new("RGBA", (size_px * OVERSAMPLING, size_px * OVERSAMPLING))
    pen = ImageDraw.Draw(canvas)
    for rect in ET.fromstring(logo_svg()):  # noqa: S314 - our own file
        x, y, width, height, radius = (float(rect.attrib[key]) * scale for key in ("x", "y", "width", "height", "rx"))
        pen.rounded_rectangle((x, y, x + width - 1, y + height - 1), radius, fill=rect.attrib["fill"])
    return canvas.resize((size_px, size_px), Image.Resampling.LANCZOS)


def main(target: Path = LOGO_PNG) -> None:
    """Writes the picture."""
    draw().save(target, optimize=True)


if __name__ == "__main__":
    main()

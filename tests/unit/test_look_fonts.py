"""The vendored fonts draw what we write, every icon has ink, and the measures in tokens.json are the fonts' own."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from PIL import Image, ImageChops, ImageDraw, ImageFont

from look import icons, tokens
from look.build_logo import draw


@pytest.fixture(scope="module", params=["regular", "bold"])
def text_font(request: pytest.FixtureRequest) -> TTFont:
    return TTFont(getattr(tokens.font(), request.param))


def test_text_fonts_are_static_and_small_enough_to_vendor(text_font: TTFont) -> None:
    assert "fvar" not in text_font
    assert all(path.stat().st_size < 150_000 for path in (tokens.font().regular, tokens.font().bold))


def test_cap_ratio_and_equal_digits_are_measured_from_the_font(text_font: TTFont) -> None:
    em = text_font["head"].unitsPerEm
    assert text_font["OS/2"].sCapHeight / em == pytest.approx(tokens.font().cap_ratio, abs=0.001)
    widths = {text_font["hmtx"][text_font.getBestCmap()[ord(digit)]][0] for digit in "0123456789"}
    assert len(widths) == 1


@pytest.mark.parametrize("name", sorted(tokens.icon_names()))
def test_every_icon_has_ink(name: str) -> None:
    assert picture(name).getbbox() is not None


def test_icons_drawn_from_different_sources_look_different() -> None:
    drawings = {source: picture(name) for name, source in tokens.icon_names().items()}
    assert len({image.tobytes() for image in drawings.values()}) == len(drawings)


@pytest.mark.parametrize("name", sorted(tokens.icon_names()))
def test_svg_of_every_icon_is_well_formed_and_takes_the_text_colour(name: str) -> None:
    root = ET.fromstring(icons.svg(name))
    assert root.attrib["stroke"] == "currentColor"
    assert root.attrib["aria-hidden"] == "true"
    assert len(root) > 0
    assert all(path.attrib["d"] for path in root)


def test_an_unknown_icon_says_how_to_add_it() -> None:
    with pytest.raises(KeyError, match="build_icons"):
        icons.glyph("unicorn")
    with pytest.raises(KeyError, match="build_icons"):
        icons.svg("unicorn")


def test_logo_picture_is_the_drawn_svg_with_one_lit_pane() -> None:
    with Image.open(icons.LOGO_PNG) as stored:
        logo = stored.convert("RGBA")
    assert logo.size == (512, 512)
    bands = ImageChops.difference(logo, draw()).split()
    assert [sum(band.histogram()[9:]) for band in bands] == [0, 0, 0, 0]
    assert logo.getpixel((350, 140)) == (0xFF, 0xC5, 0x2E, 255)
    assert logo.getpixel((160, 140)) == (0x5E, 0x7F, 0xAE, 255)
    assert logo.getpixel((0, 0)) == (0, 0, 0, 0)


def test_each_vendored_work_has_its_licence() -> None:
    folder = Path(tokens.__file__).parent / "licences"
    assert "SIL OPEN FONT LICENSE" in (folder / "NotoSans-OFL.txt").read_text("utf-8")
    assert "MIT License" in (folder / "Tabler-MIT.txt").read_text("utf-8")


def picture(name: str) -> Image.Image:
    """Icon `name` drawn white on black, 64 pixels high."""
    image = Image.new("L", (80, 80))
    font = ImageFont.truetype(str(tokens.font().icons), 64)
    ImageDraw.Draw(image).text((8, 8), icons.glyph(name), fill=255, font=font)
    return image

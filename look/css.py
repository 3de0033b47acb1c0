"""The tokens as CSS custom properties, for the consoles and any page. PURE but for reading the tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from look import tokens
from look.brand import Brand, branded

WEB_SURFACES = ("desktop", "phone")


def css(brand: Brand | None = None, fonts_url: str = "fonts") -> str:
    """The whole style sheet: fonts, sizes and every theme.

    `:root` is light on a desktop; `data-theme="dark|contrast"` and `data-surface="phone"` switch an element.
    Properties: colour `--ink-soft`, type `--t-body`, space `--s-1`.., radius `--r-button`, `--b` border, `--sill`
    size and `--sill-color`, `--target`, focus `--focus-inner`.., `--press` (0 ms where the reader asked for less motion), `--lh-text`.
    `fonts_url` is where the files of look/fonts are served, relative to this sheet or absolute.
    """
    return "\n".join(
        [
            _face(fonts_url, 400, tokens.font().regular.name),
            _face(fonts_url, 700, tokens.font().bold.name),
            _block(":root", [*_colours("light", brand), *_sizes("desktop"), *_constants()]),
            *(_block(f'[data-theme="{name}"]', _colours(name, brand)) for name in tokens.THEMES),
            *(_block(f'[data-surface="{name}"]', _sizes(name)) for name in WEB_SURFACES),
            "@media (prefers-reduced-motion: reduce) {\n" + _block(":root", ["--press: 0ms"]) + "\n}",
            "",
        ]
    )


def _face(url: str, weight: int, file: str) -> str:
    return _block(
        "@font-face",
        [
            f'font-family: "{tokens.font().family}"',
            f"font-weight: {weight}",
            f'src: url("{url}/{file}") format("truetype")',
            "font-display: block",
        ],
    )


def _colours(name: str, brand: Brand | None) -> list[str]:
    theme = tokens.theme(name)
    shown = branded(name, theme, brand) if brand else theme
    scheme = "light" if name == "light" else "dark"
    return [f"color-scheme: {scheme}", *(f"{_colour(key)}: {value}" for key, value in asdict(shown).items())]


def _sizes(name: str) -> list[str]:
    least = tokens.target().desktop_px if name == "desktop" else tokens.target().phone_px
    return [
        *(f"--t-{role}: {size}px" for role, size in tokens.surface(name).type.items()),
        *(f"--s-{step}: {size}px" for step, size in enumerate(tokens.space(name), 1)),
        *(f"--r-{shape}: {size}px" for shape, size in tokens.radius(name).items()),
        f"--b: {tokens.border(name)}px",
        f"--sill: {tokens.sill(name)}px",
        f"--target: {least}px",
    ]


def _constants() -> list[str]:
    ring, font = tokens.focus(), tokens.font()
    return [
        f'--font: "{font.family}", sans-serif',
        *(f"--lh-{kind}: {height}" for kind, height in font.line_height.items()),
        f"--focus-inner: {ring.inner_px}px",
        f"--focus-outer: {ring.outer_px}px",
        f"--focus-offset: {ring.offset_px}px",
        f"--press: {tokens.motion().press_ms}ms",
    ]


def _block(selector: str, lines: Iterable[str]) -> str:
    return selector + " {\n" + "".join(f"  {line};\n" for line in lines) + "}"


def _colour(name: str) -> str:
    return "--sill-color" if name == "sill" else "--" + name.replace("_", "-")

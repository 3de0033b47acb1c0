"""Makes the icon font and icons.json: `python -m look.build_icons WEBFONT OUTLINES`.

WEBFONT is the unpacked npm package `@tabler/icons-webfont`, OUTLINES the unpacked `@tabler/icons` of the same version:

    npm pack @tabler/icons-webfont@3 && tar xzf tabler-icons-webfont-*.tgz    # gives package/
    npm pack @tabler/icons@3 && tar xzf tabler-icons-*.tgz

The names wanted stand in tokens.json under icon.names. Code points move between releases of the set, so they are
resolved here by name. Needs fontTools; only a developer runs this. The results are committed.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

HERE = Path(__file__).parent


def codepoint(css: str, drawing: str) -> int:
    """Code point of `drawing` ("map-2") in the webfont's style sheet. Raises: KeyError: the set has no such drawing."""
    found = re.search(rf'\.ti-{re.escape(drawing)}:before\s*{{\s*content:\s*"\\([0-9a-f]+)"', css)
    if found is None:
        raise KeyError(drawing)
    return int(found.group(1), 16)


def paths(svg: str) -> list[str]:
    """The drawn paths of an outline SVG, without the invisible square that fills the grid."""
    return [d for d in re.findall(r'<path[^>]*\sd="([^"]+)"', svg) if d != "M0 0h24v24H0z"]


def write_font(source: Path, codes: set[int]) -> None:
    """Writes ViknoIcons.ttf: the glyphs of `codes` and nothing else."""
    font = TTFont(source)
    cutter = subset.Subsetter(subset.Options(hinting=False, layout_features=[]))
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    font.save(HERE / "fonts" / "ViknoIcons.ttf")


def main(webfont: Path, outlines: Path) -> None:
    """Reads both packages and writes fonts/ViknoIcons.ttf and icons.json."""
    names: dict[str, str] = json.loads((HERE / "tokens.json").read_text("utf-8"))["icon"]["names"]
    css = (webfont / "dist" / "tabler-icons.css").read_text("utf-8")
    table = {
        name: {
            "code": f"{codepoint(css, drawing):04x}",
            "paths": paths((outlines / "icons" / "outline" / f"{drawing}.svg").read_text("utf-8")),
        }
        for name, drawing in sorted(names.items())
    }
    write_font(webfont / "dist" / "fonts" / "tabler-icons.ttf", {int(str(row["code"]), 16) for row in table.values()})
    (HERE / "icons.json").write_text(json.dumps(table, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

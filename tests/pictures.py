"""`python -m tests.pictures`: plays the story in a browser and puts its pictures into docs/pictures, small enough to keep."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.consoles_site import ROOT

FOLDER = ROOT / "docs/pictures"
COLOURS = 64
LEFT_OUT = {"first-made"}
"""Shows the folders of the machine that made it."""


def main() -> int:
    """0 when the story ended well and its pictures stand in docs/pictures."""
    with tempfile.TemporaryDirectory() as room:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "tests/browser/test_story.py"],
            cwd=ROOT, env={**os.environ, "VIKNO_PICTURES": room}, check=False, timeout=300,
        )  # fmt: skip
        if done.returncode:
            return done.returncode
        for file in sorted(Path(room).glob("*.png")):
            if file.stem not in LEFT_OUT:
                keep(file, FOLDER / f"consoles-{file.name}")
    return 0


def keep(file: Path, to: Path) -> None:
    """A picture with few colours, as it is in the guides."""
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(to, optimize=True)


if __name__ == "__main__":
    sys.exit(main())

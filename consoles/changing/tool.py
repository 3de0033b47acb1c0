"""A command of ours, run while somebody waits at a page: never for long."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said; `done`: it ended well; `fault`: the last line of its trouble, "" for none; `late`: it was given up."""

    done: bool
    said: str
    fault: str
    late: bool = False


async def run(words: list[str], room: Path, timeout_s: float = TIMEOUT_S) -> Ran:
    """Run `python -m words` without a display; `room`: a folder for what Kivy keeps."""
    env = {
        **os.environ, "KIVY_HOME": str(room / "kivy"), "KIVY_NO_ARGS": "1", "LIBGL_ALWAYS_SOFTWARE": "1",
        "SDL_VIDEODRIVER": "offscreen",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=env
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), timeout_s)
    except TimeoutError:
        process.kill()
        await process.wait()
        return Ran(False, "", f"not ready within {timeout_s:.0f} s", late=True)
    return Ran(
        process.returncode == 0,
        out.decode(errors="replace"),
        err.decode(errors="replace").strip().rpartition("\n")[2][:300],
    )

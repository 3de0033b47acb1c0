"""A finger on a pad → its event frame at the host: the real firmware on a pty, the bridge's own driver at the other end.

Apart from the press of `bench/press.py` and without a budget: most of it is the debouncing of a bouncing contact.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.rig import Figure, percentile, wait
from contract.errors import ViknoError
from demo.process import ROOT
from firmware_bridge.frames import Result
from firmware_bridge.host import Output, Presence, Pressed
from firmware_bridge.serial_driver import PortState, SerialDriver

HEARD_S = 5.0
STOP_S = 10.0


def measure(folder: Path, presses: int) -> list[Figure]:
    """`presses` of one finger, each after the pad showed that the last was done."""
    ledger = folder / "ledger"
    pads = subprocess.Popen(
        [sys.executable, "-m", "simulators.pad", "--dir", str(folder), "--ledger", str(ledger)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        pad = _answer(pads)
        heard = _heard(pads, ledger, pad, presses)
    finally:
        pads.terminate()
        pads.communicate(timeout=STOP_S)
    landed = [float(row["at"]) for row in _rows(ledger, "press")]
    took = [(at - finger) * 1000 for finger, at in zip(landed, heard, strict=True)]
    note = f"n {presses}, {pad['interpreter']}, contact bounce included"
    return [
        Figure.plain(f"switch → frame p{share * 100:.0f}", percentile(took, share), "ms", note) for share in (0.5, 0.95)
    ]


def _heard(pads: subprocess.Popen[str], ledger: Path, pad: dict[str, Any], presses: int) -> list[float]:
    """When each press was at the host, monotonic seconds."""
    frames: queue.Queue[tuple[float, Output | PortState]] = queue.Queue()
    times: list[float] = []
    seen: set[int] = set()
    with SerialDriver(f"serial://{pad['port']}", lambda output: frames.put((time.monotonic(), output))) as driver:
        driver.know([pad["pad"]])
        _next(frames, Presence)
        for number in range(1, presses + 1):
            _do(pads, {"do": "press"})
            at, pressed = _next(frames, Pressed)
            while pressed.press.seq in seen:  # said again before its acknowledgement came
                at, pressed = _next(frames, Pressed)
            seen.add(pressed.press.seq)
            times.append(at)
            driver.done(pressed.press, Result.DONE)
            wait(lambda n=number: len(_rows(ledger, "ack")) >= n, "the pad was not told that its press is done")  # type: ignore[misc]
    return times


def _next(frames: queue.Queue[tuple[float, Any]], kind: type[Any]) -> tuple[float, Any]:
    while True:
        try:
            at, output = frames.get(timeout=HEARD_S)
        except queue.Empty:
            raise ViknoError(f"no {kind.__name__} from the pad within {HEARD_S} s") from None
        if isinstance(output, kind):
            return at, output


def _do(pads: subprocess.Popen[str], command: dict[str, Any]) -> None:
    assert pads.stdin is not None
    pads.stdin.write(json.dumps(command) + "\n")
    pads.stdin.flush()
    if "error" in (answer := _answer(pads)):
        raise ViknoError(f"the pad's simulator: {answer['error']}")


def _answer(pads: subprocess.Popen[str]) -> dict[str, Any]:
    assert pads.stdout is not None
    line = pads.stdout.readline()
    if not line:
        raise ViknoError("the pad's simulator ended")
    found: dict[str, Any] = json.loads(line)
    return found


def _rows(ledger: Path, what: str) -> list[dict[str, Any]]:
    lines = ledger.read_text(encoding="utf-8").splitlines()
    return [row for line in lines if line.endswith("}") and (row := json.loads(line))["what"] == what]

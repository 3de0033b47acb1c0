"""A bench for pads: the simulator as a program of its own, its ledger, and the bridge's driver at the other end of the pty."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self, TypeVar

from firmware_bridge.frames import Result
from firmware_bridge.host import Output, PadFault, Presence, Pressed
from firmware_bridge.image import Image
from firmware_bridge.press import Press, command_id
from firmware_bridge.serial_driver import PortState, SerialDriver
from tests.until import until

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


class Simulator:
    """`python -m simulators.pad` with its commands and its ledger."""

    MODULE = "simulators.pad"

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir(exist_ok=True)
        self.ledger_file = folder / "ledger"
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.MODULE, "--dir", folder, "--ledger", self.ledger_file, *options],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        count = self.count(options)
        self.pads = [self.answer() for _ in range(count)]
        self.uids = [pad["pad"] for pad in self.pads]
        self.uid = self.uids[0]
        until(lambda: len(self.ledger("lamp")) >= len(self.ledger("start")) >= self.real(count))

    def count(self, options: tuple[str, ...]) -> int:
        """How many pads there are."""
        return int(options[options.index("--pads") + 1]) if "--pads" in options else 1

    def real(self, count: int) -> int:
        """How many of `count` pads run the firmware."""
        return count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        assert self.process.wait(60) == 0
        self.process.stdout.close()

    @property
    def port(self) -> str:
        return str(self.pads[0]["port"])

    def do(self, do: str, uid: str | None = None, **facts: object) -> dict[str, Any]:
        assert self.process.stdin
        told = {"do": do, **({"pad": uid} if uid else {}), **facts}
        self.process.stdin.write(json.dumps(told) + "\n")
        return self.answer()

    def restart(self, uid: str) -> None:
        """Power-cycle a pad and wait until it runs again."""
        self.do("restart", uid)
        began = self.ledger("start", uid)[-1]["at"]
        until(lambda: self.ledger("lamp", uid)[-1]["at"] > began)

    def ledger(self, what: str, uid: str | None = None) -> list[dict[str, Any]]:
        lines = self.ledger_file.read_text().splitlines() if self.ledger_file.exists() else []
        rows = [json.loads(line) for line in lines if line.endswith("}")]
        return [row for row in rows if row["what"] == what and uid in (None, row["pad"])]

    def heard_acks(self, count: int) -> None:
        """Wait until so many presses were acknowledged."""
        until(
            lambda: len({(row["pad"], row["boot"], row["seq"]) for row in self.ledger("ack") if row["heard"]}) == count
        )

    def pressed(self, count: int) -> None:
        """Wait until so many fingers have landed."""
        until(lambda: len(self.ledger("press")) == count)

    def shows(self, pattern: str, uid: str | None = None) -> None:
        """Wait until a pad's lamp shows `pattern`."""
        until(lambda: self.lamp(uid) == pattern)

    def lamp(self, uid: str | None = None) -> str:
        return str(self.ledger("lamp", uid or self.uid)[-1]["pattern"])

    def answer(self) -> dict[str, Any]:
        """The simulator's next line of output."""
        assert self.process.stdout
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


class BusSimulator(Simulator):
    """`python -m simulators.pad_bus`; `--real` how many run the firmware."""

    MODULE = "simulators.pad_bus"

    def __init__(self, folder: Path, real: int, light: int, *options: str) -> None:
        self._real = real
        self._light = light
        super().__init__(folder, "--real", str(real), "--pads", str(light), *options)

    @property
    def url(self) -> str:
        """Patient: on a busy machine the simulator's line is slower than a real one."""
        return f"serial://{self.port}?pads=1-32&answer_ms=200"

    def real(self, count: int) -> int:
        return self._real

    def count(self, options: tuple[str, ...]) -> int:
        return self._real + self._light


class Hall:
    """What the driver delivers; decides each press at once unless told to be away."""

    def __init__(self, url: str, *, result: Result | None = Result.DONE, image: Image | None = None) -> None:
        self.result = result
        self.heard: list[Output | PortState] = []
        self.driver = SerialDriver(url, self._take, image=image)

    def __enter__(self) -> Hall:
        self.driver.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.driver.close()

    def _take(self, output: Output | PortState) -> None:
        self.heard.append(output)
        if isinstance(output, Pressed) and self.result is not None:
            self.driver.done(output.press, self.result)

    def presses(self) -> list[Press]:
        return [output.press for output in list(self.heard) if isinstance(output, Pressed)]

    def ids(self) -> set[str]:
        return {command_id(press) for press in self.presses()}

    def commands(self, count: int) -> None:
        """Wait until so many different presses came."""
        until(lambda: len(self.ids()) == count)

    def here(self, uid: str) -> bool:
        told = [output.here for output in list(self.heard) if isinstance(output, Presence) and output.uid == uid]
        return bool(told) and told[-1]

    def faults(self) -> list[PadFault]:
        return [output for output in list(self.heard) if isinstance(output, PadFault)]

"""Call published → row drawn on the board, and beside it the same message heard on the wire: Kivy, MQTT, off screen."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bench.rig import BOARD, CONSOLE, Figure, hall_of, opening_of, percentile, wait
from broker_config.broker import Broker
from contract import messages as m
from contract import topics
from contract.hall import Hall
from contract.words import HallState, Light, Role
from demo.process import ROOT, DemoError
from runtime import link
from runtime.box import Box, Heard, Occurrence
from runtime.link import Link

BUDGET_MS = 300.0
CALLS = 4
"""On the board at once: the big card's and three in the list, so that each new call has a row."""
DRAWN_S = 10.0
Drawn = queue.Queue[tuple[float, float, list[str]]]
"""When a picture stood, how long it took to draw, its labels."""
SCREEN_ENV = {"SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1", "KIVY_NO_ARGS": "1"}


def measure(folder: Path, calls: int) -> list[Figure]:
    """`calls` calls, each published when the one before was drawn."""
    hall = hall_of("kz-con")
    with Broker(folder / "broker", hall.id, hall.boxes) as broker, _screen(folder, broker, hall) as drawn:
        heard: queue.Queue[tuple[str, float]] = queue.Queue()
        box = Box(_settings(broker, hall, CONSOLE), Role.CONSOLE, [topics.PUB_BOARD], _first_label(heard), zones=["+"])
        box.start()
        speaker = Link(_settings(broker, hall, "coordinator"), [], on_message=lambda _received: None)
        speaker.start()
        try:
            wait(lambda: box.link.up and speaker.up, "nobody connected")
            speaker.publish(topics.DOWN_CFG, m.encode(m.Cfg(id="c", hall=hall.for_box(Role.BOARD))), dev=BOARD)
            took = [_call(speaker, hall, number, drawn, heard) for number in range(calls + 3)][3:]
        finally:
            speaker.stop()
            box.stop()
    rows, frames, wires = ([times[index] * 1000 for times in took] for index in range(3))
    p95, wire = percentile(rows, 0.95), percentile(wires, 0.5)
    note = f"n {calls}, p50 {percentile(rows, 0.5):.0f} ms; drawing {percentile(frames, 0.5):.0f} ms, the message {wire:.1f} ms"
    return [
        Figure(
            "call published → row on the board p95",
            p95,
            "ms",
            BUDGET_MS,
            p95 / BUDGET_MS,
            1.0,
            at_least=False,
            note=note,
        )
    ]


def _call(
    speaker: Link,
    hall: Hall,
    number: int,
    drawn: Drawn,
    heard: queue.Queue[tuple[str, float]],
) -> tuple[float, float, float]:
    """Seconds from publishing until the row was drawn, of its drawing, and from publishing until the message was heard."""
    zone, now = hall.windows[0].zone, opening_of(hall) + timedelta(seconds=number)
    label = f"A{number:03d}"
    made = [
        _row(hall, f"A{n:03d}", now - timedelta(seconds=number - n)) for n in range(number, max(-1, number - CALLS), -1)
    ]
    board = m.Board(id=f"b{number}", ep=1, rev=number + 1, zone=zone, state=HallState.OPEN, calls=tuple(made))
    beat = m.Heartbeat(id="h", state=HallState.OPEN, day=now.date(), now=now, speed=1, ep=1, revision=1)
    speaker.publish(topics.PUB_HALL, m.encode(beat))
    began = time.monotonic()
    speaker.publish(topics.PUB_BOARD, m.encode(board), zone=zone)
    speaker.publish(topics.PUB_CALL, m.encode(m.Announce(id=f"a{number}", label=label, number=1, zone=zone, lang="kk")))
    moment, frame_s = _when(drawn, label)
    return moment - began, frame_s, _heard(heard, label) - began


def _row(hall: Hall, label: str, at: object) -> m.BoardCall:
    given = {"label": label, "number": 1, "zone": hall.windows[0].zone, "light": Light.CALLED, "called_at": at}
    return m.BoardCall.model_validate(given)


def _when(drawn: Drawn, label: str) -> tuple[float, float]:
    """When a picture with `label` stood first, and how long it took to draw."""
    end = time.monotonic() + DRAWN_S
    while (left := end - time.monotonic()) > 0:
        try:
            moment, frame_s, labels = drawn.get(timeout=left)
        except queue.Empty:
            break
        if label in labels:
            return moment, frame_s
    raise DemoError(f"{label} did not come to the board")


def _heard(heard: queue.Queue[tuple[str, float]], label: str) -> float:
    while (found := heard.get(timeout=DRAWN_S))[0] != label:
        pass
    return found[1]


def _first_label(heard: queue.Queue[tuple[str, float]]) -> Callable[[Occurrence], None]:
    """Notes of each board its newest call."""

    def tell(occurrence: Occurrence) -> None:
        if isinstance(occurrence, Heard) and isinstance(occurrence.message, m.Board):
            heard.put((occurrence.message.calls[0].label, time.monotonic()))

    return tell


def _settings(broker: Broker, hall: Hall, dev: str) -> link.Broker:
    files = broker.credentials() if dev == "coordinator" else broker.credentials(dev)
    return link.Broker(hall.id, dev, broker.host, broker.port, files.ca, files.cert, files.key)


@contextmanager
def _screen(folder: Path, broker: Broker, hall: Hall) -> Iterator[Drawn]:
    """The board's process, and what it drew: `Drawn`."""
    settings = _settings(broker, hall, BOARD)
    file = folder / "board.toml"
    lines = "\n".join(f'{k} = "{getattr(settings, k)}"' for k in ("hall", "dev", "host", "ca", "cert", "key"))
    zones = ", ".join(f'"{zone.id}"' for zone in hall.zones)
    file.write_text(
        f"zones = [{zones}]\n[broker]\n{lines}\nport = {settings.port}\n[screen]\nfullscreen = false\n", "utf-8"
    )
    drawn: Drawn = queue.Queue()
    with (folder / "board.log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "bench.board_screen", "--config", str(file)],
            cwd=ROOT, env={**os.environ, **SCREEN_ENV, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    reader = threading.Thread(target=_read, args=(child, drawn), daemon=True)
    reader.start()
    try:
        yield drawn
    finally:
        child.terminate()
        child.wait(10)
        reader.join(5)
        if child.stdout is not None:
            child.stdout.close()


def _read(child: subprocess.Popen[str], drawn: Drawn) -> None:
    for line in child.stdout or ():
        said = json.loads(line)
        drawn.put((said["t"], said["frame_s"], said["labels"]))

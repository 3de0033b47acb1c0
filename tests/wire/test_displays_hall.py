"""Both display processes on a real mosquitto: what the coordinator publishes is what can be read and seen."""

import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime
from os import environ
from pathlib import Path

import pytest
from PIL import Image

from broker_config.broker import Broker
from contract import hall as document
from contract import messages as m
from contract import topics
from contract.hall_part import BoardLayout, Box
from contract.words import HallState, Light, Role
from look import tokens
from runtime import link
from runtime.link import Link
from tests.until import until
from tests.wire.displays_bench import DEADLINE_S, Simulator

NOW = datetime(2026, 3, 17, 8, 41, tzinfo=UTC)
HALL = document.load(Path("coordinator/templates/ua-cnap.json").read_text("utf-8"))
BOXES = (Box(id="display-1", kind=Role.DISPLAY), Box(id="board-1", kind=Role.BOARD))


@pytest.fixture
def broker(tmp_path):
    with Broker(tmp_path / "mosquitto", HALL.id, BOXES) as broker:
        yield broker


class Coordinator:
    """Speaks on the coordinator's topics with the coordinator's certificate; hears presence and health."""

    def __init__(self, broker):
        files = broker.credentials()
        self.heard = []
        self.lock = threading.Lock()
        subscriptions = [(f"{topics.ROOT}/{HALL.id}/d/+/up/{kind}", 1) for kind in ("here", "health")]
        self.link = Link(
            link.Broker(HALL.id, "coordinator", broker.host, broker.port, files.ca, files.cert, files.key),
            subscriptions,
            on_message=self._arrived,
        )
        self.rev = 0

    def __enter__(self):
        self.link.start()
        until(lambda: self.link.up)
        return self

    def __exit__(self, *_):
        self.link.stop()

    def _arrived(self, received):
        address = topics.parse(received.topic)
        with self.lock:
            self.heard.append((address.dev, topics.read(address, received.payload)))

    def last(self, dev, kind):
        with self.lock:
            found = [message for who, message in self.heard if who == dev and isinstance(message, kind)]
        return found[-1] if found else None

    def beat(self, lost=False):
        beat = m.Heartbeat(
            id="b", state=HallState.OPEN, day=date(2026, 3, 17), now=NOW, speed=1, ep=1, revision=1, lost=lost
        )
        self.link.publish(topics.PUB_HALL, m.encode(beat))

    def view(self, label, light=Light.CALLED, unit="d7", number=7):
        self.rev += 1
        view = m.WindowView(window="W07", number=number, light=light, label=label, since=NOW)
        message = m.WindowsView(id=f"v{self.rev}", ep=1, rev=self.rev, units={unit: view})
        self.link.publish(topics.DOWN_VIEW, m.encode(message), dev="display-1")

    def board(self, *calls):
        self.rev += 1
        message = m.Board(id=f"r{self.rev}", ep=1, rev=self.rev, zone="hall", state=HallState.OPEN, calls=calls)
        self.link.publish(topics.PUB_BOARD, m.encode(message), zone="hall")


def toml(broker, dev, top="", sections=""):
    files = broker.credentials(dev)
    return f"""
{top}
[broker]
hall = "{HALL.id}"
dev = "{dev}"
host = "{broker.host}"
port = {broker.port}
ca = "{files.ca}"
cert = "{files.cert}"
key = "{files.key}"

{sections}
"""


@contextmanager
def process(module, config, said):
    with said.open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", module, "--config", str(config)],
            stderr=log,
            env=environ | {"SDL_VIDEODRIVER": "offscreen", "LIBGL_ALWAYS_SOFTWARE": "1"},
        )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
        try:
            assert child.wait(DEADLINE_S) == 0, said.read_text("utf-8", "replace")[-3000:]
        finally:
            child.kill()


@pytest.fixture
def displays(broker, tmp_path):
    config = tmp_path / "displays.toml"
    with Simulator(tmp_path / "sim", "d7") as simulator, Coordinator(broker) as coordinator:
        config.write_text(
            toml(broker, "display-1", sections=f'[[display]]\nunit = "d7"\nurl = "{simulator.url("d7")}"')
        )
        with process("displays.window", config, tmp_path / "displays.log") as child:
            until(lambda: coordinator.last("display-1", m.Here))
            yield simulator, coordinator, child


def upper(simulator):
    return simulator.cells("d7")[0]


def test_a_published_view_is_read_on_the_display_and_stands_in_the_ledger(displays):
    simulator, coordinator, _ = displays
    coordinator.beat()
    coordinator.view("A012")
    until(lambda: upper(simulator).strip() == "> A012 <")
    assert simulator.cells("d7")[1].strip() == "7"
    coordinator.view("A012", Light.SERVING)
    until(lambda: upper(simulator).strip() == "A012")
    assert [e["cells"][0].strip(" ?") for e in simulator.ledger("d7")][-2:] == ["> A012 <", "A012"]


def test_a_coordinator_that_dies_leaves_a_marked_display(displays):
    simulator, coordinator, _ = displays
    coordinator.beat()
    coordinator.view("A012")
    until(lambda: upper(simulator).strip() == "> A012 <")
    coordinator.beat(lost=True)
    until(lambda: upper(simulator)[0] == upper(simulator)[-1] == "?")
    assert simulator.ask(read="d7")["bright"] == 1


def test_rubbish_and_late_views_change_nothing_and_are_counted(displays):
    simulator, coordinator, child = displays
    coordinator.beat()
    coordinator.view("A012")
    for junk in (b"", b"{", b"\xff" * 100, b'{"t":"view.windows"}', b'{"t":"future","id":"x"}'):
        coordinator.link.publish(topics.DOWN_VIEW, junk, dev="display-1")
    coordinator.rev -= 1
    late = m.WindowsView(id="late", ep=1, rev=0, units={})
    coordinator.link.publish(topics.DOWN_VIEW, m.encode(late), dev="display-1")
    coordinator.rev += 1
    coordinator.view("B002")
    until(lambda: upper(simulator).strip() == "> B002 <")
    assert child.poll() is None
    assert [e["cells"][0].strip(" ?") for e in simulator.ledger("d7")][-1] == "> B002 <"


def test_the_truth_is_back_after_the_broker_was_killed(displays, broker):
    simulator, coordinator, _ = displays
    coordinator.beat()
    coordinator.view("A012")
    until(lambda: upper(simulator).strip() == "> A012 <")
    broker.kill()
    broker.start()
    until(lambda: coordinator.link.up and coordinator.link.counters.connects > 1)
    coordinator.beat()
    coordinator.view("K047")
    until(lambda: upper(simulator).strip(" ?") == "> K047 <")


def test_a_missing_display_is_told_at_once_as_the_boxs_health(displays):
    simulator, coordinator, _ = displays
    coordinator.beat()
    coordinator.view("A012")
    until(lambda: upper(simulator).strip() == "> A012 <")
    simulator.ask(unplug="d7")
    coordinator.view("B002")
    until(lambda: "device_missing:d7" in coordinator.last("display-1", m.Health).faults)
    simulator.ask(plug="d7")
    until(lambda: upper(simulator).strip() == "> B002 <")
    until(lambda: not coordinator.last("display-1", m.Health).faults)
    assert coordinator.last("display-1", m.Health).units["d7"].model == "CD5220"


def test_stopping_blanks_the_display(displays):
    simulator, coordinator, child = displays
    coordinator.beat()
    coordinator.view("A012")
    until(lambda: upper(simulator).strip() == "> A012 <")
    child.terminate()
    assert child.wait(DEADLINE_S) == 0
    until(lambda: upper(simulator).strip() == "")
    until(lambda: coordinator.last("display-1", m.Here).state == "left")


def amber_share(file, theme="dark"):
    wanted = tuple(int(tokens.theme(theme).now[i : i + 2], 16) for i in (1, 3, 5))
    try:
        with Image.open(file) as image:
            colours = image.convert("RGB").getcolors(1 << 24)
    except OSError:  # being written, or just replaced
        return None
    return sum(count for count, colour in colours if colour == wanted) / (1920 * 1080)


def test_a_published_call_lights_the_board(broker, tmp_path):
    pictures = tmp_path / "pictures"
    config = tmp_path / "board.toml"
    screen = (
        f'[screen]\nfullscreen = false\nreduced_motion = true\nscreenshot_dir = "{pictures}"\nscreenshot_every_s = 1'
    )
    config.write_text(toml(broker, "board-1", 'zones = ["hall", "passport"]', screen))
    with Coordinator(broker) as coordinator, process("displays.board", config, tmp_path / "board.log"):
        until(lambda: coordinator.last("board-1", m.Here))
        coordinator.link.publish(topics.DOWN_CFG, m.encode(m.Cfg(id="c", hall=HALL.for_box(Role.BOARD))), dev="board-1")
        coordinator.beat()
        until(lambda: any(0 < (amber_share(f) or 0) < 0.01 for f in sorted(pictures.glob("*.png"))[-1:]))
        call = m.BoardCall(label="K047", number=12, zone="hall", light=Light.CALLED, called_at=NOW)
        coordinator.board(call)
        coordinator.beat()
        announcement = m.Announce(id="a", label="K047", number=12, zone="hall", lang="uk")
        coordinator.link.publish(topics.PUB_CALL, m.encode(announcement))
        until(lambda: any((amber_share(f) or 0) > 0.08 for f in sorted(pictures.glob("*.png"))[-1:]))
        until(lambda: coordinator.last("board-1", m.Health).units["panel"].figures["height_px"] == 1080)
        zones = tuple(z.model_copy(update={"board": BoardLayout(theme="contrast")}) for z in HALL.zones)
        other = HALL.for_box(Role.BOARD).model_copy(update={"zones": zones})
        coordinator.link.publish(topics.DOWN_CFG, m.encode(m.Cfg(id="c2", hall=other)), dev="board-1")
        coordinator.beat()
        until(lambda: any((amber_share(f, "contrast") or 0) > 0.08 for f in sorted(pictures.glob("*.png"))[-1:]))

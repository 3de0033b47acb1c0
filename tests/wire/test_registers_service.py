"""The connector as a process: terminals are answered by the register that knows, the hall hears how each one is."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker_config.broker import Broker
from contract import messages as m
from contract import topics
from contract.errors import ConfigError, TransientDeviceError
from contract.hall_part import Box
from contract.words import Role
from demo.process import free_port
from registers.config import Options
from runtime import config, link
from terminal.register import RegisterClient
from tests.hall_rig import ROOT
from tests.register_site import MOTHER, Foreign, fill
from tests.until import until

DUE = {"id": "d1", "code": "920367943", "names": {"uk": "Збір"}, "amount_minor": 10050, "currency": "UAH"}


def written(folder: Path, broker: Broker, foreign: Foreign, **changes: str) -> Path:
    """The connector's TOML file."""
    files = broker.authority.issue("register-1", ["127.0.0.1"])
    keys = {
        "port": "0", "allow": '["terminal-1"]', "url": f'"sqlite:///{folder / "community.db"}"',
        "answers": '["person", "household", "settlements", "streets"]', **changes,
    }  # fmt: skip
    text = f"""
[broker]
hall = "small"
dev = "register-1"
host = "{broker.host}"
port = {broker.port}
ca = "{files.ca}"
cert = "{files.cert}"
key = "{files.key}"
[listen]
port = {keys["port"]}
allow = {keys["allow"]}
per_minute = 4
[[registers]]
name = "community"
url = {keys["url"]}
answers = {keys["answers"]}
[[registers]]
name = "treasury"
url = "{foreign.url}"
answers = ["dues"]
ca = "{foreign.facts["ca"]}"
sign_key = "{foreign.sign_key}"
key_id = "hall-1"
timeout_s = 2.0
"""
    file = folder / "register.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    boxes = (Box(id="register-1", kind=Role.REGISTER), Box(id="terminal-1", kind=Role.TERMINAL))
    made = Broker(tmp_path / "broker", "small", boxes)
    made.start()
    yield made
    made.stop()


class Hall:
    """The coordinator's ear: what the connector says of itself."""

    def __init__(self, broker: Broker) -> None:
        files = broker.credentials("coordinator")
        settings = link.Broker("small", "coordinator", broker.host, broker.port, files.ca, files.cert, files.key)
        self._heard: list[link.Received] = []
        rows = [(topic.at("small", "+"), topic.qos) for topic in (topics.UP_HERE, topics.UP_HEALTH)]
        self.link = link.Link(settings, rows, on_message=self._heard.append)
        self.link.start()
        until(lambda: self.link.up)

    @property
    def health(self) -> m.Health | None:
        """The newest."""
        return next((x for x in reversed(self._read()) if isinstance(x, m.Health)), None)

    @property
    def here(self) -> list[str]:
        """Its comings and goings."""
        return [x.state for x in self._read() if isinstance(x, m.Here) and x.kind is Role.REGISTER]

    def _read(self) -> list[m.AnyMessage]:
        return [topics.read(topics.parse(r.topic), r.payload) for r in list(self._heard)]


def test_terminals_are_answered_and_the_hall_hears_how_each_register_is(tmp_path: Path, broker: Broker) -> None:
    fill(f"sqlite:///{tmp_path / 'community.db'}")
    port = str(free_port())
    with Foreign(tmp_path / "foreign") as foreign:
        foreign.do("know", number=MOTHER, dues=[DUE])
        file = written(tmp_path, broker, foreign, port=port)
        hall = Hall(broker)
        log = (tmp_path / "log").open("wb")
        command = [sys.executable, "-m", "registers", "--config", str(file)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            until(lambda: (told := hall.health) and len(told.units) == 2, "no health")
            client = RegisterClient(f"https://127.0.0.1:{port}", broker.credentials("terminal-1"))
            assert client.person(MOTHER).names["en"] == "Kalynych Oksana"
            assert [due.id for due in client.dues(MOTHER).dues] == ["d1"]
            assert client.health().registers == {"community": "", "treasury": ""}
            units = hall.health
            assert units is not None
            assert {name: unit.model for name, unit in units.units.items()} == {
                "community": "sqlite",
                "treasury": "https",
            }
            foreign.do("next", fault="error", count=1)
            with pytest.raises(TransientDeviceError, match="register_away"):
                client.dues(MOTHER)
            assert client.health().registers == {"community": "", "treasury": "register_away"}
            assert client.person(MOTHER).number == MOTHER
            until(lambda: (told := hall.health) and "register_away:treasury" in told.faults, "the hall does not know")
            with pytest.raises(TransientDeviceError, match="register_limit"):  # the fifth question within a minute
                client.due("920367943")
            assert client.directory("streets").name == "streets"
            until(lambda: (told := hall.health) and "register_limit:terminal-1" in told.faults, "the hall is not told")
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            until(lambda: hall.here == ["here", "left"], "it did not say that it left")
        finally:
            process.kill()
            process.wait(60)
            log.close()
            hall.link.stop()
        foreign.do("state")
    said = (tmp_path / "log").read_text("utf-8")
    assert "register_away:treasury" in said
    assert not [secret for secret in (MOTHER, "Калинич", "Kalynych", "920367943") if secret in said]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"answers": '["person", "dues"]'}, "a question is answered by one register"),
        ({"url": '"https://h/x"'}, "sign_key and key_id belong to an https register"),
        ({"allow": "[]"}, "listen.allow"),
        ({"answers": '["taxes"]'}, "registers.0.answers.0"),
    ],
)
def test_a_file_that_cannot_be_used_is_said(
    tmp_path: Path, broker: Broker, changes: dict[str, Any], place: str
) -> None:
    with Foreign(tmp_path / "foreign") as foreign, pytest.raises(ConfigError, match=place):
        config.read(written(tmp_path, broker, foreign, **changes), Options)

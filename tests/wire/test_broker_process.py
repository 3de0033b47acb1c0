"""mosquitto as a child: how it starts, refuses to start, ends and is found by its pid file."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from broker_config import broker, broker_command
from contract.errors import PermanentDeviceError, TransientDeviceError
from contract.hall_part import Box
from contract.words import Role

HALL = "ua-test-1"
BOXES = [Box(id="kiosk-1", kind=Role.KIOSK)]
HALL_JSON = Path(__file__).parents[1] / "vectors" / "hall" / "small.json"


def test_a_broker_that_cannot_start_repeats_mosquittos_own_words(tmp_path: Path) -> None:
    hall = broker.Broker(tmp_path, HALL, BOXES)
    hall.authority.server.cert.write_bytes(b"no certificate")
    with pytest.raises(PermanentDeviceError, match="certificate"):
        hall.start()
    assert hall.pid is None


def test_a_taken_port_is_refused_and_named(tmp_path: Path) -> None:
    with broker.Broker(tmp_path / "a", HALL, BOXES) as first:
        second = broker.Broker(tmp_path / "b", HALL, BOXES, port=first.port)
        with pytest.raises(PermanentDeviceError, match="Address already in use"):
            second.start()
        assert first.pid is not None


def test_stopping_twice_is_fine_and_a_stopped_broker_refuses_to_reload(tmp_path: Path) -> None:
    hall = broker.Broker(tmp_path, HALL, BOXES)
    with pytest.raises(TransientDeviceError):
        _ = hall.port
    with hall:
        pid = hall.pid
    hall.stop()
    hall.kill()
    with pytest.raises(TransientDeviceError, match="systemctl status mosquitto"):
        hall.reload()
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_reload_command_reaches_a_running_mosquitto_by_its_pid_file(tmp_path: Path) -> None:
    with broker.Broker(tmp_path, "ua-small", []) as hall:
        parser = argparse.ArgumentParser()
        broker_command.add_arguments(parser)
        words = ["--pki", tmp_path / "pki", "--hall", HALL_JSON, "--folder", tmp_path / "broker"]
        arguments = parser.parse_args(["reload", *map(str, words)])
        assert broker_command.run(arguments) == 0
        assert "user kiosk-1" in (tmp_path / "broker" / "acl").read_text()
        assert hall.pid is not None

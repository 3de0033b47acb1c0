"""`vikno doctor` before a running hall: what is broken is named, with its next step; nobody is disturbed by the looking."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

import vikno
from broker_config.broker import Broker
from consoles import doctor_command
from contract import hall as hall_document
from contract import messages as m
from contract import topics
from contract.hall_part import Box
from contract.hints import HINTS
from contract.words import Role
from runtime import logs
from tests.hall_rig import BOXES, HallRig, rigged
from tests.until import until

DOCTOR = "doctor-1"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logs as the doctor sets them up, for this file only: those of the rig's boxes go to the same stdout."""
    before = structlog.get_config()
    level = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(**{**before, "wrapper_class": level, "cache_logger_on_first_use": False})
    monkeypatch.setattr(logs, "configure", lambda *_, **__: None)
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallRig]:
    document = rigged().model_copy(update={"boxes": (*BOXES, Box(id=DOCTOR, kind=Role.CONSOLE))})
    with HallRig(tmp_path_factory.mktemp("hall"), hall_document.load(document.model_dump_json())) as hall:
        yield hall


def config(rig: HallRig, dev: str = DOCTOR, **changes: object) -> str:
    settings = rig.settings(dev)
    keys = {name: getattr(settings, name) for name in ("hall", "dev", "host", "port", "ca", "cert", "key")}
    lines = (f"{name} = {json.dumps(v if isinstance(v, int) else str(v))}" for name, v in {**keys, **changes}.items())
    file = rig.folder / f"{dev}.toml"
    file.write_text("\n".join(["[broker]", *lines]), encoding="utf-8")
    return str(file)


def told(rig: HallRig) -> dict[str, Any]:
    """What the coordinator tells console-1 of the boxes."""
    view = rig.peer("console-1").last(m.ConsolesView)
    return {device.dev: device for device in view.devices} if view is not None else {}


def standing(rig: HallRig) -> dict[str, Any]:
    return {dev: (device.state, device.faults) for dev, device in told(rig).items()}


@pytest.fixture(scope="module")
def boxes(rig: HallRig) -> dict[str, Any]:
    """The hall's boxes by the product's own code, all well, and a console that is looked at meanwhile."""
    rig.peer("console-1")
    found = {dev: rig.box(dev)[0] for dev in ("kiosk-1", "kiosk-2", "display-1", "bridge-1")}
    found["board-1"] = rig.box("board-1", zones=("front",))[0]
    found["kiosk-1"].units["printer"] = m.UnitHealth(kind="printer", model="TM-T20III", figures={"paper_left_mm": 0})
    rig.peer("console-1").say(
        topics.UP_HERE,
        m.Here(id="h1", at=datetime.now(UTC), state="here", kind=Role.CONSOLE, version="1", inc="i", ep=0),
    )
    until(lambda: all(standing(rig).get(dev) == ("here", ()) for dev in (*found, "console-1")), "not all are here")
    return found


def test_five_faults_are_named_with_cause_and_next_step(
    rig: HallRig, boxes: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    boxes["kiosk-1"].troubles.raise_("paper_out")
    boxes["kiosk-2"].troubles.raise_("cutter_error")
    boxes["display-1"].troubles.raise_("device_missing", "disp-1")
    boxes["bridge-1"].troubles.raise_("firmware_mismatch", "pad-3")
    boxes["board-1"].stop()
    broken = {
        "kiosk-1": ("here", ("paper_out",)),
        "kiosk-2": ("here", ("cutter_error",)),
        "display-1": ("here", ("device_missing:disp-1",)),
        "bridge-1": ("here", ("firmware_mismatch:pad-3",)),
        "board-1": ("left", ()),
    }
    until(lambda: broken.items() <= standing(rig).items(), "the coordinator was not told")
    connects = rig.peer("console-1").link.counters.connects

    assert vikno.main(["doctor", "--config", config(rig)]) == 1
    said = capsys.readouterr()
    words = " ".join(said.out.split())
    for fault in ("paper_out", "cutter_error", "device_missing", "firmware_mismatch", "box_left"):
        assert f"cause {HINTS[fault].cause} next {HINTS[fault].step}" in words
    assert "fault device_missing: disp-1 (window 1)" in words
    assert "fault firmware_mismatch: pad-3 (window 3)" in words
    assert "unit printer: printer TM-T20III, paper left 0 mm" in words
    assert "5 devices need a person: kiosk-1 (paper_out), kiosk-2 (cutter_error), board-1 (box_left)" in words
    assert "display-1 (device_missing: disp-1 (window 1))" in words
    assert said.out.startswith("Small hall (small): ")
    assert "\033" not in said.out
    assert "waiting for the coordinator's heartbeat" in said.err
    assert rig.peer("console-1").link.counters.connects == connects == 1, "a console was disturbed"


def test_a_mended_hall_needs_nobody(rig: HallRig, boxes: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    for dev in ("kiosk-1", "kiosk-2", "display-1", "bridge-1"):
        for fault in list(boxes[dev].troubles.open):
            boxes[dev].troubles.clear(*fault.split(":"))
    if standing(rig)["board-1"] == ("left", ()):
        rig.box("board-1", zones=("front",))
    until(lambda: all(standing(rig)[dev] == ("here", ()) for dev in boxes), "the coordinator was not told")
    assert vikno.main(["doctor", "--json", "--config", config(rig)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["format"], report["hall"], report["confirmed"], report["needs_person"]) == (
        "vikno-doctor/1", "small", True, [],
    )  # fmt: skip
    assert {d["dev"]: d["grade"] for d in report["devices"]} == dict.fromkeys(
        ("coordinator", *(b.id for b in BOXES)), "ok"
    )


def test_a_console_that_the_hall_document_lacks_is_told_so(
    rig: HallRig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_command, "PATIENCE_S", 4.0)
    assert vikno.main(["doctor", "--config", config(rig, "kiosk-9")]) == 2
    assert "the hall has no console kiosk-9" in capsys.readouterr().err


def test_a_broker_out_of_reach_is_exit_2_with_the_next_step(
    rig: HallRig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_command, "CONNECT_S", 1.0)
    assert vikno.main(["doctor", "--config", config(rig, port=1)]) == 2
    said = capsys.readouterr()
    assert f"next: {HINTS['broker_unreachable'].step}" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("add", "reason"),
    [("\n[web]\nport = 80\n", "there is no such key"), ("\ncert2 = 1\n", "no such key"), ("[", "TOML 1.0")],
)  # fmt: skip
def test_another_programs_file_is_refused_before_its_connection_is_taken(
    rig: HallRig, add: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(config(rig))
    file.write_text(file.read_text(encoding="utf-8") + add, encoding="utf-8")
    assert vikno.main(["doctor", "--config", str(file)]) == 2
    assert reason in capsys.readouterr().err


def test_a_certificate_that_is_not_there_is_named(rig: HallRig, capsys: pytest.CaptureFixture[str]) -> None:
    assert vikno.main(["doctor", "--config", config(rig, cert="/nowhere/box.crt")]) == 2
    assert "broker.cert: '/nowhere/box.crt'" in capsys.readouterr().err


def test_a_coordinator_that_is_gone_is_what_needs_a_person(
    rig: HallRig, boxes: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert boxes
    monkeypatch.setattr(doctor_command, "PATIENCE_S", 4.0)
    rig.kill()
    beat = rig.peer("console-1")
    until(lambda: beat.last(m.Heartbeat).lost, "the broker did not tell the coordinator's last will")
    assert vikno.main(["doctor", "--config", config(rig)]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "no coordinator answers; nothing below is confirmed, told last at" in said
    assert f"next {HINTS['coordinator_silent'].step}" in said
    assert "? kiosk-1 kiosk, here" in said
    assert said.endswith("1 device needs a person: coordinator (coordinator_silent)")


def test_a_certificate_in_use_by_another_program_is_told_so(
    rig: HallRig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stands after the coordinator's end: without a heartbeat the doctor stays until it is put out."""
    monkeypatch.setattr(doctor_command, "PATIENCE_S", 4.0)
    rig.kill()
    rival, _ = rig.box(DOCTOR)
    until(lambda: rival.link.up, "the rival did not connect")
    assert vikno.main(["doctor", "--config", config(rig)]) == 2
    assert "give the doctor one of its own" in capsys.readouterr().err
    rival.stop()


def test_a_certificate_of_another_halls_authority_is_refused(
    rig: HallRig, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_command, "CONNECT_S", 1.5)
    files = Broker(tmp_path, rig.hall.id, rig.hall.boxes).credentials(DOCTOR)
    assert vikno.main(["doctor", "--config", config(rig, cert=files.cert, key=files.key)]) == 2
    assert f"certificate_refused: {HINTS['certificate_refused'].cause}" in capsys.readouterr().err

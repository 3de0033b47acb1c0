"""What the doctor makes of a view: grades, findings, the words of the report and its exit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consoles.doctor import Evidence, Grade, Report, document, examine, lines
from consoles.doctor_command import Visit
from contract import messages as m
from contract.hints import HINTS
from contract.topics import STALE_S
from contract.words import HallState, Refusal, Role
from runtime.box import Heard, LinkDown, LinkUp
from tests.hall_rig import rigged

NOW = datetime(2026, 3, 17, 5, 0, tzinfo=UTC)
WIDE = 300


def device(dev: str, kind: Role = Role.KIOSK, state: Any = "here", **more: Any) -> m.DeskDevice:
    return m.DeskDevice(dev=dev, kind=kind, state=state, **{"since": NOW - timedelta(minutes=5), **more})


def evidence(*devices: m.DeskDevice, refusing: Refusal | None = None, own: tuple[str, ...] = ()) -> Evidence:
    """A living hall seen by `console-1`."""
    told = (device("coordinator", Role.COORDINATOR, since=None, faults=own), *devices)
    view = m.ConsolesView(
        id="v", ep=3, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(), queues=(), devices=told
    )
    beat = m.Heartbeat(
        id="b", state=HallState.OPEN, day=NOW.date(), now=NOW, speed=1, ep=3, revision=1, refusing=refusing
    )
    return Evidence("console-1", rigged(), view, beat, 1.0)


def said(report: Report, width: int = WIDE) -> str:
    return "\n".join(lines(report, width, colour=False))


def one(told: m.DeskDevice) -> Any:
    return examine(evidence(told)).diagnoses[1]


def test_a_hall_without_faults_needs_nobody() -> None:
    report = examine(evidence(device("kiosk-1"), device("console-1", Role.CONSOLE)))
    assert [(d.dev, d.grade) for d in report.diagnoses] == [("coordinator", Grade.OK), ("kiosk-1", Grade.OK)]
    assert report.needs_person == []
    assert said(report).splitlines()[-1] == "all is well: nothing needs a person (2 devices)"


def test_last_line_names_the_first_unit_of_each_fault() -> None:
    faults = ("device_missing:pad-1", "device_missing:pad-2", "door_open:cabinet", "gpio_missing")
    report = examine(evidence(device("bridge-1", Role.BRIDGE, faults=faults)))
    told = "bridge-1 (device_missing: pad-1 (window 1) and 1 more, door_open: cabinet, gpio_missing)"
    assert said(report).splitlines()[-1] == f"1 device needs a person: {told}"


@pytest.mark.parametrize("fault", HINTS)
def test_every_fault_is_told_with_its_cause_and_step(fault: str) -> None:
    report = examine(evidence(device("kiosk-1", faults=(fault,))))
    text = said(report)
    for words in (f"fault  {fault}", f"cause  {HINTS[fault].cause}", f"next   {HINTS[fault].step}"):
        assert words in text
    assert bool(report.needs_person) is (HINTS[fault].urgency != "wait")


def test_the_worst_fault_grades_the_device() -> None:
    assert one(device("k", faults=("printer_settling",))).grade is Grade.WAIT
    assert one(device("k", faults=("paper_low", "printer_settling"))).grade is Grade.WARN
    assert one(device("k", faults=("paper_low", "paper_out"))).grade is Grade.STOP


def test_a_fault_is_told_with_since_when_and_its_day_where_it_is_not_today() -> None:
    faults = ("paper_low", "device_missing:disp-1", "cover_open")
    yesterday = NOW - timedelta(days=1)
    report = examine(evidence(device("kiosk-1", faults=faults, faults_since=(NOW, yesterday))))
    text = said(report)
    assert "fault  paper_low, since 11:00\n" in text
    assert "fault  device_missing: disp-1 (window 1), since 2026-03-16 11:00\n" in text
    assert "fault  cover_open\n" in text
    told = document(report)["devices"][1]["faults"]
    assert [fault["since"] for fault in told] == [NOW.isoformat(), yesterday.isoformat(), None]


def test_what_ends_by_itself_is_named_and_needs_nobody() -> None:
    report = examine(evidence(device("kiosk-1", faults=("printer_settling",))))
    assert report.needs_person == []
    assert "ends by itself: kiosk-1 (printer_settling)" in said(report)


@pytest.mark.parametrize(
    ("state", "since", "fault"),
    [("lost", NOW, "box_lost"), ("left", NOW, "box_left"), ("unknown", NOW, "box_silent"), ("unknown", None, "box_unseen")],
)  # fmt: skip
def test_a_box_that_is_not_there_is_a_fault_and_its_old_ones_are_not_told(state: str, since: Any, fault: str) -> None:
    found = one(device("kiosk-1", state=state, since=since, faults=("paper_low",), more_faults=2))
    assert [f.fault for f in found.findings] == [fault]
    assert (found.grade, found.untold) == (Grade.STOP, 0)


def test_an_unknown_payment_is_told_though_its_terminal_is_away() -> None:
    faults = ("paper_low", "payment_unknown:pos-1")
    found = one(device("terminal-1", Role.TERMINAL, state="lost", since=NOW, faults=faults))
    assert [(f.fault, f.unit) for f in found.findings] == [("box_lost", ""), ("payment_unknown", "pos-1")]


def test_a_unit_is_told_with_its_window_and_its_figures() -> None:
    units = {"disp-1": m.UnitHealth(kind="display", model="CD5220", figures={"wrong": 3, "paper_left_mm": 120.5})}
    text = said(examine(evidence(device("display-1", units=units, faults=("device_missing:disp-1",)))))
    assert "unit   disp-1 (window 1): display CD5220, wrong 3, paper left 120.5 mm" in text
    assert "fault  device_missing: disp-1 (window 1)" in text


def test_units_that_are_alike_and_have_no_fault_share_a_line() -> None:
    well, worse = (m.UnitHealth(kind="pad", model="4 keys", figures={"bad_frames": n}) for n in (0, 7))
    units = {"pad-1": well, "pad-2": worse, "pad-3": well, "pad-4": well}
    text = said(examine(evidence(device("bridge-1", units=units, faults=("firmware_mismatch:pad-4",)))))
    assert "unit   pad-4 (window 4): pad 4 keys, bad frames 0\n" in text
    assert "unit   pad-1 (window 1), pad-3 (window 3): pad 4 keys, bad frames 0\n" in text
    assert "unit   pad-2 (window 2): pad 4 keys, bad frames 7\n" in text


def test_alike_faults_of_several_units_share_one_step() -> None:
    faults = ("device_missing:pad-2", "device_missing:serial:///dev/ttyUSB0", "firmware_mismatch:pad-3")
    text = said(examine(evidence(device("bridge-1", Role.BRIDGE, faults=faults))))
    assert text.count(HINTS["device_missing"].step) == 1
    assert "fault  device_missing: pad-2 (window 2)" in text
    assert "fault  device_missing: serial:///dev/ttyUSB0" in text
    assert text.count("next ") == 2


def test_faults_that_the_hall_does_not_list_are_counted_and_need_a_person() -> None:
    report = examine(evidence(device("bridge-1", faults=("printer_settling",), more_faults=12)))
    assert [d.grade for d in report.needs_person] == [Grade.WARN]
    assert "does not list: 12;" in said(report)


def test_a_fault_of_a_later_version_is_told_and_needs_a_person() -> None:
    report = examine(evidence(device("kiosk-1", faults=("flux_low:core",))))
    assert "fault  flux_low: core" in said(report)
    assert "another version" in said(report)
    assert [d.dev for d in report.needs_person] == ["kiosk-1"]


def test_words_from_the_wire_give_the_terminal_no_orders() -> None:
    units = {"p": m.UnitHealth(kind="printer", model="\033]0;x\007\r\n\u202e")}
    report = examine(evidence(device("kiosk-1", units=units, faults=("bad\033[2Jword:u\nx",))))
    text = said(report)
    assert not [letter for letter in text.replace("\n", "") if not letter.isprintable()]
    assert text.splitlines()[-1].endswith("(bad?[2Jword: u?x)")
    assert json.loads(json.dumps(document(report)))["devices"][1]["faults"][0]["fault"] == "bad\033[2Jword"


def test_a_coordinator_that_refuses_says_why() -> None:
    report = examine(evidence(refusing=Refusal.NO_ROOM))
    assert [f.fault for f in report.diagnoses[0].findings] == ["disk_low"]
    assert "refuses commands (no_room)" in said(report)
    both = examine(evidence(refusing=Refusal.NO_ROOM, own=("disk_low",)))
    assert [f.fault for f in both.diagnoses[0].findings] == ["disk_low"]


@pytest.mark.parametrize("how", ["old", "never", "lost", "other epoch", "no view"])
def test_without_a_living_coordinator_nothing_told_is_taken_for_true(how: str) -> None:
    heard = evidence(device("kiosk-1", faults=("paper_out",)), own=("disk_low",))
    assert heard.beat is not None
    heard = {
        "old": replace(heard, beat_age_s=STALE_S),
        "never": replace(heard, beat_age_s=None),
        "lost": replace(heard, beat=heard.beat.model_copy(update={"lost": True})),
        "other epoch": replace(heard, beat=heard.beat.model_copy(update={"ep": 4})),
        "no view": replace(heard, beat=None, view=None, beat_age_s=None, hall=None),
    }[how]
    report = examine(heard)
    assert [d.dev for d in report.needs_person] == ["coordinator"]
    assert [f.fault for f in report.diagnoses[0].findings] == ["coordinator_silent"]
    assert {d.grade for d in report.diagnoses[1:]} <= {Grade.UNKNOWN}
    assert "no coordinator answers" in said(report)
    assert not document(report)["confirmed"]


def test_hall_time_is_told_with_its_day_where_that_is_not_today() -> None:
    text = said(examine(evidence(device("a", since=NOW), device("b", since=NOW - timedelta(days=2)))))
    local = rigged().local(NOW)
    assert f"a  kiosk, here since {local:%H:%M}\n" in text
    assert f"b  kiosk, here since {local - timedelta(days=2):%Y-%m-%d %H:%M}\n" in text


def test_long_lines_are_folded_and_colour_only_where_asked() -> None:
    report = examine(evidence(device("kiosk-1", faults=("facts_missed",))))
    assert max(map(len, said(report, 60).splitlines()[2:-1])) <= 60
    assert "\033" not in said(report)
    assert "\033[33mwarn  \033[0m kiosk-1" in "\n".join(lines(report, WIDE, colour=True))


def test_a_visit_keeps_what_it_heard_and_why_the_link_broke() -> None:
    visit, heard = Visit(), evidence(device("kiosk-1"))
    assert heard.view is not None
    assert heard.beat is not None
    address: Any = None
    visit.take(LinkUp())
    visit.take(Heard(address, heard.view, retained=True))
    visit.take(Heard(address, heard.beat, retained=True))
    assert (visit.alive, visit.evidence("console-1").confirmed) == (False, False), "a retained heartbeat proves nothing"
    visit.take(Heard(address, heard.beat, retained=False))
    assert (visit.alive, visit.evidence("console-1").confirmed) == (True, True)


def test_a_link_that_broke_is_remembered_and_one_that_came_late_is_not() -> None:
    visit = Visit()
    visit.take(LinkDown("refused"))
    assert visit.down == "refused"
    visit.take(LinkUp())
    assert visit.linked
    assert not visit.until(lambda: visit.down, 0.01)
    visit.take(LinkDown("connection lost"))
    visit.take(LinkUp())
    assert visit.down == "connection lost"

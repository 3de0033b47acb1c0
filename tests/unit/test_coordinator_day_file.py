"""Recorded days are read strictly: what is wrong is named with its place, whatever it is."""

import json
from pathlib import Path

import pytest

from contract.errors import ContractError
from coordinator.replays import day_file
from simulators import day_file as other_end

DAYS = sorted((Path(__file__).parents[1] / "days").glob("*.json"))
TEXT = DAYS[0].read_text(encoding="utf-8")


@pytest.mark.parametrize("file", DAYS, ids=lambda file: file.stem)
def test_a_day_written_again_is_the_day_that_other_programs_read(file):
    text = file.read_text(encoding="utf-8")
    again = day_file.dump(day_file.load(text))
    assert other_end.read(again) == other_end.read(text)
    assert day_file.dump(day_file.load(again)) == again


def test_the_length_of_the_day_is_that_of_its_forecast():
    day = json.loads(TEXT)
    day["forecast_rate_per_min"] += [0.1, 0.1]
    assert day_file.script(day_file.load(json.dumps(day))).close == 600.0


def changed(path, value):
    day = json.loads(TEXT)
    *steps, last = path
    at = day
    for step in steps:
        at = at[step]
    if value is DROP:
        del at[last]
    else:
        at[last] = value
    return json.dumps(day)


DROP = object()
FAULTS = [
    (["format"], "hall-day/2", "format: "),
    (["surprise"], 1, "surprise: Extra inputs"),
    (["truth", "tickets", 3, "colour"], "red", "truth.tickets.3.colour: Extra inputs"),
    (["services"], [], "services: "),
    (["services", 0, "mean"], 0, "services.0.mean: "),
    (["services", 0, "mean"], "8", "services.0.mean: "),
    (["services", 0, "mix"], 0.9, "services: the shares `mix` must be 1 together"),
    (["services", 1, "id"], "S0", "services: 'S0' stands twice"),
    (["services", 1, "cv"], DROP, "services.1.cv: Field required"),
    (["windows", 0, "can"], ["S99"], "windows.0: "),
    (["windows", 1, "id"], "W01", "stands twice"),
    (["windows", 0, "roster"], [[0, 90], [80, 95]], "windows.0: Value error, the roster's spans"),
    (["windows", 0, "roster"], [[90, 90]], "windows.0: Value error, the roster's spans"),
    (["windows", 0, "primary"], ["S99"], "windows.0: Value error, primary 'S99' is not in `can`"),
    (["truth", "tickets"], [], "truth.tickets: nobody comes"),
    (["truth", "tickets", 0, "arrive"], -1, "truth.tickets.0.arrive: "),
    (["truth", "tickets", 4, "arrive"], 400, "truth.tickets.5.arrive: "),
    (["truth", "tickets", 0, "legs"], [], "truth.tickets.0.legs: "),
    (["truth", "tickets", 0, "legs"], [["S99", 3.0]], "truth.tickets.0: no window may serve 'S99'"),
    (["truth", "tickets", 0, "patience"], 0, "truth.tickets.0.patience: "),
    (["truth", "tickets", 0, "cls"], "vip", "truth.tickets.0.cls: "),
    (["truth", "absences"], [{"window": "W99", "start": 1, "end": 2}], "truth.absences.0: no such window 'W99'"),
    (["truth", "absences"], [{"window": "W01", "start": 2, "end": 2}], "truth.absences.0: ends before it begins"),
    (["forecast_rate_per_min"], [], "forecast_rate_per_min: "),
    (["forecast_rate_per_min"], [1.0], "arrive: after closing at 30"),
    (["bookings"], [[20, "S99"]], "bookings.0: no window may serve 'S99'"),
    (["static_reserve"], [90, 60], "static_reserve: ends before it begins"),
    (["switch_min"], float("nan"), "switch_min: "),
]


@pytest.mark.parametrize(("path", "value", "told"), FAULTS, ids=[told for _, _, told in FAULTS])
def test_a_fault_is_named_with_its_place(path, value, told):
    with pytest.raises(ContractError) as caught:
        day_file.load(changed(path, value))
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"format":', "[" * 5000, b"\xff\xfe"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ContractError):
        day_file.load(text)


def test_a_day_cut_short_is_refused_wherever_it_was_cut():
    for length in range(0, len(TEXT) - 2, 4999):
        with pytest.raises(ContractError):
            day_file.load(TEXT[:length])

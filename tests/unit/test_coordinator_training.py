"""Training advice: the skill that helps most, within the law, and none that does not help."""

import json
from pathlib import Path

import pytest

import vikno
from contract.errors import ContractError
from coordinator.policy import Rules
from coordinator.replays import day_file, training

SAMPLE = json.loads((Path(__file__).parents[1] / "days" / "opening-burst.json").read_text("utf-8"))


def service(name, agency=0, civil_only=False):
    return {
        "id": name,
        "mean": 8.0,
        "cv": 0.5,
        "group": agency,
        "agency": agency,
        "civil_only": civil_only,
        "mix": 1 / 3,
    }


def window(name, *can, agency=0, civil=False):
    return {
        "id": name, "agency": agency, "civil": civil, "can": list(can), "primary": list(can), "reserve": False,
        "roster": [[0, 300]],
    }  # fmt: skip


def visitor(number, arrive, name):
    return {
        "id": number, "arrive": arrive, "cls": "walk", "appointment": None, "legs": [[name, 8.0]], "patience": None,
        "silent": False, "absent": False, "back_after": None,
    }  # fmt: skip


def day(**changes):
    """Everybody comes for `rare`, which only W1 may do; `other` windows have nearly nothing to do."""
    tickets = [visitor(number, 5.0 * number, "rare") for number in range(40)] + [visitor(90, 199.0, "easy")]
    body = {
        **SAMPLE, "name": "a day", "bookings": [], "forecast_rate_per_min": [0.2] * 10,
        "services": [service("rare"), service("easy"), service("foreign", agency=1)],
        "windows": [window("W1", "rare"), window("W2", "easy"), window("W3", "foreign", agency=1)],
        "truth": {"absences": [], "tickets": sorted(tickets, key=lambda ticket: ticket["arrive"])},
        **changes,
    }  # fmt: skip
    return day_file.load(json.dumps(body))


def quiet(_):
    pass


def test_the_idle_operator_of_the_same_employer_is_to_be_trained():
    (step,) = training.steps([day()], Rules(), 3, quiet)
    assert (step.window, step.service) == ("W2", "rare")
    assert step.late == 0.0
    assert step.debt < 1.0


def test_nobody_is_trained_for_what_he_may_not_do_by_law():
    windows = [window("W1", "rare", civil=True), window("W2", "easy"), window("W3", "foreign", agency=1)]
    civil = [service("rare", civil_only=True), service("easy"), service("foreign", agency=1)]
    assert training.steps([day(windows=windows, services=civil)], Rules(), 3, quiet) == []
    windows[1]["civil"] = True
    assert [s.window for s in training.steps([day(windows=windows, services=civil)], Rules(), 3, quiet)] == ["W2"]


def test_a_skill_that_spares_nobody_anything_is_not_named():
    calm = {"absences": [], "tickets": [visitor(number, 20.0 * number, "rare") for number in range(10)]}
    assert training.steps([day(truth=calm)], Rules(), 3, quiet) == []


def test_days_of_different_halls_have_no_common_advice():
    other = day(name="another", windows=[window("W1", "rare"), window("W9", "easy"), window("W3", "foreign", agency=1)])
    with pytest.raises(ContractError, match="another is of another hall than a day"):
        training.steps([day(), other], Rules(), 1, quiet)


def test_the_command_tells_whom_to_train(tmp_path, capsys):
    file = tmp_path / "day.json"
    file.write_text(day_file.dump(day()))
    assert vikno.main(["replay", str(file), "--train", "2"]) == 0
    told = capsys.readouterr().out
    assert "W2: rare: then late 0.0%" in told
    assert "no other skill spares a hundredth" in told
    assert vikno.main(["replay", str(file), "--train", "2", "--json"]) == 0
    (step,) = json.loads(capsys.readouterr().out)["training"]
    assert (step["window"], step["service"]) == ("W2", "rare")
    with pytest.raises(SystemExit):
        vikno.main(["replay", str(file), "--train", "0"])

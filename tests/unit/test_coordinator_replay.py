"""What-if: the same days under several rules, and the command that tells them."""

import dataclasses
import json
from pathlib import Path

import pytest

import vikno
from contract import rules as knobs
from contract.errors import ContractError
from coordinator.outcome import Figures
from coordinator.policy import Rules
from coordinator.replays import day_file, replay
from coordinator.replays.replay import Way
from tests import small_hall

DAYS = sorted((Path(__file__).parents[1] / "days").glob("*.json"))
NONE = Figures(10, 0.2, 2.0, 0.5, 8.0, 20.0, 40.0, None, 0.9, 0.1, 0.2, 0)


def default(name):
    return knobs.value({}, name)


def way(name, *lates, **more):
    days = tuple(dataclasses.replace(NONE, late=late, **more) for late in lates)
    return Way(name, days, {})


def test_a_draft_is_the_halls_rules_with_its_own_values():
    hall = small_hall.hall(rules={"route.quick": 0.5, "route.guard_min": 60})
    rules = replay.drafted(hall.rule, {"route.guard_min": 45})
    assert (rules.quick, rules.guard) == (0.5, 45.0)
    assert replay.drafted(default, {}) == Rules()


@pytest.mark.parametrize(
    ("draft", "told"),
    [
        ({"route.guard_min": 500}, "route.guard_min: 500: allowed: float from 10 to 240 min"),
        ({"route.guard_min": "45"}, "route.guard_min: '45': allowed"),
        ({"route.gaurd_min": 45}, "route.gaurd_min: no such rule"),
        ({"call.recalls_max": 1}, "call.recalls_max: a replay does not follow this; allowed: "),
        ({"route.guard_min": 12}, "kpi.max_wait_min: 20: allowed: at most route.guard_min, which is 12"),
    ],
)
def test_a_draft_that_cannot_be_is_refused_by_name(draft, told):
    with pytest.raises(ContractError) as caught:
        replay.drafted(default, draft)
    assert told in str(caught.value)


def test_a_ratio_is_over_the_days_in_pairs():
    mine, theirs = way("mine", *([0.1, 0.3, 0.2] * 2)), way("theirs", *([0.2, 0.6, 0.4] * 2))
    assert replay.ratio(mine, theirs, "late") == (0.5, 0.5, 0.5)
    spread = replay.ratio(way("mine", *([0.1, 0.6, 0.3] * 2)), theirs, "late")
    assert spread is not None
    assert spread.low is not None
    assert spread.high is not None
    assert spread.low < 5 / 6 < spread.high
    assert replay.ratio(mine, way("theirs", *([0.0] * 6)), "late") is None


def test_a_difference_leaves_out_days_that_do_not_have_the_figure():
    mine, theirs = way("mine", 0.1, 0.3), way("theirs", 0.2, 0.2)
    assert replay.difference(mine, theirs, "booked") is None
    spread = replay.difference(mine, theirs, "late")
    assert spread is not None
    assert spread.value == pytest.approx(0.0)


@pytest.mark.parametrize("days", range(1, replay.ENOUGH_DAYS))
def test_of_a_few_days_no_interval_is_told_and_nothing_is_worse_however_far_apart(days: int) -> None:
    before, now = way("before", *([0.25] * days)), way("now", *([0.75] * days))
    for told, value in ((replay.difference(now, before, "late"), 0.5), (replay.ratio(now, before, "late"), 3.0)):
        assert told == (value, None, None)
    assert replay.worse(now, before) == []


def test_the_days_that_have_a_figure_count_and_not_all_days() -> None:
    known, unknown = (way(name, *([0.2] * 7), booked=share) for name, share in (("known", 0.9), ("unknown", None)))
    mostly = Way("now", (*unknown.days[:5], *known.days[:2]), {})
    worse = Way("before", (*unknown.days[:5], *(dataclasses.replace(day, booked=0.4) for day in known.days[:2])), {})
    assert replay.difference(worse, mostly, "booked") == (-0.5, None, None)
    assert replay.worse(worse, mostly) == []


def test_only_what_is_worse_beyond_chance_is_told():
    before = way("before", *([0.2] * 8))
    assert replay.worse(way("now", *([0.25, 0.26, 0.24, 0.25] * 2)), before) == ["late"]
    assert replay.worse(way("now", *([0.1, 0.31] * 4)), before) == []
    assert replay.worse(way("now", 0.3, 0.3), way("before", 0.2, 0.2)) == []
    assert replay.worse(way("now", *([0.2] * 8), worst_service=0.4), before) == ["worst_service"]


def test_the_hall_leaves_fewer_late_than_fifo_on_both_sample_days():
    scripts = [day_file.script(day_file.load(file.read_text("utf-8"))) for file in DAYS]
    told = []
    fifo, ours = replay.ways(scripts, {"ours": Rules()}, Rules(), lambda: told.append(1))
    assert len(told) == len(DAYS)
    assert all(a.late < 0.8 * b.late and a.debt < b.debt for a, b in zip(ours.days, fifo.days, strict=True))
    assert [day.passed for day in ours.days] == [0, 0]
    assert replay.ways(scripts, {"ours": Rules()}, Rules(), lambda: None) == [fifo, ours]


def test_a_lower_guard_shortens_the_longest_wait(tmp_path, capsys):
    draft = tmp_path / "draft.toml"
    draft.write_text('[route]\nguard_min = 35\n\n["kpi"]\nmax_wait_min = 20\n')
    assert vikno.main(["replay", *map(str, DAYS), "--rules", str(draft), "--against", "current", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    fifo, current, drafted = found["ways"]
    assert (fifo["name"], current["name"], drafted["name"]) == ("FIFO by profile", "current rules", "draft")
    assert drafted["means"]["longest"] < current["means"]["longest"]
    assert drafted["differences"]["longest"][0] < 0
    assert current["ratios"]["late"] == [1.0, None, None]
    assert [len(way["days"]) for way in found["ways"]] == [2, 2, 2]


def test_the_table_has_a_line_for_every_way_and_a_ratio_to_fifo(capsys):
    assert vikno.main(["replay", *map(str, DAYS)]) == 0
    told = capsys.readouterr().out
    assert "2 days, 1281 visitors: opening-burst, two-employers" in told
    assert [line[:13] for line in told.splitlines() if line.startswith(("FIFO", "curr"))] == [
        "FIFO by profi",
        "current rules",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "no day to replay"),
        (["/nowhere/day.json"], "/nowhere/day.json: file: 'No such file or directory'"),
        ([str(DAYS[0]), "--rules", "/nowhere/draft.toml"], "/nowhere/draft.toml: file:"),
        (["--day", "2026-03-16"], "needs all of --journal, --hall and --day"),
        ([str(DAYS[0]), "--export", "/nowhere/out.json"], "--export needs --journal"),
        ([str(DAYS[0]), "--hall", str(DAYS[0])], "opening-burst.json: "),
    ],
)
def test_what_cannot_be_replayed_is_told_with_its_place(words, told, capsys):
    assert vikno.main(["replay", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_draft_that_is_no_toml_or_out_of_bounds_names_its_file(tmp_path, capsys):
    draft = tmp_path / "draft.toml"
    for text, told in (("route.guard_min 45", "syntax"), ("route.guard_min = 500", "route.guard_min: 500: allowed")):
        draft.write_text(text)
        assert vikno.main(["replay", str(DAYS[0]), "--rules", str(draft)]) == 2
        said = capsys.readouterr().err
        assert str(draft) in said
        assert told in said

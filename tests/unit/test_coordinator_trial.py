"""A draft tried on days of the journal: the same visitors twice, and what is different beyond chance."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

import vikno
from contract.hall import Hall
from journal import database
from journal.journal import Journal
from journal.schema import HALL
from runtime.clock import utc_now
from tests import small_hall
from tests.played_day import play

DAY = "2026-03-16"


@pytest.fixture(scope="module")
def hall() -> Hall:
    return small_hall.hall()


@pytest.fixture(scope="module")
def journal(hall: Hall, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("played") / "journal.db"
    play(hall, file, seed=2)
    return file


def tried(folder: Path, journal: Path, now: Hall, draft: Hall, capsys, *words: str):
    (folder / "hall.json").write_text(now.model_dump_json(by_alias=True))
    (folder / "draft.json").write_text(draft.model_dump_json(by_alias=True))
    files = ["--journal", journal, "--hall", folder / "hall.json", "--draft", folder / "draft.json", *words]
    code = vikno.main(["try", *map(str, files)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_same_document_changes_nothing(hall, journal, tmp_path, capsys):
    code, out, _ = tried(tmp_path, journal, hall, hall, capsys, "--json")
    told = json.loads(out)
    assert (code, len(told["days"]), told["unserved"]) == (0, 1, 0)
    assert told["visitors"] > 50
    assert all(row["now"] == row["draft"] for row in told["figures"].values())
    assert {row["verdict"] for row in told["figures"].values()} == {"unknown"}  # of one day nobody can tell
    assert told["figures"]["late"]["difference"] == [0.0, None, None]
    assert (told["left_out"], told["enough_days"]) == ([], 6)


def test_a_window_less_for_a_line_is_seen_in_the_figures(hall, journal, tmp_path, capsys):
    windows = [{**w, "groups": ["acts"] if w["id"] == "W2" else w["groups"]} for w in small_hall.parts("windows")]
    code, out, _ = tried(tmp_path, journal, hall, small_hall.hall(windows=windows), capsys, "--json")
    told = json.loads(out)["figures"]
    assert code == 0
    assert told["longest"]["draft"] != told["longest"]["now"]


def test_who_came_for_what_the_draft_has_no_window_for_is_counted(hall, journal, tmp_path, capsys):
    windows = [{**w, "groups": [g for g in w["groups"] if g != "papers"]} for w in small_hall.parts("windows")]
    _, out, _ = tried(tmp_path, journal, hall, small_hall.hall(windows=windows), capsys, "--json")
    assert json.loads(out)["unserved"] > 0
    _, out, _ = tried(tmp_path, journal, hall, small_hall.hall(windows=windows), capsys)
    assert "came for what no window of the draft would have taken" in out
    assert "longest" in out


def test_a_journal_without_a_closed_day_is_said_in_words(hall, tmp_path, capsys):
    empty = tmp_path / "empty.db"
    Journal.open(empty, hall.id, HALL, utc_now).close()
    code, _, err = tried(tmp_path, empty, hall, hall, capsys)
    assert code == 2
    assert "no closed day" in err
    code, out, _ = tried(tmp_path, empty, hall, hall, capsys, "--json")
    told = json.loads(out)
    assert (code, told["days"], told["left_out"], told["visitors"]) == (0, [], [], 0)
    assert {(row["now"], row["draft"], row["difference"], row["verdict"]) for row in told["figures"].values()} == {
        (None, None, None, "unknown")
    }


def test_a_day_on_which_nobody_came_is_left_out_in_words(hall, tmp_path, capsys):
    play(hall, tmp_path / "journal.db", seed=1, visitors=0)
    _, out, _ = tried(tmp_path, tmp_path / "journal.db", hall, hall, capsys, "--json")
    told = json.loads(out)
    assert (told["days"], told["left_out"]) == ([], [{"day": DAY, "why": "nobody"}])
    code, out, err = tried(tmp_path, tmp_path / "journal.db", hall, hall, capsys)
    assert (code, out) == (2, f"{DAY}: not tried: nobody came, or nobody was called\n")
    assert "no closed day" in err


def test_a_draft_that_would_serve_nobody_of_a_day_is_said_and_not_passed_over(hall, tmp_path, capsys):
    one = tmp_path / "journal.db"
    play(hall, one, seed=6, visitors=1)
    with database.snapshot(one) as connection:
        came_for = connection.execute(select(HALL.table("ticket").c.service_group)).scalar_one()
    windows = [{**w, "groups": [g for g in w["groups"] if g != came_for]} for w in small_hall.parts("windows")]
    _, out, _ = tried(tmp_path, one, hall, small_hall.hall(windows=windows), capsys, "--json")
    assert json.loads(out)["left_out"] == [{"day": DAY, "why": "draft"}]


def test_of_a_day_with_one_visitor_only_what_is_known_of_it_is_told(hall, tmp_path, capsys):
    one = tmp_path / "journal.db"
    play(hall, one, seed=6, visitors=1)
    _, out, _ = tried(tmp_path, one, hall, hall, capsys, "--json")
    told = json.loads(out)
    assert (told["days"], told["visitors"], told["unserved"]) == ([f"small {DAY}"], 1, 0)
    figures = {name: row["now"] for name, row in told["figures"].items()}
    assert (figures["late"], figures["lost"], figures["debt"]) == (0.0, 0.0, 0.0)
    assert (figures["booked"], figures["priority"], figures["worst_service"]) == (None, None, None)
    _, out, _ = tried(tmp_path, one, hall, hall, capsys)
    assert "NaN" not in out
    assert out.count("too few days to tell") == len(figures)


def test_more_days_than_are_sensible_are_refused(hall, journal, tmp_path, capsys):
    with pytest.raises(SystemExit):
        tried(tmp_path, journal, hall, hall, capsys, "--last", "999")
    assert "1 to 60" in capsys.readouterr().err

"""`vikno hall`: a template becomes a document, a fault is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import vikno
from contract import hall
from contract.hall_part import Box
from contract.pin import verify
from contract.words import Role
from coordinator.hall_command import template


def test_every_template_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert vikno.main(["hall", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["kg-con", "kz-con", "ua-cnap"]


def test_new_hall_is_the_template_under_its_own_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hall.json"
    assert vikno.main(["hall", "new", "kz-con", str(file), "--id", "kz-02"]) == 0
    made = hall.load(file.read_bytes())
    assert (made.id, len(made.windows)) == ("kz-02", 24)
    assert vikno.main(["check-hall", str(file)]) == 1  # its holidays are nobody’s yet
    capsys.readouterr()
    assert vikno.main(["hall", "pins", str(file)]) == 0
    told = [line.split(" ", 2) for line in capsys.readouterr().out.splitlines()]
    known = hall.load(file.read_bytes()).operator_by_id
    assert [name for name, _, _ in told] == list(known)
    assert verify(told[0][1], known["op01"].pin_hash)
    assert vikno.main(["hall", "pins", str(file), "--of", "op99"]) == 2
    assert "operator 'op99': allowed: op01" in capsys.readouterr().err


def test_pins_that_everybody_can_read_are_said_until_they_are_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hall.json"
    for words, said in ((["new", "ua-cnap"], True), (["pins"], False)):
        assert vikno.main(["hall", *words, str(file)]) == 0
        capsys.readouterr()
        assert vikno.main(["check-hall", str(file)]) == 1
        assert ("PINs that everybody can read, those of a template: op01, op02" in capsys.readouterr().out) is said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["new", "atlantis", "x.json"], "template 'atlantis': allowed: kg-con, kz-con, ua-cnap"),
        (["new", "kz-con", "/nowhere/x.json"], "/nowhere/x.json: file: 'No such file or directory'"),
        (["bind", "/nowhere/x.json", "u", "1"], "a readable hall document"),
    ],
)
def test_fault_is_told_in_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert vikno.main(["hall", *words]) == 2
    assert told in capsys.readouterr().err


def test_existing_file_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "hall.json"
    file.write_text("mine", encoding="utf-8")
    assert vikno.main(["hall", "new", "kz-con", str(file)]) == 2
    assert file.read_text(encoding="utf-8") == "mine"


def test_document_with_a_typo_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hall.json"
    vikno.main(["hall", "new", "kz-con", str(file)])
    file.write_text(file.read_text(encoding="utf-8").replace('"currency"', '"curency"'), encoding="utf-8")
    assert vikno.main(["check-hall", str(file)]) == 2
    assert "curency" in capsys.readouterr().err


def test_what_a_manager_should_know_is_said_with_the_differences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, file = tmp_path / "before.json", tmp_path / "hall.json"
    vikno.main(["hall", "new", "kz-con", str(before)])
    document = json.loads(before.read_text("utf-8"))
    for window in document["windows"]:
        window["groups"] = [group for group in window["groups"] if group != "drive"] or ["docs"]
    file.write_text(json.dumps(document), encoding="utf-8")
    capsys.readouterr()
    assert vikno.main(["check-hall", str(file), "--before", str(before)]) == 1
    told = capsys.readouterr().out
    assert "No window can take: drive-exchange" in told
    assert "windows." in told
    assert vikno.main(["check-hall", str(file), "--json"]) == 1
    assert "service_unserved" in {each["code"] for each in json.loads(capsys.readouterr().out)["findings"]}


PAD, OTHER = "e6614103e7452d2f", "e6614103e7452d30"


@pytest.fixture
def furnished(tmp_path: Path) -> Path:
    file = tmp_path / "hall.json"
    made = template("ua-cnap").model_copy(
        update={"boxes": (Box(id="bridge-1", kind=Role.BRIDGE), Box(id="board", kind=Role.BOARD))}
    )
    file.write_text(made.model_dump_json(by_alias=True), encoding="utf-8")
    return file


def units(file: Path) -> dict[str, tuple[str, str, int]]:
    made = hall.load(file.read_bytes())
    return {unit.id: (box.id, unit.window, unit.keys) for box in made.boxes for unit in box.units}


def test_pad_is_bound_by_uid_and_moved_by_binding_it_again(furnished: Path) -> None:
    first, second, *_ = hall.load(furnished.read_bytes()).windows
    revision = hall.load(furnished.read_bytes()).revision
    assert vikno.main(["hall", "bind", str(furnished), PAD, first.id, "--keys", "1"]) == 0
    assert vikno.main(["hall", "bind", str(furnished), OTHER, str(first.number)]) == 0
    assert units(furnished) == {PAD: ("bridge-1", first.id, 1), OTHER: ("bridge-1", first.id, 4)}
    assert vikno.main(["hall", "bind", str(furnished), PAD, second.id]) == 0
    assert units(furnished)[PAD] == ("bridge-1", second.id, 1)
    assert hall.load(furnished.read_bytes()).revision == revision + 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([PAD, "W99"], "window 'W99': allowed:"),
        ([PAD, "1", "--box", "bridge-9"], "box 'bridge-9': allowed: bridge-1, board"),
        ([PAD, "1", "--keys", "9"], "keys"),
    ],
)
def test_binding_that_cannot_be_changes_nothing(
    furnished: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = furnished.read_bytes()
    assert vikno.main(["hall", "bind", str(furnished), *words]) == 2
    assert told in capsys.readouterr().err
    assert furnished.read_bytes() == before


def test_hall_with_two_bridges_has_to_be_told_which(furnished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = hall.load(furnished.read_bytes())
    more = made.model_copy(update={"boxes": (*made.boxes, Box(id="bridge-2", kind=Role.BRIDGE))})
    furnished.write_text(more.model_dump_json(by_alias=True), encoding="utf-8")
    assert vikno.main(["hall", "bind", str(furnished), PAD, "1"]) == 2
    assert "--box bridge-1 or bridge-2" in capsys.readouterr().err
    assert vikno.main(["hall", "bind", str(furnished), PAD, "1", "--box", "bridge-2"]) == 0


def test_a_document_goes_to_toml_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, toml, back = tmp_path / "hall.json", tmp_path / "hall.toml", tmp_path / "back.json"
    vikno.main(["hall", "new", "kg-con", str(first)])
    assert vikno.main(["hall", "export", str(first), str(toml)]) == 0
    assert vikno.main(["check-hall", str(toml)]) == 1
    assert vikno.main(["hall", "import", str(toml), str(back)]) == 0
    assert hall.load(back.read_bytes()).windows == hall.load(first.read_bytes()).windows
    assert vikno.main(["hall", "import", str(toml), str(back)]) == 2  # it is there already
    toml.write_text(toml.read_text("utf-8").replace('timezone = "', 'timezone = "x', 1), encoding="utf-8")
    assert vikno.main(["hall", "import", str(toml), str(tmp_path / "bad.json")]) == 2
    assert "time zone" in capsys.readouterr().err

"""`vikno hall`: a template becomes a document, a fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest

import vikno
from contract import hall


def test_every_template_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert vikno.main(["hall", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["kg-con", "kz-con", "ua-cnap"]


def test_new_hall_is_the_template_under_its_own_id(tmp_path: Path) -> None:
    file = tmp_path / "hall.json"
    assert vikno.main(["hall", "new", "kz-con", str(file), "--id", "kz-02"]) == 0
    made = hall.load(file.read_bytes())
    assert (made.id, len(made.windows)) == ("kz-02", 24)
    assert vikno.main(["hall", "check", str(file)]) == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["new", "atlantis", "x.json"], "template 'atlantis': allowed: kg-con, kz-con, ua-cnap"),
        (["new", "kz-con", "/nowhere/x.json"], "/nowhere/x.json: file: 'No such file or directory'"),
        (["check", "/nowhere/x.json"], "a readable hall document"),
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
    assert vikno.main(["hall", "check", str(file)]) == 2
    assert "curency" in capsys.readouterr().err

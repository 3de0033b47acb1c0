"""`vikno trust` and the card doctor's report."""

from __future__ import annotations

from pathlib import Path

import pytest

import vikno
from card_reader.chip.apdu import NAMES
from card_reader.doctor import examine
from card_reader.key import CanKey
from card_reader.trust import store
from card_reader.trust.certificate import certificate
from simulators.card.person import PEOPLE
from tests.card_bench import drawer, mrz_key, trusted
from tests.card_loop import LoopCard


@pytest.fixture
def masters(tmp_path: Path) -> Path:
    (tmp_path / "list.ml").write_bytes(drawer().world.master_list())
    return tmp_path


def root() -> str:
    return certificate(drawer().world.list_anchor()).fingerprint


def test_a_list_is_imported_only_under_a_fingerprint_a_person_compared(
    masters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["trust", "import", str(masters / "list.ml"), "--bundle", str(masters / "bundle.json")]
    assert vikno.main(words) == 1
    assert root() in capsys.readouterr().out
    assert not (masters / "bundle.json").exists()
    assert vikno.main([*words, "--root", root(), "--country", "ua", "--country", "KZ", "--country", "KG"]) == 0
    told = capsys.readouterr().out
    assert "SHA-1, which results will say: KZ" in told
    assert "the list has nothing of KG" in told
    assert {a.country for a in store.read(masters / "bundle.json").anchors} == {"UA", "KZ"}
    assert vikno.main(["trust", "show", "--bundle", str(masters / "bundle.json")]) == 0
    assert "of 2 states" in capsys.readouterr().out


def test_a_wrong_root_or_file_is_an_error_in_one_sentence(masters: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["trust", "import", str(masters / "list.ml"), "--bundle", str(masters / "bundle.json"), "--root", "00"]
    assert vikno.main(words) == 2
    assert vikno.main(["trust", "import", str(masters / "none.ml"), "--root", "00"]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_a_certificate_of_the_state_is_added_by_its_fingerprint(
    masters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (masters / "kg.der").write_bytes(drawer().world.list_anchor())
    words = ["trust", "add", str(masters / "kg.der"), "--bundle", str(masters / "bundle.json")]
    assert vikno.main(words) == 2
    assert vikno.main([*words, "--fingerprint", root()]) == 0
    assert "1 certificates of 1 states" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["ua", "kz", "kg", "uto", "long"])
def test_the_doctor_tells_what_a_card_can_do_and_nothing_of_its_holder(name: str) -> None:
    chip = drawer().card(name)
    with LoopCard(chip.atr, chip.transmit, extended=True) as card:
        told = "\n".join(examine(card, mrz_key(name), trusted()))
    assert "opened by            " in told
    assert "DG1 " in told
    assert ("DATA_SIGNED" in told) == (name != "kg")
    person, printed = PEOPLE[name], drawer().describe(name)["mrz"]
    words = {
        *printed,
        person.number,
        person.personal_number,
        *person.native,
        person.birthplace,
        printed[2].split("<")[0],
    } - {""}
    assert [word for word in words if word.casefold() in told.casefold()] == []


@pytest.mark.parametrize("name", ["bank", "storage", "ee"])
def test_the_doctor_looks_at_other_cards_too(name: str) -> None:
    chip = drawer().card(name)
    with LoopCard(chip.atr, chip.transmit) as card:
        told = "\n".join(examine(card, None, trusted()))
    assert ("SELECT EstEID        9000" in told) == (name == "ee")
    assert ("storage card" in told) == (name == "storage")


def test_the_doctor_opens_by_can() -> None:
    chip = drawer().card("ua")
    with LoopCard(chip.atr, chip.transmit) as card:
        assert any("PACE-GM-CAN" in line for line in examine(card, CanKey("123456"), trusted()))
    assert NAMES[0x6A82] == "file not found"

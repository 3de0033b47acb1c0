"""CSV files of a community: what people make of them is read or told by place and shape; an invented one is whole and nobody's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, func, select

import vikno
from card_reader.profiles import number
from contract import register as r
from contract.errors import ConfigError, TransientDeviceError
from registers.community import rows
from registers.community.invented import Guest, community, luhn
from registers.community.load import Report, load
from registers.community.rows import Bad, shape
from registers.community.table import DUES, PERSONS, STREETS, TABLES
from registers.register import BadAnswerError
from registers.register_command import _told, write
from registers.schema import ENTRY, PERSON
from registers.sql import SqlRegister, connect

DAY = date(2026, 11, 1)
SETTLEMENTS = "id,name_uk,was\ns1,село Вербове,\n"
PEOPLE = "number,name_uk,birth_date,settlement,street,house\n"
SECRET = "Таємничий"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'r.db'}")
    yield made
    made.dispose()


def imported(folder: Path, engine: Engine, **files: str | bytes) -> Report:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(folder, engine, lambda *_: None)


def people(engine: Engine) -> int:
    with engine.connect() as db:
        return db.execute(select(func.count()).select_from(PERSON)).scalar_one()


# --- what people's files look like ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "id,under,name_uk\nst1,s1,вулиця Тиха\n".encode(),
        "\ufeffid,under,name_uk\r\nst1,s1,вулиця Тиха\r\n".encode(),
        "ID; Under ;name_uk;was\nst1;s1;вулиця Тиха;\n\n;;;\n".encode(),
        'id,under,name_uk\n"st1",s1,"вулиця Тиха"'.encode(),
    ],
)
def test_commas_semicolons_quotes_and_marks_are_one_file(data: bytes) -> None:
    read = rows.read(STREETS, data)
    assert read.bad == []
    assert [(line, row["id"], row["name_uk"]) for line, row in read.rows] == [(2, "st1", "вулиця Тиха")]


@pytest.mark.parametrize(
    ("row", "column", "seen"),
    [
        ("12 34567,А,1999-01-01,,,", "number", "99 99999"),
        ("1234567,А,32.13.1999,,,", "birth_date", "99.99.9999"),
        ("1234567,=cmd|'/c calc'!A1,1999-01-01,,,", "name_uk", "=aaa|'/a aaaa'!a9"),
        ("1234567,+А,1999-01-01,,,", "name_uk", "+a"),
        ("1234567,А\0Б,1999-01-01,,,", "name_uk", "a?a"),
        ("1234567,А\ufffdБ,1999-01-01,,,", "name_uk", "a\ufffda"),
        ("1234567," + "А" * 201 + ",1999-01-01,,,", "name_uk", "a" * 24 + "… (201 signs)"),
        ("1234567,,1999-01-01,,,", "name_…", "nothing"),
        (",А,1999-01-01,,,", "number", "nothing"),
        ("1234567,А,1999-01-01,s1,st1,@SUM(A1)", "house", "@aaa(a9)"),
        ("1234567,А,1999-01-01,,", "", "5 cells"),
    ],
)
def test_a_bad_cell_is_told_by_place_and_shape(row: str, column: str, seen: str) -> None:
    read = rows.read(PERSONS, (PEOPLE + row + "\n7654321,Б,02.03.1999,,,\n").encode())
    assert [(b.file, b.line, b.column, b.shape) for b in read.bad] == [("persons.csv", 2, column, seen)]
    assert [(line, row["birth_date"]) for line, row in read.rows] == [(3, date(1999, 3, 2))]


def test_another_encoding_is_told_and_nothing_of_the_file_taken() -> None:
    for data in (
        (PEOPLE + "1234567,Сорока,1999-01-01,,,\n").encode("cp1251"),
        (PEOPLE + "1234567,Сорока,1999-01-01,,,\n").encode("utf-16"),
    ):
        read = rows.read(PERSONS, data)
        assert read.rows == []
        assert [b.shape for b in read.bad] == ["not UTF-8"]


def test_after_a_quote_that_never_closes_nothing_is_guessed() -> None:
    read = rows.read(
        PERSONS, (PEOPLE + '1234567,А,1999-01-01,,,\n7654321,"Б,1999-01-01,,,\n7654322,В,1999-01-01,,,\n').encode()
    )
    assert [row["number"] for _, row in read.rows] == ["1234567"]
    assert [(b.line, b.column) for b in read.bad] == [(3, "")]


def test_columns_that_are_missing_or_unknown_are_told_by_name() -> None:
    read = rows.read(PERSONS, b"number,name_uk,salary,number\n1,2,3,4\n")
    assert {(b.line, b.column) for b in read.bad} == {(1, "aaaaaa"), (1, "birth_date")}
    assert read.rows == []
    assert rows.read(PERSONS, b"").bad


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(alphabet='a9,;"\n\r\0=А\ufeff ', max_size=120).map(lambda t: (PEOPLE + t).encode())
)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for table in TABLES:
        read = rows.read(table, data)
        assert all(set(row) == {c.name for c in table.columns} for _, row in read.rows)
        assert all(bad.allowed and bad.line >= 1 for bad in read.bad)


@given(st.text(max_size=60))
def test_a_shape_says_nothing_of_the_value(text: str) -> None:
    shown = shape(text)
    assert not {c for c in shown.split("…")[0] if c.isalpha()} - {"a", "n", "o", "t", "h", "i", "g"}
    assert not {c for c in shown.split("…")[0] if c.isdigit()} - {"9"}


# --- into the database ------------------------------------------------------------------------------------------------


def test_good_rows_go_in_and_bad_ones_are_listed_without_what_they_say(
    tmp_path: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    body = f"1234567,{SECRET},1999-01-01,s1,,1\n7654321,{SECRET},19990101x,s1,,1\n1234567,{SECRET},1999-01-01,,,\n"
    body += f"1111111,{SECRET},1999-01-01,s9,,1\n2222222,{SECRET},1999-01-01,s1,st9,1\n"
    report = imported(tmp_path / "c", engine, settlements=SETTLEMENTS, persons=PEOPLE + body)
    assert report.taken == {"settlements.csv": 1, "persons.csv": 1}
    assert [(b.line, b.column) for b in report.bad] == [
        (3, "birth_date"),
        (4, "number"),
        (5, "settlement"),
        (6, "street"),
    ]
    assert _told(report) == 1
    said = capsys.readouterr().out
    assert "persons.csv:3: birth_date: 99999999a: allowed: a day as 2026-11-22" in said
    assert "stands in line 2 too" in said
    assert not [secret for secret in (SECRET, "1234567", "7654321") if secret in said]
    assert people(engine) == 1


def test_importing_again_changes_and_takes_nothing_out(tmp_path: Path, engine: Engine) -> None:
    imported(tmp_path / "c", engine, settlements=SETTLEMENTS, persons=PEOPLE + "1234567,А,1999-01-01,s1,,1\n")
    again = imported(tmp_path / "c", engine, settlements="id,name_uk,was\ns1,село Тихе,село Вербове\n", persons=PEOPLE)
    assert again.bad == []
    with engine.connect() as db:
        assert db.execute(select(ENTRY.c.name_uk, ENTRY.c.was)).all() == [("село Тихе", "село Вербове")]
    assert people(engine) == 1


def test_a_code_that_somebody_else_has_is_refused(tmp_path: Path, engine: Engine) -> None:
    head = "id,code,number,name_uk,amount_minor,currency,since\n"
    imported(tmp_path / "c", engine, dues=head + "d1,77,1234567,Збір,100,UAH,2026-01-01\n")
    again = imported(
        tmp_path / "c",
        engine,
        dues=head + "d2,77,1234567,Збір,100,UAH,2026-01-01\nd1,77,1234567,Збір,0,UAH,2026-01-01\n",
    )
    assert [(b.line, b.column, b.shape) for b in again.bad] == [(2, "code", "belongs to another row of the database")]
    register = SqlRegister("r", str(engine.url))
    assert register.due("77").dues == ()  # withdrawn
    register.close()


def test_nothing_is_half_written(tmp_path: Path, engine: Engine) -> None:
    imported(tmp_path / "c", engine, settlements=SETTLEMENTS)
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TRIGGER no BEFORE INSERT ON person BEGIN SELECT RAISE(ABORT, 'disk'); END")
    with pytest.raises(TransientDeviceError) as told:
        imported(
            tmp_path / "c",
            engine,
            settlements="id,name_uk\ns2,село Тихе\n",
            persons=PEOPLE + f"1234567,{SECRET},1999-01-01,,,\n",
        )
    assert SECRET not in str(told.value)
    assert told.value.__cause__ is None
    with engine.connect() as db:
        assert db.execute(select(ENTRY.c.id)).scalars().all() == ["s1"]


def test_a_database_that_is_not_there_is_a_fault_and_no_empty_register(tmp_path: Path) -> None:
    file = tmp_path / "odd name?#%25.db"
    register = SqlRegister("r", f"sqlite:///{quote(str(file))}")
    with pytest.raises(TransientDeviceError, match="register_away"):
        register.check()
    assert not file.exists()
    file.touch()
    with pytest.raises(BadAnswerError, match="tables"):
        register.person("1234567")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "settlements.csv").write_text(SETTLEMENTS, encoding="utf-8")
    assert vikno.main(["register", "import", str(tmp_path / "c"), "--db", str(file)]) == 0
    assert register.directory("settlements") is not None
    register.close()


def test_a_folder_without_files_is_said(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(ConfigError, match=r"settlements\.csv"):
        load(tmp_path, engine, lambda *_: None)


@pytest.mark.parametrize(
    "url",
    ["mysql://h/d", "postgresql://u:hunter2@h/d", "sqlite", "sqlite+pysqlcipher://:hunter2@/x", "://", "http://h"],
)
def test_a_database_url_that_is_none_is_said_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError) as told:
        connect("r", url, 1.0)
    assert "hunter2" not in str(told.value)


# --- an invented one --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("country", "holds"), [("ua", number.rnokpp), ("kz", number.iin)])
def test_an_invented_community_is_whole(tmp_path: Path, engine: Engine, country: str, holds: object) -> None:
    files = community(country, 600, 3, DAY)
    for table in TABLES:
        write(tmp_path / table.file, files[table.file])
    report = load(tmp_path, engine, lambda *_: None)
    assert report.bad == []
    assert report.taken["persons.csv"] == 600 == people(engine)
    persons = files["persons.csv"]
    assert all(holds(p["number"]) for p in persons)  # type: ignore[operator]  # a check of another room
    assert all(number.unzr(p["other_number"]) for p in persons if p["other_number"])
    known = {p["number"]: p for p in persons}
    for child in persons:
        for parent in (child["mother"], child["father"]):
            assert parent not in known or known[parent]["birth_date"] < child["birth_date"]
    assert all(luhn(due["code"][:-1]) == due["code"] for due in files["dues.csv"])
    assert any(street["was"] for street in files["streets.csv"])
    register = SqlRegister("r", str(engine.url))
    relations = Counter(m.relation for p in persons[:200] for m in register.household(p["number"]).members)
    register.close()
    assert {"self", "spouse", "child", "parent", "sibling"} <= set(relations)
    assert relations[""] < relations["self"]


def test_the_same_seed_is_the_same_community_and_another_is_another() -> None:
    assert community("ua", 50, 1, DAY) == community("ua", 50, 1, DAY) != community("ua", 50, 2, DAY)


def test_a_guest_lives_in_it_as_the_card_says() -> None:
    guest = Guest(
        "2900000018", {"uk": "Гість Іван Іванович", "en": "Hist Ivan"}, date(1979, 5, 26), "M", "19790526-00010"
    )
    files = community("ua", 40, 1, DAY, [guest])
    row = files["persons.csv"][0]
    assert (row["number"], row["other_number"], row["name_uk"]) == (
        guest.number,
        guest.other_number,
        "Гість Іван Іванович",
    )
    assert row["settlement"]


def test_a_guest_without_a_second_number_leaves_the_others_theirs() -> None:
    guest = Guest("790526300018", {"kk": "Қонақ Ойдан", "ru": "Гость Выдуманный"}, date(1979, 5, 26), "M", "")
    persons = community("kz", 40, 1, DAY, [guest])["persons.csv"]
    assert (len(persons), persons[0]["number"]) == (40, guest.number)


def test_what_is_imported_is_what_terminals_are_told(tmp_path: Path, engine: Engine) -> None:
    imported(
        tmp_path / "c", engine, settlements=SETTLEMENTS, streets="id,under,name_uk\nst1,s1,вулиця Тиха\n",
        persons=PEOPLE + "1234567,Сорока Лесь,1999-01-01,s1,st1,7а\n",
    )  # fmt: skip
    register = SqlRegister("r", str(engine.url))
    told = register.person("1234567")
    streets = register.directory("streets")
    register.close()
    assert told.address == r.Address(
        settlement="s1", street="st1", house="7а", flat="", texts={"uk": "село Вербове, вулиця Тиха, 7а"}
    )
    assert streets is not None
    assert streets.entries == (r.Entry(id="st1", names={"uk": "вулиця Тиха"}, under="s1"),)


def test_a_due_list_has_all_its_columns() -> None:
    assert {c.name for c in DUES.columns} >= {"id", "code", "number", "amount_minor", "currency", "since"}
    assert str(Bad("dues.csv", 7, "code", "9 9", "no space")) == "dues.csv:7: code: 9 9: allowed: no space"


def test_the_command_makes_a_community_and_brings_it_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, db = tmp_path / "demo", tmp_path / "r.db"
    assert vikno.main(["register", "sample", str(folder), "--country", "kz", "--people", "60"]) == 0
    assert vikno.main(["register", "import", str(folder), "--db", str(db)]) == 0
    assert "persons.csv: 60 rows are in" in capsys.readouterr().out
    (folder / "settlements.csv").write_text("id,name_kk\ns1,=1\n", encoding="utf-8")
    assert vikno.main(["register", "import", str(folder), "--db", str(db)]) == 1
    assert "settlements.csv:2: name_kk: =9: allowed: text" in capsys.readouterr().out
    assert vikno.main(["register", "import", str(tmp_path / "none"), "--db", str(db)]) == 2
    assert vikno.main(["register", "import", str(folder), "--db", str(tmp_path / "no" / "r.db")]) == 2


def test_the_guide_names_every_file_and_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "registers.md").read_text("utf-8")
    told: dict[str, tuple[list[str], list[str]]] = {}
    for line in page.splitlines():
        if line.startswith("| `") and ".csv`" in line:
            files, columns = line.strip("| ").split(" | ")
            cells = [cell.strip() for cell in columns.split(",")]
            needed = [name for cell in cells if "†" not in cell for name in re.findall(r"`(\w+)`", cell)]
            optional = [name for cell in cells if "†" in cell for name in re.findall(r"`(\w+)`", cell)]
            told |= dict.fromkeys(re.findall(r"`(\w+\.csv)`", files), (needed, optional))
    plain = {t.file: [c for c in t.columns if not c.name.startswith("name_")] for t in TABLES}
    assert told == {
        f: ([c.name for c in cs if c.required], [c.name for c in cs if not c.required]) for f, cs in plain.items()
    }


def test_a_street_is_found_and_renamed_and_its_old_name_goes_on_finding_it(
    tmp_path: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    streets = (
        "id,under,name_uk,name_en,was\nst1,s1,вулиця Стара,Old Street,вулиця Давня\nst2,s1,вулиця Нижня,Lower Street,\n"
    )
    imported(tmp_path / "in", engine, settlements=SETTLEMENTS, streets=streets)
    where = ["--db", str(tmp_path / "r.db")]

    def said(*words: str) -> tuple[int, str]:
        code = vikno.main(["register", *words, *where])
        return code, "".join(capsys.readouterr())

    assert said("find", "streets", "стара") == (0, "st1  s1  вулиця Стара / Old Street (was: вулиця Давня)\n")
    assert said("rename", "streets", "st1", "uk=вулиця Нова") == (
        0, "st1  s1  вулиця Нова / Old Street (was: вулиця Давня, вулиця Стара)\n",
    )  # fmt: skip
    for name in ("Нова", "СТАРА", "давня"):
        code, line = said("find", "streets", name)
        assert (code, line[:3]) == (0, "st1")
    assert said("rename", "streets", "st1", "uk=вулиця Стара")[1].endswith("(was: вулиця Давня, вулиця Нова)\n")
    for wrong, why in (
        (("st9", "uk=вулиця"), "there is no 'st9'"), (("st1", "de=Straße"), "name_de"), (("st1", "uk==1+1"), "allowed: text"),
        (("st1", "uk="), "allowed: text"), (("st2", "uk=" + "х" * 201), "allowed: text"),
    ):  # fmt: skip
        code, line = said("rename", "streets", *wrong)
        assert (code > 0, why in line) == (True, True), line
    assert said("find", "streets", "Нижня") == (0, "st2  s1  вулиця Нижня / Lower Street\n")
    assert said("find", "streets", "ніде")[0] == 1
    register = SqlRegister("r", str(engine.url))
    found = register.directory("streets")
    register.close()
    assert found is not None
    assert found.entries[0].was == ("вулиця Давня", "вулиця Нова")

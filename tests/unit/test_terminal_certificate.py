"""Certificates on A4 and on receipt paper: every value can be read back, in all letters, on whole lines, from the same bytes."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image, ImageChops

import vikno
from contract.errors import ContractError
from contract.hall import Hall
from contract.register import Address, Household, Member, Person
from demo.paper import household, sample
from look.texts import Texts
from printers.document import CertificateDoc
from printers.layout import render
from terminal.papers import plan as plans
from terminal.papers import sheet
from terminal.papers.certificate import CertificateFacts, certificate
from terminal.papers.plan import NAMES, plan
from tests.halls import load
from tests.printing import read_qr

HALLS: dict[str, Hall] = {name: load(name) for name in ("ua-cnap", "kz-con", "kg-con")}
CASES = [(hall, lang) for hall in HALLS.values() for lang in hall.languages]
UA = HALLS["ua-cnap"]
AT = datetime(2026, 3, 17, 8, 24, tzinfo=UTC)
HOME = Address(settlement="s-1", texts={"uk": "м. Вигадане, вул. Вербова, буд. 12"})
EVE = Person(
    number="3012345678", names={"uk": "ҐАЛАҐАНСЬКА Єва"}, birth_date=date(1985, 4, 12), address=HOME, since=date(2011, 9, 1)
)  # fmt: skip
FACTS = CertificateFacts("extract", "D-7", AT, "res-extract", EVE)


def paper(name: str, hall: Hall, lang: str, *, large: bool = False) -> CertificateDoc:
    alone = (each for each in hall.services if each.self_service and each.self_service.paper == name)
    doc = sample(name, hall, next(alone, hall.services[0]), lang, large=large)
    assert isinstance(doc, CertificateDoc)
    return doc


def text_of(pdf: bytes, *options: str) -> str:
    """What another program reads in the sheets, its white space as single blanks."""
    done = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, timeout=30, check=True)
    return " ".join(done.stdout.decode().split())


def pages_of(pdf: bytes) -> list[str]:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, timeout=30, check=True)
    return done.stdout.decode().split("\f")[:-1]


def picture_of(pdf: bytes, folder: Path, dpi: int = 100) -> list[Path]:
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-gray", "-png", "-", str(folder / "p")], input=pdf, timeout=60, check=True
    )
    return sorted(folder.glob("p*.png"))


def letters(text: str) -> str:
    """Without white space: where a text was broken into lines does not matter."""
    return "".join(text.split())


@pytest.mark.parametrize(("hall", "lang"), CASES, ids=lambda each: getattr(each, "id", each))
def test_every_text_is_read_back_from_the_sheets(hall: Hall, lang: str) -> None:
    for name in NAMES:
        doc = paper(name, hall, lang)
        found = letters(text_of(sheet.pdf(doc)))
        values = [doc.hall, doc.title, doc.number, doc.opening, doc.note, doc.check, doc.issued, doc.people_title]
        values += [text for pair in doc.facts for text in pair] + [*doc.closing, *doc.sign]
        assert [text for text in values if letters(text) not in found] == []


def test_letters_that_only_one_of_our_languages_has_are_read_back() -> None:
    for lang, hall, marks in (("kk", "kz-con", "әіңғүұқөһ"), ("ky", "kg-con", "өүң"), ("uk", "ua-cnap", "їієґ")):
        whole = "".join(text for _, text in paper("household", HALLS[hall], lang).facts)
        doc = replace(paper("household", HALLS[hall], lang), closing=(marks, marks.upper()))
        found = text_of(sheet.pdf(doc))
        assert marks in found, whole
        assert marks.upper() in found


def test_same_paper_gives_the_same_bytes_and_tells_its_language_and_nothing_of_the_machine() -> None:
    doc = paper("household", HALLS["kz-con"], "kk")
    pdf = sheet.pdf(doc)
    assert sheet.pdf(doc) == pdf
    assert b"/Lang (kk)" in pdf
    assert set(re.findall(rb"/(?:CreationDate|ModDate) \(D:(\d{8})", pdf)) <= {b"20200101"}
    assert sheet.pdf(replace(doc, number="№ 8")) != pdf


def crowd(members: int) -> CertificateDoc:
    """The longest names, 60 of them at most."""
    names = {"uk": "ҐАЛАҐАНСЬКА‑ЇЖАКЕВИЧ‑ВИГАДАНІВСЬКА Вікторія‑Єлизавета Володимиро‑Святославівна"}
    home = household(UA, members)
    people = tuple(
        member.model_copy(update={"names": {"uk": f"{names['uk']} {place}"}})
        for place, member in enumerate(home.members)
    )
    whole = home.model_copy(update={"members": people})
    facts = replace(FACTS, paper="household", service="res-household", household=whole)
    return certificate(UA, "uk", facts)


@pytest.mark.parametrize("large", [False, True])
def test_sixty_people_with_the_longest_names_break_between_lines_inside_the_margins(
    large: bool, tmp_path: Path
) -> None:
    doc = replace(crowd(60), large=large)
    pdf = sheet.pdf(doc)
    pages = pages_of(pdf)
    heading = letters(doc.columns[1])
    for number, page in enumerate(pages, 1):
        assert Texts("uk").get("paper.page", page=number, pages=len(pages)) in page
        assert doc.number in page
        assert (heading in letters(page)) == bool(re.search(r"\d\d\.\d\d\.\d{4}", page))
    whole = " ".join(" ".join(pages).split())
    assert len(re.findall(r"12\.04\.\d{4}", whole)) == 60
    for picture in picture_of(pdf, tmp_path, 40):
        with Image.open(picture) as image:
            box = ImageChops.invert(image.convert("L")).point(lambda ink: 255 * (ink > 60)).getbbox()
            assert box is not None
            left, top, right, bottom = box
            mm = 25.4 / 40
            assert left * mm >= sheet.LEFT - 1
            assert right * mm <= sheet.WIDTH - sheet.RIGHT + 1
            assert top * mm >= sheet.TOP - 1
            assert bottom * mm <= sheet.HEIGHT - 10


def test_lines_to_sign_on_are_never_parted_from_what_is_signed() -> None:
    doc = paper("application", UA, "uk")
    for count in range(8, 28):
        pages = pages_of(sheet.pdf(replace(doc, facts=doc.facts[:1] * count)))
        ends = [page for page in pages if letters(doc.closing[0]) in letters(page)]
        assert len(ends) == 1
        assert all(text in ends[0] for text in doc.sign)


def test_code_on_the_sheet_is_the_number(tmp_path: Path) -> None:
    (picture,) = picture_of(sheet.pdf(certificate(UA, "uk", FACTS)), tmp_path)
    assert read_qr(picture) == "D-7"


def test_code_on_receipt_paper_is_the_number(tmp_path: Path) -> None:
    render(certificate(UA, "uk", FACTS)).save(tmp_path / "r.png")
    assert read_qr(tmp_path / "r.png") == "D-7"


def test_sixty_people_fit_on_receipt_paper_but_not_in_large_print() -> None:
    assert render(crowd(60), 512).height > 60 * 60
    assert render(replace(crowd(20), large=True), 512).height > 20 * 100
    with pytest.raises(ContractError, match="shorten"):
        render(replace(crowd(60), large=True), 512)


def test_extract_has_what_the_register_told_and_no_line_for_the_rest() -> None:
    doc = certificate(UA, "uk", FACTS)
    assert doc.facts == (
        ("Прізвище, ім’я, по батькові", "ҐАЛАҐАНСЬКА Єва"), ("Дата народження", "12.04.1985"), ("Персональний номер", "3012345678"),
        ("Зареєстроване місце проживання", "м. Вигадане, вул. Вербова, буд. 12"), ("Зареєстровано з", "01.09.2011"),
    )  # fmt: skip
    fewer = certificate(UA, "uk", replace(FACTS, person=EVE.model_copy(update={"since": None, "address": None})))
    assert len(fewer.facts) == 3


def test_household_lists_its_members_in_order_with_their_relation() -> None:
    sun = Member(names={"uk": "ҐАЛАҐАНСЬКИЙ Лад"}, birth_date=date(2014, 1, 2), relation="child")
    eve = Member(names=EVE.names, birth_date=EVE.birth_date, relation="self", since=EVE.since)
    home = Household(address=HOME, members=(eve, sun))
    doc = certificate(UA, "uk", replace(FACTS, paper="household", service="res-household", household=home))
    assert doc.columns == ("Прізвище, ім’я, по батькові", "Дата народження", "Родинний зв’язок", "Зареєстровано з")
    assert doc.people == (
        ("ҐАЛАҐАНСЬКА Єва", "12.04.1985", "заявник", "01.09.2011"),
        ("ҐАЛАҐАНСЬКИЙ Лад", "02.01.2014", "дитина", ""),
    )
    assert ("Зареєстровано осіб", "2") in doc.facts


def test_application_has_the_answers_in_the_form_s_order_and_is_to_be_signed() -> None:
    form = next(form for form in UA.forms if form.id == "residence")
    choice = next(field for field in form.fields if field.kind == "choice")
    given = {choice.id: choice.choices[-1].id, form.fields[0].id: "Вигадане"}
    doc = certificate(UA, "uk", replace(FACTS, paper="application", service="res-register", answers=given))
    assert doc.facts[-2:] == (
        (form.fields[0].names["uk"], "Вигадане"),
        (choice.names["uk"], choice.choices[-1].names["uk"]),
    )
    assert (doc.title, doc.sign) == ("Заява", ("Підпис", "Дата"))


@pytest.mark.parametrize(
    ("answer", "printed"), [("2026-03-20", "20.03.2026"), ("20.03.2026", "20.03.2026"), ("весна", "весна")]
)
def test_day_is_printed_as_documents_write_it_and_anything_else_as_it_was_said(answer: str, printed: str) -> None:
    form = UA.forms[0]
    day = form.fields[0].model_copy(update={"kind": "date", "directory": None})
    service = next(each for each in UA.services if each.self_service and each.self_service.form == form.id)
    hall = UA.model_copy(update={"forms": (form.model_copy(update={"fields": (day,)}),)})
    facts = replace(FACTS, paper="application", service=service.id, answers={day.id: answer})
    assert certificate(hall, "uk", facts).facts[-1] == (day.names["uk"], printed)


def test_register_without_the_language_gives_the_hall_s_own() -> None:
    doc = certificate(UA, "en", FACTS)
    assert doc.facts[0] == ("Surname, first name, patronymic", "ҐАЛАҐАНСЬКА Єва")


def test_text_of_a_register_is_one_line_with_our_apostrophe() -> None:
    names = {"uk": "О\u02bcХАРА\n Мар'яна\t "}
    doc = certificate(UA, "uk", replace(FACTS, person=EVE.model_copy(update={"names": names})))
    assert doc.facts[0][1] == "О’ХАРА Мар’яна"


@pytest.mark.parametrize("name", ["ƏLİYEVA Ə", "山田", "Єва \u0000"])
def test_name_with_letters_that_we_cannot_show_is_not_printed_with_holes(name: str) -> None:
    with pytest.raises(ContractError, match=r"U\+"):
        certificate(UA, "uk", replace(FACTS, person=EVE.model_copy(update={"names": {"uk": name}})))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (replace(FACTS, paper="poster"), "allowed: extract, household, application"),
        (replace(FACTS, service="nothing"), "not in the hall document"),
        (replace(FACTS, person=None), "needs the person"),
        (replace(FACTS, paper="household"), "needs the household"),
    ],
)
def test_paper_that_lacks_something_is_refused(facts: CertificateFacts, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        certificate(UA, "uk", facts)


def test_relation_without_words_is_refused_rather_than_left_out() -> None:
    home = household(UA, 2)
    odd = home.model_copy(update={"members": (home.members[0].model_copy(update={"relation": "cousin"}),)})
    with pytest.raises(ContractError, match=r"relation\.cousin"):
        certificate(UA, "uk", replace(FACTS, paper="household", household=odd))


def test_error_and_repr_tell_nothing_of_the_person() -> None:
    doc = paper("household", UA, "uk")
    assert "ҐАЛАҐАНСЬКА" not in repr(doc) + repr(FACTS)
    assert "3012345678" not in repr(paper("extract", UA, "uk")) + repr(FACTS)


def test_layouts_name_only_texts_that_are_there() -> None:
    for name in NAMES:
        lines = plan(name)
        keys = [lines.opening, lines.note, *lines.closing, *lines.sign, *(each.name for each in lines.facts)]
        keys += [key for key in (lines.title, lines.people_title) if key]
        for lang in ("uk", "ru", "kk", "ky", "en"):
            assert all(Texts(lang).get(key, service="x") for key in keys)
    used = {each.value for name in NAMES for each in plan(name).facts}
    assert used == set(get_args(plans.Value))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"about": "x", "opening": "a", "facts": [{"name": "n", "value": "person.income"}], "note": "n"}', r"facts\.0\.value"),
        ('{"about": "x", "opening": "a", "facts": [], "note": "n", "colour": "red"}', "colour"),
        ('{"about": "x"', "paper x"),
    ],
)  # fmt: skip
def test_wrong_layout_names_the_place(text: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        plans.read("x", text)


def test_halls_name_papers_that_are_there() -> None:
    named = {each.self_service.paper for hall in HALLS.values() for each in hall.services if each.self_service}
    assert named <= {*NAMES, "receipt"}


def test_preview_writes_the_sheets_of_a_certificate_and_of_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.pdf"
    assert vikno.main(["preview", "household", "--lang", "kk", "--pdf", str(file)]) == 0
    assert "ОЙДАНҚЫЗЫ" in text_of(file.read_bytes())
    assert vikno.main(["preview", "receipt", "--pdf", str(file)]) == 2
    assert "receipt paper only" in capsys.readouterr().err

"""Every paper of every hall, in every language and print: ink inside the margins, the code readable, words unbroken."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import Image

import vikno
from contract.errors import ContractError
from contract.hall import Hall
from demo.paper import sample
from look.tokens import paper
from printers.document import CertificateDoc, Doc, ReceiptDoc, TicketDoc, spoken
from printers.form import FORMS, Kind, form, read
from printers.layout import _DRAW, Page, render
from printers.model import MODELS
from tests.halls import load
from tests.printing import ink_box, read_qr

HALLS: dict[str, Hall] = {name: load(name) for name in ("ua-cnap", "kz-con", "kg-con")}
CASES = [(name, lang) for name, hall in HALLS.items() for lang in hall.languages]


def longest(hall: Hall, lang: str, form_name: str, large: bool) -> Doc:
    """The paper with the longest texts that this hall can print."""
    service = max(hall.services, key=lambda each: len(each.names[lang]) + 20 * len(each.bring))
    doc = sample(form_name, hall, service, lang, large=large)
    return replace(doc, hall=max(hall.names[lang], hall.short_names[lang], key=len))


def test_all_five_languages_are_looked_at() -> None:
    assert {lang for _, lang in CASES} == {"uk", "ru", "kk", "ky", "en"}


@pytest.mark.parametrize(("name", "lang"), CASES)
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("form_name", ["ticket", "receipt"])
def test_ink_of_the_longest_texts_stays_inside_the_margins(name: str, lang: str, large: bool, form_name: str) -> None:
    doc = longest(HALLS[name], lang, form_name, large)
    for width in sorted({model.picture_dots for model in MODELS}):
        image = render(doc, width)
        left, top, right, bottom = ink_box(image)
        assert paper().margin <= left
        assert right <= width - paper().margin
        assert top > 0
        assert bottom < image.height


@pytest.mark.parametrize("large", [False, True])
def test_code_is_readable_in_both_prints(tmp_path: Path, large: bool) -> None:
    doc = longest(HALLS["kz-con"], "kk", "ticket", large)
    render(doc).save(tmp_path / "t.png")
    assert read_qr(tmp_path / "t.png") == doc.qr


def test_every_list_of_documents_fits_on_paper_in_large_print() -> None:
    for (name, lang), large in product(CASES, (False, True)):
        hall = HALLS[name]
        service = max(hall.services, key=lambda each: sum(len(hall.documents[key][lang]) for key in each.bring))
        render(sample("ticket", hall, service, lang, large=large))


def test_large_print_is_large() -> None:
    doc = sample("ticket", HALLS["ua-cnap"], HALLS["ua-cnap"].services[0], "uk", large=True)
    small, large = Page(doc, 544, large=False), Page(doc, 544, large=True)
    assert all(large.size(role) >= small.size(role) for role in ("note", "body", "label", "heading"))
    assert large.face("note").size * 0.714 / paper().dots_per_mm >= 4.4  # capitals in mm, as tokens promise


def test_word_is_broken_behind_its_hyphen_first() -> None:
    face = Page(sample("ticket", HALLS["ua-cnap"], HALLS["ua-cnap"].services[0], "uk", large=False), 544, True).face(
        "body"
    )
    assert face.wrap("Військово-обліковий документ", 420) == ["Військово-", "обліковий", "документ"]


RECEIPT = ReceiptDoc(
    lang="uk", hall="ЦНАП", title="Квитанція", number="R-1", rows=(("Реєстрація", "49,92 грн"),), total_title="Разом",
    total="49,92 грн", details=(("RRN", "4711"),), follow="Дякуємо", keep="Зберігайте", issued="17 березня", hotline="0 800", qr="R-1",
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Чек"}, {"number": "R-2"}, {"rows": (("Реєстрація", "50 грн"),)}, {"rows": (("Витяг", "49,92 грн"),)},
        {"total_title": "Усього"}, {"total": "50 грн"}, {"details": ()}, {"follow": ""}, {"keep": ""}, {"issued": "18 березня"},
        {"hotline": ""}, {"qr": "R-2"}, {"large": True}, {"hall": "ЦОН"}, {"mark": "Копія"}, {"code": "0481"}, {"code_title": "Код"},
    ],
)  # fmt: skip
def test_every_text_of_a_receipt_reaches_the_paper(change: dict[str, Any]) -> None:
    assert render(replace(RECEIPT, **change)).tobytes() != render(RECEIPT).tobytes()


@pytest.mark.parametrize(
    "change", [{"rows": ()}, {"rows": (("", "1"),)}, {"total": " "}, {"title": ""}, {"number": ""}]
)
def test_incomplete_receipt_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="receipt"):
        replace(RECEIPT, **change)


def test_receipt_without_a_code_has_its_words() -> None:
    assert render(replace(RECEIPT, qr="")).height < render(RECEIPT).height


def test_paper_is_read_aloud_in_its_order_without_what_is_empty() -> None:
    doc = sample("ticket", HALLS["ua-cnap"], HALLS["ua-cnap"].services[0], "en", large=False)
    said = spoken(doc, form("ticket").spoken)
    assert said[:3] == ("Your number", "A047", "Registration of residence")
    assert "Wait: 15–25\u00a0min" in said
    assert "Passport or ID card" in [text.replace("\u2011", "-") for text in said]
    assert spoken(RECEIPT, form("receipt").spoken) == (
        "Квитанція", "Реєстрація: 49,92 грн", "Разом", "49,92 грн", "Дякуємо", "Зберігайте",
    )  # fmt: skip


def test_forms_name_only_fields_that_their_documents_have() -> None:
    for name, doc in (("ticket", TicketDoc), ("receipt", ReceiptDoc), ("certificate", CertificateDoc)):
        blocks = list(form(name).blocks)
        while blocks:
            block = blocks.pop()
            blocks += block.of
            assert {field for field in (block.text, block.items, block.right) if field} <= set(doc.__slots__)
        assert set(form(name).spoken) <= set(doc.__slots__)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"blocks": [{"kind": "picture"}]}, "block 1: kind 'picture'"),
        ({"blocks": [{"kind": "text", "colour": "red"}]}, r"block 1: \['colour'\]"),
        ({"blocks": [{"kind": "stack", "of": [{"kind": "text", "roles": ["huge", "note"]}]}]}, r"block 1\.1: roles"),
        ({"blocks": [], "width": 3}, r"\['width'\]"),
    ],
)
def test_wrong_form_names_the_place(raw: dict[str, Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        read("x", {"spoken": [], "max_mm": 10, **raw})


def test_every_kind_of_block_can_be_drawn_and_every_form_is_used() -> None:
    assert set(_DRAW) == set(get_args(Kind))
    assert {TicketDoc.form, ReceiptDoc.form, CertificateDoc.form} == set(FORMS)


def test_unknown_form_is_refused() -> None:
    with pytest.raises(ContractError, match="allowed: ticket, receipt, certificate"):
        form("poster")


@pytest.mark.parametrize(
    "words", [["ticket", "--lang", "uk", "--large"], ["receipt", "--hall", "kz-con", "--lang", "kk"]]
)
def test_preview_draws_the_paper(words: list[str], tmp_path: Path) -> None:
    assert vikno.main(["preview", *words, "--png", str(tmp_path / "p.png")]) == 0
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.width == 576


@pytest.mark.parametrize("lang", ["uk", "ru", "kk", "ky", "en"])
def test_preview_finds_a_hall_that_speaks_the_language(lang: str, tmp_path: Path) -> None:
    assert vikno.main(["preview", "ticket", "--lang", lang, "--png", str(tmp_path / "p.png")]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lang", "de"], "--lang: allowed: uk"),
        (["--service", "x"], "--service: allowed: res-register"),
        (["--model", "LX-80"], "--model: allowed: Epson"),
        (["--hall", "no.json"], "no.json"),
    ],
)
def test_preview_of_what_there_is_not_says_what_there_is(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vikno.main(["preview", "ticket", *words, "--png", str(tmp_path / "p.png")]) == 2
    assert said in capsys.readouterr().err

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from contract.errors import ContractError
from contract.words import LETTERS
from look.tokens import paper
from printers.document import Fact, TicketDoc, qr_payload
from printers.layout import Page, _lines, render
from tests.printing import ink_box, read_qr, ticket_doc

LONG: dict[str, Any] = {
    "hall": "Межрегиональное управление обслуживания населения «Пятьдесят лет независимости», отделение 12",
    "number_title": "Сіздің бүгінгі электрондық кезектегі нөміріңіз",
    "label": "M9999",
    "service": "Мүлікке және жер учаскесіне құқықтарды мемлекеттік тіркеу туралы мәліметтерді беру",
    "bring_title": "Обязательно подготовьте заранее следующие документы и их копии:",
    "follow": "Постійно стежте за табло та слухайте голосові оголошення",
    "missed_rule": "Эгер чакырылгандан кийин 22 мүнөттүн ичинде келбесеңиз, кезектеги кийинки адам чакырылат.",
    "keep": "Қызмет көрсетіліп болғанша талонды сақтаңыз және оператордың нұсқауларын орындаңыз",
    "issued": "Четверг, 17 сентября 2026 года, 10:24",
    "hotline": "Единая справочная: 0 800 000 000 доб. 112",
}


def changed(**texts: Any) -> TicketDoc:
    return replace(ticket_doc(), **texts)


WORD = "Мемлекеттікқызметкөрсетуорталығыныңқызметкерлері"
DOCS = {
    "plain": ticket_doc(),
    **{name: changed(**{name: text}) for name, text in LONG.items()},
    **{f"{name}, one word": changed(**{name: WORD}) for name in LONG},
    "all": replace(ticket_doc(), **LONG, bring=(LONG["service"], WORD)),
    "no note": replace(ticket_doc(), facts=(Fact("Чекати", "15–25 хв"), Fact("Зал", "Б"))),
    "long wait": replace(
        ticket_doc(),
        facts=(Fact("Күту", "кемінде 60 мин", "Уақыт шамамен көрсетілген"), Fact("Зал", "Құжаттандыру секторы")),
    ),
    "long note": replace(ticket_doc(), facts=(Fact("Күту", "кемінде 60 мин", LONG["missed_rule"]), Fact("Зал", "Б"))),
    "note of one word": replace(ticket_doc(), facts=(Fact("Күту", "15–25 мин", WORD), Fact("Зал", "Б"))),
    "no list, no phone": replace(ticket_doc(), bring=(), hotline="", keep=""),
    "one fact": replace(ticket_doc(), facts=(Fact("Людей перед вами", "1024"),)),
    "wide facts": replace(
        ticket_doc(), facts=(Fact("Алдыңыздағы адамдардың саны", "1024"), Fact("Зал", "Центральный операционный"))
    ),
    "three facts": replace(ticket_doc(), facts=(Fact("Чекати", "12–20 хв"), Fact("Зал", "Б"), Fact("Вікна", "1–38"))),
}


@pytest.mark.parametrize("doc", DOCS.values(), ids=DOCS.keys())
def test_ink_stays_inside_the_margins_and_the_code_is_readable(doc: TicketDoc, tmp_path: Path) -> None:
    ticket = render(doc)
    left, top, right, bottom = ink_box(ticket)
    assert (ticket.mode, ticket.width) == ("1", 576)
    assert left >= paper().margin
    assert right <= 576 - paper().margin
    assert top > 0
    assert bottom < ticket.height
    ticket.save(tmp_path / "ticket.png")
    assert read_qr(tmp_path / "ticket.png") == doc.qr


@pytest.mark.parametrize("role", ["note", "body", "label", "heading", "display"])
@pytest.mark.parametrize("text", ["ЇҐЙÅj", "щрҢҚҗ₴", "Ўѓ№₸«»", "jщМҮҰ"])
def test_no_stroke_of_a_letter_is_cut_off(role: str, text: str) -> None:
    face = Page(ticket_doc(), 544, large=False).face(role)
    strip = _lines([text], face, face.width(text))
    roomy = _lines([text], face, face.width(text) + 200)
    left, top, right, bottom = ink_box(strip)
    assert (right - left, bottom - top) == (
        ink_box(roomy)[2] - ink_box(roomy)[0],
        ink_box(roomy)[3] - ink_box(roomy)[1],
    )
    assert top > 0
    assert bottom < strip.height


def test_every_text_of_the_document_reaches_the_paper() -> None:
    whole = render(ticket_doc())
    for field in fields(TicketDoc):
        if field.name in {"lang", "qr", "large", "training"}:
            continue
        value = getattr(ticket_doc(), field.name)
        other = {"facts": value[:1], "bring": value[:1]}.get(field.name, "Інше")
        changed = render(replace(ticket_doc(), **{field.name: other}))
        assert changed.tobytes() != whole.tobytes(), field.name


def test_title_value_and_note_of_a_fact_reach_the_paper() -> None:
    facts = [Fact("Чекати", "15–25 хв", "Час орієнтовний"), Fact("Чекати", "15–25 хв"), Fact("Чекати", "10–25 хв")]
    tickets = [render(replace(ticket_doc(), facts=(fact, ticket_doc().facts[1]))) for fact in facts]
    assert len({ticket.tobytes() for ticket in tickets}) == 3
    assert tickets[0].height > tickets[1].height == tickets[2].height


def test_long_words_wrap_without_losing_a_letter() -> None:
    face = Page(ticket_doc(), 544, large=False).face("body")
    lines = face.wrap(f"раз {WORD} два", 200)
    assert "".join(lines).replace(" ", "") == f"раз{WORD}два"
    assert all(face.width(line) <= 200 for line in lines)


@pytest.mark.parametrize("letter", LETTERS)
def test_number_of_four_characters_keeps_nearly_its_full_size(letter: str) -> None:
    ticket = render(replace(ticket_doc(), label=f"{letter}444"))
    band = ticket.crop((0, 130, 576, 360))  # between the title above it and the service below
    _, top, _, bottom = ink_box(band.crop((300, 0, 560, 230)))
    assert bottom - top >= 0.92 * 0.714 * paper().type["number"]


def test_endless_list_is_refused_before_it_becomes_paper() -> None:
    with pytest.raises(ContractError, match="at most 2400"):
        render(replace(ticket_doc(), bring=(LONG["service"],) * 40))


@pytest.mark.parametrize(
    "change",
    [{"facts": ()}, {"facts": (Fact("Зал", "Б"),) * 4}, {"facts": (Fact("Зал", " "),)}, {"label": ""}, {"qr": ""}],
)
def test_incomplete_document_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="ticket"):
        replace(ticket_doc(), **change)


def test_qr_payload_is_label_and_ticket() -> None:
    assert qr_payload("K047", "01J9ZQ7D3M6T8V4B2N5X0WCEFG") == "K047 01J9ZQ7D3M6T8V4B2N5X0WCEFG"


@pytest.mark.parametrize(
    ("label", "ticket_id"),
    [("", "t"), ("K047", ""), ("K 047", "t"), ("К047", "t"), ("K047", "t\n"), ("K047", "x" * 27)],
)
def test_wrong_qr_payload_is_refused(label: str, ticket_id: str) -> None:
    with pytest.raises(ContractError, match="qr"):
        qr_payload(label, ticket_id)

"""A form's questions and answers, and the keys they are typed with."""

from __future__ import annotations

from typing import Any

import pytest

from contract.hall_part import Form, FormField
from contract.register import Entry
from glass import keyboard
from look.alphabet import ALPHABETS
from terminal import forms
from terminal.state import Answer


def field(kind: str, id_: str = "f", **more: Any) -> FormField:
    directory = {"directory": "streets"} if kind == "entry" else {}
    choices = {"choices": ({"id": "a", "names": {"uk": "Перший"}},)} if kind == "choice" else {}
    return FormField.model_validate({"id": id_, "names": {"uk": id_}, "kind": kind, **directory, **choices, **more})


def typed(asked: FormField, signs: str) -> str:
    text = ""
    for sign in signs:
        text = forms.typed(asked, text, sign)
    return text


@pytest.mark.parametrize("lang", sorted(ALPHABETS))
def test_every_letter_of_a_language_has_one_key(lang: str) -> None:
    keys = "".join(keyboard.ROWS[lang])
    assert set(ALPHABETS[lang].upper()) <= set(keys)
    assert len(set(keys)) == len(keys)
    assert all(len(row) <= 12 for row in keyboard.ROWS[lang])


@pytest.mark.parametrize(
    ("kind", "signs", "text"),
    [
        ("text", "ВЕРХНЯ ВЕРБОВА", "Верхня Вербова"), ("text", "АННА-МАРІЯ", "Анна-Марія"), ("text", "128А", "128а"),
        ("text", "  А  Б", "А Б"), ("text", "А\n\x00Б<", "Аб"), ("digits", "12А3", "123"), ("digits", "١٢", ""),
        ("date", "310120261", "31012026"), ("choice", "А", ""),
    ],
)  # fmt: skip
def test_a_field_takes_what_fits_it(kind: str, signs: str, text: str) -> None:
    assert typed(field(kind), signs) == text


def test_a_field_takes_no_more_than_fits() -> None:
    assert typed(field("text", longest=3), "ДОВГЕ") == "Дов"
    assert forms.typed(field("text"), "", "АБ") == ""


@pytest.mark.parametrize(
    ("text", "value"), [("29022024", "2024-02-29"), ("29022026", None), ("310120", None), ("00000000", None)]
)
def test_a_date_is_a_day_that_there_is(text: str, value: str | None) -> None:
    found = forms.answered(field("date"), text)
    assert (found.value if found is not None else None) == value


def test_nothing_and_blanks_are_no_answer() -> None:
    assert forms.answered(field("text"), "   ") is None
    assert forms.answered(field("choice"), "a") is None
    assert forms.chosen(field("choice"), "b", "uk") is None


def test_a_card_fills_what_fits_and_leaves_lists_to_the_visitor() -> None:
    asked = Form(
        id="f", names={"uk": "Ф"},
        fields=(
            field("text", "name", card="surname"), field("date", "birth", card="birth_date"), field("digits", "n", card="document_number"),
            field("entry", "street", card="address"), field("text", "short", card="given_names", longest=2), field("text", "own"),
        ),
    )  # fmt: skip
    fields = {
        "surname": "Вигадана",
        "birth_date": "1990-01-31",
        "document_number": "12А",
        "address": "x",
        "given_names": "Ганна",
    }
    assert forms.of_card(asked, fields) == {
        "name": Answer("Вигадана"),
        "birth": Answer("31.01.1990", "1990-01-31"),
    }
    assert forms.of_card(asked, {"birth_date": "31.01.1990"}) == {}


def test_a_corrected_answer_takes_along_what_stands_under_it_however_deep() -> None:
    asked = Form(
        id="f", names={"uk": "Ф"},
        fields=(field("entry", "a"), field("entry", "b", under="a"), field("entry", "c", under="b"), field("text", "d")),
    )  # fmt: skip
    answers = {name: Answer(name, name) for name in "abcd"}
    assert set(forms.without(asked, answers, "a")) == {"d"}
    assert set(forms.without(asked, answers, "b")) == {"a", "d"}
    assert forms.question(asked, forms.without(asked, answers, "c")) == 2
    assert forms.question(asked, answers) is None


def test_an_entry_is_named_in_the_screens_language_or_in_any() -> None:
    entry = Entry(id="t1", names={"ru": "Вербная"}, was=("Ленина",))
    assert forms.picked(entry, "uk") == Answer("Вербная", "t1")
    assert forms.fits(entry, " ВЕРБНАЯ ")
    assert forms.fits(entry, "ленина")
    assert not forms.fits(entry, "Верб")


@pytest.mark.parametrize(("kind", "answer", "text"), [
    ("text", Answer("128а"), "128а"), ("date", Answer("31.01.1990", "1990-01-31"), "31011990"), ("entry", Answer("Вербова", "t1"), ""),
    ("text", None, ""),
])  # fmt: skip
def test_what_was_typed_is_there_to_be_corrected(kind: str, answer: Answer | None, text: str) -> None:
    assert forms.retyped(field(kind), answer) == text

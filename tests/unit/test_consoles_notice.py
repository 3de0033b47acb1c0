"""The form of the manager's message and the command it becomes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from consoles.notice import command
from contract import hall as document
from contract.errors import ContractError

HALL = document.load(Path("coordinator/templates/ua-cnap.json").read_text("utf-8"))
NOW = datetime(2026, 3, 17, 23, 30, tzinfo=UTC)
"""Half past one of the next day in the hall."""


def made(**fields):
    given = {"button": "show", "text.uk": "Вікно 3 зачинено"} | {
        k.replace("text_", "text."): v for k, v in fields.items()
    }
    return command("c-1", given, HALL, NOW, "boss")


def test_texts_of_the_halls_languages_are_taken_trimmed_and_the_others_left():
    asked = made(text_uk="  Вікно 3\n зачинено ", text_en="", text_de="Fenster 3")
    assert asked.texts == {"uk": "Вікно 3 зачинено"}
    assert (asked.zones, asked.until, asked.speak) == ((), None, False)


def test_a_time_is_of_the_halls_clock_and_day():
    until = made(until="15:30").until
    assert HALL.local(until).isoformat() == "2026-03-18T15:30:00+02:00"


def test_taking_away_needs_no_text_and_names_the_zones():
    asked = made(button="take", zones="hall passport")
    assert (asked.texts, asked.zones, asked.speak) == ({}, ("hall", "passport"), False)


@pytest.mark.parametrize(
    "fields",
    [
        {"button": "eat"},
        {"text_uk": " "},
        {"text_uk": "x" * 201},
        {"until": "25:00"},
        {"until": "soon"},
        {"zones": "ж"},
        {"zones": " ".join(map(str, range(17)))},
    ],
)
def test_a_form_that_the_page_does_not_send_is_refused(fields):
    with pytest.raises(ContractError):
        made(**fields)

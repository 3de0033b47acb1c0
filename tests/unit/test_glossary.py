"""The glossary holds every word of the design and of the contract, with a label in each of the five languages."""

import re
from pathlib import Path

import pytest

from contract.words import BookingState, HallState, Light, MeasureKind, MeasureState, TicketState, Verb, WindowState
from look.alphabet import strangers
from look.texts import LANGUAGES, Texts

DOCS = Path(__file__).parents[2] / "docs"
COLUMNS = ("word", "meaning", *LANGUAGES)
ENUMS = (Verb, TicketState, BookingState, WindowState, HallState, Light, MeasureKind, MeasureState)
SAID = {
    "recall": "operator.recall",
    "start": "operator.start",
    "finish": "operator.finish",
    "no_show": "operator.no_show",
    "transfer": "operator.transfer",
    "park": "operator.park",
    "return": "operator.return",
    "booked": "booking.state_booked",
    "checked_in": "booking.state_checked_in",
    "missed": "booking.state_missed",
    "lost": "booking.state_lost",
    "free": "hall.window_free",
    "armed": "hall.window_armed",
    "paused": "hall.window_paused",
    "closed": "hall.window_closed",
}
"""Words that a screen says alone, and the key of the text."""


def rows():
    """word → {column: cell} of the tables with languages."""
    found = {}
    for line in (DOCS / "glossary.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(COLUMNS) and cells[0] != "word" and not cells[0].startswith("-"):
            word = cells[0].strip("`")
            assert word not in found, f"{word} stands twice"
            found[word] = dict(zip(COLUMNS, cells, strict=True))
    return found


def design_words():
    """The nouns and verbs that design §4 lists."""
    section = (DOCS / "design.md").read_text("utf-8").split("## 4. Words")[1].split("## 5.")[0]
    nouns, rest = section.split("\n\n", 1)[1].split("Verbs:")
    verbs = rest.split("Times:")[0]
    names = re.sub(r"\([^)]*\)", "", nouns).replace("\n", " ").strip(" .").split("·")
    return [n.strip() for n in names] + [v.strip(" .\n") for v in re.split("[,;]", re.sub(r"\([^)]*\)", "", verbs))]


GLOSSARY = rows()


def test_the_design_lists_words():
    assert len(design_words()) > 30
    assert {"hall", "priority group", "region", "issue", "no_show", "close"} <= set(design_words())


@pytest.mark.parametrize("word", design_words())
def test_every_word_of_the_design_has_a_row(word):
    assert word in GLOSSARY


@pytest.mark.parametrize("member", [m for enum in ENUMS for m in enum], ids=repr)
def test_every_word_of_the_contract_has_a_row(member):
    assert member.value in GLOSSARY


def test_every_row_has_a_meaning_and_five_labels():
    assert [
        (word, column) for word, cells in GLOSSARY.items() for column in COLUMNS if not cells[column].strip("† ")
    ] == []


def test_labels_are_written_in_the_letters_of_their_language():
    labels = [(word, language, cells[language]) for word, cells in GLOSSARY.items() for language in LANGUAGES]
    assert [label for label in labels if strangers(label[2], label[1])] == []


@pytest.mark.parametrize("word", SAID)
@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_screens_say_what_the_glossary_says(word, language):
    label = GLOSSARY[word][language].strip("† ")
    assert Texts(language).get(SAID[word]).casefold() == label.casefold()

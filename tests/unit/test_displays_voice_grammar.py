"""What a call says, in five languages. The vectors are texts that people read: `calls.json` whole calls, `numbers.*.txt` 0 to 999.

uk, ru, kk and en numbers equal those of the num2words package; ky was written by the language's rules and, like kk, waits for a
native speaker (`review` in the words' files).
"""

import json
import re
from pathlib import Path

import pytest

from displays.voice import grammar
from displays.voice.grammar import Pause
from displays.voice.words import LANGUAGES, words
from look.alphabet import strangers

VECTORS = Path(__file__).parents[1] / "vectors" / "voice"
CALLS = json.loads((VECTORS / "calls.json").read_text("utf-8"))
languages = pytest.mark.parametrize("language", LANGUAGES)


def call(language, label, window, *, again=False):
    """A call that can be said."""
    sentence = grammar.call(words(language), label, window, again=again)
    assert sentence is not None
    return sentence


def ids(sentence):
    return [f"<gap:{part.ms}>" if isinstance(part, Pause) else part.id for part in sentence.parts]


def written(language, value):
    return grammar.number_text(words(language), grammar.number(words(language), value))


@languages
@pytest.mark.parametrize("at", range(30))
def test_a_call_is_these_segments_and_this_text(language, at):
    golden = CALLS[language][at]
    sentence = call(language, golden["label"], golden["window"])
    assert ids(sentence) == golden["segments"]
    assert sentence.text == golden["text"]


@languages
def test_numbers_to_999_are_those_people_read(language):
    golden = (VECTORS / f"numbers.{language}.txt").read_text("utf-8").splitlines()
    assert [written(language, value) for value in range(1000)] == golden
    assert len(set(golden)) == 1000


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [
        ("uk", 1000, "тисяча"),
        ("uk", 2002, "дві тисячі два"),
        ("uk", 5021, "п’ять тисяч двадцять один"),
        ("ru", 1001, "тысяча один"),
        ("ru", 2340, "две тысячи триста сорок"),
        ("kk", 1000, "мың"),
        ("kk", 3112, "үш мың жүз он екі"),
        ("ky", 2001, "эки миң бир"),
        ("en", 1001, "one thousand and one"),
        ("en", 1234, "one thousand two hundred and thirty-four"),
        ("en", 9900, "nine thousand nine hundred"),
    ],
)
def test_thousands_are_feminine_where_the_language_has_genders(language, value, text):
    assert written(language, value) == text


@pytest.mark.parametrize(
    ("language", "window", "text"),
    [
        ("kk", 9, "тоғызыншы"),
        ("kk", 10, "оныншы"),
        ("kk", 20, "жиырмасыншы"),
        ("kk", 40, "қырқыншы"),
        ("kk", 77, "жетпіс жетінші"),
        ("kk", 90, "тоқсаныншы"),
        ("kk", 100, "жүзінші"),
        ("kk", 101, "жүз бірінші"),
        ("kk", 200, "екі жүзінші"),
        ("ky", 3, "үчүнчү"),
        ("ky", 6, "алтынчы"),
        ("ky", 20, "жыйырманчы"),
        ("ky", 50, "элүүнчү"),
        ("ky", 61, "алтымыш биринчи"),
        ("ky", 90, "токсонунчу"),
        ("ky", 100, "жүзүнчү"),
        ("ky", 240, "эки жүз кыркынчы"),
    ],
)
def test_only_the_last_word_of_a_window_is_an_ordinal(language, window, text):
    of = words(language)
    assert grammar.number_text(of, grammar.ordinal(of, window)) == text


@languages
def test_every_window_and_every_number_has_its_segments_in_the_list(language):
    of = words(language)
    said = [call(language, f"A{n:03}", max(1, n), again=n % 2 == 1) for n in range(1000)]
    said += [call(language, f"{letter}{n}", 1) for letter in of.letters for n in range(1000, 10000, 111)]
    used = {part for sentence in said for part in ids(sentence) if not part.startswith("<")}
    needed = grammar.needed(of)
    assert used == set(needed) - {grammar.FALLBACK}
    assert len(set(needed)) == len(needed)


@languages
def test_each_segment_has_its_script_and_the_voice_falls_at_the_end_only(language):
    of = words(language)
    for name in grammar.needed(of):
        script = grammar.script(of, name)
        ends = name.endswith("_f") or name in {grammar.AGAIN, grammar.FALLBACK, of.template[-1]}
        assert re.fullmatch(r"[^,]+[,.]|Увага.*|Внимание.*|Назар.*|Көңүл.*|Attention.*", script), script
        assert script.endswith("." if ends else ",")


@languages
def test_espeak_reads_other_spellings_only_where_it_must(language):
    of = words(language)
    others = {n for n in grammar.needed(of) if grammar.espeak_script(of, n) != grammar.script(of, n)}
    assert {n.removesuffix("_c").removesuffix("_f") for n in others} == set(of.espeak_says)
    assert all(grammar.espeak_script(of, n)[-1] == grammar.script(of, n)[-1] for n in others)


@languages
def test_a_recall_begins_by_saying_so(language):
    first, second = (call(language, "A012", 4, again=again) for again in (False, True))
    assert ids(second) == ["again", "<gap:350>", *ids(first)]
    assert second.text == f"{words(language).phrases['again']} {first.text}"


@pytest.mark.parametrize(
    ("label", "window"),
    [
        ("Z001", 1),
        ("А012", 1),
        ("A", 1),
        ("", 1),
        ("A12345", 1),
        ("A-12", 1),
        ("AA1", 1),
        ("A١", 1),
        ("A001", 0),
        ("A001", 1000),
    ],
)
@languages
def test_what_cannot_be_said_is_no_call(language, label, window):
    assert grammar.call(words(language), label, window) is None


@languages
def test_words_are_written_in_the_letters_of_their_language(language):
    of = words(language)
    texts = [*of.phrases.values(), *of.numbers.values(), *of.letters.values(), *of.signs.values()]
    assert [text for text in texts if strangers(text, language)] == []


@languages
def test_doubts_are_written_down_for_a_native_speaker(language):
    assert words(language).review


def test_a_language_without_words_is_a_key_error():
    with pytest.raises(KeyError):
        words("de")

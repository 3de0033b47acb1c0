"""Five catalogues that say the same things, in their own letters, with every glyph in both fonts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from contract import rules
from contract.hints import HINTS
from contract.words import Pick, Refusal, Why
from look import compile as catalogue
from look import tokens
from look.alphabet import strangers
from look.texts import LANGUAGES, Texts

FORMS = {"uk": ("one", "few", "many", "other"), "ru": ("one", "few", "many", "other")}
"""Order of the plural forms in the catalogues; the others have one, other."""
NAMES = {"Debian", "ESC", "GPIO", "POS", "Pi", "RS", "Raspberry", "Star", "TOML", "Vikno"}
"""What technicians call by its own name."""
SOURCES = {language: catalogue.read(language) for language in LANGUAGES}


def forms(source: Catalog) -> dict[str, tuple[str, ...]]:
    """Every text of a catalogue by key; one form where there is no plural."""
    found = {}
    for message in source:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return found


def every_text() -> Iterator[tuple[str, str, str]]:
    """(language, key, form) of all catalogues."""
    for language, source in SOURCES.items():
        yield from ((language, key, form) for key, texts in forms(source).items() for form in texts)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def foreign(key: str, text: str, language: str) -> set[str]:
    """Words in other letters, but for commands between backticks and, where a fault is told, names."""
    found = strangers(re.sub("`[^`]+`", " ", text), language)
    return found - NAMES if key.startswith("hint.") else found


def test_every_language_holds_the_same_keys_and_plurals() -> None:
    plural = {language: {m.id[0] for m in source if isinstance(m.id, tuple)} for language, source in SOURCES.items()}
    keys = {language: set(forms(source)) for language, source in SOURCES.items()}
    assert all(keys[language] == keys["en"] for language in LANGUAGES)
    assert all(plural[language] == plural["en"] for language in LANGUAGES)
    assert len(keys["en"]) > 400
    assert "kiosk.people_ahead" in plural["en"]


def test_no_text_is_empty_and_no_key_stands_twice() -> None:
    assert [(language, key) for language, key, form in every_text() if not form.strip()] == []
    for language in LANGUAGES:
        ids = re.findall(r'^msgid "(.+)"$', catalogue.po(language).read_text("utf-8"), re.MULTILINE)
        assert len(ids) == len(set(ids))


def test_placeholders_are_the_same_in_every_language_and_form() -> None:
    wanted = {key: placeholders(texts[0]) for key, texts in forms(SOURCES["en"]).items()}
    assert [(lang, key, form) for lang, key, form in every_text() if placeholders(form) != wanted[key]] == []


def test_every_text_formats_with_its_placeholders() -> None:
    for _, _, form in every_text():
        assert "{" not in form.format_map(dict.fromkeys(placeholders(form), "7"))


def test_every_refusal_has_its_words_and_no_others_are_there() -> None:
    keys = {key.removeprefix("refusal.") for key in forms(SOURCES["en"]) if key.startswith("refusal.")}
    assert keys == {code.value for code in Refusal}


def test_every_why_of_a_call_has_its_words_and_no_others_are_there() -> None:
    keys = {key.removeprefix("why.") for key in forms(SOURCES["en"]) if key.startswith("why.")}
    assert keys == {code.value for code in Why}
    assert {name for key in keys for name in placeholders(forms(SOURCES["en"])[f"why.{key}"][0])} == {
        "wait", "target", "alt", "guard", "who", "reason",
    }  # fmt: skip


def test_every_reason_of_a_call_by_number_has_its_words_and_no_others_are_there() -> None:
    keys = {key.removeprefix("pick.") for key in forms(SOURCES["en"]) if key.startswith("pick.")}
    assert keys == {code.value for code in Pick}


def test_every_rule_and_each_of_its_choices_has_its_words_and_no_others_are_there() -> None:
    said = {key.removeprefix("rule.") for key in forms(SOURCES["en"]) if key.startswith("rule.")}
    knobs = rules.knobs().values()
    chosen = {f"{knob.id}.{one}" for knob in knobs for one in knob.options if knob.type != rules.CARD_FIELDS}
    assert said == {knob.id for knob in knobs} | chosen
    assert {f"rules.{knob.id.partition('.')[0]}" for knob in knobs} <= forms(SOURCES["en"]).keys()


def test_a_rule_is_told_in_english_as_its_table_says_it() -> None:
    assert [knob.id for knob in rules.knobs().values() if Texts("en").get(f"rule.{knob.id}") != knob.what] == []


def test_every_fault_has_its_cause_and_next_step_and_no_others_are_there() -> None:
    said = {key.removeprefix("hint.") for key in forms(SOURCES["en"]) if key.startswith("hint.")}
    assert said == {f"{fault}.{part}" for fault in HINTS for part in ("cause", "step")}


def test_a_fault_is_told_in_english_as_its_table_says_it_and_everywhere_with_the_same_commands() -> None:
    for fault, hint in HINTS.items():
        for part, text in (("cause", hint.cause), ("step", hint.step)):
            said = {language: Texts(language).get(f"hint.{fault}.{part}") for language in LANGUAGES}
            assert said["en"] == text.replace("'", "’")
            commands = {language: sorted(re.findall("`[^`]+`", each)) for language, each in said.items()}
            assert all(commands[language] == commands["en"] for language in LANGUAGES), commands


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_written_in_the_letters_of_their_language(language: str) -> None:
    found = {(key, form): foreign(key, form, language) for lang, key, form in every_text() if lang == language}
    assert {where: words for where, words in found.items() if words} == {}


def test_the_alphabet_check_catches_a_latin_letter_inside_a_cyrillic_word() -> None:
    assert strangers("Вiкно", "uk") == {"Вiкно"}
    assert strangers("Терезе ё, вікно ы", "uk") == {"ё", "ы"}
    assert strangers("ID‑картка, QR‑код {label}", "uk") == set()


def test_typography_is_clean() -> None:
    for language, key, form in every_text():
        where = f"{language} {key}: {form!r}"
        assert form == form.strip(), where
        assert "  " not in form, where
        assert "'" not in form, where
        assert not re.search(r"(\b(ID|QR|SMS)|\})-\w", form), where


def test_trouble_is_told_without_exclamation_marks() -> None:
    calm = ("error.", "refusal.", "pay.")
    assert [(key, form) for _, key, form in every_text() if key.startswith(calm) and "!" in form] == []


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_every_character_of_every_text_has_its_glyph(weight: str) -> None:
    drawn = set(TTFont(getattr(tokens.font(), weight)).getBestCmap())
    shown = {form for _, _, form in every_text()}
    for language in LANGUAGES:
        shown |= {Texts(language).date(datetime(2026, month, 17, tzinfo=UTC), UTC) for month in range(1, 13)}
        shown.add(Texts(language).money(123456789, "KZT"))
    assert {char for text in shown for char in text if ord(char) not in drawn} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_the_source(language: str) -> None:
    with catalogue.po(language).with_suffix(".mo").open("rb") as file:
        stored = read_mo(file)
    fresh = read_mo(BytesIO(catalogue.compiled(language)))
    told = f"{language}: run python -m look.compile"
    assert forms(stored) == forms(fresh) == forms(SOURCES[language]), told
    assert stored.plural_forms == fresh.plural_forms, told


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_form_follows_cldr_for_every_count(language: str) -> None:
    rule = Locale.parse(language).plural_form
    order = FORMS.get(language, ("one", "other"))
    written = forms(SOURCES[language])["kiosk.timeout_in"]
    for count in range(220):
        expected = written[order.index(rule(count))].format(count=count)
        assert Texts(language).plural("kiosk.timeout_in", count) == expected


def test_a_text_is_found_by_key_and_filled() -> None:
    assert Texts("uk").get("kiosk.what_do_you_need") == "Що вам потрібно?"
    assert Texts("en").get("refusal.already_called", label="A012") == "A012 is already called. Wait for the visitor."
    assert Texts("kk").get("operator.window", window=3) == "3‑терезе"
    assert [Texts("uk").minutes(count) for count in (1, 3, 5)] == ["1 хвилина", "3 хвилини", "5 хвилин"]


def test_a_wait_is_told_as_a_range_that_does_not_break_before_its_unit() -> None:
    assert Texts("uk").wait(15, 25) == "15–25\u00a0хв"
    assert Texts("en").wait(0, 10) == "0–10\u00a0min"
    assert Texts("en").wait(60, None) == "60\u00a0min or more"
    assert Texts("ky").wait(60, None) == "кеминде 60\u00a0мүн"


def test_a_key_or_placeholder_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"kiosk\.unicorn"):
        Texts("uk").get("kiosk.unicorn")
    with pytest.raises(KeyError, match=r"common\.yes"):
        Texts("uk").plural("common.yes", 3)
    with pytest.raises(KeyError, match="needs 'seconds'"):
        Texts("uk").get("board.age_seconds")
    with pytest.raises(KeyError, match="needs 'count'"):
        Texts("uk").get("common.minutes")
    with pytest.raises(KeyError, match="no texts in 'de'"):
        Texts("de")


def test_time_and_date_are_told_at_the_halls_zone() -> None:
    winter, summer = datetime(2026, 1, 31, 22, 30, tzinfo=UTC), datetime(2026, 7, 1, 5, 5, tzinfo=UTC)
    kyiv = ZoneInfo("Europe/Kyiv")
    assert Texts("uk").time(winter, kyiv) == "00:30"
    assert Texts("uk").date(winter, kyiv) == "1 лютого"
    assert Texts("uk").time(summer, kyiv) == "08:05"
    assert Texts("en").date(summer, kyiv) == "1 July"
    assert Texts("ky").date(summer, ZoneInfo("Asia/Bishkek")) == "1-июль"


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(ValueError, match="no time zone"):
        Texts("uk").time(naive, UTC)
    with pytest.raises(ValueError, match="no time zone"):
        Texts("uk").date(naive, UTC)


def test_money_is_told_in_the_words_of_the_country() -> None:
    assert Texts("uk").money(61800, "UAH") == "618 грн"
    assert Texts("uk").money(4992, "UAH") == "49,92 грн"
    assert Texts("ky").money(51000, "KGS") == "510 сом"
    assert Texts("en").money(3460000, "KZT") == "34,600 ₸"
    with pytest.raises(KeyError, match=r"money\.XAU"):
        Texts("uk").money(1, "XAU")

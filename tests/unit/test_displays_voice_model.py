"""What the voice says at a moment: whose languages, how old, how loud, and what becomes of the others."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from contract import hall as document
from contract import messages as m
from contract.errors import ContractError
from contract.words import HallState
from displays.voice import grammar
from displays.voice.loudness import gain
from displays.voice.model import AGE_MIN_S, LEAD_S, Model
from displays.voice.words import LANGUAGES, words

KZ = document.load(Path("coordinator/templates/kz-con.json").read_text("utf-8"))
ZONE = KZ.zones[0].id
ALL = {language: words(language) for language in LANGUAGES}
NOON = datetime(2026, 3, 17, 7, 0, tzinfo=UTC)
LIMIT_S = 15.0


def hall(**changes):
    """The Kazakh hall (kk, ru, en) with other knobs, or another order of languages in its first zone."""
    said = KZ.model_dump(mode="json", by_alias=True)
    said["zones"][0]["spoken"] = changes.pop("spoken", ())
    return document.Hall.model_validate({**said, "rules": {**said["rules"], **changes.pop("rules", {})}, **changes})


def model(of=KZ, speed=1.0):
    made = Model([ZONE], ALL)
    if of is not None:
        made.heard(m.Cfg(id="c", hall=of), retained=True, now=0.0)
        made.heard(beat(speed), retained=False, now=0.0)
    return made


def beat(speed=1.0, now=NOON, **more):
    state = {"state": HallState.OPEN, "day": date(2026, 3, 17), "now": now, "speed": speed, "ep": 1, "revision": 1}
    return m.Heartbeat(id="b", **{**state, **more})


def call(label="A012", number=4, **more):
    fields = {"id": f"c-{label}-{number}-{more.get('again', 0)}", "zone": ZONE, "lang": "ru"}
    return m.Announce(**{**fields, "label": label, "number": number, **more})


def say(made, *messages, now=0.0):
    for message in messages:
        made.heard(message, retained=False, now=now)


def texts(announcement):
    return [sentence.text for _, sentence in announcement.sentences]


def said(made, now=0.0):
    """The first language's text of everything that is to be said."""
    found = []
    while (announcement := made.take(now)) is not None:
        found.append(texts(announcement)[0])
    return found


def test_a_call_is_said_in_the_visitors_language_then_in_the_halls():
    made = model()
    say(made, call(lang="ru"))
    assert texts(made.take(0.0)) == [
        "Талон А двенадцать, подойдите к окну номер четыре.",
        "А он екі талоны, төртінші терезеге келіңіз.",
    ]


@pytest.mark.parametrize(
    ("lang", "spoken", "expected"),
    [
        ("kk", (), ["kk"]),
        ("ru", (), ["ru", "kk"]),
        ("en", (), ["en", "kk"]),
        ("kk", ("ru", "kk"), ["kk", "ru"]),
        ("en", ("ru", "kk"), ["en", "ru"]),
        ("ru", ("ru",), ["ru"]),
        ("de", (), ["kk"]),
    ],
)
def test_the_zones_own_order_follows_the_visitors_language(lang, spoken, expected):
    made = model(hall(spoken=spoken))
    say(made, call(lang=lang))
    assert [of.language for of, _ in made.take(0.0).sentences] == expected


def test_a_matter_of_grief_is_said_once_without_chime():
    made = model()
    say(made, call(quiet=True))
    announcement = made.take(0.0)
    assert not announcement.chime
    assert texts(announcement) == ["Талон А двенадцать, подойдите к окну номер четыре."]


def test_a_recall_begins_with_again():
    made = model()
    say(made, call(again=1, lang="kk"))
    assert said(made) == ["Қайта шақыру. А он екі талоны, төртінші терезеге келіңіз."]


def test_a_recall_of_a_call_that_still_waits_is_one_announcement():
    made = model()
    say(made, call("A001", 1, lang="kk"), call("A002", 2, lang="kk"), call("A001", 1, again=1, lang="kk"))
    assert [text.split()[0] for text in said(made)] == ["Қайта", "А"]
    assert made.counts == {"heard_calls": 3, "shown_only_calls": 1, "replaced_calls": 1}


def test_a_visitor_whose_window_calls_the_next_is_not_called_any_more():
    made = model()
    say(made, call("A001", 1, lang="kk"), call("A002", 1, lang="kk"))
    assert said(made) == ["А екі талоны, бірінші терезеге келіңіз."]
    assert made.counts["replaced_calls"] == 1


def test_a_message_delivered_twice_is_said_once():
    made = model()
    say(made, call())
    assert len(said(made)) == 1
    say(made, call())
    assert said(made) == []


def test_calls_of_one_commit_share_an_id_and_are_both_said():
    made = model()
    say(made, call("A001", 1, id="v-3-7"), call("A002", 2, id="v-3-7"))
    assert len(said(made)) == 2


def test_a_text_for_two_zones_of_one_speaker_is_said_once():
    made = Model([ZONE, "other"], ALL)
    made.heard(m.Cfg(id="c", hall=KZ), retained=True, now=0.0)
    say(made, *(m.Say(id="v-3-8", texts={"kk": "Назар"}, zone=zone) for zone in (ZONE, "other")))
    assert [made.take(0.0) is None for _ in range(2)] == [False, True]


def test_other_zones_are_other_voices():
    made = model()
    say(made, call(zone="elsewhere"), m.Say(id="s", texts={"kk": "Назар"}, zone="elsewhere"))
    assert made.take(0.0) is None
    assert not made.counts


def test_a_label_that_cannot_be_said_sends_eyes_to_the_board():
    made = model()
    say(made, call("ZZ9", lang="kk"))
    assert said(made) == ["Назар аударыңыз. Таблоға қараңыз."]


@pytest.mark.parametrize("speed", [1.0, 3.0])
def test_a_call_older_than_the_limit_of_hall_time_is_shown_only(speed):
    made = model(speed=speed)
    say(made, call("A001", 1), now=100.0)
    say(made, call("A002", 2), now=101.0)
    late = 100.0 + LIMIT_S / speed - LEAD_S + 0.01
    assert len(said(made, late)) == 1
    assert made.counts == {"heard_calls": 2, "shown_only_calls": 1, "late_calls": 1}


def test_in_a_fast_demo_a_call_has_time_for_a_program_to_start():
    made = model(speed=600.0)
    say(made, call(), now=5.0)
    assert len(said(made, 5.0 + AGE_MIN_S - LEAD_S)) == 1


def test_the_halls_own_limit_holds():
    made = model(hall(rules={"call.announce_max_age_s": 5}))
    say(made, call(), now=0.0)
    assert said(made, 5.0) == []


def test_twenty_calls_without_a_limit_are_twenty_announcements_in_order():
    made = model(hall(rules={"call.announce_max_age_s": 600}))
    for n in range(20):
        say(made, call(f"A{n + 1:03}", n + 1, lang="kk"), now=n / 4)
    order = []
    at = 0.0
    while (announcement := made.take(at)) is not None:
        order.append(texts(announcement)[0])
        at += 6.5
    assert order == [f"А {number_word(n)} талоны, {window_word(n)} терезеге келіңіз." for n in range(1, 21)]
    assert made.counts == {"heard_calls": 20}


def number_word(value):
    return grammar.number_text(words("kk"), grammar.number(words("kk"), value))


def window_word(value):
    return grammar.number_text(words("kk"), grammar.ordinal(words("kk"), value))


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("07:59", 0.3), ("08:00", 0.7), ("11:30", 0.7), ("12:00", 0.0), ("13:00", 1.0), ("23:59", 0.3)],
)
def test_the_schedule_holds_from_each_time_to_the_next_over_midnight(clock, expected):
    schedule = ["13:00=100", "08:00=70", "20:00=30", "12:00=0"]
    assert gain(schedule, time.fromisoformat(clock)) == expected


def test_in_a_silent_hour_calls_are_shown_only():
    made = model(hall(rules={"voice.loudness": ["00:00=100", "11:00=0", "13:00=40"]}))
    say(made, call(), m.Say(id="s", texts={"kk": "Назар"}))
    assert made.take(0.0) is None
    assert made.counts == {"heard_calls": 1, "shown_only_calls": 1, "silent_calls": 1}


def test_loudness_follows_the_halls_own_clock():
    made = model(hall(rules={"voice.loudness": ["00:00=100", "12:01=40"]}), speed=60.0)
    assert KZ.local(NOON).hour == 12
    say(made, call("A001", 1), now=0.0)
    assert made.take(0.0).gain == 1.0
    say(made, call("A002", 2), now=1.5)
    assert made.take(1.5).gain == 0.4


@pytest.mark.parametrize(
    "bad", [[], ["8:00=50"], ["08:00=101"], ["08:00"], ["24:00=50"], [7], "08:00=50", ["08:00=-1"]]
)
def test_a_schedule_that_nobody_can_follow_is_refused_in_the_document(bad):
    with pytest.raises((ContractError, ValueError), match=r"voice\.loudness"):
        hall(rules={"voice.loudness": bad})


def test_a_zone_speaks_only_languages_of_its_hall():
    with pytest.raises(ValueError, match=r"spoken: 'uk' is not in languages"):
        hall(spoken=("uk",))


def test_a_managers_text_waits_for_calls_and_an_urgent_one_does_not():
    made = model()
    plain, urgent = (m.Say(id=text, texts={"kk": text}, priority=priority) for text, priority in (("b", 4), ("a", 5)))
    say(made, plain, call("A001", 1, lang="kk"), urgent)
    order = [made.take(0.0) for _ in range(3)]
    assert [[text for _, text in one.texts] for one in order] == [["a"], [], ["b"]]


def test_a_text_is_said_in_every_language_it_has_the_zones_first():
    made = model(hall(spoken=("ru",)))
    say(made, m.Say(id="s", texts={"en": "e", "kk": "k", "ru": "r", "uk": "u"}, zone=ZONE))
    assert [text for _, text in made.take(0.0).texts] == ["r", "k", "e"]


def test_finding_the_box_is_a_chime_at_once_also_in_a_silent_hour():
    made = model(hall(rules={"voice.loudness": ["00:00=0"]}))
    say(made, call(), m.Identify(id="i", seconds=15))
    found = made.take(0.0)
    assert (found.chime, found.gain, found.sentences, found.texts) == (True, 1.0, (), ())


def test_before_the_hall_is_known_a_call_is_said_in_the_visitors_language():
    made = model(None)
    say(made, call(lang="uk"))
    assert said(made) == ["Талон А дванадцять, підійдіть до вікна номер чотири."]
    assert made.languages == ()


def test_what_is_for_others_changes_nothing():
    made = model()
    for message in (beat(lost=True), m.Board(id="x", ep=1, rev=1, zone=ZONE, state=HallState.OPEN, calls=())):
        say(made, message)
    made.heard(beat(speed=60.0), retained=True, now=0.0)
    say(made, call())
    assert len(said(made, 10.0)) == 1

"""The voice process on a real mosquitto, with the simulated loudspeaker in the place of aplay.

Each segment of its bank is a tone of its own pitch: what was said is read back from the sound that came out.
"""

import json
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from os import environ
from pathlib import Path

import pytest

from broker_config.broker import Broker
from contract import hall as document
from contract import messages as m
from contract import topics
from contract.hall_part import Box
from contract.words import HallState, Role
from displays.voice import grammar, sound
from displays.voice.words import words
from runtime import link
from runtime.link import Link
from tests.until import until
from tests.wire.voice_bench import DEADLINE_S, Speaker, heard, pauses_ms, tone_bank

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 17, 10, 0, tzinfo=UTC)
UA = document.load((ROOT / "coordinator/templates/ua-cnap.json").read_text("utf-8"))
ZONE = UA.zones[0].id
CALLS = json.loads((ROOT / "tests/vectors/voice/calls.json").read_text("utf-8"))["uk"][:20]
DEV = "voice-1"
PACE = 10.0
"""Hall time and sounds both run so fast: twenty calls in 5 s of the hall come in half a second."""


def hall(**rules):
    return UA.model_copy(
        update={"rules": {**UA.rules, **{key.replace("__", "."): value for key, value in rules.items()}}}
    )


class Stage:
    """The coordinator's side of the wire: configuration, heartbeats, calls; and what the voice said of itself."""

    def __init__(self, broker):
        files = broker.credentials()
        self.broker, self.heard, self.lock = broker, [], threading.Lock()
        own = link.Broker(UA.id, "coordinator", broker.host, broker.port, files.ca, files.cert, files.key)
        rows = [(f"{topics.ROOT}/{UA.id}/d/{DEV}/up/{kind}", 1) for kind in ("here", "health")]
        self.link = Link(own, rows, on_message=self._arrived)
        self.link.start()
        until(lambda: self.link.up)

    def _arrived(self, received):
        with self.lock:
            self.heard.append(topics.read(topics.parse(received.topic), received.payload))

    def last(self, kind):
        with self.lock:
            found = [message for message in self.heard if isinstance(message, kind)]
        return found[-1] if found else None

    def figures(self, unit="speaker"):
        health = self.last(m.Health)
        return health.units[unit].figures if health and unit in health.units else {}

    def faults(self):
        health = self.last(m.Health)
        return set(health.faults) if health else None

    def open(self, of=UA, speed=PACE):
        self.link.publish(topics.DOWN_CFG, m.encode(m.Cfg(id="c", hall=of.for_box(Role.VOICE))), dev=DEV)
        state = {"state": HallState.OPEN, "day": date(2026, 3, 17), "now": NOON, "speed": speed, "ep": 1, "revision": 1}
        self.link.publish(topics.PUB_HALL, m.encode(m.Heartbeat(id="b", **state)))

    def call(self, golden, **more):
        """Publish a call; returns the moment."""
        fields = {"id": f"call-{golden['label']}", "label": golden["label"], "number": golden["window"], "zone": ZONE}
        self.link.publish(topics.PUB_CALL, m.encode(m.Announce(**{**fields, "lang": "uk", **more})))
        return time.monotonic()


@pytest.fixture
def stage(tmp_path):
    with Broker(tmp_path / "mosquitto", UA.id, [Box(id=DEV, kind=Role.VOICE)]) as broker:
        made = Stage(broker)
        yield made
        made.link.stop()


@pytest.fixture
def speaker(tmp_path):
    return Speaker(tmp_path / "speaker", PACE)


@contextmanager
def voice(stage, tmp_path, speaker, **environment):
    """The process, connected."""
    files = stage.broker.credentials(DEV)
    file, said = tmp_path / "voice.toml", tmp_path / "voice.log"
    file.write_text(
        f'zones = ["{ZONE}"]\nbank = "{tmp_path / "bank"}"\nplayer = {json.dumps(speaker.command)}\n'
        f'[broker]\nhall = "{UA.id}"\ndev = "{DEV}"\nhost = "{stage.broker.host}"\nport = {stage.broker.port}\n'
        f'ca = "{files.ca}"\ncert = "{files.cert}"\nkey = "{files.key}"\n'
    )
    with said.open("wb") as log:
        words_ = [sys.executable, "-m", "displays.voice", "--config", str(file)]
        child = subprocess.Popen(words_, stderr=log, cwd=ROOT, env=environ | environment)
    try:
        until(lambda: stage.last(m.Here) or child.poll() is not None)
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
        try:
            assert child.wait(DEADLINE_S) == 0, said.read_text("utf-8", "replace")[-3000:]
        finally:
            child.kill()


def without_gaps(golden):
    return [part for part in golden["segments"] if not part.startswith("<")]


def later_than(moment):
    return time.monotonic() >= moment


def twenty_calls(stage):
    """Calls spread over 5 s of hall time; label → the moment of its call."""
    at, beginning = {}, time.monotonic()
    for number, golden in enumerate(CALLS):
        until(partial(later_than, beginning + number * 5 / 19 / PACE))
        at[golden["label"]] = stage.call(golden)
    assert time.monotonic() - beginning < 5
    return at


def labels_heard(speaker, pitches):
    """(label, entry) of every sound, told by its tones alone."""
    known = {tuple(without_gaps(golden)): golden["label"] for golden in CALLS}
    return [(known[tuple(heard(speaker.sound(entry), pitches))], entry) for entry in speaker.lines("start")]


def test_twenty_calls_in_five_seconds_are_twenty_announcements_in_order(stage, speaker, tmp_path):
    pitches = tone_bank(tmp_path / "bank", "uk", grammar.needed(words("uk")))
    with voice(stage, tmp_path, speaker):
        stage.open(hall(call__announce_max_age_s=600))
        twenty_calls(stage)
        until(lambda: speaker.ended(20))
    assert [label for label, _ in labels_heard(speaker, pitches)] == [golden["label"] for golden in CALLS]
    starts, ends = speaker.lines("start"), speaker.lines("end")
    assert not any(entry["overlap"] for entry in starts)
    assert all(start["t"] >= end["t"] for start, end in zip(starts[1:], ends, strict=False))
    assert all(2 < entry["seconds"] < 4 for entry in starts)


def test_with_the_limit_each_starts_in_time_and_the_rest_are_shown_only(stage, speaker, tmp_path):
    pitches = tone_bank(tmp_path / "bank", "uk", grammar.needed(words("uk")))
    limit_s = UA.rule("call.announce_max_age_s") / PACE
    with voice(stage, tmp_path, speaker):
        stage.open()
        at = twenty_calls(stage)
        until(lambda: time.monotonic() > max(at.values()) + limit_s)
        until(lambda: len(speaker.lines("end")) == len(speaker.lines("start")))
    said = labels_heard(speaker, pitches)
    assert 2 <= len(said) < 20
    order = [golden["label"] for golden in CALLS]
    turns = [order.index(label) for label, _ in said]
    assert turns == sorted(set(turns))
    assert all(entry["t"] - at[label] <= limit_s for label, entry in said)
    assert not any(entry["overlap"] for _, entry in said)


def test_health_tells_what_became_of_each_call_and_what_is_in_the_bank(stage, speaker, tmp_path):
    tone_bank(tmp_path / "bank", "uk", grammar.needed(words("uk")))
    with voice(stage, tmp_path, speaker):
        stage.open(hall(voice__loudness=["00:00=0", "12:00=50"]))
        stage.call(CALLS[0])
        until(lambda: speaker.ended(1))
        until(lambda: "voice_missing:en" in (stage.faults() or ()))
        speaker.fault.write_text("busy")
        stage.call(CALLS[1])
        until(lambda: "speaker_failed" in stage.faults())
        assert "voice_missing:uk" not in stage.faults()
        speaker.fault.unlink()
        stage.call(CALLS[2])
        until(lambda: "speaker_failed" not in stage.faults())
        figures = stage.figures()
        assert (figures["heard_calls"], figures["spoken_calls"], figures["shown_only_calls"]) == (3, 2, 1)
        assert stage.figures("uk") == {"recorded_segments": 97, "rendered_segments": 0, "missing_segments": 0}
        assert stage.figures("en")["missing_segments"] == 74
    assert stage.last(m.Here).state == "left"
    assert speaker.lines("start")[0]["peak"] == pytest.approx(max(sound.chime()) / 2, rel=0.01)


def test_a_hole_in_the_bank_is_look_at_the_board(stage, speaker, tmp_path):
    pitches = tone_bank(tmp_path / "bank", "uk", [n for n in grammar.needed(words("uk")) if n != "n2_f"])
    with voice(stage, tmp_path, speaker):
        stage.open()
        for golden in CALLS[:2]:
            stage.call(golden)
        until(lambda: speaker.ended(2))
    said = [heard(speaker.sound(entry), pitches) for entry in speaker.lines("start")]
    assert said == [without_gaps(CALLS[0]), ["look_at_board"]]


def test_two_languages_a_recall_and_a_matter_of_grief_sound_as_they_should(stage, speaker, tmp_path):
    pitches = {
        language: tone_bank(tmp_path / "bank", language, grammar.needed(words(language))) for language in ("uk", "en")
    }
    with voice(stage, tmp_path, speaker):
        stage.open()
        stage.call(CALLS[0], lang="en", again=1)
        until(lambda: speaker.ended(1))
        stage.call(CALLS[1], quiet=True)
        until(lambda: speaker.ended(2))
    first, second = (speaker.sound(entry) for entry in speaker.lines("start"))
    english = ["again", "ticket", "L_A", "n1_c", "come", "n1_f"]
    assert heard(first, pitches["en"])[: len(english)] == english
    assert heard(first, pitches["uk"])[len(english) :] == ["again", *without_gaps(CALLS[0])]
    assert pauses_ms(first)[-11:] == pytest.approx([350, 40, 120, 350, 40, 600, 350, 40, 120, 350, 40], abs=2)
    assert heard(second, pitches["uk"]) == without_gaps(CALLS[1])


def test_rubbish_and_other_zones_are_not_said_and_the_voice_goes_on(stage, speaker, tmp_path):
    pitches = tone_bank(tmp_path / "bank", "uk", grammar.needed(words("uk")))
    with voice(stage, tmp_path, speaker) as child:
        stage.open()
        for junk in (
            b"",
            b"{",
            b"\xff" * 100,
            b'{"t":"call"}',
            b'{"t":"hall"}',
            b'{"t":"future","id":"x"}',
            b"x" * 70_000,
        ):
            stage.link.publish(topics.PUB_CALL, junk)
        stage.call(CALLS[0], zone="elsewhere", id="other")
        stage.call(CALLS[1])
        stage.call(CALLS[1])
        until(lambda: speaker.lines("end"))
        stage.call(CALLS[2])
        until(lambda: speaker.ended(2))
        assert child.poll() is None
    assert [heard(speaker.sound(entry), pitches) for entry in speaker.lines("start")] == list(
        map(without_gaps, CALLS[1:3])
    )


def test_without_a_bank_and_without_espeak_it_chimes_and_says_what_is_missing(stage, speaker, tmp_path):
    with voice(stage, tmp_path, speaker, PATH=str(tmp_path)):
        stage.open()
        until(lambda: {"voice_missing:uk", "voice_missing:en"} <= (stage.faults() or set()))
        stage.call(CALLS[0])
        until(lambda: speaker.ended(1))
        say = m.Say(id="s", texts={"uk": "Центр зачиняється."}, priority=9)
        stage.link.publish(topics.PUB_CALL, m.encode(say))
        until(lambda: "speech_missing" in stage.faults())
        assert stage.figures()["shown_only_calls"] == 1
    assert all(entry["seconds"] < 2 for entry in speaker.lines("start"))


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs the Debian package espeak-ng")
def test_a_managers_text_is_spoken_in_the_halls_languages(stage, speaker, tmp_path):
    with voice(stage, tmp_path, speaker):
        stage.open()
        texts = {"en": "The centre closes in ten minutes.", "uk": "Центр зачиняється за десять хвилин."}
        for number, said in enumerate(({"uk": texts["uk"]}, texts, texts)):
            say = m.Say(id=f"s{number}", texts=said)
            stage.link.publish(topics.PUB_CALL, m.encode(say))
            until(partial(speaker.ended, number + 1))
    one, both, again = speaker.lines("start")
    assert one["seconds"] > 3
    assert both["seconds"] > one["seconds"] + 2
    assert speaker.sound(again) == speaker.sound(both)


def test_a_bank_that_is_filled_while_it_runs_counts_without_a_restart(stage, speaker, tmp_path):
    with voice(stage, tmp_path, speaker):
        stage.open()
        stage.call(CALLS[0])
        until(lambda: speaker.ended(1))
        pitches = tone_bank(tmp_path / "bank", "uk", grammar.needed(words("uk")))
        stage.call(CALLS[1])
        until(lambda: speaker.ended(2))
    assert heard(speaker.sound(speaker.lines("start")[1]), pitches) == without_gaps(CALLS[1])


def test_finding_the_box_is_a_chime(stage, speaker, tmp_path):
    with voice(stage, tmp_path, speaker):
        stage.link.publish(topics.DOWN_CMD, m.encode(m.Identify(id="i", seconds=5)), dev=DEV)
        until(lambda: speaker.lines("end"))
    assert 1 < speaker.lines("start")[0]["seconds"] < 2

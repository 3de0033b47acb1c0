"""`vikno voice`: the bank is filled where nobody recorded, and says what it lacks. espeak-ng is the real one."""

import os
import shutil
import subprocess
import sys
import wave
from itertools import pairwise
from pathlib import Path

import pytest

from displays.voice import espeak, grammar, sound
from displays.voice.bank import Bank
from displays.voice.grammar import Segment
from displays.voice.words import LANGUAGES, words
from tests.sounds import strength, tone, write
from vikno import main

ROOT = Path(__file__).parents[2]
speaking = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs the Debian package espeak-ng")


def vikno(*arguments, **environment):
    return subprocess.run(
        [sys.executable, str(ROOT / "vikno.py"), "voice", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | environment,
    )


@speaking
def test_render_fills_what_is_missing_and_leaves_recordings_alone(tmp_path):
    recorded = tmp_path / "ky" / "recorded" / "L_A.wav"
    write(recorded, tone(seconds=0.25))
    before = recorded.read_bytes()
    done = vikno("render", "--lang", "ky", "--folder", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ky: 1 recorded, 54 rendered, 0 missing" in done.stdout
    assert "a native speaker should hear" in done.stdout
    assert recorded.read_bytes() == before
    assert not (tmp_path / "ky" / "rendered" / "L_A.wav").exists()
    bank, ky = Bank(tmp_path), words("ky")
    spoken = [bank.samples(Segment("ky", name)) for name in grammar.needed(ky)]
    assert all(0.1 < sound.seconds(one or sound.silence(0)) < 4.0 for one in spoken)
    files = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.wav")}
    assert vikno("render", "--lang", "ky", "--folder", tmp_path).returncode == 0
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.wav")} == files


def test_without_espeak_it_says_which_package_to_install(tmp_path):
    done = vikno("render", "--lang", "kk", "--folder", tmp_path, PATH=str(tmp_path))
    assert done.returncode == 2
    assert "sudo apt-get install espeak-ng" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_list_is_the_script_for_whoever_records(tmp_path):
    write(tmp_path / "kk" / "recorded" / "n1.wav", tone())
    done = vikno("list", "--lang", "kk", "--folder", tmp_path)
    lines = [line.split(maxsplit=3) for line in done.stdout.splitlines() if line.startswith("kk  ")]
    assert done.returncode == 1
    assert ["kk", "n1_c", "recorded", "бір,"] in lines
    assert ["kk", "o40_c", "missing", "қырқыншы,"] in lines
    assert len(lines) == 55


def test_an_unusable_recording_is_named(tmp_path):
    write(tmp_path / "kk" / "recorded" / "n1.wav", tone(), rate=8000)
    done = vikno("list", "--lang", "kk", "--folder", tmp_path)
    assert done.returncode == 1
    assert "recorded/n1.wav: not a WAV file of 22,050 Hz" in done.stdout


@speaking
def test_the_five_languages_are_equally_loud():
    texts = {language: " ".join(words(language).phrases.values()) for language in LANGUAGES}
    spoken = [espeak.speak(text, words(language).espeak_voice) for language, text in texts.items()]
    levels = [strength([x for x in samples if abs(x) >= sound.AUDIBLE]) for samples in spoken]
    assert max(levels) / min(levels) < 1.15
    assert all(1.0 < sound.seconds(samples) < 15.0 for samples in spoken)


@speaking
def test_a_text_that_looks_like_an_option_or_a_command_is_only_a_text(tmp_path):
    lengths = [sound.seconds(espeak.speak(text, "en-gb")) for text in ("-v", "--help me and my friends", "; rm -rf")]
    assert all(length > 0.1 for length in lengths)
    assert lengths[1] > lengths[0]


@speaking
def test_longer_numbers_sound_longer():
    lengths = []
    for value in (7, 77, 777):
        text = grammar.number_text(words("uk"), grammar.number(words("uk"), value))
        lengths.append(sound.seconds(espeak.speak(text, "uk")))
    assert all(shorter < longer for shorter, longer in pairwise(lengths))


@speaking
def test_a_call_is_said_with_what_people_recorded_and_the_rest_by_espeak(tmp_path, capsys):
    call = ["voice", "say", "--label", "A012", "--window", "7", "--lang", "uk", "--lang", "en"]
    where = ["--folder", str(tmp_path), "--wav", str(tmp_path)]
    assert main([*call, *where]) == 0
    assert "en: Ticket A twelve, please go to window seven." in capsys.readouterr().out
    before = read_wav(tmp_path / "uk.wav")
    write(tmp_path / "uk" / "recorded" / "L_A.wav", tone(seconds=3.0))
    assert main([*call, *where]) == 0
    assert sound.seconds(read_wav(tmp_path / "uk.wav")) > sound.seconds(before) + 2.0
    assert not (tmp_path / "uk" / "rendered").exists()  # the bank stays as it was


def test_without_espeak_a_call_is_told_in_words_only(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["voice", "say", "--lang", "kk", "--folder", str(tmp_path), "--wav", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert said.out == "kk: А қырық жеті талоны, үшінші терезеге келіңіз.\n"
    assert "sudo apt-get install espeak-ng" in said.err
    assert list(tmp_path.iterdir()) == []
    assert main(["voice", "say", "--lang", "kk", "--label", "Z1"]) == 1


def read_wav(file):
    with wave.open(str(file), "rb") as source:
        return sound.from_pcm(source.readframes(source.getnframes()))

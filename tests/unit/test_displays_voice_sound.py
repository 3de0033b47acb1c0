"""Sounds by their lengths and levels, and the bank's folder; nobody can listen here, so numbers do. `wave` is the judge of files."""

import io
import os
import wave
from array import array
from itertools import pairwise

import pytest

from displays.voice import sound
from displays.voice.bank import Bank
from displays.voice.grammar import Segment
from displays.voice.words import words
from tests.sounds import strength, tone, write

EN = words("en")


def length_s(bank, name):
    """Seconds of a segment; 0.0 where there is none."""
    return sound.seconds(bank.samples(Segment("en", name)) or sound.silence(0))


def test_a_wav_file_reads_back_sample_by_sample():
    samples = tone()
    with wave.open(io.BytesIO(sound.wav(samples)), "rb") as file:
        form = file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getcomptype()
        assert form == (1, 2, 22050, "NONE")
        assert sound.from_pcm(file.readframes(file.getnframes())) == samples


def test_the_chime_is_two_tones_that_begin_and_end_in_silence():
    chime = sound.chime()
    assert sound.seconds(chime) == pytest.approx(1.1, abs=0.01)
    assert abs(chime[0]) < 300
    assert abs(chime[-1]) < 900
    halves = chime[: len(chime) // 2], chime[len(chime) // 2 :]
    crossings = [sum(a < 0 <= b for a, b in pairwise(half)) / sound.CHIME_S for half in halves]
    assert crossings == pytest.approx([880, 660], rel=0.02)


@pytest.mark.parametrize("amplitude", [400, 3000, 30000])
def test_quiet_and_loud_recordings_come_out_equally_loud(amplitude):
    assert strength(sound.levelled(tone(amplitude=amplitude))) == pytest.approx(sound.LEVEL, rel=0.05)


def test_a_spike_keeps_a_recording_below_the_peak():
    samples = tone(amplitude=400)
    samples[100] = 32767
    assert max(sound.levelled(samples)) <= sound.PEAK


def test_silence_stays_silence():
    assert sound.levelled(sound.silence(50)) == sound.silence(50)
    assert len(sound.trimmed(sound.silence(50))) == 0
    assert sound.rms(sound.silence(50)) == 0.0


def test_silence_at_the_ends_is_cut_but_for_an_edge():
    padded = sound.joined([sound.silence(300), tone(), sound.silence(500)], 0)
    assert sound.seconds(sound.trimmed(padded)) == pytest.approx(0.12, abs=0.002)


def test_sounds_that_touch_get_a_gap_and_pauses_stand_as_they_are():
    pieces = [tone(), tone(), 350.0, tone()]
    assert sound.seconds(sound.joined(pieces, 40)) == pytest.approx(0.3 + 0.04 + 0.35, abs=0.001)
    assert len(sound.joined([], 40)) == 0


def test_half_loud_is_half_the_amplitude():
    assert strength(sound.scaled(tone(), 0.5)) == pytest.approx(strength(tone()) / 2, rel=0.01)


def test_what_a_person_recorded_wins(tmp_path):
    bank = Bank(tmp_path)
    for name in ("ticket", "come"):
        bank.keep_rendered(Segment("en", name), tone(300))
    write(tmp_path / "en" / "recorded" / "come.wav", tone(600, 0.2))
    assert [length_s(bank, name) for name in ("come", "ticket")] == pytest.approx([0.2, 0.1], abs=0.001)
    stock = bank.stock(EN)
    assert (stock.recorded, stock.rendered) == (("come",), ("ticket",))
    assert len(stock.missing) == 74 - 2


def test_one_reading_serves_both_contours_and_the_own_one_is_better(tmp_path):
    write(tmp_path / "en" / "recorded" / "n5.wav", tone(300, 0.1))
    write(tmp_path / "en" / "recorded" / "n5_f.wav", tone(300, 0.3))
    bank = Bank(tmp_path)
    assert [length_s(bank, name) for name in ("n5_c", "n5_f")] == pytest.approx([0.1, 0.3], abs=0.001)


def test_a_recording_is_levelled_when_it_is_read(tmp_path):
    write(tmp_path / "en" / "recorded" / "come.wav", tone(amplitude=500))
    assert strength(Bank(tmp_path).samples(Segment("en", "come"))) == pytest.approx(sound.LEVEL, rel=0.05)


def spoiled(file, how):
    match how:
        case "44100 Hz":
            write(file, tone(), rate=44100)
        case "stereo":
            write(file, tone(), channels=2)
        case "8 bit":
            write(file, tone(), width=1)
        case "too long":
            write(file, array("h", bytes(2 * sound.RATE * 21)))
        case "no samples":
            write(file, array("h"))
        case "cut off":
            write(file, tone())
            file.write_bytes(file.read_bytes()[:1000])
        case "garbage":
            file.parent.mkdir(parents=True)
            file.write_bytes(os.urandom(5000))
        case "empty":
            file.parent.mkdir(parents=True)
            file.write_bytes(b"")
        case "a folder":
            file.mkdir(parents=True)


@pytest.mark.parametrize(
    "how", ["44100 Hz", "stereo", "8 bit", "too long", "no samples", "cut off", "garbage", "empty", "a folder"]
)
def test_a_file_that_is_no_such_sound_is_named_and_the_rendered_one_is_used(tmp_path, how):
    file = tmp_path / "en" / "recorded" / "come.wav"
    spoiled(file, how)
    bank = Bank(tmp_path)
    assert bank.samples(Segment("en", "come")) is None
    bank.keep_rendered(Segment("en", "come"), tone())
    assert bank.samples(Segment("en", "come")) == tone()
    assert bank.stock(EN).unusable == (file,)


def test_a_file_that_comes_or_changes_later_counts_at_once(tmp_path):
    bank = Bank(tmp_path)
    file = tmp_path / "en" / "recorded" / "come.wav"
    assert bank.samples(Segment("en", "come")) is None
    spoiled(file, "garbage")
    assert bank.samples(Segment("en", "come")) is None
    write(file, tone())
    os.utime(file, ns=(1, 1))
    assert bank.samples(Segment("en", "come")) is not None

"""The player against the simulated loudspeaker: played to the end, refused, stuck, broken, cut off."""

import subprocess
import sys
import threading
import time

import pytest

from contract.errors import TransientDeviceError
from displays.voice import player as player_module
from displays.voice import sound
from displays.voice.player import Player
from tests.until import until
from tests.wire.voice_bench import Speaker


@pytest.fixture
def speaker(tmp_path):
    return Speaker(tmp_path, pace=20.0)


def test_a_sound_is_heard_whole_before_play_returns(speaker):
    chime = sound.chime()
    with Player(speaker.command) as player:
        assert player.play(chime)
        assert player.play(chime)
    starts, ends = speaker.lines("start"), speaker.lines("end")
    assert [entry["seconds"] for entry in starts] == [round(sound.seconds(chime), 3)] * 2
    assert not any(entry["overlap"] for entry in starts)
    assert starts[1]["t"] >= ends[0]["t"] >= starts[0]["t"] + sound.seconds(chime) / 20
    assert speaker.sound(starts[0]) == chime


def test_the_simulated_speaker_notices_two_at_once(speaker, tmp_path):
    words = [*speaker.command[:-2], "--fault", str(tmp_path / "none")]
    words[words.index("20.0")] = "1"
    both = [subprocess.Popen(words, stdin=subprocess.PIPE) for _ in range(2)]
    threads = [threading.Thread(target=one.communicate, args=(sound.wav(sound.chime()),)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [one.poll() for one in both] == [0, 0]
    assert sorted(entry["overlap"] for entry in speaker.lines("start")) == [False, True]


@pytest.mark.parametrize(("word", "told"), [("busy", "Device or resource busy"), ("broken", "No such device")])
def test_an_error_of_the_device_is_told_in_its_words(speaker, word, told):
    speaker.fault.write_text(word)
    with Player(speaker.command) as player:
        with pytest.raises(TransientDeviceError, match=told) as caught:
            player.play(sound.chime())
        assert caught.value.fault == "speaker_failed"
        speaker.fault.unlink()
        assert player.play(sound.chime())


def test_a_device_that_never_ends_is_given_up(speaker, monkeypatch):
    monkeypatch.setattr(player_module, "PATIENCE_S", 0.3)
    speaker.fault.write_text("stuck")
    with Player(speaker.command) as player, pytest.raises(TransientDeviceError, match="still playing"):
        player.play(sound.silence(10))


def test_a_program_that_is_not_there_is_a_failed_speaker(tmp_path):
    with Player([str(tmp_path / "aplay")]) as player, pytest.raises(TransientDeviceError, match="No such file"):
        player.play(sound.chime())


def test_a_program_that_ends_without_a_word_is_told_by_its_code():
    command = [sys.executable, "-S", "-c", "raise SystemExit(3)"]
    with Player(command) as player, pytest.raises(TransientDeviceError, match="exit code 3"):
        player.play(sound.chime())


def test_closing_cuts_a_sound_off_and_nothing_plays_after_it(speaker):
    speaker.fault.write_text("stuck")
    player, played = Player(speaker.command), []
    thread = threading.Thread(target=lambda: played.append(player.play(sound.silence(10))))
    thread.start()
    until(lambda: speaker.lines("start"))
    closing = time.monotonic()
    player.close()
    player.close()
    thread.join(10)
    assert played == [False]
    assert time.monotonic() - closing < 5
    assert player.play(sound.chime()) is False


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: b"",
        lambda file: file[:-1],
        lambda file: file + b"\0\0",
        lambda file: file[:20] + b"\3" + file[21:],
        lambda file: file[:22] + b"\2" + file[23:],
        lambda file: file.replace(b"data", b"dato"),
    ],
)
def test_the_simulated_speaker_takes_only_whole_files_of_its_form(speaker, spoil):
    done = subprocess.run(speaker.command, input=spoil(sound.wav(sound.chime())), capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"speaker: ")
    assert [len(speaker.lines(what)) for what in ("refused", "start")] == [1, 0]

"""APDUs in both forms, and the channel that repeats and collects."""

from __future__ import annotations

import pytest

from card_reader.chip.apdu import Command, Response, name
from card_reader.chip.channel import Channel
from card_reader.errors import Cancelled, DataError, StatusError


class Script:
    """A card that expects these commands and gives these answers."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = list(pairs)

    def transmit(self, command: bytes) -> bytes:
        expected, answer = self.pairs.pop(0)
        assert command.hex() == expected
        return bytes.fromhex(answer)


@pytest.mark.parametrize(
    ("command", "wire"),
    [
        (Command(0, 0xA4, 0, 0x0C), "00a4000c"),
        (Command(0, 0xB0, 0x9C, 0, le=256), "00b09c0000"),
        (Command(0, 0xA4, 2, 0x0C, b"\x01\x1e"), "00a4020c02011e"),
        (Command(0, 0x82, 0, 0, bytes(2), 40), "0082000002000028"),
        (Command(0, 0xB0, 0, 0, le=1000), "00b00000" + "0003e8"),
        (Command(0, 0xB0, 0, 0, le=65536), "00b00000" + "000000"),
        (Command(0x0C, 0xB0, 0, 0, b"\x97\x02", 65536), "0cb00000" + "000002" + "9702" + "0000"),
        (Command(0, 0x2A, 0, 0, bytes(256)), "002a0000" + "000100" + "00" * 256),
    ],
)
def test_a_command_is_written_in_the_shortest_form(command: Command, wire: str) -> None:
    assert command.encode().hex() == wire


def test_a_command_longer_than_the_extended_form_is_refused() -> None:
    with pytest.raises(DataError):
        Command(0, 0x2A, 0, 0, bytes(65536)).encode()


@pytest.mark.parametrize("answer", [b"", b"\x90", bytes(65539)])
def test_an_answer_without_a_status_or_too_long_is_refused(answer: bytes) -> None:
    with pytest.raises(DataError):
        Response.decode(answer)


def test_more_data_is_fetched_until_the_chip_is_done() -> None:
    card = Script(("00b0000000", "aabb6102"), ("00c0000002", "ccdd6101"), ("00c0000001", "ee9000"))
    channel = Channel(card)
    assert channel.ask("READ", Command(0, 0xB0, 0, 0, le=256)).hex() == "aabbccddee"
    assert channel.exchanges == 3


def test_a_chip_that_never_stops_giving_parts_is_given_up() -> None:
    class Endless:
        def transmit(self, _command: bytes) -> bytes:
            return b"x\x61\x10"

    with pytest.raises(DataError, match="parts"):
        Channel(Endless()).send(Command(0, 0xB0, 0, 0, le=256))


def test_a_wrong_length_is_repeated_once_with_the_right_one() -> None:
    card = Script(("00b0000000", "6c05"), ("00b0000005", "00112233449000"))
    assert Channel(card).send(Command(0, 0xB0, 0, 0, le=256)) == Response(bytes.fromhex("0011223344"), 0x9000)
    stubborn = Script(("00b0000000", "6c05"), ("00b0000005", "6c04"))
    assert Channel(stubborn).send(Command(0, 0xB0, 0, 0, le=256)).sw == 0x6C04


def test_a_refusal_names_the_command_and_the_status() -> None:
    with pytest.raises(StatusError, match="SELECT: status 6A82"):
        Channel(Script(("00a4040c", "6a82"))).ask("SELECT", Command(0, 0xA4, 4, 0x0C))
    assert name(0x6A82) == "6A82 file not found"
    assert name(0x1234) == "1234"


def test_nothing_is_sent_once_it_is_cancelled() -> None:
    with pytest.raises(Cancelled):
        Channel(Script(), cancelled=lambda: True).send(Command(0, 0xA4, 0, 0))

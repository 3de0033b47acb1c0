"""CD5220 bytes, held against the command manual's own form."""

import pytest

from displays.window import cd5220


def test_lines_are_the_manuals_string_commands():
    upper, lower = "A012".ljust(20), "7".rjust(20)
    assert cd5220.lines(upper, lower) == b"\x1b\x51\x41A012                \x0d\x1b\x51\x42                   7\x0d"


def test_reset_ends_a_half_written_string_then_clears_then_sets_brightness():
    assert cd5220.reset(4) == bytes.fromhex("0d 0c 1b 2a 04")
    assert cd5220.reset(1) == bytes.fromhex("0d 0c 1b 2a 01")


@pytest.mark.parametrize(
    "text", ["", "A012", "A" * 21, "Ә".ljust(20), "A\r012".ljust(20), "A\x1b".ljust(20), "\x7f" * 20]
)
def test_text_that_the_display_lacks_never_becomes_bytes(text):
    with pytest.raises(ValueError, match="printable ASCII"):
        cd5220.lines(text, " " * 20)
    with pytest.raises(ValueError, match="printable ASCII"):
        cd5220.lines(" " * 20, text)

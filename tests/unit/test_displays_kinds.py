"""The bytes of each kind of window display, held against its maker's own form."""

import pytest

from displays.window import cd5220, dm_d, ed400, laser_lt


def test_lines_are_the_manuals_string_commands():
    upper, lower = "A012".ljust(20), "7".rjust(20)
    assert cd5220.write(upper, lower) == b"\x1b\x51\x41A012                \x0d\x1b\x51\x42                   7\x0d"


def test_reset_ends_a_half_written_string_then_clears_then_sets_brightness():
    assert cd5220.reset(4) == bytes.fromhex("0d 0c 1b 2a 04")
    assert cd5220.reset(1) == bytes.fromhex("0d 0c 1b 2a 01")


@pytest.mark.parametrize(
    "text", ["", "A012", "A" * 21, "Ә".ljust(20), "A\r012".ljust(20), "A\x1b".ljust(20), "\x7f" * 20]
)
def test_text_that_the_display_lacks_never_becomes_bytes(text):
    with pytest.raises(ValueError, match="printable ASCII"):
        cd5220.write(text, " " * 20)
    with pytest.raises(ValueError, match="printable ASCII"):
        cd5220.write(" " * 20, text)


def test_dm_d_is_selected_emptied_and_set_to_write_over():
    assert dm_d.reset(4) == bytes.fromhex("0c0c0c0c 1b3d02 1b40 1f01 1f4300 1f5804")
    upper, lower = "A012".ljust(20), "7".rjust(20)
    assert dm_d.write(upper, lower) == b"\x1f$\x01\x01" + upper.encode() + b"\x1f$\x01\x02" + lower.encode()


def test_ed400_is_the_manuals_own_example():
    assert ed400.write(1, "1234") == b"\x02011234\x03"


@pytest.mark.parametrize(("address", "data"), [(0, "12"), (100, "12"), (1, ""), (1, "A12"), (1, "1\x03"), (1, "1.2")])
def test_ed400_refuses_what_the_display_lacks(address, data):
    with pytest.raises(ValueError, match="allowed"):
        ed400.write(address, data)


def test_laser_lt_is_the_manuals_own_form_with_a_time_after_which_it_goes_dark():
    assert laser_lt.write(7, "   012") == b"|07DM15000|   012!"
    assert laser_lt.question(0) == b"|00QD!"
    with pytest.raises(ValueError, match="allowed"):
        laser_lt.write(32, "   012")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"   012,0\r", "   012"),
        (b"   012,129\r", "   012"),
        (b"   012,0", None),
        (b"   012\r", None),
        (b"12,0\r", None),
        (b"   012,x\r", None),
        (b"\xff  012,0\r", None),
        (b"", None),
        (b"\r", None),
    ],
)
def test_an_answer_is_read_whole_or_not_at_all(answer, told):
    assert laser_lt.shown(answer) == told

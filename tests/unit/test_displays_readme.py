"""The README's files are held against the code that reads them."""

import re
import tomllib
from pathlib import Path

import pytest

from contract.errors import ConfigError
from displays.board import config as board_config
from displays.window import config as window_config
from runtime import config

README = Path("displays/README.md").read_text("utf-8")


@pytest.fixture
def blocks():
    return re.findall(r"```toml\n(.*?)```", README, re.DOTALL)


def test_every_block_is_a_configuration_the_code_takes(blocks, tmp_path):
    window, board = tmp_path / "window.toml", tmp_path / "board.toml"
    window.write_text(blocks[0])
    board.write_text(blocks[1])
    displays = config.read(window, window_config.Options).display
    assert [(d.unit, d.kind, d.address) for d in displays] == [
        ("disp-7", "cd5220", 0),
        ("disp-8", "ed400", 8),
        ("disp-9", "ed400", 9),
    ]
    assert config.read(board, board_config.Options).zones == ("hall", "passport")


def test_the_board_block_names_every_key_there_is(blocks):
    assert set(tomllib.loads(blocks[1])["screen"]) == set(board_config.ScreenSection.model_fields)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "serial:///dev/serial/by-path/platform-usb-0:1.2:1.0-port0",
            "tcp://10.0.0.7",
            ":12: display.0.url: 'tcp://10.0.0.7'",
        ),
        ('"cd5220"', '"vt100"', ":11: display.0.kind: 'vt100'"),
        ("address = 9", "address = 8", "two displays"),
        ("address = 9", "address = 100", "from 1 to 99"),
        ('unit = "disp-9"', 'unit = "disp-8"', "two displays"),
        ('unit = "disp-7"', 'unit = ""', ":10: display.0.unit: ''"),
        ('unit = "disp-7"', 'unite = "disp-7"', "display.0.unit"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(blocks, tmp_path, old, new, told):
    file = tmp_path / "window.toml"
    file.write_text(blocks[0].replace(old, new))
    with pytest.raises(ConfigError) as caught:
        config.read(file, window_config.Options)
    assert told in str(caught.value)

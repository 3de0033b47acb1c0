"""The picture and the settings on the page about routing are what the code does."""

import re
from pathlib import Path

import pytest

from contract import rules
from coordinator.floor import Desk, Floor, Work
from coordinator.line import Waiting
from coordinator.policy import Rules, picks
from coordinator.replays import replay

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "routing.md").read_text("utf-8")
PICTURE = (DOCS / "pictures" / "routing.svg").read_text("utf-8")
A_MINUTE = 8
"""Pixels of the picture."""


def drawn():
    """(label, minutes waited, minutes until another window, promised), from the top."""
    row = r'bold">(\w+)</text><text.*\n.* width="(\d+)" height="32" fill="#0A4DA8"/><rect.* width="(\d+)" .*\n.*<rect x="(\d+)"'
    return [
        (name, int(w) / A_MINUTE, int(a) / A_MINUTE, (int(x) + 2 - 220) / A_MINUTE)
        for name, w, a, x in re.findall(row, PICTURE)
    ]


def test_the_picture_shows_the_order_in_which_the_rule_calls():
    works = {"rare": Work(8, group="B"), "usual": Work(8, group="A"), "long": Work(25, group="A")}
    common = frozenset({"usual", "long"})
    desks = [
        Desk("W7", frozenset(works), frozenset(works)),
        *(Desk(f"W{n}", common, common) for n in range(1, 6)),
        Desk("W6", frozenset({"rare"}), frozenset({"rare"}), serving="rare", since=100),
    ]
    services = {"P004": ("usual", 1), "B031": ("rare", 10), "A097": ("usual", 10), "A112": ("long", 10)}
    waiting = [Waiting(100 - wait, 1, name, services[name][0], services[name][1]) for name, wait, _, _ in drawn()]
    behind = [Waiting(99, n, f"x{n}", "rare") for n in range(4)]
    found = picks(Floor(works, desks, waiting + behind), "W7", 100, Rules())
    told = [(p.ticket.id, p.wait, round(p.alt), Rules().claim(p.ticket.rank).target) for p in found]
    assert told == [(name, wait, round(alt), target) for name, wait, alt, target in drawn()]
    line = re.findall(r'<rect x="(\d+)" y="112" width="4" height="284"', PICTURE)
    assert [(int(x) + 2 - 220) / A_MINUTE for x in line] == [Rules().guard]


def test_every_rule_named_on_the_page_is_one_that_is_followed():
    named = set(re.findall(r"`((?:route|kpi|priority)\.\w+)`", PAGE)) | set(re.findall(r"`(route\.\w+)`? ", PAGE))
    assert named <= set(replay.followed())
    assert {name for name in rules.knobs() if name.startswith("route.")} - named <= {
        "route.target_booked_min",
        "route.target_priority_min",
    }


def test_the_draft_on_the_page_is_one_that_is_taken():
    import tomllib

    block = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
    draft = {f"route.{name}": value for name, value in tomllib.loads(block)["route"].items()}
    assert replay.drafted(lambda name: rules.value({}, name), draft).guard == pytest.approx(45)

"""The cards' page names the cards there are, and its orders are orders."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from simulators.card.specimen import Drawer

PAGE = Path(__file__).resolve().parents[2] / "simulators" / "card" / "README.md"


def test_the_page_names_every_card_and_no_other():
    table = PAGE.read_text("utf-8").split("| card | what it is |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([\w-]+)`", row)]
    assert sorted(named) == sorted(Drawer(datetime(2026, 1, 1, tzinfo=UTC)).names)


def test_the_orders_on_the_page_have_cards_and_scripts():
    orders = [json.loads(line) for line in re.findall(r"^\{.*\}$", PAGE.read_text("utf-8"), re.MULTILINE)]
    drawer = Drawer(datetime(2026, 1, 1, tzinfo=UTC))
    assert [order["do"] for order in orders] == ["insert", "insert", "remove", "describe"]
    for order in orders:
        if order["do"] == "insert":
            drawer.script(order["card"], order.get("script"))

"""A hall to learn in: marked on every screen, with invented PINs, and never on the journal of a real hall."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from consoles.staff.staff import Staff
from contract import hall as halls
from contract import messages as m
from contract import topics
from contract.errors import ConfigError, ContractError
from contract.hall import Hall
from contract.pin import verify
from contract.topics import Address
from contract.words import Role
from coordinator import service
from coordinator.hall_command import template
from coordinator.revising.document import draft, text
from demo import layout
from demo.command import _Stop
from demo.training_command import for_training, pins
from journal.journal import Journal
from journal.schema import HALL as TABLES
from look.texts import Texts
from runtime.box import Heard
from runtime.clock import utc_now
from tests import consoles_inside
from vikno import main

NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
REAL = template("ua-cnap")
LEARNING = for_training(REAL)


def test_a_hall_to_learn_in_keeps_no_pin_and_no_box_of_the_real_one() -> None:
    assert (LEARNING.training, LEARNING.boxes) == (True, ())
    real = REAL.model_copy(
        update={"operators": tuple(o.model_copy(update={"pin_hash": "secret"}) for o in REAL.operators)}
    )
    made, known = for_training(real), pins(real)
    assert len(known) == len(REAL.operators)
    assert [verify(known[o.id], o.pin_hash) for o in made.operators[:2]] == [True, True]
    assert "secret" not in text(made)
    assert halls.load(text(layout.furnished(made, {}, reader=False, terminal=False))).training


def test_windows_for_which_there_is_nobody_are_left_out() -> None:
    few = REAL.model_copy(update={"operators": REAL.operators[:2]})
    assert pins(few) == {"op01": "1001", "op02": "1002"}


def test_a_port_that_is_taken_is_told_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["training", "--port", port]) == 2
    told = capsys.readouterr()
    assert f"--port {port}: taken" in told.err
    assert told.out == ""


def test_ctrl_c_ends_the_start_at_once_and_a_running_day_in_good_order() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        stop = _Stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        stop.patient = True
        signal.raise_signal(signal.SIGTERM)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "journal.db", REAL.id, TABLES, utc_now)
    yield opened
    opened.close()


@pytest.mark.parametrize(("first", "then"), [(REAL, LEARNING), (LEARNING, REAL)])
def test_training_never_begins_on_a_real_journal_nor_the_other_way_round(
    journal: Journal, first: Hall, then: Hall
) -> None:
    service._in_force(journal, first, NOW)
    before = journal.rows("revision")
    for revision in (1, 2):
        with pytest.raises(ConfigError, match="a journal of its own"):
            service._in_force(journal, then.model_copy(update={"revision": revision}), NOW)
    assert journal.rows("revision") == before
    assert service._in_force(journal, first, NOW).training is first.training


@pytest.mark.parametrize("hall", [REAL, LEARNING])
def test_no_draft_makes_a_hall_real_or_training(hall: Hall) -> None:
    document = json.loads(text(hall))
    assert draft(hall, json.dumps(document)).training is hall.training
    with pytest.raises(ContractError, match="as this hall began"):
        draft(hall, json.dumps({**document, "training": not hall.training}))


@pytest.mark.parametrize("language", ["uk", "en"])
def test_every_page_of_it_says_so_above_all_else_and_in_its_title(tmp_path: Path, language: str) -> None:
    async def ask() -> None:
        with Staff(tmp_path, utc_now) as staff:
            staff.accounts.found("boss", "Boss", "a wide open window")
            web, live = consoles_inside.web(staff, tmp_path, time.monotonic)
            said = Texts(language)
            transport = httpx.ASGITransport(app=web.app())
            async with httpx.AsyncClient(transport=transport, base_url="http://vikno.test") as client:
                for training in (False, True):
                    hall = (LEARNING if training else REAL).for_box(Role.CONSOLE)
                    told = Address(topics.DOWN_CFG, hall.id, dev="console-1")
                    live.take(Heard(told, m.Cfg(id="c", hall=hall), retained=False))
                    for path in ("/", "/window/W01", "/sign-in"):
                        page = (await client.get(path, params={"lang": language})).text
                        assert (said.get("training.band") in page) is training
                        assert (f"<title>{said.get('training.mark')}" in page) is training

    asyncio.run(ask())

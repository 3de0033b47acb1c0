"""The live hall says, in every language of the hall, what no calling order can mend, and says nothing where there is nothing."""

import asyncio
from datetime import UTC, datetime

import pytest

from consoles.card import Cards
from consoles.live import Live
from consoles.page import Pages, Reader
from consoles.press import Presses
from contract import messages as m
from contract import topics
from contract.topics import Address
from contract.words import HallState, Role
from look.texts import Texts
from runtime.box import Heard
from tests import halls

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
LANGUAGES = [(name, language) for name in halls.NAMES for language in halls.load(name).languages]


def page(name, language, *advice):
    """The page of the template hall that was told this."""
    hall = halls.load(name).for_box(Role.CONSOLE)
    view = m.ConsolesView(
        id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(), queues=(), advice=advice
    )
    loop = asyncio.new_event_loop()
    try:
        live = Live(loop, lambda: 0.0)
        for message in (m.Cfg(id="c", hall=hall), view):
            live.take(Heard(Address(topics.DOWN_VIEW, hall.id, dev="console-1"), message, retained=False))
        return hall, Pages(live, Presses(), Cards(live), None).hall(Reader(language, "/hall"), None, whole=True)
    finally:
        loop.close()


@pytest.mark.parametrize(("name", "language"), LANGUAGES)
def test_a_service_nobody_may_take_is_said_with_the_windows_that_could(name, language):
    service = halls.load(name).services[0]
    told = m.Advice(kind="unserved", service=service.id, waiting=3, windows=(2, 7))
    _, text = page(name, language, told)
    assert service.names[language] in text
    assert Texts(language).get("advice.unserved", windows="2, 7") in text
    _, text = page(name, language, told.model_copy(update={"windows": ()}))
    assert Texts(language).get("advice.nobody") in text


@pytest.mark.parametrize(("name", "language"), LANGUAGES)
def test_a_line_that_outlasts_the_hours_is_said_with_the_time(name, language):
    hall = halls.load(name)
    told = m.Advice(kind="too_late", service=hall.services[1].id, waiting=9, until=NOW)
    _, text = page(name, language, told)
    assert Texts(language).get("advice.too_late", time=Texts(language).time(NOW, hall.zone_info)) in text


def test_where_nothing_is_to_be_said_there_is_no_panel():
    _, text = page("ua-cnap", "en")
    assert Texts("en").get("advice.title") not in text

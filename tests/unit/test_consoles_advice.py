"""The live hall says, in every language of the hall, what no calling order can mend, and says nothing where there is nothing."""

import asyncio
from datetime import UTC, datetime

import pytest
from markupsafe import escape

from consoles.live import Live
from consoles.page import Pages, Reader
from consoles.press import Presses
from contract import messages as m
from contract import topics
from contract.topics import Address
from contract.words import HallState, MeasureKind, MeasureState, Role
from look.texts import Texts
from runtime.box import Heard
from tests import halls

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
LANGUAGES = [(name, language) for name in halls.NAMES for language in halls.load(name).languages]


def page(name, language, *advice, **told):
    """The page of the template hall that was told this."""
    hall = halls.load(name).for_box(Role.CONSOLE)
    view = m.ConsolesView(
        id="v", ep=1, rev=1, state=HallState.OPEN, day=NOW.date(), now=NOW, windows=(), queues=(), advice=advice, **told
    )
    loop = asyncio.new_event_loop()
    try:
        live = Live(loop, lambda: 0.0)
        for message in (m.Cfg(id="c", hall=hall), view):
            live.take(Heard(Address(topics.DOWN_VIEW, hall.id, dev="console-1"), message, retained=False))
        return hall, Pages(live, Presses(), None).hall(Reader(language, "/hall"), None, whole=True)
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


# --- recommendations -------------------------------------------------------------------------------------------------------

WITHOUT, DONE = (
    m.Expected(late=14.2, overdue_min=310.6, longest_min=43.7),
    m.Expected(late=9.1, overdue_min=120.2, longest_min=31.4),
)
FIGURES = {
    "horizon": 90, "late_done": 9, "late_without": 14, "longest_done": 31, "longest_without": 44, "overdue_done": 120,
    "overdue_without": 311,
}  # fmt: skip


def recommendation(hall, kind, **more):
    place = hall.windows[1]
    said = {"id": "5f0c", "group": hall.service_groups[0].id, "minutes": 60, "break_at": NOW, **more}
    return m.Recommendation(
        kind=kind, window=place.id, number=place.number, without=WITHOUT, done=DONE, horizon_min=90, expires=NOW, **said
    )  # fmt: skip


@pytest.mark.parametrize(("name", "language"), LANGUAGES)
def test_a_recommendation_is_a_sentence_with_both_figures(name, language):
    hall, texts = halls.load(name), Texts(language)
    alone = MeasureKind.CLOSE
    given = tuple(recommendation(hall, kind, id=f"5f0c-{kind}", alone=kind is alone) for kind in MeasureKind)
    _, text = page(name, language, recommendations=given)
    at = texts.time(NOW, hall.zone_info)
    group = hall.service_groups[0].names[language]
    for one in given:
        said = text.partition(f'id="plan-{one.id}"')[2].partition("</li>")[0]
        assert html(texts.get(f"plan.{one.kind}", number=one.number, minutes=60, group=group, time=at)) in said
        assert html(texts.get("plan.effect", **FIGURES)) in said
        assert texts.get("plan.until", time=at) in said
        assert (texts.get("plan.alone") in said) == (one.kind is alone)
    assert "b-accept" not in text, "nobody is signed in"


def test_a_window_to_open_is_said_with_what_it_is_wanted_for():
    hall = halls.load("ua-cnap")
    last, first = hall.services[-1], hall.services[0]
    one = recommendation(hall, MeasureKind.OPEN, services=(last.id, first.id, "flying"), group=None)
    _, text = page("ua-cnap", "en", recommendations=(one,))
    names = [hall.group_by_id[service.group].names["en"] for service in (first, last)]
    assert f"<p>{html('; '.join(names))}</p>" in text


@pytest.mark.parametrize(("name", "language"), LANGUAGES)
def test_what_was_decided_is_said_with_who_decided(name, language):
    hall, texts = halls.load(name), Texts(language)
    states = [state for state in MeasureState if state is not MeasureState.DISMISSED]
    given = tuple(
        m.Measure(
            id=state, kind=MeasureKind.OPEN, state=state, window=hall.windows[n].id, number=hall.windows[n].number,
            by="ona" if n else None, accepted_at=NOW, until=NOW,
        )
        for n, state in enumerate(states)
    )  # fmt: skip
    _, text = page(name, language, measures=given)
    at = texts.time(NOW, hall.zone_info)
    for one in given:
        said = text.partition(html(texts.get("plan.open", number=one.number)))[2].partition("</li>")[0]
        assert texts.get(f"plan.{one.state}", time=at) in said
        assert texts.get("plan.by", time=at, who=one.by or texts.get("plan.by_hall")) in said


def html(text):
    """As it stands in a page."""
    return str(escape(text))


def test_where_nothing_is_recommended_or_decided_there_are_no_panels():
    _, text = page("ua-cnap", "en")
    assert Texts("en").get("plan.title") not in text
    assert Texts("en").get("plan.decided") not in text
    assert 'id="fifo"' not in text


@pytest.mark.parametrize(("name", "language"), LANGUAGES)
def test_today_is_held_against_first_come_first_served(name, language):
    hall, texts = halls.load(name), Texts(language)
    _, text = page(name, language, against_fifo=m.AgainstFifo(at=NOW, turns=131, late=0.126, fifo_late=0.281))
    at = texts.time(NOW, hall.zone_info)
    assert html(texts.get("hall.against_fifo", late=13, turns=131, fifo=28, time=at)) in text

"""The calendar's page: a library proposes, a manager confirms a year, and the hall goes by what was confirmed."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consoles.changing import holiday
from contract import hall as halls_document
from contract.hall import Hall
from look.texts import Texts
from tests import halls
from tests.changing_site import ChangingSite
from tests.small_hall import hall
from tests.unit.test_consoles_changing import play

EN = Texts("en")
KG, KZ, UA = (
    halls_document.load((halls.TEMPLATES / f"{name}.json").read_bytes()) for name in ("kg-con", "kz-con", "ua-cnap")
)


def manager(hall: Hall) -> str:
    return hall.operators[0].id


def test_a_year_is_proposed_confirmed_at_once_and_the_hall_is_closed_on_its_holidays(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        assert EN.get("check.year_unconfirmed", year=2026) in (await site.get("/hall/change")).plain
        form = await site.get("/hall/change/calendar/2027")
        assert EN.get("calendar.misses_kg") in form.plain
        fields = form.fields()
        assert fields["day.2027-03-08"] == "yes"
        assert fields["hours.2027-03-08"] == ""
        assert "day.2027-05-08" not in fields  # a Saturday: closed as ever, so it is shown and not ticked
        assert "hours.2027-05-08" in fields
        more = {"new.0": "2027-02-27", "new.0.hours": "09:00-15:00", "reason.new.0": "Иш күнү"}
        page = await site.send("/hall/change/calendar/2027", fields | more)
        assert EN.get("calendar.confirmed", count=len([f for f in fields if f.startswith("day.")]) + 1) in page.plain
        calendar = site.document()["calendar"]
        assert calendar["years"] == [2027]
        days = {day["date"]: day for day in calendar["exceptions"]}
        assert days["2027-03-08"]["reason"].keys() == {"ky", "ru", "en"}
        assert days["2027-02-27"] == {"date": "2027-02-27", "hours": ["09:00-15:00"], "reason": {"ky": "Иш күнү"}}
        hall = halls_document.load(json.dumps(site.document()))
        assert hall.spans(date(2027, 3, 8)) == ()
        assert len(hall.spans(date(2027, 2, 27))) == 1
        plain = (await site.get("/hall/change")).plain
        assert "2027-03-08" in plain
        again = (await site.get("/hall/change/calendar/2027")).fields()
        again.pop("day.2027-03-08")
        await site.send("/hall/change/calendar/2027", again)
        assert "2027-03-08" not in {day["date"] for day in site.document()["calendar"]["exceptions"]}
        assert len(site.document()["calendar"]["exceptions"]) == len(days) - 1

    play(tmp_path, act, KG, me=manager(KG))


def test_days_that_are_worked_by_law_are_shown_and_not_ticked_and_the_day_before_is_shorter(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        form = await site.get("/hall/change/calendar/2027")
        assert EN.get("calendar.misses_ua") in form.plain
        assert EN.get("calendar.worked") in form.plain
        assert not [name for name in form.fields() if name.startswith("day.")]

    async def shorter(site: ChangingSite) -> None:
        rules = "/hall/change/rules/hours.pre_holiday_shorter_min"
        await site.send(rules, {"value": "60"})
        fields = (await site.get("/hall/change/calendar/2027")).fields()
        assert (fields["day.2027-12-15"], fields["hours.2027-12-15"]) == (
            "yes",
            "09:00-19:00",
        )  # a Wednesday until 20:00
        assert EN.get("calendar.shorter") in (await site.get("/hall/change/calendar/2027")).plain

    play(tmp_path, act, UA, me=manager(UA))
    (tmp_path / "kz").mkdir()
    play(tmp_path / "kz", shorter, KZ, me=manager(KZ))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"day.2026-05-01": "yes"}, EN.get("untaken.year", year=2027)),
        ({"day.tomorrow": "yes"}, EN.get("untaken.year", year=2027)),
        ({"day.2027-05-01": "yes", "hours.2027-05-01": "9-12"}, EN.get("untaken.spans")),
        ({"new.0": "2026-05-01"}, EN.get("untaken.year", year=2027)),
        ({"new.0": "soon"}, EN.get("untaken.date")),
    ],
)
def test_a_day_that_is_wrong_is_said(fields: dict[str, str], words: str, tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        page = await site.send("/hall/change/calendar/2027", fields)
        assert (page.status, words in page.plain) == (422, True)
        assert site.drafts.get() is None
        assert (await site.get("/hall/change/calendar/soon")).status == 400

    play(tmp_path, act, KG, me=manager(KG))


def test_without_the_library_days_are_written_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)

    async def act(site: ChangingSite) -> None:
        assert EN.get("calendar.no_library") in (await site.get("/hall/change/calendar/2027")).plain
        await site.fill("/hall/change/calendar/2027", **{"new.0": "2027-01-01", "reason.new.0": "Жаңы жыл"})
        assert site.document()["calendar"]["exceptions"] == [
            {"date": "2027-01-01", "hours": [], "reason": {"ky": "Жаңы жыл"}}
        ]
        assert (await site.get("/hall/change/country/hall")).status == 200

    play(tmp_path, act, KG, me=manager(KG))


def test_names_of_holidays_are_in_the_languages_that_the_library_has() -> None:
    (new_year, *_) = holiday.proposed("KZ", 2027)
    assert (new_year.day, new_year.off) == (date(2027, 1, 1), True)
    assert new_year.names.keys() == {"kk", "en", "uk"}  # no Russian, and never English in its place
    assert holiday.proposed("XX", 2027) == ()
    worked: dict[date, Any] = {each.day: each.off for each in holiday.proposed("UA", 2026)}
    assert worked[date(2026, 8, 24)] is False


def test_a_booking_on_a_day_newly_closed_is_named(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        site.play.book("10:00")
        (booking,) = site.play.state.diary.records()
        year = str(booking.day.year)
        await site.send(f"/hall/change/calendar/{year}", {"new.0": booking.day.isoformat(), "reason.new.0": "Feast"})
        told = EN.get("check.bookings_outside_hours", count=1, of=f"{booking.day:%d.%m} 10:00 {booking.code}")
        assert told in (await site.get("/hall/change")).plain

    play(tmp_path, act, hall(), me="ona")

"""Languages, results, payees, what terminals do and their forms: a manager changes them by forms and publishes them."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from consoles.app import FirstRun
from consoles.changing import self_service
from consoles.changing.parts import changed
from consoles.live import Live
from consoles.staff.staff import Staff
from contract.errors import ContractError
from contract.hall import Hall, load
from contract.hall_part import USUAL_RESULTS
from look.texts import Texts
from runtime import hall_file
from runtime.clock import utc_now
from tests.changing_site import ChangingSite, Page
from tests.consoles_site import ROOT, document
from tests.small_hall import hall as small_hall
from tests.unit.test_consoles_changing import play

EN = Texts("en")
UA = document()
WHOLE = json.loads(UA.model_dump_json(by_alias=True))
IBAN = "UA68 8999 9803 1307 0170 0000 0847 9"
PAYEE = {"name.uk": "Бюджет", "name.en": "Budget", "recipient": "ГУК/Калинопіль", "iban": IBAN, "code": "37567866",
         "purpose": "*;101;{number};{service};", "qr": "002"}  # fmt: skip
ORIGIN = "http://localhost"


async def published(site: ChangingSite) -> Hall:
    """The hall after the draft was published, which must be possible."""
    draft = await site.get("/hall/change")
    done = await site.send("/hall/change/press", draft.fields("f-publish") | {"why": "as agreed"})
    assert 'id="published"' in done.text, done.plain
    return site.play.state.hall


def refused(page: Page, why: str, **typed: str) -> None:
    """The form came back with a reason, and with what was typed."""
    assert (page.status, why in page.plain) == (422, True), page.plain
    assert typed.items() <= page.fields().items()


# --- languages ----------------------------------------------------------------------------------------------------------


def test_a_language_is_added_and_its_missing_texts_are_asked_for_until_it_can_be_published(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        await site.fill("/hall/change/languages/hall", offers__kk="yes")
        draft = await site.get("/hall/change")
        assert ("/hall/change/texts/kk" in draft.text, "f-publish" in draft.text) == (True, False)
        asked = 0
        assert EN.get("preview.faulty") in (await site.get("/hall/change/preview", screen="ticket")).plain
        form = await site.get("/hall/change/texts/kk")
        while fields := form.fields().keys() - {"mark"}:
            assert len(fields) <= 40
            asked += len(fields)
            await site.send("/hall/change/texts/kk", form.fields() | dict.fromkeys(fields, "Сынақ"))
            form = await site.get("/hall/change/texts/kk")
        assert EN.get("change.texts_whole") in form.plain
        assert asked > 15
        hall = await published(site)
        assert (hall.languages, hall.default_language) == (("en", "kk"), "en")
        assert hall.windows == small_hall().windows

    play(tmp_path, act, small_hall(), me="ona")


def test_a_language_that_is_spoken_or_the_halls_own_stays_and_texts_of_one_that_goes_are_kept(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        path, zone = "/hall/change/languages/hall", UA.zones[0]
        page = await site.fill(path, own="ru")
        refused(page, EN.get("untaken.own_language", language="ru"), own="ru")
        await site.fill(f"/hall/change/zones/{zone.id}", **{"spoken.1": "en"})
        page = await site.fill(path, offers__en=None)
        refused(page, EN.get("untaken.spoken", language="en", of=zone.names["uk"]))
        assert "offers.en" not in page.fields()
        await site.fill(f"/hall/change/zones/{zone.id}", **{"spoken.1": ""})
        await site.fill(path, offers__en=None)
        hall = await published(site)
        assert (hall.languages, hall.names["en"]) == (("uk",), UA.names["en"])

    play(tmp_path, act)


# --- results ------------------------------------------------------------------------------------------------------------


def test_a_result_is_added_to_the_usual_ones_and_the_last_one_stays(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        words = {"name.uk": "Направлено до суду", "name.en": "Sent to court"}
        for name, why in (("до суду", "untaken.code"), ("missing", "untaken.name_taken")):
            refused(await site.fill("/hall/change/results/+", id=name, **words), EN.get(why, name=name), id=name)
        await site.fill("/hall/change/results/+", id="court", parks="yes", **words)
        await site.send("/hall/change/results/court", {"move": "up"})
        await site.send("/hall/change/results/left", {"remove": "yes"})
        hall = await published(site)
        assert hall.result_parks == {name: parks for name, parks in USUAL_RESULTS.items() if name != "left"} | {
            "court": True
        }
        assert hall.results[0].names == {code: Texts(code).get("result.served") for code in hall.languages}

    play(tmp_path, act)
    one = {**WHOLE, "results": [{"id": "done", "names": {"uk": "Так", "en": "Yes"}, "parks": False}]}
    with pytest.raises(ContractError, match="last_result"):
        changed(one, "results", "done", {"remove": "yes"})


# --- payees and what terminals do ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"iban": IBAN.replace("47 9", "47 8")}, "untaken.iban"), ({"iban": IBAN[:-1]}, "untaken.iban"), ({"iban": ""}, "untaken.iban"),
        ({"purpose": "{visitor}"}, "untaken.purpose"), ({"code": " "}, "untaken.payee_part"), ({"recipient": "x" * 141}, "untaken.long"),
    ],
)  # fmt: skip
def test_an_account_that_a_bank_would_refuse_is_refused(wrong: Mapping[str, str], why: str) -> None:
    with pytest.raises(ContractError, match=why):
        changed(WHOLE, "payees", "+", PAYEE | dict(wrong))


def test_terminals_give_one_more_service_for_its_fee_to_a_new_account(tmp_path: Path) -> None:
    free = next(each for each in UA.services if each.self_service is None and not each.fees and not each.fee_minor)
    path = f"/hall/change/self_service/{free.id}"

    async def act(site: ChangingSite) -> None:
        page = await site.send("/hall/change/payees/+", PAYEE | {"iban": "UA00"})
        refused(page, EN.get("untaken.iban"), iban="UA00", recipient=PAYEE["recipient"])
        await site.send("/hall/change/payees/+", PAYEE)
        payee = site.document()["payees"][-1]["id"]
        wanted = {"offered": "yes", "asks": "person", "paper": "extract"}
        for wrong, why in (
            ({"identify": "none"}, "untaken.card_needed"), ({"asks": "nothing"}, "untaken.paper_asks"),
            ({"paper": "household"}, "untaken.paper_asks"), ({"pays": "fee"}, "untaken.no_fee"),
        ):  # fmt: skip
            refused(await site.fill(path, **wanted | wrong), EN.get(why), **wrong)
        await site.fill(f"/hall/change/services/{free.id}", fee="12.50")
        refused(await site.fill(path, **wanted, pays="fee"), EN.get("untaken.no_payee"))
        await site.fill(path, **wanted, pays="fee", payee=payee)
        draft = (await site.get("/hall/change")).plain
        assert EN.get("change.field_self_service") in draft
        assert EN.get("change.paper_extract") in draft
        page = await site.send(f"/hall/change/payees/{payee}", {"remove": "yes"})
        refused(page, EN.get("untaken.used", of=free.names["uk"]))
        hall = await published(site)
        alone = hall.service_by_id[free.id].self_service
        assert alone is not None
        assert (alone.payee, alone.pays, alone.paper) == (payee, "fee", "extract")
        assert {each.id: each.iban for each in hall.payees}[payee] == IBAN.replace(" ", "")
        await site.fill(path, offered=None)
        assert (await published(site)).service_by_id[free.id].self_service is None

    play(tmp_path, act)


def test_the_papers_that_can_be_chosen_are_those_that_a_terminal_has() -> None:
    layouts = {file.stem for file in (ROOT / "terminal/papers/layouts").glob("*.json")}
    assert {*self_service.PAPERS} == layouts | {"receipt"}


# --- forms --------------------------------------------------------------------------------------------------------------


def test_questions_of_a_form_are_added_moved_and_taken_away_and_what_others_depend_on_stays_before_them(
    tmp_path: Path,
) -> None:
    path = "/hall/change/forms/residence"
    before = next(form for form in UA.forms if form.id == "residence").fields

    async def act(site: ChangingSite) -> None:
        floor = {"q5.uk": "Поверх", "q5.en": "Floor", "q5.kind": "choice", "q5.place": "3"}
        page = await site.fill(path, **floor, **{"q5.choices.uk": "Перший\nДругий", "q5.choices.en": "First"})
        refused(page, EN.get("untaken.choices"), **floor)
        refused(await site.fill(path, **{"q5.uk": "Поверх"}), EN.get("untaken.text_missing", of="en"))
        refused(await site.fill(path, **{"q1.place": "1"}), EN.get("untaken.under"))  # a street before its settlement
        await site.fill(
            path,
            **floor,
            **{"q5.choices.uk": "Перший\r\n\r\nДругий", "q5.choices.en": "First\r\nSecond", "q3.gone": "yes"},
        )
        (form,) = (each for each in (await published(site)).forms if each.id == "residence")
        assert [each.id for each in form.fields] == ["settlement", "street", "q01", "house", "ground"]
        new = form.fields[2]
        assert [(each.id, each.names["en"]) for each in new.choices] == [("c01", "First"), ("c02", "Second")]
        assert form.fields[4] == before[4]
        choices = {
            f"q4.choices.{code}": "\n".join(c.names[code] for c in reversed(before[4].choices)) for code in UA.languages
        }
        await site.fill(path, **choices)
        (form,) = (each for each in site.document()["forms"] if each["id"] == "residence")
        assert [each["id"] for each in form["fields"][4]["choices"]] == [
            each.id for each in reversed(before[4].choices)
        ]
        page = await site.send(path, {"remove": "yes"})
        refused(page, EN.get("untaken.used", of=UA.service_by_id["res-register"].names["uk"]))

    play(tmp_path, act)


def test_the_page_of_streets_says_whose_they_are_and_what_asks_for_them(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        page = await site.get("/hall/change/streets")
        assert EN.get("streets.no_connector") in page.plain
        assert "/hall/change/forms/residence" in page.text
        assert "/hall/change/forms/cadastre" not in page.text
        assert "./vikno register rename streets ID uk='…' en='…' --db …" in page.plain
        await site.fill("/hall/change/boxes/+", id="register-1", kind="register", zone="")
        assert "/hall/change/boxes/register-1" in (await site.get("/hall/change/streets")).text

    play(tmp_path, act)


# --- back, and files ----------------------------------------------------------------------------------------------------


def test_the_way_back_stands_at_its_line_and_a_reason_that_was_typed_stays(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        for number in ("7", "8"):
            await site.fill("/hall/change/windows/W1", number=number)
            await published(site)
        older = site.published[-1].revision
        page = await site.get("/hall/change", to=str(older))
        (line,) = re.findall(r'<li id="back">.*?</li>', page.text, re.DOTALL)
        assert f"<b>{older}</b>" in line
        assert 'id="f-back"' in line
        page = await site.send("/hall/change/press", page.fields("f-back") | {"why": "no"})
        assert EN.get("change.why_needed") in page.plain
        assert page.fields("f-back").items() >= {"to": str(older), "why": "no"}.items()
        await site.fill("/hall/change/windows/W1", number="9")
        page = await site.send(
            "/hall/change/press", (await site.get("/hall/change")).fields("f-publish") | {"why": "<"}
        )
        assert page.fields("f-publish")["why"] == "<"

    play(tmp_path, act, small_hall(), me="ona")


def faulty(kind: str) -> tuple[bytes, int]:
    """A file of the hall with one fault, and the line of it."""
    told = json.loads(json.dumps(WHOLE))
    told["services"][3]["right"] = "roof"
    text = hall_file.text(told, kind)
    return text.encode(), next(n for n, each in enumerate(text.splitlines(), 1) if '"roof"' in each)


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_a_file_for_the_draft_is_refused_with_the_line_of_each_fault(kind: str, tmp_path: Path) -> None:
    data, line = faulty(kind)

    async def act(site: ChangingSite) -> None:
        mark = (await site.get("/hall/change")).fields("f-import")["mark"]
        answer = await site.client.post(
            "/hall/change/import?lang=en", data={"mark": mark}, files={"file": ("hall", data)}
        )
        assert (answer.status_code, EN.get("change.line", number=line) in answer.text) == (422, True)

    play(tmp_path, act)


def test_the_first_run_takes_a_file_and_says_its_faults_by_line_and_keeps_all_but_the_password(tmp_path: Path) -> None:
    data, line = faulty("toml")
    who = {"account": "olena", "name": "Olena Test", "password": "a wide open window", "again": "a wide open window"}

    async def ask() -> None:
        with Staff(tmp_path / "empty", utc_now) as nobody:
            first = FirstRun(Live(asyncio.get_running_loop()), nobody, tmp_path, (), (8883, 8080), time.monotonic)
            transport = httpx.ASGITransport(app=first.app())
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:

                async def make(file: bytes, button: str = "make", **more: Any) -> Page:
                    sent = await client.post(
                        "/first?lang=en", data={**who, "button": button, **more}, files={"file": ("h", file)}
                    )
                    return Page(sent.status_code, sent.text, "/first")

                page = await make(data)
                assert (page.status, EN.get("change.line", number=line) in page.plain) == (409, True)
                kept = page.fields("f-first")
                assert kept["document"] == data.decode()  # to be mended on the page
                assert (kept["account"], kept["name"], kept["password"]) == ("olena", "Olena Test", "")
                good = await make(data.replace(b'"roof"', f'"{UA.services[3].right}"'.encode()), "check", document="{")
                assert (good.status, f"{len(UA.services)} services" in good.plain) == (200, True)
                assert EN.get("first.choose") in (await make(b"")).plain
                for cut in (
                    data[: len(data) // 2],
                    b"\xff\xfe\x00",
                    b"{",
                    data + b"\n[[",
                    b"x" * (hall_file.MOST_BYTES + 1),
                ):
                    assert (await make(cut)).status == 409
                page = await make(b"x" * (2 * hall_file.MOST_BYTES + 5000))
                assert (page.status, EN.get("first.too_long") in page.plain) == (413, True)
                assert not (tmp_path / "hall.json").exists()

    asyncio.run(ask())


def test_what_the_template_says_of_terminals_is_what_the_forms_make_of_it() -> None:
    for service in UA.services:
        if service.self_service is not None:
            fields = {name: value or "" for name, value in service.self_service.model_dump().items()} | {
                "offered": "yes"
            }
            assert changed(WHOLE, "self_service", service.id, fields) == WHOLE
    load(json.dumps(WHOLE))

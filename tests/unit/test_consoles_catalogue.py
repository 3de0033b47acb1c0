"""Services and their groups by forms, and what visitors will see of the draft, drawn by the kiosk itself."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import wave
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from consoles.changing.part import NEW
from contract import hall as halls
from contract.hall import Hall
from coordinator.hall_command import template
from look.texts import Texts
from tests.changing_site import ChangingSite
from tests.unit.test_consoles_changing import play

EN = Texts("en")
ADD = quote(NEW)
KZ = halls.load(template("kz-con").model_dump_json(by_alias=True))


def names(name: str, text: str, hall: Hall = KZ) -> dict[str, str]:
    """A text in every language of the hall, as the form's fields."""
    return {f"{name}__{language}": f"{text} {language}" for language in hall.languages}


def test_a_service_is_added_whole_and_taken_away(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        path = f"/hall/change/services/{ADD}"
        filled = {
            **names("name", "Invented"), "group": "certs", "right": "operator", "code": "00001", "code_own": "01-01/01",
            "minutes_typical": "7", "minutes_long": "12,5",
            "fee": "49.92", "bring__id": "yes", "channel": "self_service_first", "quiet": "yes",
        }  # fmt: skip
        assert (await site.fill(path, **filled)).path == "/hall/change/services"
        new = next(each for each in site.document()["services"] if each["code"] == "00001")
        assert new["code_own"] == "01-01/01"
        assert (new["bring"], new["fee_minor"], new["fee_currency"], new["quiet"]) == (["id"], 4992, "KZT", True)
        assert (new["channel"], new["minutes_long"], new["question"]) == ("self_service_first", 12.5, None)
        halls.load(json.dumps(site.document()))
        page = await site.get(f"/hall/change/services/{new['id']}")
        await site.send(f"/hall/change/services/{new['id']}", page.fields("f-remove"))
        assert new["id"] not in [each["id"] for each in site.document()["services"]]

    play(tmp_path, act, KZ, me="op01")


def test_a_question_is_asked_changed_and_dropped(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        path = "/hall/change/services/res-temporary"
        asked = {
            **names("question", "Do you?"),
            **names("reply1", "Yes"),
            "then1": "ticket",
            **names("reply2", "No"),
            "then2": "self_service",
        }
        await site.fill(path, channel="window", **asked)
        question = site.drafted("services", "res-temporary")["question"]
        assert [(r["then"], r["names"]["en"]) for r in question["replies"]] == [
            ("ticket", "Yes en"),
            ("self_service", "No en"),
        ]
        halls.load(json.dumps(site.document()))
        refused = await site.fill(path, **dict.fromkeys(names("reply2", ""), ""))
        assert (refused.status, EN.get("untaken.question") in refused.plain) == (422, True)
        nothing = {key: "" for name in ("question", "reply1", "reply2") for key in names(name, "")}
        await site.fill(path, **nothing)
        assert site.drafted("services", "res-temporary")["question"] is None

    play(tmp_path, act, KZ, me="op01")


def test_an_answer_that_gives_another_services_ticket_keeps_it(tmp_path: Path) -> None:
    document = json.loads(KZ.model_dump_json(by_alias=True))
    asking = next(each for each in document["services"] if each["id"] == "res-register")
    asking["question"]["replies"][0]["service"] = "res-temporary"

    async def act(site: ChangingSite) -> None:
        await site.fill("/hall/change/services/res-register", minutes_typical="11")
        replies = site.drafted("services", "res-register")["question"]["replies"]
        assert [(r["id"], r["service"]) for r in replies] == [
            ("a-yes", "res-temporary"),
            ("b-no", None),
            ("c-unsure", None),
        ]

    play(tmp_path, act, halls.load(json.dumps(document)), me="op01")


def test_a_fee_is_a_share_of_an_index_from_a_day_on(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        path = "/hall/change/services/civil-marriage"
        await site.fill("/hall/change/indices/mrp", **{"from": "2026-07-01"}, value="4400", source="an order")
        share = {
            "fee_from": "2026-06-01",
            "fee_index": "mrp",
            "fee_share": "0,75",
            "fee_round": "1",
            "fee_source": "an order",
        }
        await site.fill(path, **share)
        await site.fill(path, fee_from="2026-01-15", fee_sum="3450")
        hall = halls.load(json.dumps(site.document()))
        service = hall.service_by_id["civil-marriage"]
        cost = [
            hall.fee_minor(service, date.fromisoformat(day))
            for day in ("2026-01-14", "2026-05-31", "2026-06-01", "2026-07-01")
        ]
        assert cost == [None, 345000, 324400, 330000]
        page = await site.get(path)
        assert "0.75 × Monthly calculation index" in page.plain
        refused = await site.fill(path, fee_from="2026-13-01", fee_sum="1")
        assert refused.status == 422
        used = await site.send(
            "/hall/change/indices/mrp", (await site.get("/hall/change/indices/mrp")).fields("f-remove")
        )
        assert used.status == 422
        await site.fill(path, **{"nofee__2026-06-01": "yes", "nofee__2026-01-15": "yes"})
        assert site.drafted("services", "civil-marriage")["fees"] == []

    play(tmp_path, act, KZ, me="op01")


def test_groups_are_named_and_put_in_order(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        first, second, *_ = [group.id for group in KZ.service_groups]
        await site.fill(f"/hall/change/service_groups/{first}", icon="land", **names("hint", "A hint"))
        page = await site.get(f"/hall/change/service_groups/{first}")
        await site.send(f"/hall/change/service_groups/{first}", page.fields("f-move") | {"move": "down"})
        groups = site.document()["service_groups"]
        assert [each["id"] for each in groups[:2]] == [second, first]
        assert (groups[1]["icon"], groups[1]["hint"]["en"]) == ("land", "A hint en")
        kept = await site.fill(f"/hall/change/service_groups/{first}", letter="Z")
        assert kept.status == 422

    play(tmp_path, act, KZ, me="op01")


def test_the_kiosk_draws_the_draft_and_the_picture_is_kept(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        await site.fill("/hall/change/service_groups/certs", **names("name", "Renamed"))
        page = await site.get("/hall/change/preview")
        assert "Renamed en" in page.plain
        assert KZ.service_by_id["res-register"].question is not None
        assert KZ.service_by_id["res-register"].question.names["en"] in page.plain
        shown = {"screen": "groups", "spoken": "en"}
        first = await site.client.get("/hall/change/preview.png", params=shown)
        assert first.headers["content-type"] == "image/png", first.text
        assert first.content[:8] == b"\x89PNG\r\n\x1a\n"
        again = await asyncio.wait_for(site.client.get("/hall/change/preview.png", params=shown), 1)
        assert again.content == first.content
        other = await site.client.get("/hall/change/preview.png", params={"screen": "ticket", "spoken": "kk"})
        assert other.content[:4] == b"\x89PNG"

    play(tmp_path, act, KZ, me="op01")


@pytest.mark.parametrize("screen", ["../../etc/passwd", "--config", "nothing", ""])
def test_a_screen_that_is_none_is_another_one(tmp_path: Path, screen: str) -> None:
    async def act(site: ChangingSite) -> None:
        page = await site.client.get("/hall/change/preview", params={"screen": screen, "spoken": "<x>"})
        assert page.status_code == 200
        assert "screen=groups&amp;spoken=kk" in page.text

    play(tmp_path, act, KZ, me="op01")


def test_the_board_draws_a_zone_of_the_draft_and_a_saved_message(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        await site.fill("/hall/change/messages/+", **names("name", "Flood"), **names("text", "The cellar is wet"))
        new = site.document()["messages"][-1]
        page = await site.get("/hall/change/preview")
        for zone in KZ.zones:
            assert f"Board: {zone.names['en']}" in page.plain
        assert "Message: Flood en" in page.plain
        shown = {"screen": f"message-{new['id']}", "spoken": "en"}
        drawn = await site.client.get("/hall/change/preview.png", params=shown)
        assert drawn.content[:8] == b"\x89PNG\r\n\x1a\n", drawn.text
        assert Image.open(io.BytesIO(drawn.content)).size == (1280, 720)
        gone = await site.client.get("/hall/change/preview", params={"screen": "message-nothing", "lang": "en"})
        assert "screen=groups&amp;spoken=en" in gone.text

    play(tmp_path, act, KZ, me="op01")


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs the Debian package espeak-ng")
def test_a_call_is_read_and_heard_in_every_language_and_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(site: ChangingSite) -> None:
        with monkeypatch.context() as without:
            without.setenv("PATH", str(tmp_path))
            silent = await site.get("/hall/change/preview", screen="voice")
            assert EN.get("preview.no_voice", program="espeak-ng") in silent.plain
            assert "<audio" not in silent.text
            assert "forty-seven" in silent.plain  # it can be read all the same
            assert (await site.client.get("/hall/change/preview.wav?spoken=kk")).status_code == 503
        page = await site.get("/hall/change/preview", screen="voice")  # what failed is tried again
        for words in ("forty-seven", "сорок семь", "қырық жеті"):
            assert words in page.plain
        assert page.text.count("<audio controls") == len(KZ.languages)
        monkeypatch.setenv("PATH", str(tmp_path))  # and what was made is kept
        heard = {
            language: await site.client.get(f"/hall/change/preview.wav?spoken={language}") for language in KZ.languages
        }
        for answer in heard.values():
            assert (answer.headers["content-type"], answer.content[:4]) == ("audio/wav", b"RIFF")
            assert "media-src 'self'" in answer.headers["content-security-policy"]
            with wave.open(io.BytesIO(answer.content)) as sound:
                assert 2.0 < sound.getnframes() / sound.getframerate() < 12.0
        assert len({answer.content for answer in heard.values()}) == len(KZ.languages)
        assert (await site.client.get("/hall/change/preview.wav?spoken=xx")).status_code == 404

    play(tmp_path, act, KZ, me="op01")

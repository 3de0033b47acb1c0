"""Every part of a hall by forms: the real pages over the real engine; only the broker between them is left out."""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import vikno
from consoles import notice
from consoles.changing import tool
from consoles.changing.parts import PARTS, changed
from consoles.changing.trial import FIGURES
from contract import hall as halls_document
from contract import messages as m
from contract.errors import ContractError
from contract.hall import Hall
from contract.pin import verify
from contract.words import Role
from coordinator.hall_command import template
from look.texts import Texts
from tests import played_day
from tests.changing_site import ChangingSite
from tests.consoles_site import document
from tests.small_hall import hall as small_hall

EN = Texts("en")
UA = document()
KEYS = {
    "rules": "call.recalls_max", "calendar": "2027", "texts": "uk", "results": "missing", "self_service": UA.services[0].id,
}  # fmt: skip
Act = Callable[[ChangingSite], Awaitable[None]]


def play(folder: Path, act: Act, hall: Hall = UA, me: str = "op01", **more: Any) -> None:
    """Do `act` on a site of its own."""

    async def run() -> None:
        async with ChangingSite(folder, hall, me, hall.windows[0].id, **more) as site:
            await act(site)

    asyncio.run(run())


def with_boxes(hall: Hall, *boxes: dict[str, Any]) -> Hall:
    told = json.loads(hall.model_dump_json(by_alias=True))
    return halls_document.load(json.dumps(told | {"boxes": [*told["boxes"], *boxes]}))


def smaller(hall: Hall) -> Hall:
    """The hall with a service of each group and those of terminals, and one operator: as many forms, and quicker to copy."""
    told = json.loads(hall.model_dump_json(by_alias=True))
    first = {service["group"]: service["id"] for service in reversed(told["services"])}
    told["services"] = [s for s in told["services"] if s["self_service"] or s["id"] == first[s["group"]]]
    told["forms"][0]["fields"] = [each for each in told["forms"][0]["fields"] if each["kind"] in ("entry", "choice")]
    return halls_document.load(json.dumps(told | {"operators": told["operators"][:1], "sources": {}}))


def key_of(site: ChangingSite, name: str) -> str:
    """An entry to open the form of a part with."""
    part = PARTS[name]
    if part.only:
        return part.only
    if name in KEYS:
        return KEYS[name]
    entries = json.loads(site.play.hall.model_dump_json(by_alias=True))[name]
    return next(iter(entries)) if isinstance(entries, dict) else str(entries[0]["id"])


def test_a_form_sent_as_it_came_changes_nothing_and_a_new_entry_has_a_form(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        for language in UA.languages:
            assert (await site.client.get("/hall/change", params={"lang": language})).status_code == 200
            for name in PARTS:
                path = f"/hall/change/{name}/{key_of(site, name)}"
                assert (await site.client.get(path, params={"lang": language})).status_code == 200
        for name, part in PARTS.items():
            page = await site.fill(f"/hall/change/{name}/{key_of(site, name)}")
            assert (page.status, EN.get("change.saved") in page.text) == (200, True), page.plain
            last = site.drafts.get().steps[-1]  # type: ignore[union-attr]
            assert (last.part, last.changes != ()) == (name, name == "calendar"), last  # saving a year confirms it
            if part.adds:
                assert (await site.get(f"/hall/change/{name}/+")).status == 200
                assert (await site.get(f"/hall/change/{name}/nobody")).status == 400
        halls_document.load(json.dumps(site.document()))

    play(tmp_path, act)


def test_the_manager_is_told_whose_pin_everybody_can_read_until_there_is_a_draft_that_says_it(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        page = await site.get("/hall/change", lang="en")
        said = EN.get("check.pin_open", of=", ".join(operator.name for operator in UA.operators))
        assert said in page.plain
        assert 'id="open-pins"' in page.text
        first = UA.operators[0]
        form = await site.get(f"/hall/change/operators/{first.id}")
        await site.send(form.path, form.fields() | {"pin": "4815"})
        page = await site.get("/hall/change", lang="en")
        assert 'id="open-pins"' not in page.text
        findings = page.text[page.text.index('id="findings"') :].partition("</ul>")[0]
        assert (first.name in findings, UA.operators[1].name in findings) == (False, True)

    play(tmp_path, act)


def test_an_operator_is_added_given_dated_rights_and_a_pin_that_nobody_sees(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        path = "/hall/change/operators/+"
        other, employer = next((r.id, e.id) for r in UA.rights for e in UA.employers if e.id not in r.employers)
        right = next(r.id for r in UA.rights if employer in r.employers)
        given = {"name": "Ніна Верба", "employer": employer, "pin": "4711", f"give.{right}": "yes"}
        for wrong, why in (
            ({"pin": "12"}, EN.get("untaken.pin", least=4, most=12)),
            ({"pin": "5555"}, EN.get("untaken.pin_same")),
            ({"pin": "8765"}, EN.get("untaken.pin_run")),
            ({"pin": "1007"}, EN.get("untaken.pin_open")),
            ({"name": " "}, EN.get("untaken.name")),
            ({f"give.{right}.to": "2020-01-01"}, EN.get("untaken.right_dates")),
            ({f"give.{other}": "yes"}, EN.get("untaken.right_foreign", right=UA.right_by_id[other].names["uk"])),
        ):
            refused = await site.fill(path, **given | wrong)
            assert (refused.status, why in refused.plain) == (422, True)
            assert "4711" not in refused.text  # typed anew, never sent back
            assert wrong.get("name") or 'value="Ніна Верба"' in refused.text
        page = await site.fill(path, **given | {f"give.{right}.from": "2026-03-18"})
        new = site.document()["operators"][-1]
        assert new["rights"] == [{"right": right, "employer": employer, "from": "2026-03-18", "to": None}]
        assert verify("4711", new["pin_hash"])
        assert EN.get("change.no_right_today") in page.text  # it begins tomorrow
        form = await site.get(f"/hall/change/operators/{new['id']}")
        assert EN.get("change.right_to_come") in form.text
        page = await site.fill(f"/hall/change/operators/{new['id']}", pin="0815")
        draft = await site.get("/hall/change")
        for text in (page.text, draft.text):
            assert "4711" not in text
            assert "scrypt" not in text
            assert new["pin_hash"][-16:] not in text
        assert "Ніна Верба" in draft.text

    play(tmp_path, act)


def test_rights_end_and_operators_go_but_not_while_they_sit_at_a_window(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        site.play.open("W1")
        site.tell()
        tam = next(o for o in site.play.hall.operators if o.id == "tam")
        await site.fill("/hall/change/operators/tam", held__0__to="2026-03-16", held__1=None)
        (right,) = site.drafted("operators", "tam")["rights"]
        assert (right["right"], right["to"]) == (tam.rights[0].right, "2026-03-16")
        draft = await site.get("/hall/change")
        assert EN.get("check.service_no_operator", of="Birth, Loss") not in draft.plain  # rik may still
        assert EN.get("change.right_over") in (await site.get("/hall/change/operators/tam")).text
        assert EN.get("change.signed_in_at", window=1) in (await site.get("/hall/change/operators/ona")).text
        await site.send("/hall/change/operators/rik", {"remove": "yes"})
        draft = await site.get("/hall/change")
        assert EN.get("check.service_no_operator", of="Birth, Loss") in draft.plain
        await site.send("/hall/change/operators/ona", {"remove": "yes"})
        draft = await site.get("/hall/change")
        assert EN.get("check.operator_gone", window=1, operator="Ona") in draft.plain or "ona" in draft.plain
        assert EN.get("change.stopped") in draft.text

    play(tmp_path, act, small_hall(), me="ona")


@pytest.mark.parametrize(
    ("part", "key", "user"),
    [("employers", "registry", "Rik"), ("rights", "civil", "Birth"), ("zones", "back", "Acts")],
)
def test_what_is_still_used_is_not_taken_away_and_who_uses_it_is_said(
    part: str, key: str, user: str, tmp_path: Path
) -> None:
    async def act(site: ChangingSite) -> None:
        page = await site.send(f"/hall/change/{part}/{key}", {"remove": "yes"})
        assert page.status == 422
        assert user in page.plain
        assert site.drafts.get() is None
        names = {f"name.{language}": "Guests" for language in site.play.hall.languages}
        await site.fill(f"/hall/change/{part}/+", **names | {"employer.council": "yes"})
        new = site.document()[part][-1]
        assert new["names"] == {"en": "Guests"}
        await site.send(f"/hall/change/{part}/{new['id']}", {"remove": "yes"})
        assert new not in site.document()[part]

    play(tmp_path, act, small_hall(), me="ona")


@pytest.mark.parametrize(
    ("visitors", "plain"), [(1, "too few days to tell"), (0, "2026-03-16: not tried, nobody came")]
)
def test_a_trial_on_a_short_or_empty_day_says_what_was_tried_and_invents_no_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, visitors: int, plain: str
) -> None:
    played_day.play(small_hall(), journal := tmp_path / "journal.db", seed=6, visitors=visitors)

    async def inside(words: list[str], _room: Path, _timeout_s: float) -> tool.Ran:
        capsys.readouterr()
        done = vikno.main(words[1:]) == 0
        return tool.Ran(done, *capsys.readouterr())

    monkeypatch.setattr(tool, "run", inside)

    async def act(site: ChangingSite) -> None:
        await site.fill("/hall/change/windows/W1", step_free="yes")
        page = await site.get("/hall/change")
        page = await site.send("/hall/change/press", page.fields("f-try"))
        assert plain in page.plain
        shown = re.findall(r"<td>([^<]*)</td><td>([^<]*)</td><td>([^<]*)</td>", page.text)
        if visitors:
            assert EN.get("try.few", count=1, enough=6) in page.plain
            assert [now for now, _, _ in shown] == ["0.0 %", "0.0", "0.0", "0.0 %", "–", "–", "–"]
            assert {said for _, _, said in shown} == {EN.get("try.unknown")}
        assert bool(shown) is bool(visitors)

    play(tmp_path, act, small_hall(), "ona", journal=journal)


def test_figures_of_a_trial_have_names_of_their_own_and_what_stopped_one_a_sentence() -> None:
    names = [EN.get(f"try.{figure}") for figure in FIGURES]
    assert len({*names}) == len(FIGURES)
    assert not [name for name in names if name.endswith(".")]
    assert EN.get("try.given_up").endswith(".")


def test_a_window_is_added_with_its_roster_and_published_and_the_diff_is_in_words(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        path = "/hall/change/windows/+"
        taken = await site.fill(path, number="2", group__acts="yes")
        assert EN.get("untaken.number_taken", number=2) in taken.plain
        bad = await site.fill(path, group__acts="yes", roster__mon="9-17")
        assert EN.get("untaken.spans") in bad.plain
        assert 'value="9-17"' in bad.text  # what was typed stays
        await site.fill(path, employer="registry", zone="back", group__acts="yes", roster__mon="09:00-12:00")
        new = site.document()["windows"][-1]
        assert (new["number"], new["roster"]) == (5, {"mon": ["09:00-12:00"]})
        await site.fill("/hall/change/windows/W1", employer="registry", step_free="yes", group__acts="yes")
        plain = " ".join((await site.get("/hall/change")).plain.split())
        assert "Windows · 1 · Employer Council → Registry" in plain
        assert "Windows · 1 · Groups of services General → General, Acts" in plain
        assert "Windows · 1 · Without steps No → Yes" in plain
        assert "Windows · 5 new → " in plain
        page = await site.get("/hall/change")
        done = await site.send("/hall/change/press", page.fields("f-publish") | {"why": "one more window"})
        assert EN.get("change.published", revision=4) in done.text
        assert site.play.state.hall.windows[-1].number == 5
        assert site.drafts.get() is None

    play(tmp_path, act, small_hall(), me="ona")


def test_the_board_of_a_zone_and_its_languages(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        zone = UA.zones[0].id
        await site.fill(f"/hall/change/zones/{zone}", **{"spoken.1": "en", "rows": "6", "line.waits": None})
        told = site.drafted("zones", zone)
        assert told["spoken"] == ["en"]
        assert told["board"] == {"theme": "dark", "rows": 6, "card": True, "lines": ["why", "waiting"]}
        await site.fill(f"/hall/change/zones/{zone}", **{"rows": "4", "line.waits": "yes"})
        assert site.drafted("zones", zone)["board"] is None  # as it is without a layout

    play(tmp_path, act)


def test_a_message_is_saved_and_fills_the_form_of_the_notice_in_one_click(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        texts = {"text.uk": "Ліфт не працює. " + "х" * 184, "text.en": "The lift is out of order."}
        path, name = "/hall/change/messages/+", {"name.uk": "Ліфт", "name.en": "Lift"}
        for wrong, why in (
            ({"text.en": ""}, EN.get("untaken.text_missing", of="en")),
            ({"text.uk": texts["text.uk"] + "х"}, EN.get("untaken.long", most=200)),
        ):
            refused = await site.send(path, name | texts | wrong)
            assert (refused.status, why in refused.plain) == (422, True)
        await site.send(path, name | texts | {"speak": "yes"})
        new = site.document()["messages"][-1]
        draft = await site.get("/hall/change")
        assert "Lift" in draft.plain
        await site.send("/hall/change/press", draft.fields("f-publish") | {"why": "the lift broke"})
        page = await site.get("/hall/notice")
        assert page.fields("f-show")["text.uk"] == ""
        assert f"/hall/notice?message={new['id']}" in page.text
        filled = (await site.get("/hall/notice", message=new["id"])).fields("f-show")
        told = filled | {"text.en": "Walk, please."}
        asked = notice.command("n-1", told, site.play.state.hall, site.play.now, "boss")
        assert asked.texts == {"uk": texts["text.uk"], "en": "Walk, please."}
        assert asked.speak
        other = (await site.get("/hall/notice", message="<b>")).fields("f-show")
        assert (other["text.uk"], "speak" in other) == ("", False)

    play(tmp_path, act)


def test_a_box_is_added_and_a_pad_that_was_heard_is_bound_to_a_window(tmp_path: Path) -> None:
    pads = {"aabb01": m.UnitHealth(kind="pad-usb"), "bus:tty": m.UnitHealth(kind="bus")}
    bridge = m.DeskDevice(
        dev="bridge-1", kind=Role.BRIDGE, state="here", faults=("pad_unbound:ccdd02", "bus_full:x"), units=pads
    )
    hall = with_boxes(
        small_hall(), {"id": "bridge-1", "kind": "bridge", "units": [{"id": "aabb01", "window": "W1", "keys": 4}]}
    )

    async def act(site: ChangingSite) -> None:
        listed = await site.get("/hall/change/boxes")
        assert EN.get("change.unbound", of="ccdd02") in listed.plain
        form = await site.get("/hall/change/boxes/bridge-1")
        assert EN.get("change.bind", of="ccdd02") in form.text
        assert EN.get("change.bind", of="aabb01") not in form.text
        assert "./vikno pki issue bridge-1" in form.text
        await site.fill("/hall/change/boxes/bridge-1", **{"bind.ccdd02": "W2", "window.0": "W3"})
        assert site.drafted("boxes", "bridge-1")["units"] == [
            {"id": "aabb01", "window": "W3", "keys": 4},
            {"id": "ccdd02", "window": "W2", "keys": 4},
        ]
        plain = (await site.get("/hall/change")).plain
        assert "aabb01 → № 1" in plain
        assert "aabb01 → № 3, ccdd02 → № 2" in plain
        twice = await site.fill("/hall/change/boxes/bridge-1", uid="aabb01", uid_window="W1")
        assert EN.get("untaken.name_taken", name="aabb01") in twice.plain
        for name, why in (
            ("kiosk 1", "untaken.code"),
            ("bridge-1", "untaken.name_taken"),
            ("coordinator", "untaken.name_taken"),
        ):
            refused = await site.fill("/hall/change/boxes/+", id=name)
            assert EN.get(why, name=name) in refused.plain
        await site.fill("/hall/change/boxes/+", id="board-9", kind="board", zone="back")
        assert site.document()["boxes"][-1] == {"id": "board-9", "kind": "board", "zone": "back", "units": []}
        await site.fill("/hall/change/boxes/bridge-1", **{"window.0": ""})
        assert [unit["id"] for unit in site.drafted("boxes", "bridge-1")["units"]] == ["ccdd02"]

    play(tmp_path, act, hall, me="ona", devices=(bridge,))


def test_priority_groups_and_documents(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        names = {f"name.{language}": "Guests" for language in UA.languages}
        taken = await site.send(
            "/hall/change/priority_groups/+", names | {"level": "3", "letter": UA.service_groups[0].letter}
        )
        assert EN.get("untaken.letter_taken", letter=UA.service_groups[0].letter) in taken.plain
        half = await site.send("/hall/change/priority_groups/+", names | {"level": "3", "proof.en": "a card"})
        assert EN.get("untaken.text_missing", of="uk") in half.plain
        await site.send("/hall/change/priority_groups/+", names | {"level": "3"})
        new = site.document()["priority_groups"][-1]
        assert (new["level"], new["proof"], new["letter"]) == (3, None, None)
        await site.send("/hall/change/documents/+", names)
        (key,) = site.document()["documents"].keys() - UA.documents.keys()
        assert EN.get("check.document_unused", of="Guests") in (await site.get("/hall/change")).plain
        used = await site.send("/hall/change/documents/id", {"remove": "yes"})
        assert UA.services[0].names["uk"] in used.plain
        await site.send(f"/hall/change/documents/{key}", {"remove": "yes"})
        assert key not in site.document()["documents"]

    play(tmp_path, act)


def test_a_second_editor_is_told_what_the_first_one_did_and_keeps_what_they_typed(tmp_path: Path) -> None:
    hall = small_hall()

    async def act(site: ChangingSite) -> None:
        tam = await site.signed_in("tam", "W2")
        mine = (await site.get("/hall/change/windows/W1")).fields()
        await site.fill_as(tam, "/hall/change/windows/W1", reserve="yes")
        late = await site.send("/hall/change/windows/W1", mine | {"station": "biometric"})
        assert late.status == 422
        assert EN.get("change.meanwhile") in late.plain
        told = " ".join(late.plain.split())
        assert "Reserve: opened when needed No → Yes" in told
        assert "Tam, " in told
        assert late.fields()["station"] == "biometric"  # yours is kept
        assert not site.drafted("windows", "W1").get("station")
        await site.send("/hall/change/windows/W1", late.fields())  # and put over theirs, knowingly
        assert site.drafted("windows", "W1")["station"] == "biometric"
        assert not site.drafted("windows", "W1")["reserve"]

        other = (await site.get("/hall/change/windows/W2", tam)).fields()
        await site.fill("/hall/change/windows/W3", reserve="yes")  # another entry: nobody is in anybody's way
        assert (await site.send("/hall/change/windows/W2", other, tam)).status == 200

        seen = (await site.get("/hall/change")).fields("f-publish")
        await site.fill_as(tam, "/hall/change/windows/W4", reserve="yes")
        unseen = await site.send("/hall/change/press", seen | {"why": "as agreed"})
        assert EN.get("change.meanwhile_draft") in unseen.plain
        assert site.play.state.hall.revision == hall.revision
        steps = unseen.plain[unseen.plain.index("Changes in the draft") :]
        assert [name in steps for name in ("Ona, ", "Tam, ")] == [True, True]
        stale = (await site.get("/hall/change/windows/W1", tam)).fields()
        again = (await site.get("/hall/change")).fields("f-publish")
        await site.send("/hall/change/press", again | {"why": "as agreed"})
        assert site.play.state.hall.revision == hall.revision + 1
        anew = await site.send("/hall/change/windows/W1", stale, tam)
        assert EN.get("change.meanwhile_published", revision=hall.revision + 1) in anew.plain
        assert (await site.send("/hall/change/windows/W1", anew.fields(), tam)).status == 200

    play(tmp_path, act, hall, me="ona")


def test_it_is_shown_which_boxes_run_the_document_and_green_only_when_all_do(tmp_path: Path) -> None:
    def box(name: str, staged: int | None, runs: int | None, state: Any = "here") -> m.DeskDevice:
        return m.DeskDevice(dev=name, kind=Role.KIOSK, state=state, staged=staged, runs=runs)

    async def act(site: ChangingSite) -> None:
        for devices, words in (
            (
                (box("k1", 3, 3), box("k2", 3, 2), box("reader", None, None)),
                EN.get("change.some_run", revision=3, count=1, all=2),
            ),
            ((box("k1", 3, 3), box("k2", 3, 3)), EN.get("change.all_run", revision=3)),
            ((), EN.get("change.nobody_follows")),
        ):
            site.devices = devices
            site.tell()
            assert words in (await site.get("/hall/change")).plain
        site.devices = (box("k1", 3, 3), box("k2", 2, 2, "lost"))
        site.tell()
        page = await site.get("/hall/change")
        assert EN.get("change.box_away") in page.plain
        assert EN.get("change.all_run", revision=3) not in page.plain
        assert '"/events/hall/change?lang=en"' in page.text

    play(tmp_path, act, small_hall(), me="ona")


def test_the_draft_goes_out_as_a_file_and_a_file_becomes_a_draft_and_is_never_published(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        async def take(data: bytes, **more: str) -> Any:
            form = (await site.get("/hall/change")).fields("f-import")
            mark = more.get("mark", form["mark"])
            return await site.client.post(
                "/hall/change/import?lang=en", data={"mark": mark}, files={"file": ("hall.toml", data)}
            )

        await site.fill("/hall/change/windows/W1", number="7")
        out = await site.client.get("/hall/change/file.toml")
        assert out.headers["content-disposition"] == 'attachment; filename="small-draft.toml"'
        assert "pin" not in out.text
        draft = site.document()
        await site.send("/hall/change/press", (await site.get("/hall/change")).fields("f-drop"))
        back = await take(out.content)
        assert (back.status_code, EN.get("change.saved") in back.text) == (200, True)
        assert (
            halls_document.load(json.dumps(site.document())).windows == halls_document.load(json.dumps(draft)).windows
        )
        assert site.play.state.hall.revision == 3
        for data, words in (
            (out.content.replace(b"small", b"other", 1), "other"),
            (out.content.replace(b'zone = "front"', b'zone = "roof"', 1), "roof"),
            (b"[[", "neither JSON nor TOML"),
            (b"", "hall: "),
        ):
            refused = await take(data)
            assert (refused.status_code, words in refused.text) == (422, True), refused.text
        assert site.document()["windows"][0]["number"] == 7
        assert (await site.client.post("/hall/change/import", data={"file": "x"})).status_code == 400
        assert (await site.client.get("/hall/change/file.exe")).status_code == 404
        assert (await site.client.get("/hall/change/file.toml?revision=1")).status_code == 404  # no journal here
        assert (await take(b"x" * 1_100_000)).status_code == 400

    play(tmp_path, act, small_hall(), me="ona")


HOSTILE = (
    "",
    "x" * 10_000,
    "<script>alert(1)</script>",
    "\u202eright to left",
    "-1",
    "1e999",
    "nan",
    "\u0663",
    "=1+1",
    "\x00",
    "yes",
)


def test_whatever_stands_in_a_field_is_taken_or_refused_in_words_and_never_breaks_the_document(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        whole = json.loads(site.play.hall.model_dump_json(by_alias=True))
        refused = 0
        for name, part in PARTS.items():
            forms = [key_of(site, name), *(["+"] if part.adds else [])]
            for key in forms:
                fields = (await site.get(f"/hall/change/{name}/{key}")).fields()
                for field, value in itertools.product(fields, HOSTILE):
                    try:
                        after = changed(whole, name, key, fields | {field: value})
                    except ContractError:
                        refused += 1
                        continue
                    told = json.dumps(after)
                    assert len(told) < len(json.dumps(whole)) + 2_000
                    assert "\\u202e" not in told
                    assert "\\u0000" not in told
        assert refused > 100
        page = await site.fill(
            "/hall/change/employers/+", **{f"name.{language}": HOSTILE[2] for language in UA.languages}
        )
        assert HOSTILE[2] not in page.text
        assert HOSTILE[2] in page.plain

    play(tmp_path, act, smaller(UA))


def test_a_rule_is_told_in_the_readers_language_with_its_choices_bounds_and_difference(tmp_path: Path) -> None:
    uk = Texts("uk")

    async def act(site: ChangingSite) -> None:
        address = "/hall/change/rules/"
        page = await site.get(f"{address}call.no_show_then", lang="uk")
        assert page.status == 200
        for key in ("rules.call", "rule.call.no_show_then", "rule.call.no_show_then.void"):
            assert uk.get(key) in page.plain
        await site.fill(f"{address}call.no_show_then", value="void")
        for key, value in (("call.no_show_after_s", "900"), ("booking.horizon_days", "21")):
            await site.fill(address + key, value=value)
        assert "30–900 с" in (await site.get(f"{address}call.no_show_after_s", lang="uk")).plain
        assert "0–180 днів" in (await site.get(f"{address}booking.horizon_days", lang="uk")).plain
        assert "21 день" in (await site.get("/hall/change/rules", lang="uk")).plain
        draft = await site.get("/hall/change", lang="uk")
        told = " ".join(draft.plain.split())
        assert f"{uk.get('rule.call.no_show_after_s')} 120 с → 900 с" in told
        assert uk.get("rule.call.no_show_then.place_kept_n") in told

    play(tmp_path, act)


def test_of_a_list_any_are_ticked(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        path = "/hall/change/rules/plan.act_alone"
        await site.fill(path, value__open="yes", value__delay_break="yes")
        assert site.document()["rules"]["plan.act_alone"] == ["open", "delay_break"]
        await site.fill(path, value__open=None)
        assert site.document()["rules"]["plan.act_alone"] == ["delay_break"]
        minutes = "/hall/change/rules/booking.reminder_min"
        await site.fill(minutes, value="90, 30")
        assert site.document()["rules"]["booking.reminder_min"] == [90, 30]
        assert (await site.fill(minutes, value="soon")).status == 422

    play(tmp_path, act)


def test_every_part_and_field_of_a_document_has_its_name_and_the_words_of_ours_too() -> None:
    parts = {f"change.part_{name}" for name in Hall.model_fields if name != "revision"}
    lists = [get_args(field.annotation)[0] for field in Hall.model_fields.values() if get_args(field.annotation)]
    entries = [one for one in lists if isinstance(one, type) and issubclass(one, BaseModel)]
    fields = {f"change.field_{field.alias or key}" for entry in entries for key, field in entry.model_fields.items()}
    assert len(fields) > 30
    assert [key for key in sorted(parts | fields) if key != "change.field_id" and not EN.get(key)] == []


def test_what_stands_within_an_entry_is_told_by_names(tmp_path: Path) -> None:
    hall = template("kz-con")
    service = next(each for each in hall.services if each.question is not None)

    async def act(site: ChangingSite) -> None:
        await site.fill(f"/hall/change/services/{service.id}", question__kk="Жаңа сұрақ")
        await site.fill("/hall/change/services/civil-marriage", channel="self_service_first")
        await site.fill(
            "/hall/change/services/civil-marriage", fee_from="2026-06-01", fee_sum="100", fee_source="бұйрық"
        )
        told = (await site.get("/hall/change", lang="kk")).plain
        for key in (
            "change.question_then",
            "change.then_ticket",
            "change.channel_self_service_first",
            "change.fee_from",
            "change.fee_source",
        ):
            assert Texts("kk").get(key) in told, key

    play(tmp_path, act, hall)


@pytest.mark.parametrize(
    ("changes", "key", "facts"),
    [
        ({"rules/kpi.max_wait_min": {"value": "3"}}, "fault.rules", ("5 хв", "3 хв")),
        ({"rules/call.recalls_max": {"value": "9"}}, "fault.recalls", ("270 с",)),
        (
            {"rules/admission.mode": {"value": "booked"}, "rules/booking.share_online": {"value": "0"}},
            "fault.nobody",
            (),
        ),
        ({"hours/week": {"mon": "10:00-11:00"}}, "fault.roster", ("Понеділок",)),
    ],
)
def test_a_draft_that_contradicts_itself_is_told_so_in_the_readers_language(
    tmp_path: Path, changes: dict[str, dict[str, str]], key: str, facts: tuple[str, ...]
) -> None:
    async def act(site: ChangingSite) -> None:
        for path, fields in changes.items():
            await site.fill(f"/hall/change/{path}", **fields)
        page = await site.get("/hall/change", lang="uk")
        faults = page.text.partition('<ul class="devices" id="faults">')[2].partition("</ul>")[0]
        whole = Texts("uk").get(
            key, **dict.fromkeys(("window", "day", "span", "low", "high", "least", "most", "rule"), "\0")
        )
        assert all(piece.strip() in html.unescape(faults) for piece in whole.split("\0")), faults
        assert all(fact in faults for fact in facts), faults
        assert "<code" not in faults

    play(tmp_path, act)


def test_a_fault_of_a_file_that_is_the_contracts_own_is_marked_as_english(tmp_path: Path) -> None:
    async def act(site: ChangingSite) -> None:
        file = {"file": ("hall.json", b"{}", "application/json")}
        answer = await site.client.post("/hall/change/import", params={"lang": "uk"}, files=file)
        assert answer.status_code == 422
        assert Texts("uk").get("change.file_faults") in answer.text
        assert '<span lang="en">' in answer.text.partition('id="file-faults"')[2].partition("</ul>")[0]

    play(tmp_path, act)

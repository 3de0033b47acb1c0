"""The pages of reports, asked by HTTP in one process: what they show, keep, give away, and how they wait."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bench import reports as million
from consoles.reports import page as reports_page
from consoles.reports import reading
from consoles.reports import work as reports_work
from consoles.reports.reach import reach
from consoles.reports.saved import standard
from consoles.staff.role import MAY, StaffRole
from contract.hall import Hall
from look.texts import Texts
from tests.reports_site import Reading, hall, hidden, site

EN = Texts("en")
Visit = Callable[..., None]
LAST = {"since": "2026-03-16", "until": "2026-03-17"}


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day and a half of tickets; pages only read it."""
    path = tmp_path_factory.mktemp("reports") / "journal.db"
    million.fill(path, hall(), 1500)
    return path


@pytest.fixture
def visit(tmp_path: Path, journal: Path) -> Visit:
    """A look at the consoles before that journal, or a given one."""

    def run(seen: Callable[[Reading], Awaitable[None]], told: Hall | None = None, path: Path | None = None) -> None:
        async def look() -> None:
            async with site(tmp_path, told or hall(), path or journal) as one:
                await seen(one)

        asyncio.run(look())

    return run


def test_the_first_page_lists_what_can_be_asked_and_every_report_opens(visit: Visit) -> None:
    async def seen(one: Reading) -> None:
        listed = (await one.get("/reports?lang=en")).text
        for each in standard():
            assert EN.get(f"report.q_{each.key}_what", limit=20) in listed.replace("&#39;", "'")
            shown = await one.get("/reports/show", report=each.key, lang="en", **LAST)
            assert shown.status_code == 200
            assert shown.text.count("<h1>") == 1
            assert "<td>" in shown.text, each.key
            assert ('<svg class="chart"' in shown.text) is (each.key != "operators")
            assert "style=" not in shown.text
            assert "<script>" not in shown.text

    visit(seen)


@pytest.mark.parametrize("template", ["ua-cnap", "kz-con", "kg-con"])
def test_every_language_of_the_halls_draws_every_page(
    visit: Visit, tmp_path: Path, journal: Path, template: str
) -> None:
    told = hall(template)

    async def seen(one: Reading) -> None:
        for language in told.languages:
            for path in ("/reports", "/reports/build", "/reports/show?report=services", "/reports/show?report=money"):
                got = await one.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
                assert got.status_code == 200
                assert f'<html lang="{language}">' in got.text
                assert "report." not in re.sub(r'href="[^"]*"', "", got.text)

    path = journal
    if template != "ua-cnap":
        path = tmp_path / "journal.db"
        million.fill(path, told, 300)
    visit(seen, told, path)


def test_who_does_not_manage_sees_no_figures_and_no_files(visit: Visit) -> None:
    async def seen(one: Reading) -> None:
        for path in ("", "/show", "/build", "/file.csv", "/file.pdf", "/tickets.csv", "/open.zip"):
            assert (await one.operator.get(f"/reports{path}")).status_code == 403
        for path in ("save", "saved", "stop"):
            assert (await one.operator.post(f"/reports/{path}", data={})).status_code == 403

    visit(seen)


def test_a_question_is_put_together_kept_renamed_and_deleted(visit: Visit) -> None:
    async def seen(one: Reading) -> None:
        build = (await one.get("/reports/build?lang=en")).text
        assert 'name="figure" value="turns"' in build
        shown = await one.get("/reports/show?figure=score&figure=turns&by=service&then=hour&lang=en", **LAST)
        fields = {**hidden(shown.text, "f-save"), "name": "Ratings <b>by</b> hour"}
        assert (fields["figures"], fields["by"], fields["then"]) == ("score,turns", "service", "hour")
        kept = [await one.post("/reports/save?lang=en", **fields) for _ in range(2)]  # sent twice, kept once
        assert {answer.status_code for answer in kept} == {303}
        again = await one.get(kept[0].headers["location"])
        assert "Ratings &lt;b&gt;by&lt;/b&gt; hour</bdi></h1>" in again.text
        listed = (await one.get("/reports?lang=en")).text
        assert listed.count("Ratings &lt;b&gt;") == 2  # the button and the field that renames it
        key = fields["id"]
        assert (await one.post("/reports/saved", report=key, button="rename", name=" ")).status_code == 400
        assert (await one.post("/reports/saved", report=key, button="rename", name="Ours")).status_code == 303
        assert ">Ours</bdi>" in (await one.get("/reports")).text
        await one.post("/reports/saved", report=key, button="delete")
        assert ">Ours</bdi>" not in (await one.get("/reports")).text
        gone = await one.get("/reports/show", report=key, lang="en")
        assert (gone.status_code, EN.get("report.wrong") in gone.text) == (400, True)

    visit(seen)


def test_what_cannot_be_asked_is_told_on_the_page_where_it_can_be_put_right(visit: Visit) -> None:
    days = "since=2026-03-18&until=2026-03-17"
    wrong = ("by=name", "figures=pins", "since=2026-13-01", days, "by=day&then=day", "report=none", f"by={'x' * 3000}")

    async def seen(one: Reading) -> None:
        for query in wrong:
            got = await one.get(f"/reports/show?lang=en&{query}")
            assert got.status_code == 400, query
            assert EN.get("report.wrong") in got.text
            assert 'id="f-build"' in got.text
            assert len(got.text) < 60_000

    visit(seen)


def test_the_files_hold_what_the_page_shows(visit: Visit) -> None:
    async def seen(one: Reading) -> None:
        words = "report=services&lang=en&group=passport&since=2026-03-16&until=2026-03-17"
        shown = (await one.get(f"/reports/show?{words}")).text
        links = re.findall(r'href="(/reports/file\.[^"]*)"', shown)
        assert [re.search(r"file\.(\w+)", link)[1] for link in links] == ["csv", "xlsx", "pdf"]  # type: ignore[index]
        files = [await one.get(link.replace("&amp;", "&")) for link in links]
        assert [file.status_code for file in files] == [200] * 3
        table = list(csv.reader(io.StringIO(files[0].content.decode("utf-8-sig"))))
        for row in table[1:-1]:
            assert row[0] in shown
        assert (
            files[0].headers["content-disposition"]
            == 'attachment; filename="vikno-services-service-2026-03-16-2026-03-17.csv"'
        )
        assert (files[1].content[:2], files[2].content[:5]) == (b"PK", b"%PDF-")
        assert (await one.get("/reports/file.exe")).status_code == 404
        assert (await one.get("/reports/file.csv?by=name")).status_code == 400
        assert (await one.get("/reports/tickets.pdf")).status_code == 404
        rows = (await one.get("/reports/tickets.csv", **LAST)).text.splitlines()
        assert len(rows) == 1501
        assert (await one.get("/reports/tickets.xlsx", **LAST)).content[:2] == b"PK"
        assert (await one.get("/reports/open.zip", **LAST)).content[:2] == b"PK"

    visit(seen)


def test_files_of_a_hall_to_learn_in_say_so_and_open_data_are_refused(visit: Visit) -> None:
    words = {"report": "services", "lang": "en", **LAST}
    sheets: list[bytes] = []

    async def seen(one: Reading) -> None:
        for path in ("/reports/file.csv", "/reports/file.xlsx", "/reports/file.pdf", "/reports/tickets.csv"):
            file = await one.get(path, **words)
            assert file.headers["content-disposition"].startswith('attachment; filename="TRAINING-vikno-')
            if path.endswith("csv"):
                assert " · НАВЧАННЯ · TRAINING," in file.text.splitlines()[0]
            if path.endswith("xlsx"):
                with ZipFile(io.BytesIO(file.content)) as book:
                    assert "НАВЧАННЯ" in book.read("xl/worksheets/sheet1.xml").decode()
            if path.endswith("pdf"):
                sheets.append(file.content)
        refused = await one.get("/reports/open.zip", **LAST)
        assert (refused.status_code, refused.text[:8]) == (403, "TRAINING")
        assert "open.zip" not in (await one.get("/reports", lang="en")).text

    visit(seen, hall().model_copy(update={"training": True}))
    command = ["pdftotext", "-", "-"]
    text = subprocess.run(command, input=sheets[0], capture_output=True, check=True, timeout=20).stdout.decode()
    assert text.count("TRAINING · ") >= 2  # as the title, and at the foot


def test_a_hostile_name_of_a_service_is_text_on_the_page(visit: Visit) -> None:
    name = "<script>x</script>\u202eתור 🧾" + "Д" * 10_000

    async def seen(one: Reading) -> None:
        shown = await one.get("/reports/show?report=services", **LAST)
        assert shown.status_code == 200
        assert "<script>x" not in shown.text
        assert shown.text.count('<bdi class="clip">&lt;script&gt;x&lt;/script&gt;\u202e') == 1
        saved = await one.post("/reports/save", **{**hidden(shown.text, "f-save"), "name": name[:70]})
        assert saved.status_code == 303
        assert "<script>x" not in (await one.get("/reports")).text

    visit(seen, hall(names={"res-register": name}))


def test_a_long_question_says_how_far_it_is_comes_back_and_can_be_given_up(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reading is held after its first piece until the page was seen."""
    go, seen_pieces = asyncio.Event(), []
    monkeypatch.setattr(reports_page, "PATIENCE_S", 0.05)

    async def seen(one: Reading) -> None:
        loop, real = asyncio.get_running_loop(), reports_work.Work.going

        def slow(work: reports_work.Work, share: float) -> bool:
            seen_pieces.append(share)
            asyncio.run_coroutine_threadsafe(go.wait(), loop).result(20)
            return real(work, share)

        monkeypatch.setattr(reports_work.Work, "going", slow)
        address = "/reports/show?report=waits&lang=en&since=2025-11-01"
        waiting = await one.get(address)
        while not seen_pieces:
            waiting = await one.get(address)
        assert EN.get("report.reading", percent=0) in waiting.text
        assert '<noscript><meta http-equiv="refresh"' in waiting.text
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', waiting.text))
        assert (await one.post("/reports/stop?lang=en", **fields)).headers["location"].startswith("/reports?")
        go.set()
        stopped = await one.get("/reports/show", report="waits", lang="en", since="2025-11-01")
        for _ in range(100):
            if EN.get("report.total") in stopped.text:
                break
            stopped = await one.get(address)
        assert len(seen_pieces) > 1
        assert EN.get("report.total") in stopped.text  # asked again, it was read to the end

    visit(seen)


def test_without_a_journal_the_page_says_so(visit: Visit, tmp_path: Path) -> None:
    async def seen(one: Reading) -> None:
        shown = await one.get("/reports/show?lang=en")
        assert EN.get("report.no_journal") in shown.text
        assert (await one.get("/reports/file.csv")).status_code == 503
        assert (await one.get("/reports/tickets.csv")).status_code == 404
        assert (await one.get("/reports/open.zip")).status_code == 404

    visit(seen, None, tmp_path / "not-here.db")


def test_days_on_which_nothing_was_counted_are_told_in_words(visit: Visit) -> None:
    async def seen(one: Reading) -> None:
        shown = await one.get("/reports/show?lang=en&since=2020-01-01&until=2020-01-02")
        assert EN.get("report.nothing") in shown.text

    visit(seen)


def test_one_answer_serves_the_page_and_its_files_and_no_more_than_a_few_are_kept(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    real = reading.read

    def counting(*words: Any) -> Any:
        asked.append(words[2])
        return real(*words)

    monkeypatch.setattr(reports_work, "read", counting)

    async def seen(one: Reading) -> None:
        for kind in ("show", "file.csv", "file.xlsx", "file.pdf", "show"):
            await one.get(f"/reports/{kind}?report=windows", **LAST)
        assert len(asked) == 1
        for part in ("day", "hour", "service", "employer", "weekday", "month", "operator", "service_group"):
            await one.get(f"/reports/show?report=windows&by={part}", **LAST)
        assert len(asked) == 9
        await one.get("/reports/show?report=windows", **LAST)
        assert len(asked) == 10  # forgotten meanwhile, and read again

    visit(seen)


@pytest.mark.parametrize(
    ("role", "employer", "by", "named"),
    [
        (StaffRole.MANAGER, "", "operator window method employer", 15),
        (StaffRole.ADMIN, "council", "operator window method employer", 15),
        (StaffRole.AUDITOR, "", "window method employer", 14),
        (StaffRole.LEAD, "council", "operator window", 7),
        (StaffRole.LEAD, "", "", 5),
    ],
)
def test_each_role_asks_what_it_needs_and_of_persons_only_whom_it_leads(
    role: StaffRole, employer: str, by: str, named: int
) -> None:
    one = reach(MAY[role], employer)
    assert {"operator", "window", "method", "employer"} & {*one.by} == {*by.split()}
    assert len([each for each in standard() if one.offers(each)]) == named


def test_a_shift_lead_sees_the_last_days_of_the_hall_and_persons_of_the_own_employer_only(visit: Visit) -> None:
    told = hall()
    others = [o.name for o in told.operators if o.employer != told.operator_by_id["op01"].employer]
    ours = [o.name for o in told.operators if o.name not in others]
    assert others
    assert ours

    async def seen(one: Reading) -> None:
        listed = (await one.lead.get("/reports?lang=en")).text
        assert re.findall(r'id="r-(\w+)"', listed) == [
            "waits", "promise", "services", "windows", "operators", "results", "tickets",
        ]  # fmt: skip
        assert not any(mark in listed for mark in ('id="b-build"', 'id="f-tickets"', 'id="f-open"'))
        found = listed
        for key in ("waits", "windows", "operators", "results"):
            for query in ("", "&then=operator", "&by=window&then=operator", "&by=operator&then=hour"):
                shown = await one.lead.get(f"/reports/show?lang=en&report={key}{query}")
                file = await one.lead.get(f"/reports/file.csv?lang=en&report={key}{query}")
                assert (shown.status_code, file.status_code) in {(200, 200), (400, 400)}, query
                found += shown.text + file.text
        assert not [name for name in others if name in found]
        assert [name for name in ours if name in found] == ours
        windows = (await one.lead.get("/reports/show?lang=en&report=windows")).text
        council = {f"Window {each.number}" for each in told.windows if each.employer == told.employers[0].id}
        assert {*re.findall(r'<bdi class="clip">(Window \d+)', windows)} == council
        assert len(council) < len(told.windows)
        day = (await one.lead.get("/reports/show?lang=en&report=operators")).text
        assert EN.get("report.only", employer=told.employers[0].names["en"]) in day
        assert (day.count('value="2026-03-17" required'), EN.get("report.today") in day) == (2, True)
        assert 'id="f-save"' not in day

    visit(seen, told)


def test_what_a_shift_lead_may_not_ask_is_refused_in_the_page_and_in_the_file(visit: Visit) -> None:
    async def seen(one: Reading) -> None:
        shown = await one.get("/reports/show?report=operators&lang=en")
        kept = await one.post("/reports/save", **{**hidden(shown.text, "f-save"), "name": "Ours"})
        saved = re.search(r"report=([^&]*)", kept.headers["location"])
        assert saved is not None
        for query in (
            "report=money", "report=devices", "report=bookings", "report=employers", f"report={saved[1]}", "figures=taken&by=day",
            "figures=turns&by=employer", "figures=turns&by=month", "report=waits&since=2026-03-10", "report=waits&since=2020-01-01",
        ):  # fmt: skip
            got = await one.lead.get(f"/reports/show?lang=en&{query}")
            assert (got.status_code, EN.get("report.wrong") in got.text) == (400, True), query
            assert 'id="f-build"' not in got.text
            assert (await one.lead.get(f"/reports/file.csv?{query}")).status_code == 400
        assert (await one.lead.get("/reports/show?report=waits&since=2026-03-11")).status_code == 200
        assert (await one.stranger.get("/reports/show?report=waits")).status_code == 200
        for query in ("report=operators", "report=windows", "report=waits&by=window"):
            assert (await one.stranger.get(f"/reports/show?{query}")).status_code == 400

    visit(seen)

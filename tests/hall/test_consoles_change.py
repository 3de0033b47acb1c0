"""A manager changes the hall before the real coordinator, by forms alone: draft, what it would do, publish, go back."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest

from consoles.staff.cookie import COOKIE
from consoles.staff.role import StaffRole
from look.texts import Texts
from runtime import hall_file
from tests.changing_site import Page
from tests.consoles_hall import consoles_hall
from tests.consoles_site import Consoles, document

HALL = document()
OPEN_AT = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
EN = Texts("en")
CHANGE = "/hall/change?lang=en"


@pytest.fixture(scope="module")
def consoles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consoles]:
    with consoles_hall(tmp_path_factory.mktemp("hall"), HALL, OPEN_AT) as site:
        yield site


def signed_in(consoles: Consoles, window: str, operator: str, pin: str) -> httpx.Client:
    client = httpx.Client(
        base_url=consoles.url, follow_redirects=True, timeout=20, headers={"Origin": consoles.url}
    )  # fmt: skip
    client.post(f"/window/{window}/sign-in", data={"operator": operator, "pin": pin})
    return client


@pytest.fixture(scope="module")
def manager(consoles: Consoles) -> Iterator[httpx.Client]:
    """Signed in by a password, and sitting at a window without a PIN: the account is linked to the operator."""
    with consoles.staff() as staff:
        staff.accounts.put("lead", StaffRole.MANAGER, "op01")
        cookies = {COOKIE: staff.sessions.begin("lead", account="lead")}
    headers = {"Origin": consoles.url}
    with httpx.Client(
        base_url=consoles.url, follow_redirects=True, timeout=20, headers=headers, cookies=cookies
    ) as client:
        assert EN.get("operator.open_window") in client.post("/window/W01/sit?lang=en").text
        yield client


def section(page: str, key: str) -> str:
    found = re.search(rf'id="{key}".*?</(?:ul|p)>', page, re.DOTALL)
    return found.group() if found else ""


def press(client: httpx.Client, page: str, button: str, **fields: str) -> str:
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{button}"' in f)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    return client.post("/hall/change/press?lang=en", data={**hidden, **fields}).text


def groups(*names: str) -> dict[str, str]:
    return {f"group.{name}": "yes" for name in names}


def drafted(client: httpx.Client, address: str, fields: dict[str, str]) -> str:
    """The draft's page after a form, filled in anew where `fields` says."""
    form = client.get(f"/hall/change/{address}?lang=en")
    filled = Page(form.status_code, form.text, form.url.path).fields() | fields
    answer = client.post(f"/hall/change/{address}?lang=en", data=filled)
    assert EN.get("change.saved") in answer.text
    return client.get(CHANGE).text


def test_an_operator_who_does_not_manage_the_hall_is_sent_away(consoles: Consoles) -> None:
    with closing(signed_in(consoles, "W02", "op02", "1002")) as client:
        page = client.get("/hall?lang=en").text
        assert EN.get("change.title") not in page
        assert (refused := client.get(CHANGE)).status_code == 403
        assert EN.get("staff.not_allowed") in refused.text
        assert client.post("/hall/change/hours/week", data={"mon": "08:00-12:00"}).status_code == 403


def test_a_change_is_drafted_looked_at_published_and_taken_back(manager: httpx.Client) -> None:
    page = manager.get(CHANGE).text
    assert EN.get("change.none") in page
    window = HALL.windows[0]
    others = [g for g in HALL.service_groups if g.id not in window.groups]
    page = drafted(manager, f"windows/{window.id}", groups(*window.groups, others[0].id))
    assert others[0].names["en"] in section(page, "changes")
    assert EN.get("change.publish") in page
    assert EN.get("try.none") in press(manager, page, "try")  # the hall has just opened for the first time
    assert EN.get("change.why_needed") in press(manager, page, "publish", why=" ")
    page = press(manager, page, "publish", why="more hands for it")
    assert EN.get("change.published", revision=HALL.revision + 1) in page
    assert "more hands for it" in section(page, "revisions")
    assert EN.get("change.none") in page
    page = manager.get(f"{CHANGE}&to={HALL.revision}").text
    page = press(manager, page, "back", why="it did not help")
    assert EN.get("change.published", revision=HALL.revision + 2) in page
    earlier = manager.get("/hall/change/file.toml", params={"revision": HALL.revision + 1})
    assert {*hall_file.read(earlier.content).windows[0].groups} == {*window.groups, others[0].id}
    assert "pin_hash" not in earlier.text
    assert manager.get("/hall/change/file.json", params={"revision": 99}).status_code == 404


def test_a_draft_that_leaves_somebody_without_a_window_is_marked_and_not_offered(manager: httpx.Client) -> None:
    names = {f"name.{language}": "Advice" for language in HALL.languages}
    service = HALL.services[0]
    fields = {**names, "minutes_typical": "12", "minutes_long": "9", "fee": "49,92", "group": service.group}
    page = drafted(manager, f"services/{service.id}", fields)
    assert EN.get("check.minutes_order", service="Advice") in page
    window = HALL.windows[1]
    page = drafted(manager, f"windows/{window.id}", {"roster.mon": "06:00-07:00"})
    assert "06:00-07:00" in section(page, "faults")
    assert EN.get("change.publish") not in page
    assert EN.get("change.dropped") in press(manager, page, "drop")


@pytest.mark.parametrize(
    ("address", "fields", "words"),
    [
        ("windows/W01", {}, EN.get("untaken.window_groups")),
        (
            "services/res-register",
            {"minutes_typical": "many"},
            EN.get("untaken.text_missing", of=", ".join(HALL.languages)),
        ),
        ("hours/week", {"mon": "12:00-08:00"}, EN.get("untaken.spans")),
        ("rules/call.recalls_max", {"value": "99"}, EN.get("untaken.rule")),
        ("rules/call.recalls_max", {"value": "two"}, EN.get("untaken.rule")),
    ],
)
def test_a_field_that_is_wrong_is_said_on_its_form(
    manager: httpx.Client, address: str, fields: dict[str, str], words: str
) -> None:
    answer = manager.post(f"/hall/change/{address}?lang=en", data=fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert EN.get("change.none") in manager.get(CHANGE).text


@pytest.mark.parametrize("address", ["windows/W99", "services/x", "rules/no.such", "roof/1"])
def test_a_part_that_is_not_there_is_refused_in_words(manager: httpx.Client, address: str) -> None:
    answer = manager.get(f"/hall/change/{address}?lang=en")
    assert (answer.status_code, EN.get("trouble.refused") in answer.text) == (400, True)
    assert manager.post(f"/hall/change/{address}", data={}).status_code in (400, 422)


def test_who_follows_is_told_live_and_only_to_who_changes_the_hall(consoles: Consoles, manager: httpx.Client) -> None:
    with manager.stream("GET", "/events/hall/change?lang=en") as answer:
        told = list(itertools.islice(answer.iter_lines(), 3))
    assert told[0].startswith("id: ")
    assert all(line.startswith("data: ") for line in told[1:])
    assert httpx.get(consoles.url + "/events/hall/change").status_code == 401


def test_a_day_is_reported_with_its_files_and_only_to_who_manages(consoles: Consoles, manager: httpx.Client) -> None:
    for button in ("open", "next"):
        panel = manager.get("/window/W01?lang=en").text
        found = next(f for f in re.findall(r"<form.*?</form>", panel, re.DOTALL) if f'value="{button}"' in f)
        manager.post("/window/W01/press", data=dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found)))
    page = manager.get("/reports/show?lang=en&by=window").text
    assert EN.get("report.nothing") in page  # nobody was called yet, and the journal could be read
    assert manager.get("/reports/show?by=name").status_code == 400
    text = manager.get("/reports/file.csv?lang=en&by=day")
    assert text.headers["content-disposition"].startswith('attachment; filename="vikno-waits-day')
    assert text.content.decode("utf-8-sig").splitlines()[0].startswith(f'Day,Called,"{EN.get("report.wait_half")}')
    assert manager.get("/reports/file.xlsx").content[:2] == b"PK"
    assert manager.get("/reports/file.exe").status_code == 404
    with closing(signed_in(consoles, "W02", "op02", "1002")) as client:
        assert client.get("/reports").status_code == 403
        assert client.get("/reports/file.csv").status_code == 403

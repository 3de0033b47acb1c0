"""No page of the consoles says a word of English where the reader's language is written in Cyrillic."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from consoles.app import Web
from consoles.changing.draft import Drafts, after
from consoles.live import Live
from consoles.route import Kind
from consoles.staff.cookie import COOKIE
from consoles.staff.staff import Staff
from contract import messages as m
from contract import topics
from contract.hall_part import USUAL_RESULTS
from contract.hints import HINTS
from contract.topics import Address
from contract.words import HallState, Light, PauseKind, PaymentState, Role, TicketState, Why
from coordinator.hall_command import templates
from coordinator.revising import change, document, finding
from look.texts import Texts
from runtime.asker import Answer, new_id
from runtime.box import Heard
from runtime.clock import utc_now
from tests import consoles_site
from tests.page_words import latin_words, texts_of

ORIGIN = "http://vikno.test"
WINDOW = "W01"
NAMES = {
    "Attribution", "CC", "CSV", "Commons",
    "Ctrl", "Creative", "Debian", "ESC", "GPIO", "ID", "JSON", "POS", "PDF", "Pi", "RS", "Raspberry", "Star",
    "TOML", "Vikno", "XLSX", "ZIP", "PIN", "UAH", "KZT", "QR", "SMS", "IBAN",
}  # fmt: skip
"""What has the same name in every language."""
MOST = 2
"""Pages of one shape that are read; of rules, one of every type."""
RULES = (
    "call.no_show_after_s",
    "call.no_show_then",
    "voice.loudness",
    "plan.act_alone",
    "ticket.same_day_limit",
    "booking.opens_at",
)


class Reading:
    """The consoles of a hall in which much is going on, read page by page in its language."""

    def __init__(self, folder: Path, template: str, language: str) -> None:
        self._folder, self.language = folder, language
        self.play = consoles_site.Play(consoles_site.document(template))
        self.found: dict[str, str] = {}
        self.read: set[str] = set()
        _busy(self.play)
        hall = self.play.hall
        known = (hall.boxes, hall.windows, hall.services, hall.operators, hall.zones, hall.service_groups)
        self._own = {language, "boss", hall.id, *USUAL_RESULTS, *templates()} | {
            word for some in known for one in some for word in latin_words(one.id)
        }

    async def all(self) -> None:
        """Every page that can be opened from another, and forms that were filled in wrong."""
        live = Live(asyncio.get_running_loop())
        live.asks_by(self)
        with Staff(self._folder, utc_now) as staff:
            drafts = Drafts(self._folder / "draft.json")
            self._draft(drafts)
            web = Web(live, staff, drafts, None, self.language, secure=False, monotonic=time.monotonic)
            transport = httpx.ASGITransport(app=web.app())
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as stranger:
                self._look("nothing yet", await stranger.get("/hall"))
                self._tell(live)
                staff.accounts.found("boss", "Бас", "a wide open window")
                self._look("/sign-in", await stranger.get("/sign-in"))
                secret = staff.sessions.begin("boss", window=WINDOW, operator="op01", account="boss")
                me = httpx.AsyncClient(
                    transport=transport,
                    base_url=ORIGIN,
                    cookies={COOKIE: secret},
                    follow_redirects=True,
                    headers={"Origin": ORIGIN},
                )
                async with me:
                    first = [
                        r.path for r in web.routes if r.method == "GET" and r.kind is Kind.PAGE and "{" not in r.path
                    ]
                    await self._walk(
                        me, [*first, f"/window/{WINDOW}", *(f"/hall/change/rules/{rule}" for rule in RULES)]
                    )
                    await self._forms(me)

    async def _walk(self, me: httpx.AsyncClient, to_read: list[str]) -> None:
        count: dict[str, int] = {}
        while to_read:
            path = to_read.pop(0)
            shape = re.sub(r"^(/window|/hall/change/\w+)/[^/]+", r"\1/*", path)
            if path in self.read or (count.get(shape, 0) >= MOST and path.rpartition("/")[2] not in RULES):
                continue
            page = await me.get(path, params={"lang": self.language})
            self.read.add(path)
            if page.headers["content-type"].startswith("text/html"):
                count[shape] = count.get(shape, 0) + 1
                self._look(path, page)
                links = re.findall(r'href="(/[^"#]*)"', page.text)
                to_read += [
                    urlsplit(link).path for link in links if not link.startswith(("/look", "/static", "/events"))
                ]

    async def _forms(self, me: httpx.AsyncClient) -> None:
        for path, fields in (
            (f"/hall/change/rules/{RULES[0]}", {"value": "soon"}), ("/hall/change/press", {"button": "try", "id": new_id()}),
            ("/hall/change/operators/+", {"name": ""}), ("/hall/change/hours/week", {"mon": "late"}), ("/sign-in", {"name": "boss"}),
        ):  # fmt: skip
            self._look(f"POST {path}", await me.post(path, params={"lang": self.language}, data=fields))

    def _look(self, path: str, page: httpx.Response) -> None:
        for text in texts_of(page.text, self.language):
            for word in latin_words(text) - NAMES - self._own:
                self.found.setdefault(f"{word}: {text}", path)

    def _draft(self, drafts: Drafts) -> None:
        """Rules, hours and a window are changed."""
        hall = self.play.hall
        new = json.loads(hall.model_dump_json(by_alias=True))
        new["rules"] |= {
            "call.no_show_then": "void",
            "voice.loudness": ["00:00=50"],
            "plan.act_alone": ["open"],
            "booking.horizon_days": 5,
        }
        new["windows"][0]["groups"] = new["windows"][0]["groups"][:1]
        new["services"][0] |= {"channel": "window", "fees": [{"from": "2026-06-01", "minor": 100, "source": "№ 1"}]}
        del new["windows"][-1]
        drafts.put(after(hall, None, new, ("op01", self.play.now.isoformat(), "windows", WINDOW)))

    def _tell(self, live: Live) -> None:
        hall, now = self.play.hall, self.play.now
        beat = m.Heartbeat(
            id="b", state=HallState.OPEN, day=now.date(), now=now, speed=1.0, ep=1, revision=hall.revision
        )
        for message in (m.Cfg(id="c", hall=hall.for_box(Role.CONSOLE)), self.play.view(1), beat):
            live.take(Heard(Address(topics.DOWN_VIEW, hall.id, dev=consoles_site.CONSOLE), message, retained=False))

    def ask(self, command: m.Command, on_answer: object) -> None:
        """The scripted hall's answer; a draft is looked at by the coordinator's own checks."""
        assert callable(on_answer)
        on_answer(self._answer(command))

    def publish(self, topic: topics.Topic, message: m.Message) -> None:
        """Nothing is published without an answer."""
        raise AssertionError(f"{topic} {message}")

    def _answer(self, command: m.Command) -> Answer:
        hall, now = self.play.hall, self.play.now
        match command:
            case m.HallCheck():
                new = document.draft(hall, command.document)
                found = tuple(finding.of_document(new, now.date()))
                return m.Checked(id="c", re=command.id, base=1, findings=found, changes=change.changes(hall, new))
            case m.HallRevisions():
                line = m.RevisionLine(revision=1, at=now, by="op01", why="№ 1")
                return m.Revisions(id="r", re=command.id, revisions=(line,))
        return self.play.do(command)


def _busy(play: consoles_site.Play) -> None:
    """Visitors who wait, are called and served, payments, every fault of every device, an alarm, a message, an advice."""
    now, facts = play.now, {"wait": "9", "target": "20", "alt": "3", "guard": "60"}
    for label, minutes in (("A001", 9.0), ("A002", 31.0)):
        play.waits(label, minutes)
    play.put(
        WINDOW,
        operator="op01",
        light=Light.SERVING,
        ticket=play.ticket("A003", state=TicketState.SERVING),
        why=Why.WAITED,
        why_facts=facts,
    )
    play.put("W02", light=Light.PAUSED, pause=next(iter(PauseKind)))
    play.paid("p1")
    play.paid("p2", PaymentState.UNKNOWN)
    play.balanced(100, 90, balances=False, why="the terminal has one sale less")
    play.alarms = (m.DeskAlarm(unit="pad-1", since=now, window="W02"),)
    devices = []
    for number, box in enumerate(play.hall.boxes):
        told = tuple(HINTS)[number * 16 : number * 16 + 16]
        devices.append(
            m.DeskDevice(
                dev=box.id,
                kind=box.kind,
                state="here",
                since=now,
                faults=told,
                faults_since=(now,) * len(told),
                runs=1,
                staged=1,
            )
        )
    assert sum(len(device.faults) for device in devices) == len(HINTS)
    play.devices = tuple(devices)


@pytest.mark.parametrize(("template", "language"), [("ua-cnap", "uk"), ("kz-con", "kk")])
def test_no_page_says_english_words(tmp_path: Path, template: str, language: str) -> None:
    reading = Reading(tmp_path, template, language)
    asyncio.run(reading.all())
    assert reading.found == {}
    assert len(reading.read) > 50, sorted(reading.read)


def test_an_english_word_would_be_found() -> None:
    page = '<html lang="uk"><p title="Two words">Ціна <code>kill -9</code> <b lang="en">no</b> paper jam, kiosk-1</p></html>'
    assert _words(texts_of(page, "uk")) == {"Two", "words", "paper", "jam"}
    assert Texts("uk").get("common.yes") in texts_of(f"<p>{Texts('uk').get('common.yes')}</p>", "uk")


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in latin_words(text)}

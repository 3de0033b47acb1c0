"""Everything that one sees, hears or holds in a hall to learn in says so, and nothing in a real one: the table of docs/training.md."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import httpx
import pytest
from PIL import ImageOps

import kiosk.sample
import terminal.sample
from consoles import export, till
from consoles.api import tell
from consoles.live import Live
from consoles.staff.cookie import COOKIE
from consoles.staff.staff import Staff
from consoles.training import beside
from contract import messages as m
from contract import topics
from contract.hall import Hall
from contract.topics import Address
from contract.words import HallState, Light, Role
from coordinator.hall_command import template
from demo.paper import PAPERS, SLIPS, sample
from demo.training_command import for_training
from displays.board import face as board
from displays.board import sample as boards
from displays.voice import espeak, grammar
from displays.voice.announcer import Announcer
from displays.voice.bank import Bank
from displays.voice.model import Announcement
from displays.voice.model import Model as Voice
from displays.voice.player import Player
from displays.voice.words import LANGUAGES, words
from displays.window.digits import digits
from displays.window.lines import lines
from displays.window.model import sign
from glass.face import Control, Face, Words
from look.texts import Texts
from look.tokens import paper
from printers.document import CertificateDoc, Doc, spoken
from printers.form import form
from printers.layout import render
from runtime.box import Heard
from runtime.clock import utc_now
from runtime.freshness import Age
from runtime.supervise import Troubles
from terminal.money import Money
from terminal.papers.sheet import pdf
from terminal.qr.transfer import coded
from tests import consoles_inside
from tests.wire.voice_bench import tone_bank

REAL = template("ua-cnap")
LEARNING = for_training(REAL)
LANG = "uk"
WORD = Texts(LANG).get("training.mark")
AT = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
NAMELESS = {"identify", "starting", "unknown"}
"""Faces before a hall is known, or for who looks for a box."""


def drawn(parts: Iterable[object]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Words):
            yield " ".join(part.lines)
        elif isinstance(part, Control):
            yield from drawn(part.parts)


def glass(faces: Iterable[tuple[str, Face]]) -> list[bool]:
    return [any(WORD in text for text in drawn(face.parts)) for name, face in faces if name not in NAMELESS]


def kiosk_screens(hall: Hall) -> list[bool]:
    return glass(islice(kiosk.sample.faces(hall, LANG), None if hall.training else 9))


def terminal_screens(hall: Hall) -> list[bool]:
    return glass(islice(terminal.sample.faces(hall, LANG), None if hall.training else 9))


def on_the_board(hall: Hall) -> list[bool]:
    told = []
    for moment in set(boards.MOMENTS) - NAMELESS:
        model, now = boards.at_moment(moment, hall, LANG)
        face = board.face(model.scene(now), model.hall, "board-1")
        told.append(face.training and face.name.startswith(WORD))
    return told


def on_a_display(hall: Hall) -> list[bool]:
    windows = m.WindowsView(id="v", ep=1, rev=1, units={}, training=hall.training)
    view = m.WindowView(window="W01", number=1, light=Light.CALLED, label="A012", since=AT)
    return ["TRAINING 1" in lines(sign(view, age, training=windows.training)).lower for age in (Age.FRESH, Age.STALE)]


def in_digits(hall: Hall) -> list[bool]:
    view = m.WindowView(window="W01", number=1, light=Light.CALLED, label="A012", since=AT)
    return ["-012" in digits(sign(view, Age.FRESH, training=hall.training), width) for width in (4, 6)]


def papers(hall: Hall, names: Iterable[str]) -> list[bool]:
    told = []
    for name in names:
        for large in (False, True):
            doc = sample(name, hall, hall.services[0], LANG, large=large)
            told += [says(doc, hall), "навчання" in spoken(doc, form(doc.form).spoken)[0].lower()]
    return told


def says(doc: Doc, hall: Hall) -> bool:
    """Whether the word of each language stands on the paper, in a black band from margin to margin above all else."""
    if doc.training is None:
        return False
    assert doc.training.words.split(" · ") == [Texts(lang).get("training.mark") for lang in hall.languages]
    picture = ImageOps.invert(render(doc).convert("L"))
    left, top, right, _ = picture.getbbox() or (0, 0, 0, 0)
    assert right - left == 576 - 2 * paper().margin
    return picture.crop((left, top, right, top + 4)).getextrema() == (255, 255)


def transfers(hall: Hall) -> list[bool]:
    payee = next(each for each in hall.payees if each.qr is not None)
    told = [coded(payee, Money(5000, "UAH"), "1", "x", training=hall.training)[1]]
    told.append(sample("transfer", hall, hall.services[0], LANG).qr)
    assert all(text.startswith("https://bank.gov.ua/qr/") is not hall.training for text in told)
    return [text.startswith("TRAINING:") for text in told]


def api(hall: Hall) -> list[bool]:
    view = m.ConsolesView(id="v", ep=1, rev=1, state=HallState.OPEN, day=AT.date(), now=AT, windows=(), queues=())
    issued = m.Issued(
        id="r", re="c", ticket="t", label="A001", day=AT.date(), service="s", zone="z", lang=LANG, issued_at=AT, people_ahead=0
    )  # fmt: skip
    booked = m.Booked(id="r", re="c", code="40718833", service="s", start=AT, minutes=5, check_in_from=AT)
    told = tell.hall(hall, view, AT, 0.0), tell.ticket(issued, training=hall.training)
    return [*(one.training for one in told), tell.booking(booked, training=hall.training).training]


def saved(hall: Hall) -> list[bool]:
    table = till.payment_table([], hall), till.balance_table([], hall)
    return [*(WORD in text for text in table), export.named(hall, "x.csv") == "TRAINING-x.csv"]


def a4(hall: Hall) -> list[bool]:
    doc = sample("household", hall, hall.services[0], LANG)
    assert isinstance(doc, CertificateDoc)
    many = replace(doc, people=doc.people * 12)
    command = ["pdftotext", "-", "-"]
    text = subprocess.run(command, input=pdf(many), capture_output=True, check=True, timeout=20).stdout.decode()
    sheets = text.rstrip("\f").split("\f")
    assert len(sheets) > 1
    return [WORD in sheet for sheet in sheets]


ELSEWHERE = {
    "voice, calls and messages": "test_the_voice_says_the_word_first_or_chimes_only",
    "board in a browser": "test_the_board_in_a_browser_says_it",
    "pages of the consoles": "test_every_page_has_one_heading_and_one_sentence_of_help",
    "report files and tables that are saved": "test_files_of_a_hall_to_learn_in_say_so_and_open_data_are_refused",
    "open data": "test_files_of_a_hall_to_learn_in_say_so_and_open_data_are_refused",
}
"""Row of the table → the test that holds it."""
SHOWN: dict[str, Callable[[Hall], list[bool]]] = {
    "kiosk screens": kiosk_screens,
    "terminal screens": terminal_screens,
    "board": on_the_board,
    "window display, two lines": on_a_display,
    "window display, digits only": in_digits,
    "ticket": lambda hall: papers(hall, ["ticket"]),
    "receipt, claim, transfer slip, collection, balance": lambda hall: papers(hall, SLIPS),
    "certificate, application": lambda hall: papers(hall, set(PAPERS) - {"ticket", *SLIPS}) + a4(hall),
    "code of a transfer": transfers,
    "API": api,
}


def test_the_table_of_the_guide_is_held_row_by_row() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| [^|]+ \|$", Path("docs/training.md").read_text("utf-8"), re.MULTILINE)
    assert rows[0].startswith("what one sees")
    assert set(rows[1:]) == SHOWN.keys() | ELSEWHERE.keys()
    tests = "".join(one.read_text("utf-8") for one in Path("tests/unit").glob("test_*.py"))
    assert all(f"def {name}(" in tests for name in ELSEWHERE.values())


@pytest.mark.parametrize("what", SHOWN)
def test_it_says_so_in_a_hall_to_learn_in_and_only_there(what: str) -> None:
    learning, real = SHOWN[what](LEARNING), SHOWN[what](REAL)
    assert learning
    assert real
    assert (all(learning), any(real)) == (True, False)


def test_a_ticket_to_learn_with_is_the_real_one_under_its_band() -> None:
    learning, real = (render(sample("ticket", hall, hall.services[0], LANG)) for hall in (LEARNING, REAL))
    under = learning.crop((0, learning.height - real.height + paper().gap, real.width, learning.height))
    assert under.tobytes() == real.crop((0, paper().gap, real.width, real.height)).tobytes()


def test_tables_and_files_are_marked_in_a_hall_to_learn_in_and_only_there() -> None:
    assert all(saved(LEARNING))
    assert not any(saved(REAL))
    assert list(export.headed(LEARNING, [("day", "n"), ("1", 2)])) == [(f"day · {WORD} · TRAINING", "n"), ("1", 2)]


def announced(hall: Hall) -> Announcement:
    model = Voice([hall.zones[0].id], {lang: words(lang) for lang in LANGUAGES})
    model.heard(m.Cfg(id="c", hall=hall), retained=True, now=0.0)
    call = m.Announce(id="a", label="A012", number=1, zone=hall.zones[0].id, lang=LANG, quiet=True)
    model.heard(call, retained=False, now=0.0)
    found = model.take(0.0)
    assert found is not None
    return found


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs the Debian package espeak-ng")
def test_the_voice_says_the_word_first_or_chimes_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tone_bank(tmp_path, LANG, grammar.needed(words(LANG)))
    speaker = Announcer(Voice([], {}), Bank(tmp_path), Player(["true"]), Troubles("voice-1"))
    ((*marked,), (*bare,)) = (speaker._said(announced(hall))[0] for hall in (LEARNING, REAL))
    assert marked[0] == espeak.speak("Навчання.", words(LANG).espeak_voice)
    assert marked[2:] == bare
    monkeypatch.setenv("PATH", "")
    deaf = Announcer(Voice([], {}), Bank(tmp_path), Player(["true"]), Troubles("voice-1"))
    assert deaf._said(announced(LEARNING)) == []
    assert deaf._said(announced(REAL))[0] == bare


def told(live: Live, hall: Hall) -> None:
    cfg = m.Cfg(id="c2", hall=hall.for_box(Role.CONSOLE))
    live.take(Heard(Address(topics.DOWN_CFG, hall.id, dev="console-1"), cfg, retained=False))


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with Staff(tmp_path, utc_now) as store:
        store.accounts.found("boss", "Boss", "a wide open window")
        yield store


def test_the_board_in_a_browser_says_it(staff: Staff, tmp_path: Path) -> None:
    async def look() -> None:
        web, live = consoles_inside.web(staff, tmp_path, time.monotonic)
        zone = REAL.zones[0].id
        calls = m.Board(id="b", ep=1, rev=1, zone=zone, state=HallState.OPEN, calls=(), waiting={}, waits={})
        live.take(Heard(Address(topics.PUB_BOARD, REAL.id, zone=zone), calls, retained=False))
        transport = httpx.ASGITransport(app=web.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://vikno.test") as client:
            for hall in (REAL, LEARNING):
                told(live, hall)
                page = (await client.get(f"/board/{zone}", params={"lang": LANG})).text
                assert (f'<span class="mark">{WORD}</span>' in page) is hall.training
                assert (f"<title>{WORD}" in page) is hall.training

    asyncio.run(look())


def test_a_manager_learns_whether_a_training_hall_runs_beside_and_how_to_begin(staff: Staff, tmp_path: Path) -> None:
    said = Texts("en")
    boss = staff.sessions.begin("boss", account="boss")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (given[0], len(given[1]), given[1]))
        await writer.drain()
        writer.close()

    async def pages(client: httpx.AsyncClient) -> str:
        return (await client.get("/training", params={"lang": "en"})).text

    async def look() -> None:
        given[:] = [b"200 OK", b'{"hall": "my-hall"}']
        web, live = consoles_inside.web(staff, tmp_path, time.monotonic)
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            room = next(one.answer.__self__ for one in web.routes if one.path == "/training")  # type: ignore[attr-defined]
            room._port = port
            for home, link in (("127.0.0.1", True), ("192.0.2.7", False)):
                wire = httpx.ASGITransport(app=web.app(), client=(home, 1))
                async with httpx.AsyncClient(
                    transport=wire, base_url="http://vikno.test", cookies={COOKIE: boss}
                ) as client:
                    page = await pages(client)
                    assert said.get("training.runs", hall="my-hall") in page
                    assert (f'href="http://127.0.0.1:{port}/"' in page) is link
                    assert f"./vikno training --hall {REAL.id}-{REAL.revision}.toml" in page
                    assert (await client.get("/training/here")).status_code == 404
            for given[:] in ([b"404 No", b"none"], [b"200 OK", b"<html>"], [b"200 OK", b"[" * 9000], [b"x", b"y"]):
                assert await asyncio.to_thread(beside, port) is None
        assert await asyncio.to_thread(beside, port) is None
        told(live, LEARNING)
        async with httpx.AsyncClient(transport=wire, base_url="http://vikno.test", cookies={COOKIE: boss}) as client:
            assert said.get("training.this", keys="Ctrl+C") in await pages(client)
            assert (await client.get("/training/here")).json() == {"hall": REAL.id}

    given: list[bytes] = []
    asyncio.run(look())

"""A day of visitors and operators: fingers on kiosks, papers read with a scanner, eyes on displays, fingers on pads.

    python -m simulators.hall --plan PLAN.json --ledger FILE.jsonl --seconds 120

It knows the hall only as people do: it taps what a kiosk shows, decodes the QR of the paper that leaves the cutter, reads the
window displays, looks at the lamp of its pad and presses its keys; operators log in at the web panel. It imports nothing of
the product. Times of people (walking, being served, patience) are hall seconds, divided by the plan's `speed`.

PLAN.json: {"seed", "speed", "languages": [...], "at_the_door": people before opening, "every_hall_s": mean seconds between
  arrivals after them, "no_show_share", "services": [{"id", "group", "minutes"}], "kiosks": [{"id", "screen": ADDRESS, "papers": DIR}],
  "windows": [{"id", "number", "pad", "display", "operator", "pin"}],
  "pads": {"control": ADDRESS, "ledger": FILE}, "displays": {"control": ADDRESS}, "panel": URL,
  "reception": {"name", "password"}: the account by which bookings are made,
  "card": {"control": ADDRESS, "name", "slot", "kiosk"}: an ID card of the first who telephones, and the kiosk that reads it,
  "window_card": {"control": ADDRESS, "name", "slot", "window", "group"}: the card of those whom that window asks for it; every fifth
  comes for a service of that group (both may be left out),
  "bookings": how many telephone for a time of this day, "anchor": hall time at "wall_anchor", both ISO 8601}
ADDRESS is "unix:PATH" or "tcp:PORT" (loopback); every control speaks JSON, one object a line, one answer a line.

The ledger has one JSON object a line: `at` (CLOCK_MONOTONIC seconds), `what`, and
    operator.in {window} · booked {visitor, service, start} · arrived {visitor, kiosk}
    paper {visitor, label, ticket, kiosk, took_s, by_card} · turned_away {visitor, kiosk, screen}
    called {visitor, label, window} · served {visitor, label, window} · left {visitor, label}   (a no-show by intent)
    press {window, key, why} · puzzled {window, shown, lamp} · form {window, fields, level, failed, took_s}: how many fields a card filled
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import html.parser
import json
import random
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

LOOK_S = 0.08
"""How often eyes look, seconds on the wall."""
PAPER_S = 20.0
"""How long a visitor waits for paper after the last touch."""
CARD_S = 40.0
"""The same, for who lays a card there first."""
DOOR_S = 60.0
"""How long people stand before a kiosk that is not open yet."""
CLOSING_S = 10.0
"""Before the end nobody arrives any more, so that fewer are left standing."""
LEAVE_S = 5.0
TYPE_S = 5.0
"""Longest typing at once; where the pad took no notice of a finger, it goes on after that."""
TAP_S = 0.25
"""Between two touches; a kiosk takes no touch in the first 0.2 s of a screen."""
LOOK_AGAIN_S = 12.0
"""An operator whose press changes nothing looks and presses again; a lost press has expired by then."""
NEXT, START, NO_SHOW = 0, 2, 3
NEXT_TIMES = 4
"""Who calls takes one of the first so many free times."""
BOOKED = 1000
"""Visitors with a booking are counted from here on."""
FORMS = 3
"""So many visitors are asked for their card at the window that reads them."""
EARLY_S = 600.0
"""At most so many hall seconds before their time those with a booking come."""


class Ledger:
    """What people did and saw."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8", buffering=1)

    def note(self, what: str, **facts: object) -> None:
        self._file.write(
            json.dumps({"at": round(time.monotonic(), 6), "what": what, **facts}, ensure_ascii=False) + "\n"
        )


class Wire:
    """One control socket: a question, an answer, in turn; connected again when it broke."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = asyncio.Lock()
        self._pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer; {} when nobody is there just now."""
        async with self._lock:
            try:
                reader, writer = self._pair = self._pair or await self._connect()
                writer.write(json.dumps(question).encode() + b"\n")
                line = await asyncio.wait_for(reader.readline(), 5.0)
                answer: dict[str, Any] = json.loads(line) if line else {}
            except (OSError, TimeoutError, ValueError):
                answer = {}
            if not answer:
                await self._hang_up()
            return answer

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        kind, _, where = self._address.partition(":")
        limit = 2**20
        if kind == "unix":
            return await asyncio.open_unix_connection(where, limit=limit)
        return await asyncio.open_connection("127.0.0.1", int(where), limit=limit)

    async def _hang_up(self) -> None:
        if self._pair is not None:
            self._pair[1].close()
            self._pair = None
        await asyncio.sleep(LOOK_S)


class Eyes:
    """What can be seen in the hall: upper line of every display, lamp of every pad."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._displays = Wire(plan["displays"]["control"])
        self._names = [w["display"] for w in plan["windows"]]
        self._pad_ledger = Path(plan["pads"]["ledger"])
        self._read_to = 0
        self.shown: dict[str, str] = dict.fromkeys(self._names, "")
        self.lamp: dict[str, str] = {}
        self._changed = asyncio.Condition()

    async def watch(self) -> None:
        """Look around for ever."""
        while True:
            for name in self._names:
                answer = await self._displays.ask({"read": name})
                if "cells" in answer:
                    self.shown[name] = answer["cells"][0].strip()
            self._look_at_lamps()
            async with self._changed:
                self._changed.notify_all()
            await asyncio.sleep(LOOK_S)

    async def until(self, true: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until what is seen makes it true; False after the time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(true)
        return true()

    def called(self, label: str) -> str | None:
        """The display that calls this label."""
        return next((name for name, text in self.shown.items() if text == f"> {label} <"), None)

    def _look_at_lamps(self) -> None:
        if not self._pad_ledger.exists():
            return
        with self._pad_ledger.open(encoding="utf-8") as file:
            file.seek(self._read_to)
            for line in iter(file.readline, ""):
                if not line.endswith("\n"):
                    break
                self._read_to += len(line.encode())
                entry = json.loads(line)
                if entry["what"] == "lamp":
                    self.lamp[entry["pad"]] = entry["pattern"]


class IdCard:
    """One visitor's ID card, and the reader it can be laid on."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.kiosk: str = plan.get("kiosk", "")
        self._name, self._slot = plan["name"], plan["slot"]
        self._wire = Wire(plan["control"])
        self.lies = self.used = False

    async def number(self) -> str:
        """The document number printed on it: in the upper line of its zone, after kind and state."""
        printed = await self._wire.ask({"do": "describe", "card": self._name})
        return str(printed["mrz"][0][5:14]).strip("<")

    async def can(self) -> str:
        """The six digits printed on it."""
        return str((await self._wire.ask({"do": "describe", "card": self._name}))["can"])

    async def zone(self) -> dict[str, str]:
        """The three fields that open it, off the zone of a TD1 card, as a browser's form has them."""
        upper, lower, _ = (await self._wire.ask({"do": "describe", "card": self._name}))["mrz"]
        return {
            "number": upper[5:14].strip("<"),
            "birth": calendar_date(lower[:6]),
            "expiry": calendar_date(lower[8:14]),
        }

    async def lay(self) -> None:
        """Put it on the reader, once."""
        if not self.lies:
            self.lies = self.used = True
            await self._wire.ask({"do": "insert", "card": self._name, "slot": self._slot})

    async def pick_up(self) -> None:
        """Take it along."""
        if self.lies:
            self.lies = False
            await self._wire.ask({"do": "remove", "slot": self._slot})


def calendar_date(yymmdd: str) -> str:
    """A zone's date as ISO 8601: people who are served are younger than seventy, cards end before 2050."""
    century = 1900 if int(yymmdd[:2]) > 49 else 2000
    return f"{century + int(yymmdd[:2])}-{yymmdd[2:4]}-{yymmdd[4:]}"


class Kiosk:
    """A kiosk with its line of people: one pair of hands at a time."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.id: str = plan["id"]
        self._wire = Wire(plan["screen"])
        self._papers = Path(plan["papers"])
        self._hands = asyncio.Lock()
        self._taken = {p.name for p in self._papers.glob("*.png")}
        self.line = 0

    async def take(
        self, group: str, service: str, lang: str, code: str = "", card: IdCard | None = None
    ) -> tuple[str, str] | str:
        """Label and ticket id read off the paper, or the name of the screen that turned the visitor away.

        `code`: of a booking, typed in place of choosing group and service; `card`: laid there in place of the code.
        """
        steps = {
            "attract": "booking" if code else "start",
            "language": f"lang:{lang}",
            "groups": f"group:{group}",
            "services": f"service:{service}",
            "notice": "ticket",
            "confirm": "take",
            "how": "by:card" if card else "by:code",
            "consent": "agree",
            "found": "take",
            "still_here": "finish",
        }
        self.line += 1
        try:
            async with self._hands:
                return await self._tap_through(steps, code, card)
        finally:
            self.line -= 1

    async def _tap_through(self, steps: dict[str, str], code: str, card: IdCard | None) -> tuple[str, str] | str:
        deadline, deadline_moves = time.monotonic() + (CARD_S if card else PAPER_S), int(DOOR_S / TAP_S)
        while time.monotonic() < deadline:
            if paper := await self._new_paper():
                await self._leave()
                return paper
            seen = await self._wire.ask({"controls": True})
            screen, keys = str(seen.get("screen", "")), {c["key"] for c in seen.get("controls", [])}
            if screen == "out" and deadline_moves > 0:  # before opening people wait at the door
                deadline_moves -= 1
                deadline += TAP_S
            elif screen in {"no_booking", "no_card"}:
                await self._leave("back")
                return screen
            elif screen in {"error", "out", "no_paper"}:
                await self._wire.ask({"tap": "close"})
                return screen
            if card is not None:
                await (card.lay() if screen == "card" else card.pick_up())
            if screen == "code":
                await self._type("code", code)
            elif screen == "digits" and card is not None:
                await self._type("digits", await card.can())
            elif screen == "question":
                await self._wire.ask({"tap": min((k for k in keys if k.startswith("reply:")), default="back")})
            elif steps.get(screen) in keys:
                await self._wire.ask({"tap": steps[screen]})
            await asyncio.sleep(TAP_S)
        return "silence"

    async def _type(self, screen: str, code: str) -> None:
        """Type what is missing of the code or number, each digit when the one before stands on the screen, and go on."""
        deadline = time.monotonic() + TYPE_S
        tapped = -1
        while time.monotonic() < deadline:
            seen = await self._wire.ask({"controls": True})
            if seen.get("screen") != screen:
                return
            typed = sum(len(word) == 1 for word in seen["words"]) - 10  # the pad's own ten digits stand there too
            if typed == len(code):
                await self._wire.ask({"tap": "next"})
                return
            if typed > tapped:
                await self._wire.ask({"tap": f"digit:{code[typed]}"})
                tapped = typed
            await asyncio.sleep(LOOK_S)

    async def _leave(self, key: str = "done") -> None:
        """Press `key` until the kiosk is free again; it passes over a finger that comes too quickly."""
        deadline = time.monotonic() + LEAVE_S
        while time.monotonic() < deadline:
            seen = await self._wire.ask({"controls": True})
            if seen.get("screen") == "attract":
                return
            await self._wire.ask({"tap": key})
            await asyncio.sleep(TAP_S)

    async def _new_paper(self) -> tuple[str, str] | None:
        for picture in sorted(self._papers.glob("*.png")):
            if picture.name in self._taken:
                continue
            self._taken.add(picture.name)
            text = await asyncio.to_thread(scan, picture)
            if text is None:  # a torn paper without its code
                continue
            label, _, ticket = text.partition(" ")
            return label, ticket
        return None


def scan(picture: Path) -> str | None:
    """The text of the QR code in a picture, by zbarimg; None while there is none."""
    done = subprocess.run(
        ["zbarimg", "--raw", "-q", str(picture)], capture_output=True, text=True, timeout=20, check=False
    )
    return done.stdout.strip() or None


class Desk:
    """A window: its operator, its pad, its display, and who stands before it."""

    def __init__(self, hall: Hall, plan: dict[str, Any]) -> None:
        self._hall, self._plan = hall, plan
        self.id: str = plan["id"]
        self.display: str = plan["display"]
        self.visitor: str | None = None
        self.minutes = 5.0
        card = hall.plan.get("window_card")
        self._card = IdCard(card) if card is not None and card["window"] == self.id else None
        self._browser = Browser(hall.plan["panel"])
        self._forms = 0

    @property
    def shown(self) -> str:
        """The display's upper line."""
        return self._hall.eyes.shown[self.display]

    @property
    def lamp(self) -> str:
        """What the pad's lamp does."""
        return self._hall.eyes.lamp.get(self._plan["pad"], "unknown")

    async def work(self) -> None:
        """Log in, then call, wait, serve, for ever."""
        while not await asyncio.to_thread(log_in, self._browser, self._plan):
            await self._hall.eyes.until(lambda: False, 1.0)
        self._hall.ledger.note("operator.in", window=self.id)
        await self._hall.pause(self._hall.random.uniform(5, 60))
        while True:
            await self._turn()

    async def _turn(self) -> None:
        shown = self.shown
        if shown.startswith("> "):
            await self._await_visitor(shown.strip("<> "))
        elif shown and self.visitor == shown:
            await self._hall.pause(self.minutes * 60)
            await self._press(NEXT, "served", shown)
        elif not shown and self.lamp == "off":
            await self._press(NEXT, "free", shown)
        elif shown and not shown.startswith(("?", "|", "-")) and self.visitor is None:
            self._hall.ledger.note("puzzled", window=self.id, shown=shown, lamp=self.lamp)
            await self._press(NEXT, "nobody here", shown)
        else:
            await self._hall.eyes.until(lambda: self.shown != shown or (not self.shown and self.lamp == "off"), 1.0)

    async def _await_visitor(self, label: str) -> None:
        here = await self._hall.eyes.until(lambda: self.visitor == label, self._hall.wall(150))
        if self.shown.strip("<> ") != label:
            return
        await self._press(START if here else NO_SHOW, "came" if here else "nobody came", self.shown)
        if here and self._card is not None and self._forms < FORMS:
            await self._fill_form(self._card)

    async def _fill_form(self, card: IdCard) -> None:
        """Ask the visitor, type what opens the card, and look at the panel until the fields stand there."""
        began = time.monotonic()
        if not await asyncio.to_thread(ask_for_card, self._browser, self.id, await card.zone()):
            return
        await card.lay()
        seen = Filled(0)
        while not seen.over and time.monotonic() - began < CARD_S:
            await asyncio.sleep(LOOK_S)
            seen = await asyncio.to_thread(form_filled, self._browser, self.id)
        await card.pick_up()
        self._forms += seen.fields > 0
        took_s = round(time.monotonic() - began, 3)
        self._hall.ledger.note(
            "form", window=self.id, fields=seen.fields, level=seen.level, failed=seen.failed, took_s=took_s
        )

    async def _press(self, key: int, why: str, shown: str) -> None:
        if self._hall.closing and key == NEXT and why == "free":
            await asyncio.sleep(1.0)
            return
        self._hall.ledger.note("press", window=self.id, key=key, why=why)
        await self._hall.pads.ask({"do": "press", "pad": self._plan["pad"], "key": key})
        await self._hall.eyes.until(lambda: self.shown != shown or self.lamp == "slow", LOOK_AGAIN_S)


class Hall:
    """Everybody in it."""

    def __init__(self, plan: dict[str, Any], ledger: Ledger) -> None:
        self.plan, self.ledger = plan, ledger
        self.random = random.Random(plan["seed"])
        self.eyes = Eyes(plan)
        self.pads = Wire(plan["pads"]["control"])
        self.kiosks = [Kiosk(k) for k in plan["kiosks"]]
        self.desks = {w["display"]: Desk(self, w) for w in plan["windows"]}
        self.closing = False
        self._people: set[asyncio.Task[None]] = set()

    def wall(self, hall_s: float) -> float:
        """Hall seconds as seconds on the wall."""
        return hall_s / float(self.plan["speed"])

    async def pause(self, hall_s: float) -> None:
        """Let hall time pass."""
        await asyncio.sleep(self.wall(hall_s))

    async def day(self, seconds: float) -> None:
        """Live for `seconds` on the wall."""
        jobs = [asyncio.create_task(self.eyes.watch()), *(asyncio.create_task(d.work()) for d in self.desks.values())]
        jobs.append(asyncio.create_task(self._telephone()))
        arrivals = asyncio.create_task(self._arrivals())
        await asyncio.sleep(max(1.0, seconds - CLOSING_S))
        arrivals.cancel()
        await asyncio.sleep(min(CLOSING_S, seconds))
        self.closing = True
        for job in [*jobs, *self._people]:
            if job.done() and not job.cancelled() and (fault := job.exception()):
                raise fault
            job.cancel()

    async def _arrivals(self) -> None:
        async for number in self._arrival_times():
            self._come(self._visit(number))

    def _come(self, visit: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(visit)
        self._people.add(task)
        task.add_done_callback(self._gone)

    async def _telephone(self) -> None:
        """Those who want a time of their own call the reception, where somebody books it who sits at no window."""
        reception = Reception(self.plan["panel"], self.plan["reception"])
        for number in range(BOOKED, BOOKED + self.plan.get("bookings", 0)):
            service = self.random.choice(self.plan["services"])
            card = IdCard(self.plan["card"]) if number == BOOKED and "card" in self.plan else None
            person = await card.number() if card else ""
            while (
                booked := await asyncio.to_thread(
                    reception.book, service["id"], 0.0 if card else self.random.random(), person
                )
            ) is None:
                service = self.random.choice(self.plan["services"])
                await asyncio.sleep(1.0)
            code, start = booked
            self.ledger.note("booked", visitor=number, service=service["id"], start=start.isoformat())
            self._come(self._booked_visit(number, service, code, start, card))

    async def _booked_visit(
        self, number: int, service: dict[str, Any], code: str, start: datetime, card: IdCard | None
    ) -> None:
        come = start - timedelta(seconds=self.random.uniform(0, EARLY_S))
        await self.pause(max(0.0, (come - self.now()).total_seconds()))
        fit = [kiosk for kiosk in self.kiosks if card is None or kiosk.id == card.kiosk]
        await self._take_and_be_served(number, min(fit, key=lambda k: k.line), service, code, card)

    def now(self) -> datetime:
        """Hall time."""
        wall_s = (datetime.now(UTC) - datetime.fromisoformat(self.plan["wall_anchor"])).total_seconds()
        return datetime.fromisoformat(self.plan["anchor"]) + timedelta(seconds=wall_s * self.plan["speed"])

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._people.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            raise fault

    async def _arrival_times(self) -> AsyncIterator[int]:
        number = 0
        while True:
            number += 1
            yield number
            if number > self.plan["at_the_door"]:
                await self.pause(self.random.expovariate(1.0 / self.plan["every_hall_s"]))

    async def _visit(self, number: int) -> None:
        kiosk = min(self.kiosks, key=lambda k: k.line)
        if kiosk.line >= 4:
            return  # a long line at the kiosks: comes back another day
        await self._take_and_be_served(number, kiosk, self.random.choice(self._wanted(number)))

    def _wanted(self, number: int) -> list[dict[str, Any]]:
        """What a visitor may come for, every fifth for what is done where cards are read."""
        services: list[dict[str, Any]] = self.plan["services"]
        group = self.plan.get("window_card", {}).get("group") if number % 5 == 1 else None
        return [s for s in services if group in {None, s["group"]}] or services

    async def _take_and_be_served(
        self, number: int, kiosk: Kiosk, service: dict[str, Any], code: str = "", card: IdCard | None = None
    ) -> None:
        lang = self.random.choice(self.plan["languages"])
        self.ledger.note("arrived", visitor=number, kiosk=kiosk.id)
        began = time.monotonic()
        got = await kiosk.take(service["group"], service["id"], lang, code, card)
        if got == "no_paper" and (others := [each for each in self.kiosks if each is not kiosk]):
            kiosk, card = min(others, key=lambda k: k.line), None
            got = await kiosk.take(service["group"], service["id"], lang, code)
        if isinstance(got, str):
            self.ledger.note("turned_away", visitor=number, kiosk=kiosk.id, screen=got)
            return
        label, ticket = got
        took_s = round(time.monotonic() - began, 3)
        by_card = card is not None and card.used
        self.ledger.note(
            "paper", visitor=number, label=label, ticket=ticket, kiosk=kiosk.id, took_s=took_s, by_card=by_card
        )
        if self.random.random() < self.plan["no_show_share"]:
            self.ledger.note("left", visitor=number, label=label)
            return
        await self._wait_and_be_served(number, label, service)

    async def _wait_and_be_served(self, number: int, label: str, service: dict[str, Any]) -> None:
        while not await self.eyes.until(lambda: self.eyes.called(label) is not None, 30.0):
            pass
        desk = self.desks[str(self.eyes.called(label))]
        self.ledger.note("called", visitor=number, label=label, window=desk.id)
        await self.pause(self.random.uniform(8, 30))
        desk.visitor, desk.minutes = label, service["minutes"] * self.random.lognormvariate(0, 0.35)
        while not await self.eyes.until(lambda: label not in self.eyes.shown[desk.display], 30.0):
            pass
        if desk.visitor == label:
            desk.visitor = None
        self.ledger.note("served", visitor=number, label=label, window=desk.id)


# --- the web panel, as a browser without JavaScript ---------------------------------------------------------------------------


class Forms(html.parser.HTMLParser):
    """The forms of a page: action and named fields; `starts`: the times that can be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.starts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.forms.append((values.get("action", ""), {}))
        elif values.get("name") == "start":
            self.starts.append(values.get("value", ""))
        elif tag in {"input", "select", "button"} and self.forms and values.get("name"):
            self.forms[-1][1].setdefault(values["name"], values.get("value", ""))


class Browser:
    """Pages and forms of the panel, with its cookies."""

    def __init__(self, panel: str) -> None:
        self._panel = panel
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def page(self, path: str) -> Forms:
        """The forms of a page. Raises: OSError."""
        forms = Forms()
        forms.feed(self.text(path))
        return forms

    def text(self, path: str) -> str:
        """A page as it came. Raises: OSError."""
        with self._opener.open(f"{self._panel}{path}", timeout=15) as answer:
            return str(answer.read().decode())

    def send(self, action: str, fields: dict[str, str]) -> str:
        """Post a form; the page that comes back. Raises: OSError."""
        target, data = urllib.parse.urljoin(self._panel, action), urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(target, data, headers={"Origin": self._panel})  # noqa: S310 - the plan's own panel
        with self._opener.open(request, timeout=15) as answer:
            return str(answer.read().decode())

    def enter(self, account: dict[str, str]) -> None:
        """Sign in with a name and a password. Raises: OSError."""
        for action, fields in self.page("/sign-in").forms:
            if "password" in fields:
                self.send(action, {**fields, **account})

    def sign_in(self, window: dict[str, Any]) -> None:
        """Sit down at a window. Raises: OSError."""
        for action, fields in self.page(f"/window/{window['id']}").forms:
            if "pin" in fields:
                self.send(action, {**fields, "operator": window["operator"], "pin": window["pin"]})


def log_in(browser: Browser, window: dict[str, Any]) -> bool:
    """Log an operator in at the panel and open the window, with forms only; True when the window is open."""
    try:
        browser.sign_in(window)
        for action, fields in browser.page(f"/window/{window['id']}").forms:
            if fields.get("button") == "open":
                browser.send(action, fields)
                return True
    except OSError:
        return False
    return False


@dataclass(frozen=True)
class Filled:
    """What a panel shows of a card: how many fields, how far it is believed; or why there are none."""

    fields: int
    level: str = ""
    failed: str = ""

    @property
    def over(self) -> bool:
        """There is nothing more to wait for."""
        return self.fields > 0 or bool(self.failed)


def ask_for_card(browser: Browser, window: str, typed: dict[str, str]) -> bool:
    """Press "the visitor agrees" with the card's fields typed in; False where the panel reads no cards now."""
    try:
        for action, fields in browser.page(f"/window/{window}/card").forms:
            if fields.get("button") == "read":
                browser.send(action, {**fields, **typed})
                return True
    except OSError:
        return False
    return False


def form_filled(browser: Browser, window: str) -> Filled:
    """What the window's panel shows of a card now."""
    try:
        page = browser.text(f"/window/{window}")
    except OSError:
        return Filled(0)
    failed = re.search(r'id="card-failed" data-code="(\w+)"', page)
    shown = re.search(r'<dl id="card-fields" data-level="(\w+)">.*?</dl>', page, re.DOTALL)
    if shown is None:
        return Filled(0, failed=failed[1] if failed else "")
    return Filled(shown[0].count("<dt>"), shown[1])


class Reception:
    """The bookings page, as somebody with an account of their own uses it."""

    def __init__(self, panel: str, account: dict[str, str]) -> None:
        self._browser, self._account = Browser(panel), account

    def book(self, service: str, choice: float, person: str = "") -> tuple[str, datetime] | None:
        """Book one of the next free times for a service, `choice` (0 to 1) among them; code and time, None: there is none.

        `person`: the number of a document, "" where none is given.
        """
        try:
            page = self._browser.page(f"/bookings?services={service}")
            if not page.starts:
                self._browser.enter(self._account)
                return None
            start = page.starts[int(choice * min(len(page.starts), NEXT_TIMES))]
            action, fields = next((a, f) for a, f in page.forms if f.get("button") == "book")
            said = re.search(
                r'id="booked".*?(\d{4})\u00a0(\d{4})',
                self._browser.send(action, fields | {"start": start, "person": person}),
                re.DOTALL,
            )
        except OSError:
            return None
        return (said[1] + said[2], datetime.fromisoformat(start)) if said else None


def main() -> int:
    """Run the plan."""
    parser = argparse.ArgumentParser(prog="simulators.hall", description="A day of visitors and operators.")
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="on the wall")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    plan = json.loads(args.plan.read_text(encoding="utf-8"))
    asyncio.run(Hall(plan, Ledger(args.ledger)).day(args.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())

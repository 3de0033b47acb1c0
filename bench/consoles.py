"""The consoles: a call at a thousand listeners, tickets and calls by HTTP, the first load of a page, a document at every box."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bench import reports, touch
from bench.callers import called
from bench.rig import ASKER, PROBE, WEB, Figure, Rig, ask, hall_of, open_windows, percentile, wait
from consoles.staff.cookie import COOKIE
from consoles.staff.role import Act, StaffRole
from consoles.staff.staff import Staff
from contract import messages as m
from contract import topics
from contract.errors import ViknoError
from contract.hall import Hall
from demo.process import ROOT, Processes
from runtime.box import Box
from runtime.clock import utc_now

LISTENERS = 1000
HEARD_MS = 300.0
CLIENTS = 8
ANSWERED_MS = 50.0
LOAD_KIB = 120.0
STAGED_S = 2.0
SETTLE_S = 3.0
"""For listeners that are late: a call that one has not seen by then was not told to it."""
PAUSE_S = 0.6
"""Between calls: consoles are told at most four times a second."""


def measure(folder: Path, calls: int, requests: int) -> list[Figure]:
    """`calls` calls at `LISTENERS` listeners; `requests` requests of each of `CLIENTS` clients."""
    hall = hall_of("kz-con")
    rules = {**hall.rules, "call.too_quick_s": 0}  # who calls by a program calls the next at once
    with Rig(folder / "hall", "coordinator", hall=hall.model_copy(update={"rules": rules})) as rig:
        windows = [w.id for w in rig.hall.windows]
        open_windows(rig, windows)
        with Site(rig, folder) as site:
            figures = [
                *_heard(rig, site, windows, calls), *_answered(rig, site, windows, requests), *_loaded(rig, site), *_staged(rig, folder),
            ]  # fmt: skip
    return [*figures, *reports.measure(folder, hall)]


class Site:
    """The consoles' process at a rig, with the token of a program that may do all, and the cookie of a manager who sits at a window."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        self._rig, self._folder = rig, folder / "consoles"
        self._folder.mkdir()
        self.host, self.port, self.token, self.cookie = "127.0.0.1", 0, "", ""

    def __enter__(self) -> Site:
        self.token, self.cookie = _let_in(self._folder / "data" / "consoles.db", self._rig.hall)
        settings = self._rig.settings(WEB)
        broker = "\n".join(f'{k} = "{getattr(settings, k)}"' for k in ("hall", "dev", "host", "ca", "cert", "key"))
        config = self._folder / "consoles.toml"
        config.write_text(
            f'data = "{self._folder / "data"}"\n[broker]\n{broker}\nport = {settings.port}\n[web]\nport = 0\n',
            encoding="utf-8",
        )
        log = self._folder / "log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "consoles", "--config", str(config)], cwd=ROOT, stderr=out,
                env={**os.environ, "PYTHONPATH": str(ROOT), "VIKNO_LOG": "info"},
            )  # fmt: skip
        wait(
            lambda: "consoles.ready" in log.read_text() or self._process.poll() is not None,
            "the consoles did not start",
        )
        found = re.search(r"http://[\d.]+:(\d+)/", log.read_text())
        if found is None:
            raise ViknoError(f"the consoles did not start: {log.read_text()[-500:]}")
        self.port = int(found[1])
        wait(lambda: self.get("/api/v1/hall")[0] == 200, "the consoles have not heard the hall")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)

    def get(self, path: str) -> tuple[int, bytes, bytes]:
        """Status, the bytes on the wire, and what they mean."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        headers = {"Accept-Encoding": "gzip", "Authorization": f"Bearer {self.token}", "Cookie": self.cookie}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        sent = answer.read()
        connection.close()
        packed = answer.headers.get("Content-Encoding") == "gzip"
        return answer.status, sent, gzip.decompress(sent) if packed else sent


# --- a call at a thousand listeners -------------------------------------------------------------------------------------------


def _heard(rig: Rig, site: Site, windows: list[str], calls: int) -> list[Figure]:
    zone = rig.hall.window_by_id[windows[0]].zone
    probe, taker = rig.box(PROBE), rig.box("caller-3")
    with _listeners(site, f"/events/board/{zone}", "/api/v1/events") as answer:
        pressed: dict[str, float] = {}
        mine = [w for w in windows if rig.hall.window_by_id[w].zone == zone]
        services = [s.id for s in rig.hall.services if s.group in rig.hall.window_by_id[mine[0]].groups]
        for number in range(calls):
            ask(taker, m.TicketIssue(id=f"heard-{number}", service=services[0], lang="ru", paper=False))
            time.sleep(PAUSE_S)
            began = time.monotonic()
            reply = ask(probe, m.CallNext(id=f"press-{number}", unit=f"pad-{mine[0]}"))
            if isinstance(reply, m.Done) and reply.label:
                pressed[reply.label] = began
        time.sleep(SETTLE_S)
        seen: dict[str, list[float]] = answer()
    took = [at - pressed[label] for label, moments in seen.items() if label in pressed for at in moments]
    missed = LISTENERS * len(pressed) - len(took)
    if not took:
        raise ViknoError("no listener saw a call")
    p95 = percentile(took, 0.95) * 1000
    note = f"{len(pressed)} calls, p50 {percentile(took, 0.5) * 1000:.0f} ms, worst {max(took) * 1000:.0f} ms; half boards, half API"
    return [
        Figure(
            f"call at {LISTENERS} listeners p95", p95, "ms", HEARD_MS, p95 / HEARD_MS, 1.0, at_least=False, note=note
        ),
        Figure("calls that a listener did not see", missed, "", 0, float(missed), 0.0, at_least=False),
    ]


@contextmanager
def _listeners(site: Site, *paths: str) -> Iterator[Any]:
    streams = [
        {"path": path, "count": LISTENERS // len(paths), "token": site.token if "/api/" in path else ""}
        for path in paths
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.listeners"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"host": site.host, "port": site.port, "streams": streams}) + "\n")
    process.stdin.flush()
    if process.stdout.readline().strip() != "ready":
        raise ViknoError("the listeners were not let in")

    def answer() -> dict[str, list[float]]:
        out, _ = process.communicate(timeout=30)
        found: dict[str, list[float]] = json.loads(out)
        return found

    try:
        yield answer
    finally:
        process.kill()
        process.wait()


# --- tickets and calls by HTTP ------------------------------------------------------------------------------------------------


class Client(threading.Thread):
    """Asks one after the other over one connection; odd ones take tickets, even ones call."""

    def __init__(self, number: int, site: Site, requests: int, path: str, body: dict[str, Any]) -> None:
        super().__init__()
        self._number, self._site, self._requests = number, site, requests
        self._path, self._body = path, json.dumps(body)
        self.takes = path.endswith("/tickets")
        self.took: list[float] = []
        self.labels: list[str] = []
        self.refused: Counter[str] = Counter()

    def run(self) -> None:
        """All requests."""
        connection = http.client.HTTPConnection(self._site.host, self._site.port, timeout=15)
        for number in range(self._requests):
            headers = {
                "Authorization": f"Bearer {self._site.token}", "Content-Type": "application/json",
                "Idempotency-Key": f"bench-{self._number}-{number:06d}",
            }  # fmt: skip
            began = time.perf_counter()
            connection.request("POST", self._path, self._body, headers)
            answer = connection.getresponse()
            told = json.loads(answer.read())
            self.took.append(time.perf_counter() - began)
            if answer.status in (200, 201):
                self.labels.append(told["label"])
            else:
                self.refused[told["code"]] += 1
        connection.close()


def _answered(rig: Rig, site: Site, windows: list[str], requests: int) -> list[Figure]:
    view: dict[str, str] = {w["id"]: w["operator"] for w in json.loads(site.get("/api/v1/windows")[2])}
    groups = rig.hall.window_by_id
    clients = []
    for number in range(CLIENTS):
        window = windows[number // 2]
        service = next(s.id for s in rig.hall.services if s.group in groups[window].groups)
        path, body = (
            ("/api/v1/tickets", {"service": service})
            if number % 2
            else (f"/api/v1/windows/{window}/next", {"operator": view[window]})
        )
        clients.append(Client(number, site, requests, path, body))
    began = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - began
    took = [one for client in clients for one in client.took]
    labels = Counter(label for client in clients if client.takes for label in client.labels)
    doubles = sum(n - 1 for n in labels.values()) + sum(n - 1 for n in Counter(called(rig.journal)).values())
    p99 = percentile(took, 0.99) * 1000
    refused = sum((client.refused for client in clients), Counter[str]())
    note = f"{len(took) / seconds:.0f}/s, p50 {percentile(took, 0.5) * 1000:.1f} ms, {labels.total()} tickets, refused {dict(refused)}"
    name = f"issue and call by HTTP, {CLIENTS} clients, p99"
    return [
        Figure(name, p99, "ms", ANSWERED_MS, p99 / ANSWERED_MS, 1.0, at_least=False, note=note),
        Figure("duplicate tickets and calls by HTTP", doubles, "", 0, float(doubles), 0.0, at_least=False),
    ]


# --- the first load -----------------------------------------------------------------------------------------------------------


def _loaded(rig: Rig, site: Site) -> list[Figure]:
    window = rig.hall.windows[0]
    return [_first(site, page) for page in ("/sign-in", f"/window/{window.id}", "/hall", f"/board/{window.zone}")]


def _first(site: Site, page: str) -> Figure:
    total, outside, files = _load(site, page)
    kib, note = total / 1024, f"{files} files, {outside} from outside"
    return Figure(f"first load of {page}", kib, "KiB", LOAD_KIB, kib / LOAD_KIB, 1.0, at_least=False, note=note)


def _load(site: Site, page: str) -> tuple[int, int, int]:
    """Bytes on the wire of a page with all that it names, how many names are of other hosts, and how many files there are."""
    todo, seen, total, outside = [page], set[str](), 0, 0
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        status, sent, text = site.get(path)
        if status != HTTPStatus.OK:
            raise ViknoError(f"{path}: {status}")
        total += len(sent)
        linked = re.findall(rb'(?:src="|href="|url\(")([^"]+\.(?:css|js|svg|ttf|woff2?))(?:\?[^"]*)?"', text)
        for name in map(bytes.decode, linked):
            if name.startswith(("http:", "https:", "//")):
                outside += 1
            else:
                todo.append(name if name.startswith("/") else f"{path.rpartition('/')[0]}/{name}")
    return total, outside, len(seen)


# --- a document at every box --------------------------------------------------------------------------------------------------


def _staged(rig: Rig, folder: Path) -> list[Figure]:
    room = folder / "staged"
    room.mkdir()
    views: list[m.ConsolesView] = []
    console = rig.box(ASKER, [topics.DOWN_VIEW], lambda heard: _keep(heard.message, views))
    with Processes(touch.logs(room)) as processes:
        touch.start(rig, room, processes)
        wait(lambda: bool(views) and _of(views[-1]) is not None, "the kiosk has staged nothing", 60)
        took = [_published_s(console, rig, views, number) for number in range(5)]
    worst = max(took)
    note = f"n {len(took)}, p50 {percentile(took, 0.5) * 1000:.0f} ms; a kiosk that runs, and the coordinator"
    return [
        Figure(
            "published → staged by the kiosk, worst",
            worst,
            "s",
            STAGED_S,
            worst / STAGED_S,
            1.0,
            at_least=False,
            note=note,
        )
    ]


def _published_s(console: Box, rig: Rig, views: list[m.ConsolesView], number: int) -> float:
    """Seconds from publishing another document until the kiosk says that it has it."""
    base = views[-1].revision
    rules = {**rig.hall.rules, "kpi.max_wait_min": 20 + number % 2}
    text = rig.hall.model_copy(update={"revision": base, "rules": rules}).model_dump_json(by_alias=True)
    began = time.monotonic()
    command = m.HallPublish(id=f"publish-{number}", document=text, base=base, why="measured", operator="bench")
    reply = ask(console, command)
    if not isinstance(reply, m.Done):
        raise ViknoError(f"not published: {reply}")
    wait(lambda: (_of(views[-1]) or 0) > base, "the kiosk did not stage it", 20)
    return time.monotonic() - began


def _keep(message: m.Message, views: list[m.ConsolesView]) -> None:
    if isinstance(message, m.ConsolesView):
        views.append(message)


def _of(view: m.ConsolesView) -> int | None:
    """The revision that the kiosk has staged."""
    return next((one.staged for one in view.devices if one.dev == touch.KIOSK and one.state == "here"), None)


def _let_in(file: Path, hall: Hall) -> tuple[str, str]:
    """The token of a program that may do all, and the cookie of a manager at the first window; made before the consoles start."""
    with Staff(file.parent, utc_now) as staff:
        staff.accounts.add("bench", "bench", StaffRole.SERVICE)
        token, _ = staff.tokens.make("bench", "bench", list(Act), timedelta(days=1))
        window, operator = hall.windows[0].id, hall.operators[0].id
        staff.accounts.add("boss", "boss", StaffRole.MANAGER, operator)
        session = staff.sessions.begin("boss", window=window, operator=operator, account="boss")
    return token, f"{COOKIE}={session}"

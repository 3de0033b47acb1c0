"""A hall whose first window has a card reader, each part a process of its own: broker, coordinator, consoles, `python -m card_reader`;
and a tap that hears every word on the broker.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import httpx

from broker_config import apply
from broker_config.broker import Broker
from card_reader.trust import master_list, store
from card_reader.trust.certificate import certificate
from contract import hall as hall_document
from contract.hall import Hall
from contract.hall_part import Box, Unit
from contract.words import Role
from runtime.asker import new_id
from runtime.link import Link, Received
from simulators.card.readers import Readers
from tests.consoles_site import CONSOLE, PIN, ROOT, Consoles, address
from tests.coordinator_process import CoordinatorProcess
from tests.swiper import Swiper
from tests.until import until

READER, TAP, WINDOW = "reader-1", "tap-1", "W01"
OPEN_AT = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)


def document() -> Hall:
    """A template hall with the boxes that this needs."""
    text = json.loads((ROOT / "coordinator/templates/ua-cnap.json").read_text("utf-8"))
    boxes = (
        Box(id=CONSOLE, kind=Role.CONSOLE), Box(id="kiosk-1", kind=Role.KIOSK), Box(id=TAP, kind=Role.BOARD),
        Box(id=READER, kind=Role.READER, units=(Unit(id="reader-w1", window=WINDOW),)),
    )  # fmt: skip
    text["boxes"] = [json.loads(box.model_dump_json()) for box in boxes]
    return hall_document.load(json.dumps(text))


class Tap:
    """Every payload on the broker: (monotonic, topic, bytes)."""

    def __init__(self, broker: Broker) -> None:
        acl = broker.folder / "broker" / "acl"
        acl.write_text(acl.read_text() + f"\nuser {TAP}\ntopic read #\n")
        assert broker.pid is not None
        apply.reload(broker.folder / "broker", broker.pid)
        self.heard: list[tuple[float, str, bytes]] = []
        self._link = Link(address(broker, TAP), [("vikno/#", 0)], on_message=self._arrived)
        self._link.start()

    def of(self, topic: str) -> list[tuple[float, bytes]]:
        return [(at, payload) for at, name, payload in self.heard if name.endswith(topic)]

    def stop(self) -> None:
        self._link.stop()

    def _arrived(self, received: Received) -> None:
        self.heard.append((time.monotonic(), received.topic, received.payload))


class Staff:
    """An operator's browser without JavaScript."""

    def __init__(self, url: str, window: str, operator: str) -> None:
        self.window, self.url, self.operator = window, url, operator
        self.client = httpx.Client(base_url=url, follow_redirects=True, timeout=20)

    def sign_in(self, pin: str) -> None:
        self.post("/sign-in", operator=self.operator, pin=pin)

    def page(self, path: str = "") -> str:
        answer = self.client.get(f"/window/{self.window}{path}", params={"lang": "en"})
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return answer.text

    def post(self, path: str, **data: str) -> httpx.Response:
        return self.client.post(
            f"/window/{self.window}{path}", params={"lang": "en"}, data=data, headers={"Origin": self.url}
        )

    def press(self, button: str) -> None:
        self.post("/press", id=new_id(), button=button)

    def read(self, **typed: str) -> httpx.Response:
        """As the form of the page sends it."""
        key = re.search(r'name="id" value="(c-[0-9a-f]+)"', self.page("/card"))
        assert key is not None
        return self.post("/card", id=key[1], button="read", **typed)

    def fields(self) -> dict[str, str]:
        """What the panel shows of the card."""
        shown = re.search(r'<dl id="card-fields".*?</dl>', self.page(), re.DOTALL)
        pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", shown[0]) if shown is not None else []
        return {unescape(name): unescape(value) for name, value in pairs}

    def failed(self) -> str:
        code = re.search(r'id="card-failed" data-code="(\w+)"', self.page())
        return code[1] if code is not None else ""


class CardHall:
    """All of it; `staff` sits at the window with the reader, `other` at another."""

    def __init__(self, folder: Path, readers: Readers) -> None:
        self.folder, self.readers, self.hall = folder, readers, document()
        self._stack = ExitStack()
        self.reader_process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> CardHall:
        with self._stack as stack:
            self.broker = stack.enter_context(Broker(self.folder / "broker", self.hall.id, self.hall.boxes))
            self.tap = Tap(self.broker)
            stack.callback(self.tap.stop)
            stack.enter_context(CoordinatorProcess(self.folder, self.hall, self.broker, OPEN_AT))
            self.site = Consoles(self.folder, self.broker)
            stack.callback(self.site.stop)
            self.swiper = Swiper(self.folder / "swipe")
            stack.callback(self.swiper.stop)
            self.url = self.swiper.start()
            self.site.start()
            self.staff, self.other = (Staff(self.site.url, w, op) for w, op in ((WINDOW, "op01"), ("W02", "op02")))
            stack.callback(self.staff.client.close)
            stack.callback(self.other.client.close)
            self.staff.sign_in(PIN)
            self.other.sign_in("1002")
            stack.callback(self.stop_reader)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start_reader(self) -> None:
        """`python -m card_reader`, with an MRZ reader beside it; offered at the panel when this returns."""
        files = self.broker.credentials(READER)
        config = self.folder / "reader.toml"
        config.write_text(
            f'[broker]\nhall = "{self.hall.id}"\ndev = "{READER}"\nhost = "{self.broker.host}"\nport = {self.broker.port}\n'
            f'ca = "{files.ca}"\ncert = "{files.cert}"\nkey = "{files.key}"\n[card_reader]\nnames = "Vikno Test"\n'
            f'profiles = ["ua", "kz", "kg", "ee", "generic"]\ntrust = "{self._bundle()}"\nswipe = "{self.url}"\n'
        )
        words = [sys.executable, "-m", "card_reader", "--config", str(config)]
        with (self.folder / "reader.log").open("ab") as log:
            self.reader_process = subprocess.Popen(
                words, cwd=ROOT, stderr=log, env={**os.environ, **self.readers.environment}
            )
        until(self.offered, deadline_s=30)

    def stop_reader(self) -> None:
        """SIGTERM; not offered any more when this returns. Twice is fine."""
        if self.reader_process is not None:
            self.reader_process.terminate()
            assert self.reader_process.wait(60) == 0
            self.reader_process = None
            until(lambda: not self.offered(), deadline_s=20)

    def offered(self) -> bool:
        """The panel knows of a reader at the window."""
        return "No card reader is connected" not in self.staff.page("/card")

    def visitor(self) -> None:
        """Somebody is at the window with the reader."""
        self.staff.press("open")
        until(lambda: 'class="panel ticket serving"' in self._with_somebody(), deadline_s=20)

    def _with_somebody(self) -> str:
        page = self.staff.page()
        if 'class="panel ticket called"' in page:
            self.staff.press("start")
        elif 'class="panel ticket serving"' not in page:
            self._issue()
            self.staff.press("next")
        return page

    def _issue(self) -> None:
        from contract import messages as m
        from tests.box_seat import running

        with running(self.broker, "kiosk-1", Role.KIOSK) as kiosk:
            kiosk.ask(m.TicketIssue(id=new_id(), service=self._service(), lang="uk", paper=False))

    def _service(self) -> str:
        window = self.hall.window_by_id[WINDOW]
        return next(s.id for s in self.hall.services if s.group in window.groups)

    def _bundle(self) -> Path:
        root = certificate(self.readers.list_anchor.read_bytes()).fingerprint
        bundle = self.folder / "bundle.json"
        given = master_list.imported(self.readers.master_list.read_bytes(), root, None, datetime.now(UTC)).bundle
        store.write(bundle, given)
        return bundle

"""A machine without a hall: one page makes the hall and its administrator, what it says to start works, and they sign in."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path

import httpx
import pytest

from consoles.founding import document
from contract.errors import ContractError
from look.texts import Texts
from tests.consoles_site import PASSWORD, ROOT, until

EN = Texts("en")
ADMIN = {"account": "olena", "name": "Olena Test", "password": PASSWORD, "again": PASSWORD}


@contextmanager
def running(log: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(words, cwd=ROOT, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the consoles of this log listen."""

    def told() -> str:
        ready = [
            line for line in log.read_text("utf-8").splitlines() if line.startswith("{") and "consoles.ready" in line
        ]
        assert process.poll() is None, log.read_text("utf-8")
        return str(json.loads(ready[0])["address"]).rstrip("/") if ready else ""

    until(told, 60)
    return told()


def words_of(page: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def test_one_page_makes_a_hall_that_starts_and_an_administrator_who_signs_in(tmp_path: Path) -> None:
    folder, port = tmp_path / "hall", free_port()
    first = ("-m", "vikno", "first-run", str(folder), "--web-port", "0", "--port", str(port))
    with running(tmp_path / "first.log", sys.executable, *first) as process:
        url = address(tmp_path / "first.log", process)
        with httpx.Client(base_url=url, headers={"Origin": url}, timeout=120, follow_redirects=True) as web:
            assert EN.get("first.what_hall") in words_of(web.get("/?lang=en").text)
            answer = web.post("/first?lang=en", data={"button": "check", "hall": "kg-con"})
            assert "revision 1" in words_of(answer.text)
            for fields, why in (
                ({"document": "{"}, "first.bad_hall"), ({"hall": "nowhere"}, "first.bad_hall"),
                ({"again": "another one"}, "staff.not_the_same"), ({"account": "Олена"}, "staff.bad_id"),
                ({"password": "short", "again": "short"}, "staff.password_short"),
            ):  # fmt: skip
                answer = web.post("/first?lang=en", data={**ADMIN, "button": "make", **fields})
                assert (answer.status_code, EN.get(why) in words_of(answer.text)) == (409, True), words_of(answer.text)
            assert not (folder / "hall.json").exists()
            for _ in range(2):  # sent again, it is done once
                answer = web.post("/first?lang=en", data={**ADMIN, "button": "make", "hall": "kg-con"})
                assert EN.get("first.made") in words_of(answer.text)
                assert PASSWORD not in answer.text
            commands = re.findall(r"<li class=\"code\"><b>([^<]*)</b>", answer.text)
    assert PASSWORD not in (tmp_path / "first.log").read_text("utf-8")
    with ExitStack() as stack:
        for number, command in enumerate(commands):
            program, *rest = unescape(command).split()
            log = tmp_path / f"{number}.log"
            process = stack.enter_context(running(log, sys.executable if program == "python" else program, *rest))
        url = address(log, process)
        until(lambda: httpx.get(url).status_code == 200, 60)
        with httpx.Client(base_url=url, headers={"Origin": url}, timeout=20) as web:
            assert web.get("/hall").headers["location"] == "/sign-in?next=%2Fhall"
            answer = web.post("/sign-in", data={"name": "olena", "password": PASSWORD, "next": "/hall?lang=ky"})
            assert answer.headers["location"] == "/hall?lang=ky"
            assert "Olena Test" in web.get("/hall").text  # the button to the own account names who it is


@pytest.mark.parametrize("text", ["", "[]", "nothing", "{}", "{" * 5000, "x" * (1024 * 1024 + 1), "a = \x00"])
def test_what_is_no_hall_document_is_refused_in_words(text: str) -> None:
    with pytest.raises(ContractError):
        document(text)

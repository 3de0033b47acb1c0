"""A machine without a hall: one page makes the hall and its administrator, what it says to start works, and they sign in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path

import httpx
import pytest

from contract.errors import ContractError
from contract.hall import load
from contract.pin import is_open, verify
from demo.process import free_port
from look.texts import Texts
from runtime import hall_file
from tests.consoles_site import PASSWORD, ROOT
from tests.until import until

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


def address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the consoles of this log listen."""

    def told() -> str:
        ready = [
            line for line in log.read_text("utf-8").splitlines() if line.startswith("{") and "consoles.ready" in line
        ]
        assert process.poll() is None, log.read_text("utf-8")
        return str(json.loads(ready[0])["address"]).rstrip("/") if ready else ""

    until(told, deadline_s=60)
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
            no_file = {"file": ("", b"")}
            answer = web.post("/first?lang=en", data={"button": "check", "hall": "kg-con"}, files=no_file)
            assert "revision 1" in words_of(answer.text)
            checked = words_of(
                web.post("/first?lang=uk", data={"button": "check", "hall": "ua-cnap"}, files=no_file).text
            )
            assert re.search(r"ua-cnap, ревізія 1, .*: \d+ послуг\w?, \d+ вік\w+, ", checked), checked
            for fields, why in (
                ({"document": "{"}, "first.bad_hall"), ({"hall": "nowhere"}, "first.choose"),
                ({"again": "another one"}, "staff.not_the_same"), ({"account": "Олена"}, "staff.bad_id"),
                ({"password": "short", "again": "short"}, "staff.password_short"),
            ):  # fmt: skip
                answer = web.post("/first?lang=en", data={**ADMIN, "button": "make", **fields}, files=no_file)
                assert (answer.status_code, EN.get(why) in words_of(answer.text)) == (409, True), words_of(answer.text)
            assert not (folder / "hall.json").exists()
            told = []
            for _ in range(2):  # sent again, it is done once
                answer = web.post("/first?lang=en", data={**ADMIN, "button": "make", "hall": "kg-con"}, files=no_file)
                assert EN.get("first.made") in words_of(answer.text)
                assert PASSWORD not in answer.text
                told.append(dict(re.findall(r'id="slip-(\w+)">.*?class="pin">(\d+)<', answer.text)))
            made = load((folder / "hall.json").read_bytes())
            assert (folder / "hall.json").stat().st_mode & 0o077 == 0, "six figures are soon found by their hash"
            assert [list(each) for each in told] == [list(made.operator_by_id), []], "the PINs are told once"
            assert verify(told[0]["op16"], made.operator_by_id["op16"].pin_hash)
            assert not any(is_open(operator.pin_hash) for operator in made.operators)
            commands = re.findall(r"<code class=\"code\"><b>([^<]*)</b>", answer.text)
    log = (tmp_path / "first.log").read_text("utf-8")
    assert not any(secret in log for secret in (PASSWORD, *told[0].values()))
    with ExitStack() as stack:
        for number, command in enumerate(commands):
            program, *rest = unescape(command).split()
            out = tmp_path / f"{number}.log"
            process = stack.enter_context(running(out, sys.executable if program == "python" else program, *rest))
        url = address(out, process)
        until(lambda: httpx.get(url).status_code == 200, deadline_s=60)
        with httpx.Client(base_url=url, headers={"Origin": url}, timeout=20) as web:
            assert web.get("/hall").headers["location"] == "/sign-in?next=%2Fhall"
            answer = web.post("/sign-in", data={"name": "olena", "password": PASSWORD, "next": "/hall?lang=ky"})
            assert answer.headers["location"] == "/hall?lang=ky"
            assert "Olena Test" in web.get("/hall").text  # the button to the own account names who it is


@pytest.mark.parametrize("text", ["", "[]", "nothing", "{}", "{" * 5000, "x" * (1024 * 1024 + 1), "a = \x00"])
def test_what_is_no_hall_document_is_refused_in_words(text: str) -> None:
    with pytest.raises(ContractError):
        hall_file.read(text.encode())

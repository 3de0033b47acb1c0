"""An operator's form filled from a card: real pcscd, reader, mosquitto, coordinator, consoles; every word on the broker heard."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simulators.card.person import PEOPLE
from simulators.card.readers import Readers
from tests.card_window import CardHall
from tests.until import until
from tests.wire import pcsc_bench
from tests.wire.pcsc_bench import take_away

PERSON = PEOPLE["ua"]


@pytest.fixture(scope="module")
def bench() -> Iterator[Readers]:
    with pcsc_bench.readers(2) as found:
        yield found


@pytest.fixture(scope="module")
def hall(bench: Readers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardHall]:
    with CardHall(tmp_path_factory.mktemp("hall"), bench) as found:
        found.start_reader()
        yield found


@pytest.fixture(autouse=True)
def nothing_left(hall: CardHall, bench: Readers) -> Iterator[None]:
    yield
    hall.staff.post("/card", button="forget")
    take_away(bench)


def can(bench: Readers) -> str:
    return str(bench.order(do="describe", card="ua")["can"])


def words(tap: list[tuple[float, bytes]]) -> list[dict[str, Any]]:
    return [json.loads(payload) for _, payload in tap]


def test_the_form_fills_for_that_operator_alone_and_nothing_of_the_card_is_anywhere(
    hall: CardHall, bench: Readers
) -> None:
    assert 'id="read-card"' not in hall.staff.page()
    assert "nobody is at the window" in hall.staff.page("/card").lower()
    hall.visitor()
    assert 'id="read-card"' in hall.staff.page()
    said = hall.staff.page("/card")
    assert "May I read your ID card?" in said
    assert "Surname" in said
    typed = can(bench)
    assert hall.staff.read(can=typed).status_code == 200
    until(lambda: "Place your ID card" in hall.staff.page())
    bench.order(do="insert", card="ua", slot="0")
    fields = until_fields(hall)
    page = hall.staff.page()
    assert fields["Surname"] == PERSON.surname
    assert fields["UNZR"].replace("-", "") == PERSON.personal_number
    assert fields["Address"] == PERSON.address
    assert "Data and chip are genuine" in page
    assert "Data and chip were proved" in page
    assert PERSON.surname not in hall.other.page() + hall.other.client.get("/hall").text
    hall.staff.post("/card", button="forget")
    assert hall.staff.fields() == {}
    assert PERSON.surname not in hall.staff.page()
    shown = [at for at, payload in hall.tap.of("/down/card") if b'"card.fields"' in payload]
    assert len(shown) == 1
    for canary in canaries() | {typed}:
        assert found(hall, canary.encode()) == [], canary


def until_fields(hall: CardHall) -> dict[str, str]:
    until(lambda: hall.staff.fields() or hall.staff.failed(), deadline_s=20)
    assert hall.staff.failed() == ""
    return hall.staff.fields()


def canaries() -> set[str]:
    return {
        PERSON.surname, PERSON.given, PERSON.number, PERSON.personal_number, f"{PERSON.personal_number[:8]}-", PERSON.address,
        *PERSON.native,
        f"{PERSON.born:%y%m%d}", PERSON.born.isoformat(),
    }  # fmt: skip


def found(hall: CardHall, canary: bytes) -> list[str]:
    """Where it stands: topics, and files of coordinator, consoles and reader."""
    topics = [name for _, name, payload in hall.tap.heard if canary in payload]
    files = [file for file in hall.folder.rglob("*") if file.is_file() and "/broker/" not in str(file)]
    assert {"journal.db", "coordinator.log", "consoles.log", "reader.log"} <= {file.name for file in files}
    return topics + [file.name for file in files if canary in file.read_bytes()]


def test_no_word_of_a_read_is_journaled_retained_or_larger_than_agreed(hall: CardHall) -> None:
    heard = hall.tap.of("/up/card") + hall.tap.of("/down/card")
    assert {word["t"] for word in words(heard)} >= {"card.read", "card.step", "card.fields"}
    assert max(len(payload) for _, payload in heard) <= 4096
    with closing(sqlite3.connect(hall.folder / "journal.db")) as journal:
        kinds = [kind for (kind,) in journal.execute("SELECT kind FROM event")]
        seen = [key for (key,) in journal.execute("SELECT id FROM cmd_seen")]
    assert kinds
    assert [kind for kind in kinds if "card" in kind] == []
    asked = {word["id"] for word in words(hall.tap.of("/up/cmd")) if word["t"] == "card.read"}
    assert asked
    assert asked.isdisjoint(seen)


def test_fields_are_on_the_page_within_a_second_of_the_read_and_go_with_the_visit(
    hall: CardHall, bench: Readers
) -> None:
    hall.visitor()
    bench.order(do="insert", card="ua", slot="0")
    hall.staff.read(can=can(bench))
    until_fields(hall)
    shown = time.monotonic()
    told = max(at for at, payload in hall.tap.of("/up/card") if b'"card.fields"' in payload)
    assert shown - told < 1.0
    hall.staff.press("finish")
    until(lambda: hall.staff.fields() == {})


def test_a_read_that_goes_on_ends_with_the_visit(hall: CardHall, bench: Readers) -> None:
    hall.visitor()
    hall.staff.read(can=can(bench))
    until(lambda: "Place your ID card" in hall.staff.page())
    hall.staff.press("finish")
    until(lambda: "Place your ID card" not in hall.staff.page())
    until(lambda: any(word["t"] == "card.forget" for word in words(hall.tap.of("reader-1/down/card"))))
    hall.visitor()
    bench.order(do="insert", card="ua", slot="0")
    hall.staff.read(can=can(bench))
    until_fields(hall)


def test_wrong_digits_are_said_and_not_shown_again(hall: CardHall, bench: Readers) -> None:
    hall.visitor()
    bench.order(do="insert", card="ua", slot="0")
    hall.staff.read(can="999999")
    until(lambda: hall.staff.failed() == "wrong_key", deadline_s=20)
    assert "999999" not in hall.staff.page() + hall.staff.page("/card")
    hall.staff.read(number="000123456", birth="1990-01-32", expiry="2033-12-31")
    until(lambda: hall.staff.failed() == "bad_key", deadline_s=20)
    assert "(Date of birth)" in hall.staff.page()


def test_a_card_is_opened_by_the_three_typed_fields(hall: CardHall, bench: Readers) -> None:
    person = PEOPLE["kg"]
    hall.visitor()
    bench.order(do="insert", card="kg", slot="0")
    hall.staff.read(number=person.number, birth=person.born.isoformat(), expiry=person.expires.isoformat())
    assert until_fields(hall)["Surname"] == person.surname
    assert "The card is not verified" in hall.staff.page()
    assert "does not know the state" in hall.staff.page()


def test_a_swiped_zone_opens_the_card_and_noise_on_the_line_is_borne(hall: CardHall, bench: Readers) -> None:
    zone = bench.order(do="describe", card="ua")["mrz"]
    hall.visitor()
    hall.swiper.order(do="swipe", mrz=zone)  # before anybody was asked: nobody's
    hall.staff.read()
    until(lambda: "Swipe the card" in hall.staff.page())
    hall.swiper.order(do="send", hex="00ff0215" * 300)
    hall.swiper.order(do="swipe", mrz=zone, bytes=40)
    bench.order(do="insert", card="ua", slot="0")
    until(lambda: again(hall, zone), deadline_s=25)
    assert until_fields(hall)["Surname"] == PERSON.surname


def again(hall: CardHall, zone: list[str]) -> bool:
    """Swiped until the reader has understood it: a torn frame and the next one may be taken for one."""
    page = hall.staff.page()
    waiting = "Swipe the card" in page or "Swipe them once more" in page
    if waiting:
        hall.swiper.order(do="swipe", mrz=zone)
    return not waiting


FAILURES: list[tuple[str, dict[str, Any], str]] = [
    ("ua", {"altered": ["DG1"]}, "data_altered"),
    ("ua", {"altered": ["SOD"]}, "data_altered"),
    ("ua", {"faults": [{"fault": "bad_mac", "file": "SOD", "at": 2}]}, "messaging_broken"),
    ("ua", {"faults": [{"fault": "swap", "file": "SOD", "at": 2, "card": "bank"}]}, "several_cards"),
    ("bank", {}, "not_id_card"),
]


@pytest.mark.parametrize(("card", "script", "code"), FAILURES, ids=[code for _, _, code in FAILURES])
def test_a_failure_is_said_at_the_panel_and_fills_nothing(
    hall: CardHall, bench: Readers, card: str, script: dict[str, Any], code: str
) -> None:
    hall.visitor()
    bench.order(do="insert", card=card, slot="0", script=script)
    hall.staff.read(can=can(bench))
    until(hall.staff.failed, deadline_s=20)
    assert hall.staff.failed() == code
    assert hall.staff.fields() == {}
    assert 'id="read-card"' in hall.staff.page()


def test_a_card_pulled_mid_read_is_asked_for_again_and_then_fills_the_form(hall: CardHall, bench: Readers) -> None:
    hall.visitor()
    bench.order(do="insert", card="ua", slot="0", script={"faults": [{"fault": "pull", "file": "DG11", "at": 1}]})
    hall.staff.read(can=can(bench))
    until(
        lambda: "taken away too soon" in hall.staff.page() or "Keep the card in place" in hall.staff.page(),
        deadline_s=20,
    )
    take_away(bench)
    bench.order(do="insert", card="ua", slot="0")
    assert until_fields(hall)["Surname"] == PERSON.surname


def test_a_reader_whose_pcscd_is_killed_reads_again(hall: CardHall, bench: Readers) -> None:
    hall.visitor()
    hall.staff.read(can=can(bench))
    until(lambda: "Place your ID card" in hall.staff.page())
    bench.kill_pcscd()
    bench.start_pcscd()
    bench.order(do="insert", card="ua", slot="0")
    until(lambda: hall.staff.fields() or hall.staff.failed(), deadline_s=20)
    if hall.staff.failed():
        until(hall.offered, deadline_s=20)
        hall.staff.read(can=can(bench))
    assert until_fields(hall)["Surname"] == PERSON.surname


def test_after_all_failures_nothing_of_the_card_stands_anywhere(hall: CardHall, bench: Readers) -> None:
    """Runs after the tests above: their words on the broker and their logs are searched."""
    codes = {word["code"] for word in words(hall.tap.of("/up/card")) if word["t"] == "card.failed"}
    assert codes >= {code for _, _, code in FAILURES}
    for canary in canaries() | {can(bench)}:
        assert found(hall, canary.encode()) == [], canary


def test_reader_and_consoles_leave_no_core_and_show_their_memory_to_nobody(hall: CardHall) -> None:
    assert hall.reader_process is not None
    assert hall.site.process is not None
    for process in (hall.reader_process, hall.site.process):
        folder = Path(f"/proc/{process.pid}")
        core = next(line for line in (folder / "limits").read_text().splitlines() if line.startswith("Max core"))
        assert core.split()[4:6] == ["0", "0"]
        assert (folder / "maps").stat().st_uid == 0  # a process that may not be dumped belongs to root in /proc


def test_a_window_whose_reader_is_gone_says_so(hall: CardHall) -> None:
    hall.visitor()
    hall.stop_reader()
    assert 'id="read-card"' not in hall.staff.page()
    answer = hall.staff.post("/card", id="c-" + "0" * 24, button="read", can="123456")
    assert answer.status_code == 409
    assert "123456" not in answer.text

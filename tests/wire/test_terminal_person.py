"""A certificate by ID card: a real pcscd with a simulated card, the connector, a paper; and nothing of the person anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from card_reader.config import CardReaderSection
from contract import messages as m
from simulators.card.person import PEOPLE
from simulators.card.readers import Readers
from tests.terminal_site import Customer, Site
from tests.until import until
from tests.wire import pcsc_bench

PERSON = PEOPLE["ua"]
NUMBER = PERSON.national[0]
RECORD = f"{PERSON.personal_number[:8]}-{PERSON.personal_number[8:]}"
"""The same person's number on the card, as registers write it."""
SECRETS = (NUMBER, RECORD, PERSON.personal_number, "Канарченко", "Kanarchenko", PERSON.native[0], PERSON.number)
"""Numbers of the card and names as the register has them."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Readers]:
    with pcsc_bench.readers(2) as found:
        yield found


def test_a_certificate_by_card_leaves_nothing_of_its_person_behind(
    bench: Readers, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Site(tmp_path) as site:
        site.connector.add_person(NUMBER, "Канарченко Олена Зразківна", "Kanarchenko Olena", RECORD)
        site.connector.start()
        reader = CardReaderSection(names=bench.names[0], profiles=("ua", "generic"))
        with Customer(site.options(card=None, cash=None, card_reader=reader)) as customer:
            customer.ready()
            until(lambda: customer.state.cards, "the card reader")
            certify(customer, bench)
            until(lambda: len(site.printer.papers()) == 1, "the certificate")
            until(lambda: [fact.paper for fact in numbered(site)] == ["sent", "confirmed"], "its number in the hall")
            told = numbered(site)[-1]
            assert (len(told.number), told.number.isdecimal(), told.layout) == (10, True, "household")
            assert told.service == "res-household"
            customer.press("done", "attract")
            assert customer.terminal._cards is not None
            assert not customer.terminal._cards.number
            assert not any(word in repr(customer.state) for word in SECRETS)
        left = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
        logs = "".join(capfd.readouterr()) + (tmp_path / "registers.log").read_text()
        said = b"".join(site.hall.heard)
        for word in SECRETS:
            assert word.encode() not in left
            assert word not in logs
            assert word.encode() not in said


def numbered(site: Site) -> list[m.CertificateFact]:
    """What the hall was told of certificates, each fact once."""
    facts = {fact.sq: fact for fact in site.hall.facts if isinstance(fact, m.CertificateFact)}
    return [fact for _, fact in sorted(facts.items())]


def certify(customer: Customer, bench: Readers) -> None:
    """From the attract screen to the paper."""
    customer.sees("attract")
    customer.press("start", "language")
    customer.press("lang:uk", "menu")
    customer.press("service:res-household", "consent")
    customer.press("agree", "digits")
    can = str(bench.order(do="describe", card="ua")["can"])
    for count, sign in enumerate(can, 1):
        customer.until(f"digit:{sign}", lambda count=count: len(customer.state.visit.typed[-1]) >= count)  # type: ignore[misc]
    customer.press("next", "card")
    bench.order(do="insert", card="ua", slot="0")
    customer.sees("check")
    bench.order(do="remove", slot="0")
    customer.press("right", "take")

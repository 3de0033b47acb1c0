"""A terminal asks the hall's connector over HTTPS with the hall's certificates: answers, faults, who may ask, what never leaks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, update

from broker_config.pki import Authority
from contract import register as r
from contract.errors import ConfigError, ContractError, PermanentDeviceError, TransientDeviceError
from registers.schema import ENTRY, PERSON
from registers.server import Server
from runtime import https
from terminal.register import NotKnownError, RegisterClient
from tests.register_site import ALONE, CHILD, FATHER, MOTHER, RECORD, Site

PAID = r.Paid(
    due="d1", payment="p-1", amount_minor=10050, currency="UAH", method="card", at=datetime(2026, 11, 22, 9, tzinfo=UTC)
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """For questions that change nothing."""
    with Site(tmp_path_factory.mktemp("shared")) as running:
        yield running


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as running:
        yield running


def test_a_person_is_found_by_either_number(shared: Site) -> None:
    by_tax, by_record = shared.client().person(MOTHER), shared.client().person(RECORD)
    assert by_tax.names["uk"] == by_record.names["uk"] == "Калинич Оксана Іванівна"
    assert (by_tax.number, by_record.number) == (MOTHER, RECORD)
    assert by_tax.address is not None
    assert by_tax.address.texts["uk"] == "село Вербове, вулиця Калинова, 7, 12"


def test_a_household_says_who_is_who_to_the_one_that_asks(shared: Site) -> None:
    of_child = shared.client().household(CHILD)
    assert [(x.names["en"], x.relation) for x in of_child.members] == [
        ("Kalynych Solomiia", "self"), ("Kalynych Ostap", "parent"), ("Kalynych Oksana", "parent"),
    ]  # fmt: skip
    assert [x.relation for x in shared.client().household(FATHER).members] == ["self", "spouse", "child"]


def test_nobody_and_nowhere_are_not_known(shared: Site) -> None:
    for ask in (lambda: shared.client().person("1111111111"), lambda: shared.client().household(ALONE)):
        with pytest.raises(NotKnownError) as told:
            ask()
        assert isinstance(told.value, ContractError)
        assert "1111111111" not in str(told.value)
    assert shared.client().dues("1111111111").dues == ()


@pytest.mark.parametrize("typed", ["", "1", "29205 12346", "2920512346" * 3, "Калинич", "2920512346\n"])
def test_what_is_no_number_and_no_code_is_not_known_without_asking(shared: Site, typed: str) -> None:
    client, before = shared.client(), shared.enquiries.standing["community"].asked
    for ask in (client.person, client.household, client.dues):
        with pytest.raises(NotKnownError) as told:
            ask(typed)
        assert not typed or typed not in f"{told.value}"
        assert told.value.__cause__ is None
    assert client.due(typed + " ").dues == ()
    assert shared.enquiries.standing["community"].asked == before


def test_what_is_paid_is_due_no_longer_however_often_it_is_said(site: Site) -> None:
    client = site.client()
    assert [due.code for due in client.dues(MOTHER).dues] == ["V-2001", "V-2002"]
    assert [client.paid(PAID).again for _ in range(3)] == [False, True, True]
    assert [due.code for due in client.dues(RECORD).dues] == ["V-2002"]
    assert client.due("V-2001").dues == ()
    assert client.due("V-2002").dues[0].amount_minor == 25000


def test_what_was_given_back_is_due_again_however_often_it_is_said(site: Site) -> None:
    client = site.client()
    back = r.Returned(
        due=PAID.due, payment=PAID.payment, amount_minor=PAID.amount_minor, currency=PAID.currency, at=PAID.at
    )
    with pytest.raises(NotKnownError):
        client.returned(back)
    client.paid(PAID)
    for wrong in ({"amount_minor": 1}, {"due": "d2"}, {"currency": "KZT"}):
        with pytest.raises(PermanentDeviceError, match="register_faulty"):
            client.returned(back.model_copy(update=wrong))
    assert [client.returned(back).again for _ in range(3)] == [False, True, True]
    assert client.paid(PAID).again
    assert [due.code for due in client.dues(RECORD).dues] == ["V-2001", "V-2002"]


def test_a_part_leaves_the_rest_due(site: Site) -> None:
    client = site.client()
    client.paid(PAID.model_copy(update={"amount_minor": 10000}))
    assert client.due("V-2001").dues[0].amount_minor == 50


@pytest.mark.parametrize(
    "change", [{"amount_minor": 1}, {"due": "d2"}, {"method": "cash"}, {"payment": "p-2", "currency": "KZT"}]
)
def test_a_payment_is_not_taken_in_two_ways(site: Site, change: dict[str, object]) -> None:
    site.client().paid(PAID)
    with pytest.raises(PermanentDeviceError, match="register_faulty"):
        site.client().paid(PAID.model_copy(update=change))
    assert site.client().paid(PAID).again


def test_a_payment_for_no_due_is_not_known(site: Site) -> None:
    with pytest.raises(NotKnownError):
        site.client().paid(PAID.model_copy(update={"due": "d9"}))


def test_a_renamed_street_keeps_its_id_and_is_seen_at_the_next_question(site: Site) -> None:
    client = site.client()
    before = client.directory("streets")
    assert client.directory("streets") is before
    engine = create_engine(site.url)
    with engine.begin() as db:
        db.execute(update(ENTRY).where(ENTRY.c.id == "st2").values(name_uk="вулиця Грінченка", was="вулиця Шкільна"))
    engine.dispose()
    after = client.directory("streets")
    assert after.revision != before.revision
    assert [e.id for e in after.entries] == [e.id for e in before.entries]
    assert [(e.names["uk"], e.was) for e in after.entries if e.id == "st2"] == [
        ("вулиця Грінченка", ("вулиця Шкільна",))
    ]


def test_a_household_is_whole_or_none(site: Site) -> None:
    engine = create_engine(site.url)
    home = {
        "settlement": "s2",
        "street": "st3",
        "house": "1",
        "flat": "",
        "birth_date": date(1990, 1, 1),
        "name_uk": "Верес",
    }
    with engine.begin() as db:
        db.execute(insert(PERSON), [{"number": f"30000000{n:02}", **home} for n in range(60)])
    assert len(site.client().household("3000000059").members) == 60
    with engine.begin() as db:
        db.execute(insert(PERSON).values(number="3000000060", **home))
    engine.dispose()
    with pytest.raises(PermanentDeviceError, match="register_faulty"):
        site.client().household("3000000059")


def test_a_number_that_two_people_have_tells_of_neither(site: Site) -> None:
    engine = create_engine(site.url)
    with engine.begin() as db:
        db.execute(update(PERSON).where(PERSON.c.number == ALONE).values(other_number=MOTHER))
    engine.dispose()
    for ask in (site.client().person, site.client().household, site.client().dues):
        with pytest.raises(PermanentDeviceError, match="register_faulty"):
            ask(MOTHER)


def test_a_list_that_is_not_there_is_not_known(shared: Site) -> None:
    with pytest.raises(NotKnownError):
        shared.client().directory("planets")


def test_only_a_terminal_of_the_list_may_ask(site: Site) -> None:
    with pytest.raises(PermanentDeviceError, match="register_refused"):
        site.client("kiosk-1").person(MOTHER)
    assert site.client().health().registers == {"community": ""}


def test_a_foreign_certificate_gets_no_answer(shared: Site, tmp_path: Path) -> None:
    foreign = Authority.create(tmp_path / "foreign").issue("terminal-1")
    mixed = type(foreign)(shared.credentials().ca, foreign.cert, foreign.key)
    for files in (foreign, mixed):
        with pytest.raises(PermanentDeviceError, match="certificate_refused"):
            RegisterClient(shared.address, files).person(MOTHER)


@pytest.mark.parametrize("names", [(), ("register.hall.example",)])
def test_only_the_connector_of_that_name_is_believed(site: Site, names: tuple[str, ...]) -> None:
    impostor = site.authority.issue("terminal-2", names)
    context = https.server_context(impostor.ca, impostor.cert, impostor.key)
    with (
        Server(("127.0.0.1", 0), context, site.enquiries.answer) as door,
        pytest.raises(PermanentDeviceError, match="certificate_refused"),
    ):
        RegisterClient(f"https://127.0.0.1:{door.port}", site.credentials()).person(MOTHER)
    assert site.enquiries.standing["community"].asked == 0


def test_nobody_there_is_away_and_says_what_to_do(site: Site) -> None:
    client = site.client(timeout_s=1.0)
    site.server.stop()
    with pytest.raises(TransientDeviceError) as told:
        client.person(MOTHER)
    assert (told.value.fault, told.value.device_id) == ("register_away", "register")
    assert told.value.hint


@pytest.mark.parametrize(
    "url", ["http://h", "https://", "https://u:p@h", "ftp://h", "https://h?x=1", "https://h:x", "h"]
)
def test_an_address_that_is_none_is_said_without_repeating_it(shared: Site, url: str) -> None:
    with pytest.raises(ContractError, match="allowed") as told:
        RegisterClient(url, shared.credentials())
    assert "u:p" not in str(told.value)


def test_a_missing_certificate_is_said(shared: Site, tmp_path: Path) -> None:
    files = shared.credentials()
    with pytest.raises(ConfigError, match="certificate"):
        RegisterClient(shared.address, type(files)(files.ca, tmp_path / "none.crt", files.key))

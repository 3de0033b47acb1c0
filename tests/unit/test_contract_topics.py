"""The topic table: every address round-trips, everything else is refused, and a message on the wrong topic too."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import messages as m
from contract.errors import ContractError
from contract.topics import (
    DOWN_CARD,
    DOWN_CFG,
    PUB_BOARD,
    PUB_CALL,
    PUB_HALL,
    ROOT,
    TOPICS,
    UP_CARD,
    UP_CMD,
    UP_EV,
    Address,
    Topic,
    parse,
    read,
)
from contract.words import Role

FOLDER = Path(__file__).parents[1] / "vectors" / "messages" / "v1"
SAMPLES = {p.stem: p.read_bytes() for p in sorted(FOLDER.glob("*.json"))}
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", fullmatch=True)
rows = pytest.mark.parametrize("topic", TOPICS, ids=lambda t: str(t.name))


@settings(deadline=None)
@given(st.sampled_from(TOPICS), ids, ids)
def test_every_address_is_found_again(topic: Topic, hall: str, name: str) -> None:
    dev = name if "{dev}" in topic.pattern else ""
    zone = name if "{zone}" in topic.pattern else ""
    assert parse(topic.at(hall, dev, zone)) == Address(topic, hall, dev, zone)


@settings(deadline=None)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["vikno", "1", "h", "d", "k", "up", "cmd", "pub", "", "+", "#"])).map("/".join)
)
def test_a_foreign_topic_is_refused_and_never_misread(text: str) -> None:
    try:
        address = parse(text)
    except ContractError:
        return
    assert address.topic.at(address.hall, address.dev, address.zone) == text


@pytest.mark.parametrize(
    "topic",
    [
        "", "/", "vikno/1", "vikno/2/h/d/k/up/cmd", "other/1/h/d/k/up/cmd", "vikno/1/h/d/k/up", "vikno/1/h/d/k/up/cmd/x",
        "vikno/1/h/d/k/up/nothing", "vikno/1/h/x/k/up/cmd", "vikno/1/h/pub/board", "vikno/1/h/pub/board/z/x", "vikno/1/h/pub",
        "vikno/1//d/k/up/cmd", "vikno/1/h/d//up/cmd", "vikno/1/h/pub/board/", "/vikno/1/h/pub/hall", "vikno/1/h/pub/hall/",
        "vikno/1/h/d/+/up/cmd", "vikno/1/#", "vikno/1/h/d/k/up/cmd\n", "vikno/1/h/d/k k/up/cmd", "$SYS/broker/uptime",
        "VIKNO/1/h/pub/hall", "vikno/1/" + "h" * 33 + "/pub/hall",
    ],
)  # fmt: skip
def test_these_topics_are_not_in_the_table(topic: str) -> None:
    with pytest.raises(ContractError, match="not in the table"):
        parse(topic)


@rows
def test_only_messages_of_the_row_are_read_from_it(topic: Topic) -> None:
    address = parse(topic.at("h", "k", "z"))
    belongs = {t.model_fields["t"].default for t in topic.messages}
    seen = set()
    for data in SAMPLES.values():
        message = m.decode(data, m.MAX_CFG_BYTES)
        if message.t in belongs:
            assert read(address, data) == message
            seen.add(message.t)
        else:
            why = f"does not belong on {topic.name}" if len(data) <= topic.max_bytes else f"at most {topic.max_bytes}"
            with pytest.raises(ContractError, match=why):
                read(address, data)
    assert seen == belongs


def test_every_message_has_exactly_one_place() -> None:
    """But for what the coordinator passes on as it came: a read's words go up and down."""
    placed = [t for topic in TOPICS if topic is not DOWN_CARD for t in topic.messages]
    assert len(placed) == len(set(placed))
    assert set(placed) == set(m.AnyMessage.__args__)
    assert set(DOWN_CARD.messages) == {m.CardRead, *UP_CARD.messages}


def test_only_configuration_may_be_large() -> None:
    large = SAMPLES["cfg"].rstrip()[:-1] + b',"x":"' + b"x" * m.MAX_BYTES + b'"}'
    assert read(Address(DOWN_CFG, "h", "k"), large) == m.decode(SAMPLES["cfg"])
    with pytest.raises(ContractError, match="at most 65536"):
        read(Address(UP_CMD, "h", "k"), large)
    assert {t.name for t in TOPICS if t.max_bytes > m.MAX_BYTES} == {"up/cfg", "down/cfg"}


@rows
def test_direction_is_in_the_topic(topic: Topic) -> None:
    """What the ACL and a reader's eye rely on: boxes speak upward only, downward and public is the coordinator's."""
    upward = "/up/" in topic.pattern
    assert (topic.says == {Role.COORDINATOR}) == (not upward)
    assert (topic.hears == {Role.COORDINATOR}) == upward
    assert ("{dev}" in topic.pattern) == ("/d/" in topic.pattern)
    assert topic.pattern.startswith(ROOT + "/{hall}/")


@rows
def test_what_waits_at_the_broker_ends_some_day(topic: Topic) -> None:
    """A command must not act after the visitor left; a retained state is replaced, a fact must never expire."""
    if topic is UP_EV:
        assert topic.expiry_s is None
        assert topic.qos == 1
    else:
        assert topic.retained or topic.expiry_s is not None or topic.qos == 0
    assert not (topic.retained and topic.expiry_s)


def test_a_state_published_whole_at_every_commit_is_not_acknowledged() -> None:
    """Lost with its connection it comes again with the next one; an acknowledgement for each cost as much as the state."""
    assert {topic.name: topic.qos for topic in TOPICS if m.Snapshot in _bases(topic)} == {
        "down/view": 0,
        "pub/board": 0,
    }


def test_an_announcement_is_not_acknowledged_and_expires() -> None:
    """Nothing would send it again; what is old must not sound."""
    assert (PUB_CALL.qos, PUB_CALL.retained, PUB_CALL.expiry_s) == (0, False, 15)


def _bases(topic: Topic) -> set[type]:
    return {base for message in topic.messages for base in message.__mro__}


def test_a_board_is_addressed_by_its_zone() -> None:
    assert parse("vikno/1/ua-1/pub/board/main") == Address(PUB_BOARD, "ua-1", zone="main")
    assert parse("vikno/1/ua-1/pub/hall") == Address(PUB_HALL, "ua-1")

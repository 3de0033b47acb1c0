"""Whatever comes over the wire becomes a message or a ContractError, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import messages as m
from contract.errors import ContractError, ViknoError

FOLDER = Path(__file__).parents[1] / "vectors" / "messages" / "v1"
SAMPLES = [p.read_bytes() for p in sorted(FOLDER.glob("*.json"))]
SMALL = [s for s in SAMPLES if len(s) < 2000]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=80)
    | st.sampled_from(["open", "w1", "uk"])
)
values = st.recursive(
    scalars, lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=8), x, max_size=4), max_leaves=8
)


def read(data: bytes) -> m.AnyMessage | None:
    """The message, None where it was refused in the one way that is allowed."""
    try:
        message = m.decode(data, m.MAX_CFG_BYTES)
    except ContractError:
        return None
    # What was let in can be said again: no value is left that JSON, the calendar or a column cannot hold.
    assert m.decode(m.encode(message), m.MAX_CFG_BYTES) == message
    return message


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert read(data) is None


@settings(deadline=None)
@given(st.sampled_from(SMALL), st.data())
def test_a_flipped_byte_is_read_or_refused(sample: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sample) - 1))
    read(sample[:at] + bytes([data.draw(st.integers(0, 255))]) + sample[at + 1 :])


@pytest.mark.parametrize("sample", SMALL[::5])
def test_every_truncation_is_refused(sample: bytes) -> None:
    whole = sample.rstrip()
    assert read(whole) is not None
    assert not [n for n in range(len(whole)) if read(whole[:n]) is not None]


@pytest.mark.parametrize("sample", SMALL[::5])
def test_two_messages_glued_together_are_refused(sample: bytes) -> None:
    assert read(sample + sample) is None


@settings(deadline=None)
@given(st.sampled_from(SMALL), st.data())
def test_a_field_with_any_other_value_is_read_or_refused(sample: bytes, data: st.DataObject) -> None:
    said = json.loads(sample)
    field = data.draw(st.sampled_from(sorted(said)))
    read(json.dumps({**said, field: data.draw(values)}).encode())


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=8), values, max_size=5), st.sampled_from([json.loads(s)["t"] for s in SMALL]))
def test_any_object_with_a_known_type_is_read_or_refused(said: dict[str, object], t: str) -> None:
    read(json.dumps({**said, "t": t}).encode())


@settings(deadline=None)
@given(st.text(min_size=1).filter(lambda t: t not in {json.loads(s)["t"] for s in SAMPLES}))
def test_an_unknown_type_is_told_apart_and_kept_short(t: str) -> None:
    with pytest.raises(m.UnknownTypeError) as caught:
        m.decode(json.dumps({"t": t, "id": "1"}).encode())
    assert caught.value.t == t[:64]
    assert isinstance(caught.value, ViknoError)


def test_an_endless_unknown_type_does_not_fill_the_log() -> None:
    with pytest.raises(m.UnknownTypeError) as caught:
        m.decode(json.dumps({"t": "x" * 60_000, "id": "1"}).encode())
    assert len(str(caught.value)) < 200


def test_endless_keys_do_not_fill_the_log() -> None:
    with pytest.raises(ContractError) as caught:
        m.decode(json.dumps({"t": "health", "id": "1", "faults": {"k" * 60_000: 5}}).encode())
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Invalid JSON"),
        (b"null", "object"),
        (b"[]", "object"),
        (b'"hall.open"', "object"),
        (b"{}", "tag"),
        (b'\xef\xbb\xbf{"t":"hall.open","id":"1"}', "Invalid JSON"),
        ('{"t":"hall.open","id":"1"}'.encode("utf-16"), "Invalid JSON"),
        (b'{"t":"hall.open","id":"\xff"}', "Invalid JSON"),
        (b'{"t":"hall.open","id":"\\ud800"}', "Invalid JSON"),
        (b'{"t":"hall.open","id":"1"}x', "trailing"),
        (b'{"t":"hall.open","id":"1","x":' + b"[" * 5000 + b"]" * 5000 + b"}", "recursion"),
        (b'{"t":"hall.open","id":"1","x":' + b'{"x":' * 5000 + b"1" + b"}" * 5001, "recursion"),
        (b'{"t":"health","id":"1","outbox":' + b"9" * 5000 + b"}", "out of range"),
        (b'{"t":"health","id":"1","outbox":9007199254740993}', "outbox"),
        (b'{"t":"health","id":"1","outbox":-1}', "outbox"),
        (b'{"t":"health","id":"1","outbox":1.5}', "outbox"),
        (b'{"t":"health","id":"1","outbox":"1"}', "outbox"),
        (b'{"t":"health","id":"1","uptime_s":NaN}', "finite"),
        (b'{"t":"health","id":"1","uptime_s":Infinity}', "finite"),
        (b'{"t":"health","id":"1","uptime_s":1e999}', "finite"),
        (b'{"t":"hall.open","id":"1","v":2}', "v: Input should be 1"),
        (b'{"t":"hall.open","id":""}', "id"),
        (b'{"t":"hall.open","id":1}', "id"),
        (b'{"t":"hall.open","id":"a\\nb"}', "id"),
        (b'{"t":"hall.open","id":"' + b"x" * 65 + b'"}', "id"),
        (b'{"t":"hall.open","id":"1","at":"2026-11-23T07:00:00"}', "timezone"),
        (b'{"t":"hall.open","id":"1","at":"9999-12-31T23:59:59-10:00"}', "at"),
        (b'{"t":"hall.open","id":"1","at":"0001-01-01T00:00:00+10:00"}', "at"),
        (b'{"t":"call.next","id":"1"}', "exactly one of window and unit"),
        (b'{"t":"call.next","id":"1","window":"w1","unit":"pad-1"}', "exactly one of window and unit"),
        (
            b'{"t":"ticket.issue","id":"1","service":"s","lang":"uk","then":["a","b","c","d","e","f","g","h","i"]}',
            "then",
        ),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_bad_message_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(ContractError, match=why):
        m.decode(data)


def test_the_size_limit_is_exact() -> None:
    frame = b'{"t":"hall.open","id":"1","x":"%s"}'
    fits = frame % (b"x" * (m.MAX_BYTES - len(frame) + 2))
    assert len(fits) == m.MAX_BYTES
    assert m.decode(fits).id == "1"
    with pytest.raises(ContractError, match="at most 65536"):
        m.decode(fits + b" ")


def test_a_refusal_never_repeats_a_value() -> None:
    said = {"t": "window.login", "id": "1", "window": "w1", "operator": ["op1"], "pin": "2468" * 20}
    with pytest.raises(ContractError) as caught:
        m.decode(json.dumps(said).encode())
    assert "2468" not in str(caught.value)
    assert "pin" in str(caught.value)

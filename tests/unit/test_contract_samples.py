"""What was once sent is still read: recorded samples of every message type, and the schema held against the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from contract import messages as m
from contract import schema
from contract.errors import ContractError

FOLDER = Path(__file__).parents[1] / "vectors" / "messages" / "v1"
SAMPLES = sorted(FOLDER.glob("*.json"))
TYPES: dict[str, type[m.Message]] = {t.model_fields["t"].default: t for t in m.AnyMessage.__args__}


def keys(path: Path) -> set[str]:
    return set(json.loads(path.read_text(encoding="utf-8")))


def type_of(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))["t"])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_a_recorded_sample_is_read_field_by_field_and_written_back(path: Path) -> None:
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    message = m.decode(path.read_bytes(), m.MAX_CFG_BYTES)
    assert type(message) is TYPES[said["t"]]
    assert json.loads(m.encode(message)) == said
    assert m.decode(m.encode(message), m.MAX_CFG_BYTES) == message


@pytest.mark.parametrize("name", TYPES)
def test_every_field_of_every_type_is_in_a_sample(name: str) -> None:
    recorded = set[str]().union(*(keys(p) for p in SAMPLES if type_of(p) == name))
    assert recorded == set(TYPES[name].model_fields)


@pytest.mark.parametrize("name", TYPES)
def test_a_field_from_a_later_version_is_ignored(name: str) -> None:
    path = next(p for p in SAMPLES if type_of(p) == name)
    said = json.loads(path.read_text(encoding="utf-8"))
    more = json.dumps({**said, "later": {"deep": [1, {"x": None}]}}).encode()
    assert m.decode(more, m.MAX_CFG_BYTES) == m.decode(path.read_bytes(), m.MAX_CFG_BYTES)


@pytest.mark.parametrize("name", TYPES)
def test_a_missing_needed_field_is_named(name: str) -> None:
    path = next(p for p in SAMPLES if type_of(p) == name)
    said = json.loads(path.read_text(encoding="utf-8"))
    for field in (f for f, info in TYPES[name].model_fields.items() if info.is_required()):
        less = json.dumps({k: v for k, v in said.items() if k != field}).encode()
        with pytest.raises(ContractError, match=rf"{field}: Field required"):
            m.decode(less, m.MAX_CFG_BYTES)


@pytest.mark.parametrize("name", TYPES)
def test_messages_are_frozen(name: str) -> None:
    message: BaseModel = m.decode(next(p for p in SAMPLES if type_of(p) == name).read_bytes(), m.MAX_CFG_BYTES)
    with pytest.raises(ValueError, match="frozen"):
        message.id = "other"  # type: ignore[attr-defined]


def test_the_committed_schema_is_that_of_the_models() -> None:
    assert schema.FILE.read_text(encoding="utf-8") == schema.text(), "run: python -m contract.schema --write"


def test_the_pin_is_in_no_text_of_a_message() -> None:
    message = m.decode((FOLDER / "window.login.json").read_bytes())
    assert isinstance(message, m.WindowLogin)
    assert message.pin is not None
    assert message.pin not in repr(message) + str(message)

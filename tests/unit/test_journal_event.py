"""The text of an event: one line of JSON from which the same facts and rows are read, whatever the words in it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from contract.words import Paper
from journal.event import Event, Row, body, facts_of, rows_of

words = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["NaN", "-Infinity", "two\nlines", "\u2028"]
)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = words | numbers | st.booleans()
facts = st.recursive(
    scalars | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=9,
)


@given(st.dictionaries(words, facts, max_size=4), st.dictionaries(words, scalars, max_size=4))
def test_facts_and_rows_are_read_back_as_they_were_from_one_line(
    told: dict[str, object], values: dict[str, object]
) -> None:
    rows = (Row("ticket", values), Row("window", {}))  # type: ignore[arg-type]
    text = body(Event("a.b", "t", "w", facts=told, rows=rows))  # type: ignore[arg-type]
    assert (facts_of(text), rows_of(text)) == (told, list(rows))
    assert "\n" not in text
    assert list(json.loads(text)) == ["facts", "rows"]


def test_the_text_is_compact_and_a_word_of_an_enum_is_a_word() -> None:
    event = Event("a.b", "t", "w", facts={"paper": Paper.NONE}, rows=(Row("t", {"a": 1.5, "b": None, "ї": True}),))
    assert body(event) == '{"facts":{"paper":"none"},"rows":[["t",{"a":1.5,"ї":true}]]}'

"""A short walk of what `python -m tests.card_fuzz` does at length: mutated samples give values or named errors."""

from __future__ import annotations

from tests import card_fuzz


def test_mutated_samples_are_read_or_refused_by_name() -> None:
    refused = card_fuzz.run(150, seed=7)
    assert len(refused) > 15
    assert sum(refused.values()) > 800

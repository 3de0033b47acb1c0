"""A short walk of what `python -m tests.payment_fuzz` does at length."""

from __future__ import annotations

from tests import payment_fuzz


def test_mutated_words_of_payment_devices_end_by_name_credit_nothing_and_leak_nothing() -> None:
    told = payment_fuzz.run(150, seed=7, sessions_each=40)
    assert len(told) == 12
    assert sum(ends.get("refused", 0) for ends in told.values()) > 100
    for name in ("PrivatBank sale", "ZVT sale", "ZVT serial sale", "Kaspi sale"):
        assert told[name]["declined"] > 0  # the samples themselves are heard as what they are
        assert told[name].get("DoubtError", 0) > 0

"""Expiry on the wire: packed once, the same bytes."""

from __future__ import annotations

import pytest

from runtime import link


@pytest.mark.parametrize("seconds", [1, 10, 15, 4_294_967_295])
def test_packed_expiry_is_the_property_of_mqtt(seconds: int) -> None:
    found = link._expiry(seconds)
    assert found is not None
    # MQTT 5, 3.3.2.3.3: length of the properties, identifier 2, four bytes
    assert found.pack() == b"\x05\x02" + seconds.to_bytes(4, "big")


def test_no_expiry_needs_no_properties() -> None:
    assert link._expiry(None) is None

"""How two halls differ, so that a person can read it. Pure."""

from __future__ import annotations

import json

from contract.difference import differences
from contract.hall import Hall
from contract.messages import Change


def changes(before: Hall, after: Hall) -> tuple[Change, ...]:
    """Every difference but the revision number, as `contract.difference` cuts them."""
    old, new = (json.loads(hall.model_dump_json(by_alias=True)) for hall in (before, after))
    return differences(old, new)

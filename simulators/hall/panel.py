"""A window's page of the web panel: logging in, and the card that fills a form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from simulators.hall.browser import Browser


def log_in(browser: Browser, window: dict[str, Any]) -> bool:
    """Log an operator in at the panel and open the window, with forms only; True when the window is open."""
    try:
        browser.sign_in(window)
        for action, fields in browser.page(f"/window/{window['id']}").forms:
            if fields.get("button") == "open":
                browser.send(action, fields)
                return True
    except OSError:
        return False
    return False


@dataclass(frozen=True)
class Filled:
    """What a panel shows of a card: how many fields, how far it is believed; or why there are none."""

    fields: int
    level: str = ""
    failed: str = ""

    @property
    def over(self) -> bool:
        """There is nothing more to wait for."""
        return self.fields > 0 or bool(self.failed)


def ask_for_card(browser: Browser, window: str, typed: dict[str, str]) -> bool:
    """Press "the visitor agrees" with the card's fields typed in; False where the panel reads no cards now."""
    try:
        for action, fields in browser.page(f"/window/{window}/card").forms:
            if fields.get("button") == "read":
                browser.send(action, {**fields, **typed})
                return True
    except OSError:
        return False
    return False


def form_filled(browser: Browser, window: str) -> Filled:
    """What the window's panel shows of a card now."""
    try:
        page = browser.text(f"/window/{window}")
    except OSError:
        return Filled(0)
    failed = re.search(r'id="card-failed" data-code="(\w+)"', page)
    shown = re.search(r'<dl id="card-fields" data-level="(\w+)">.*?</dl>', page, re.DOTALL)
    if shown is None:
        return Filled(0, failed=failed[1] if failed else "")
    return Filled(shown[0].count("<dt>"), shown[1])

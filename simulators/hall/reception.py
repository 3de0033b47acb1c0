"""The bookings page of the web panel."""

from __future__ import annotations

import re
from datetime import datetime

from simulators.hall.browser import Browser

NEXT_TIMES = 4
"""Who calls takes one of the first so many free times."""


class Reception:
    """The bookings page, as somebody with an account of their own uses it."""

    def __init__(self, panel: str, account: dict[str, str]) -> None:
        self._browser, self._account = Browser(panel), account

    def book(self, service: str, choice: float, person: str = "") -> tuple[str, datetime] | None:
        """Book one of the next free times for a service, `choice` (0 to 1) among them; code and time, None: there is none.

        `person`: the number of a document, "" where none is given.
        """
        try:
            page = self._browser.page(f"/bookings?services={service}")
            if not page.starts:
                self._browser.enter(self._account)
                return None
            start = page.starts[int(choice * min(len(page.starts), NEXT_TIMES))]
            action, fields = next((a, f) for a, f in page.forms if f.get("button") == "book")
            said = re.search(
                r'id="booked".*?(\d{4})\u00a0(\d{4})',
                self._browser.send(action, fields | {"start": start, "person": person}),
                re.DOTALL,
            )
        except OSError:
            return None
        return (said[1] + said[2], datetime.fromisoformat(start)) if said else None

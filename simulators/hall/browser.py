"""The web panel, as a browser without JavaScript."""

from __future__ import annotations

import html.parser
import urllib.parse
import urllib.request
from typing import Any


class Browser:
    """Pages and forms of the panel, with its cookies."""

    def __init__(self, panel: str) -> None:
        self._panel = panel
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def page(self, path: str) -> Forms:
        """The forms of a page. Raises: OSError."""
        forms = Forms()
        forms.feed(self.text(path))
        return forms

    def text(self, path: str) -> str:
        """A page as it came. Raises: OSError."""
        with self._opener.open(f"{self._panel}{path}", timeout=15) as answer:
            return str(answer.read().decode())

    def send(self, action: str, fields: dict[str, str]) -> str:
        """Post a form; the page that comes back. Raises: OSError."""
        target, data = urllib.parse.urljoin(self._panel, action), urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(target, data, headers={"Origin": self._panel})  # noqa: S310 - the plan's own panel
        with self._opener.open(request, timeout=15) as answer:
            return str(answer.read().decode())

    def enter(self, account: dict[str, str]) -> None:
        """Sign in with a name and a password. Raises: OSError."""
        for action, fields in self.page("/sign-in").forms:
            if "password" in fields:
                self.send(action, {**fields, **account})

    def sign_in(self, window: dict[str, Any]) -> None:
        """Sit down at a window. Raises: OSError."""
        for action, fields in self.page(f"/window/{window['id']}").forms:
            if "pin" in fields:
                self.send(action, {**fields, "operator": window["operator"], "pin": window["pin"]})


class Forms(html.parser.HTMLParser):
    """The forms of a page: action and named fields; `starts`: the times that can be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.starts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the last one."""
        values = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.forms.append((values.get("action", ""), {}))
        elif values.get("name") == "start":
            self.starts.append(values.get("value", ""))
        elif tag in {"input", "select", "button"} and self.forms and values.get("name"):
            self.forms[-1][1].setdefault(values["name"], values.get("value", ""))

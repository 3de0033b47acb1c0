"""Another site's page cannot act through the browser of somebody who is signed in."""

from __future__ import annotations

import pytest

from consoles.origin import allowed

HOST = {"host": "console.local:8080"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_is_allowed_from_anywhere(method: str) -> None:
    assert allowed(method, {**HOST, "sec-fetch-site": "cross-site"})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "QUERY", "post"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site", "origin": "http://console.local:8080"},
        {"origin": "http://evil.example"},
        {"origin": "http://console.local"},
        {"origin": "http://console.local:8080.evil.example"},
        {"origin": "null"},
        {"origin": "//console.local:8080"},
    ],
)
def test_acting_from_elsewhere_is_refused(method: str, headers: dict[str, str]) -> None:
    assert not allowed(method, {**HOST, **headers})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://console.local:8080"},
        {"origin": "https://console.local:8080"},
    ],
)
def test_acting_from_our_own_page_is_allowed(headers: dict[str, str]) -> None:
    assert allowed("POST", {**HOST, **headers})


def test_a_request_without_a_host_proves_no_origin() -> None:
    assert not allowed("POST", {"origin": "http://"})

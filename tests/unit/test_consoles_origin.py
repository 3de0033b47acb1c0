"""Another site's page cannot act through the browser of somebody who is signed in."""

from __future__ import annotations

import pytest

from consoles.origin import allowed, here

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


@pytest.mark.parametrize(
    ("address", "headers", "version", "is_here"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8080"}, "1.1", True),
        ("127.0.0.1", {"host": "localhost"}, "1.1", True),
        ("::1", {"host": "[::1]:8080"}, "1.1", True),
        ("192.0.2.7", {"host": "localhost"}, "1.1", False),
        ("127.0.0.1", {"host": "evil.example"}, "1.1", False),
        ("127.0.0.1", {"host": "localhost.evil.example"}, "1.1", False),
        ("127.0.0.1", {}, "1.1", False),
        ("127.0.0.1", {"host": "[::1"}, "1.1", False),
        ("127.0.0.1", {"host": "localhost"}, "1.0", False),
        ("127.0.0.1", {"host": "localhost", "X-Real-IP": "192.0.2.7"}, "1.1", False),
        ("", {"host": "localhost"}, "1.1", False),
    ],
)
def test_only_this_machine_by_a_name_of_its_own_is_here(
    address: str, headers: dict[str, str], version: str, is_here: bool
) -> None:
    assert here(address, headers, version) is is_here


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "//", "null", "http://"])
def test_an_origin_that_is_no_address_is_another_sites(origin: str) -> None:
    assert not allowed("POST", {**HOST, "origin": origin})

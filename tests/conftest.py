"""What holds for every test."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
import structlog


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """The tests stay as long as the process: looking among them for garbage took a third of finding them, and time in each test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def own_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A log that a command sets up is its test's own: no later test of this process writes into a file that is closed by then."""
    configure = structlog.configure

    def uncached(**told: Any) -> None:
        configure(**{**told, "cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", uncached)
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()

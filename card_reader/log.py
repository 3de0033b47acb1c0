"""Keeps visitors' data out of this process's log."""

from __future__ import annotations

import structlog

from card_reader.privacy import redact_event


def guard() -> None:
    """From here on every event is redacted before it is written. Call it after `runtime.logs.configure`; twice is fine."""
    processors = list(structlog.get_config()["processors"])
    if redact_event not in processors:
        structlog.configure(
            processors=[*processors[:-1], redact_event, processors[-1]], cache_logger_on_first_use=False
        )

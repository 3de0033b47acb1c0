"""Logs: structured, to stderr; JSON under systemd, readable lines in a terminal. Transitions once, never personal data."""

from __future__ import annotations

import logging
import os
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer


def configure(process: str, *, level: str | None = None) -> None:
    """Set up logging for a process named `process`. `level`: default from VIKNO_LOG, else "info"."""
    chosen = (level or os.environ.get("VIKNO_LOG") or "info").upper()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=True) if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Never the local variables of a trace: a PIN or a name may be among them.
            structlog.processors.format_exc_info
            if sys.stderr.isatty()
            else structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(chosen)),
        # A line is one write: several processes may share a file, and a print is two writes where Python runs unbuffered.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)

"""How a process ends, and what systemd is told by it."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from contract.errors import ConfigError, ContractError, PermanentDeviceError, ViknoError
from journal.errors import JournalFull
from runtime.supervise import EXIT_AGAIN, EXIT_BUG, EXIT_USAGE, run


def ending(exc: Exception) -> int:
    def body(_stop: threading.Event) -> None:
        raise exc

    return run(body)


@pytest.mark.parametrize(
    ("exc", "code"),
    [
        (ConfigError("hall.toml", 3, "speed", 0, "more than 0"), EXIT_USAGE),
        (ContractError("services: 'x' stands twice"), EXIT_USAGE),
        (JournalFull("/data/journal.db"), EXIT_AGAIN),
        (PermanentDeviceError("p", "paper_out", "put in a roll"), EXIT_AGAIN),
        (ViknoError("else"), EXIT_AGAIN),
        (KeyError("a bug"), EXIT_BUG),
    ],
)
def test_only_a_file_that_cannot_be_used_is_not_tried_again(
    exc: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        assert ending(exc) == code
    finally:
        signal.signal(signal.SIGTERM, handlers[0])
        signal.signal(signal.SIGINT, handlers[1])
    said = capsys.readouterr().err
    assert (f"vikno: {exc}" in said) == isinstance(exc, ViknoError)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_the_body_to_stop(number: signal.Signals) -> None:
    handlers = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    def body(stop: threading.Event) -> None:
        os.kill(os.getpid(), number)
        assert stop.wait(5)

    try:
        assert run(body) == 0
    finally:
        signal.signal(signal.SIGTERM, handlers[0])
        signal.signal(signal.SIGINT, handlers[1])

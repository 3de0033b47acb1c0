"""The error family: one root, what will pass by itself, what needs a person, and what came wrong from outside. Pure."""

from __future__ import annotations

from pathlib import Path


class ViknoError(Exception):
    """Root of every error Vikno raises on purpose."""


class ContractError(ViknoError, ValueError):
    """Data from outside (a message, a frame, a document) breaks the contract; the text says where and what is allowed."""


class ConfigError(ViknoError, ValueError):
    """A configuration file cannot be used; reads `file:line: key: value: allowed`.

    `line` is None where the fault is an absence (a missing key or file).
    """

    def __init__(self, file: Path | str, line: int | None, key: str, value: object, allowed: str) -> None:
        self.file, self.line, self.key, self.value, self.allowed = str(file), line, key, value, allowed
        where = f"{file}:{line}" if line is not None else f"{file}"
        super().__init__(f"{where}: {key}: {value!r}: {allowed}")


class DeviceError(ViknoError):
    """A device did not do what was asked. `fault` is a key of `contract.hints.HINTS`; `hint` is the next step in plain words."""

    def __init__(self, device_id: str, fault: str, hint: str) -> None:
        self.device_id, self.fault, self.hint = device_id, fault, hint
        super().__init__(f"{device_id}: {fault}: {hint}")


class TransientDeviceError(DeviceError):
    """Trying again will probably help: a link dropped, a device is busy or starting."""


class PermanentDeviceError(DeviceError):
    """A person must act: paper, cover, wiring, wrong model."""

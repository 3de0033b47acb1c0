"""Put what was rendered before mosquitto and have it taken over without dropping a connection."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path

from broker_config.disk import write_whole
from broker_config.pki import Authority
from broker_config.render import Settings, acl, mosquitto_conf
from contract.errors import ConfigError
from contract.hall_part import Box


def install(authority: Authority, settings: Settings, hall: str, boxes: Iterable[Box]) -> Path:
    """Write all that mosquitto needs into its own folder, but never the authority's key. Returns the mosquitto.conf."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    conf = settings.folder / "mosquitto.conf"
    update(authority, settings.folder, hall, boxes)
    write_whole(conf, mosquitto_conf(settings).encode())
    return conf


def update(authority: Authority, folder: Path, hall: str, boxes: Iterable[Box]) -> None:
    """Write again what may change while mosquitto runs: ACL, revocation list, certificates. Takes effect at the next reload."""
    files = authority.server
    write_whole(folder / "ca.crt", files.ca.read_bytes())
    write_whole(folder / "server.key", files.key.read_bytes(), 0o600)
    write_whole(folder / "server.crt", files.cert.read_bytes())
    write_whole(folder / "crl.pem", authority.crl.read_bytes())
    # 0600: newer mosquitto warns about an ACL that others can read, and will refuse it one day.
    write_whole(folder / "acl", acl(hall, boxes).encode(), 0o600)


def reload(folder: Path, pid: int | None = None) -> int:
    """Tell the running mosquitto of `folder` to take over its files (SIGHUP); returns its process id.

    pid: None reads mosquitto.pid in the folder.
    Raises: ConfigError: no such process, or it is not a mosquitto (a stale pid file must not hit a stranger).
    """
    pid = _pid(folder / "mosquitto.pid") if pid is None else pid
    if not _is_mosquitto(pid):
        raise ConfigError(folder / "mosquitto.pid", None, "pid", pid, "the process id of a running mosquitto")
    os.kill(pid, signal.SIGHUP)
    return pid


def _pid(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError) as exc:
        raise ConfigError(
            file, None, "pid", "unreadable", "the file a running mosquitto keeps its process id in"
        ) from exc


def _is_mosquitto(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "mosquitto"
    except OSError:
        return False

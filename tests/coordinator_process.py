"""The real coordinator as a process of its own, at a broker that runs."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from broker_config.broker import Broker
from contract.hall import Hall

ROOT = Path(__file__).parents[1]


class CoordinatorProcess:
    """Starts with `with`, hall time `start` being now; `more` are further lines at the top of its file."""

    def __init__(self, folder: Path, hall: Hall, broker: Broker, start: datetime, more: str = "") -> None:
        files = broker.credentials("coordinator")
        self._log, self._config = folder / "coordinator.log", folder / "coordinator.toml"
        (folder / "hall.json").write_bytes(hall.model_dump_json().encode())
        self._config.write_text(
            f'hall = "{folder}/hall.json"\njournal = "{folder}/journal.db"\n{more}\n'
            f'[broker]\nhall = "{hall.id}"\ndev = "coordinator"\nhost = "{broker.host}"\nport = {broker.port}\n'
            f'ca = "{files.ca}"\ncert = "{files.cert}"\nkey = "{files.key}"\n'
            f"[time]\nanchor = {start.isoformat()}\nwall_anchor = {datetime.now(UTC).isoformat()}\n"
        )

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            command = [sys.executable, "-m", "coordinator", "--config", str(self._config)]
            self._process = subprocess.Popen(command, cwd=ROOT, stderr=log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(60)

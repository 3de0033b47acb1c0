"""The configuration file of a voice."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from runtime.config import BrokerSection, Section

FOLDER = Path("/var/lib/vikno/voice")


class Options(Section):
    """The whole file."""

    broker: BrokerSection
    zones: tuple[str, ...] = Field(min_length=1, max_length=16, description="ids of the zones whose calls it says")
    bank: Path = Field(default=FOLDER, description="folder of the recorded and rendered segments")
    player: tuple[str, ...] = Field(
        default=("aplay", "-q", "-"), min_length=1, description="program and words; plays a WAV file from its stdin"
    )

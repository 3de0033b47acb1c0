"""The coordinator's TOML file."""

from __future__ import annotations

from pathlib import Path

from pydantic import AwareDatetime, Field, model_validator

from runtime.clock import HallClock
from runtime.config import BrokerSection, Section


class TimeSection(Section):
    """`[time]`: hall time against the clock on the wall; leave it out in a real hall."""

    speed: float = Field(default=1.0, gt=0, le=600, description="hall seconds per second on the wall; 1 in a real hall")
    anchor: AwareDatetime | None = Field(default=None, description="hall time at `wall_anchor`; with speed, for demos")
    wall_anchor: AwareDatetime | None = Field(
        default=None, description="the moment on the wall that `anchor` belongs to"
    )

    @model_validator(mode="after")
    def _pair(self) -> TimeSection:
        if (self.anchor is None) != (self.wall_anchor is None):
            raise ValueError("anchor and wall_anchor go together")
        if self.speed != 1.0 and self.anchor is None:
            raise ValueError("a speed needs anchor and wall_anchor")
        return self

    def clock(self) -> HallClock:
        """The hall's clock."""
        if self.anchor is None or self.wall_anchor is None:
            return HallClock.real()
        return HallClock(self.anchor, self.wall_anchor, self.speed)


class Options(Section):
    """Everything the coordinator reads at start."""

    broker: BrokerSection
    hall: Path = Field(description="the published hall document, JSON")
    journal: Path = Field(description="the journal's file; made when it is not there")
    time: TimeSection = TimeSection()
    room_mib: int = Field(
        default=64,
        ge=1,
        le=10_000_000,
        description="with less free disk than this, MiB, commands are refused until there is room",
    )

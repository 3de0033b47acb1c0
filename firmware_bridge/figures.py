"""What a technician is told of each pad and each line. PURE."""

from __future__ import annotations

from contract import messages as m
from firmware_bridge.bus import Bus
from firmware_bridge.host import PadHost, PadState


def units(host: PadHost, device: str) -> dict[str, m.UnitHealth]:
    """Every pad that is there, by uid; for a bus also the line itself, as `bus:<device>`."""
    pads = {uid: _pad(host.pads[uid]) for uid in host.present() if uid in host.pads}
    return pads | ({f"bus:{device}"[:64]: _bus(host)} if isinstance(host, Bus) else {})


def _pad(state: PadState) -> m.UnitHealth:
    hello, pong = state.hello, state.pong
    figures: dict[str, float] = {"presses": state.presses, "resends": state.resends, "misses": state.misses}
    if pong is not None:
        figures |= {"frames_bad": pong.bad_frames, "presses_dropped": pong.dropped, "uptime_s": pong.uptime_s}
    version = ".".join(map(str, hello.firmware))
    return m.UnitHealth(
        kind=f"pad-{hello.kind.name.lower()}", model=f"{hello.keys} keys", version=version, figures=figures
    )


def _bus(bus: Bus) -> m.UnitHealth:
    figures = {"pads": len(bus.present()), "longest_cycle_bits": bus.longest_bits, "limit_bits": bus.limit_bits}
    return m.UnitHealth(kind="bus", figures={name: float(value) for name, value in figures.items()})

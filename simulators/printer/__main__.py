"""Starts a simulated printer: see the package."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from pathlib import Path

from simulators.printer.control import Control
from simulators.printer.engine import Printer
from simulators.printer.kind import KINDS
from simulators.printer.wire import PtyPlug, TcpPlug


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    printer = Printer(
        options.out, KINDS[options.model], timed=options.speed_model, drawn=not options.no_pictures, roll_mm=options.roll_mm
    )  # fmt: skip
    printer.take_after_s = options.take_after
    plug: TcpPlug | PtyPlug = (
        PtyPlug(printer.connect, options.pty, options.baud) if options.pty else TcpPlug(printer.connect, options.port)
    )
    printer.on_power = plug.power
    control = Control(printer)
    server = await asyncio.start_server(control.serve, "127.0.0.1", options.control_port)
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    print(json.dumps({**plug.address, "control_port": server.sockets[0].getsockname()[1]}), flush=True)
    lines = options.script.read_text(encoding="utf-8").splitlines() if options.script else []
    playing = asyncio.ensure_future(control.play([line for line in lines if line.strip()]))
    await stopped.wait()
    playing.cancel()
    await printer.close()


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="simulators.printer", description="an ESC/POS ticket printer on a real wire")
    parser.add_argument("--port", type=int, default=9100, help="TCP port of the printer, 0: a free one")
    parser.add_argument("--pty", type=Path, help="a device file instead of TCP: where to put it")
    parser.add_argument(
        "--baud", type=int, help="with --pty: a serial line of this speed with XON/XOFF; left out: as USB"
    )
    parser.add_argument("--control-port", type=int, default=0, help="TCP port for faults, 0: a free one")
    parser.add_argument("--out", type=Path, required=True, help="folder for papers and ledger")
    parser.add_argument("--model", choices=KINDS, default="tm-t20iii", help="which printer to be")
    parser.add_argument("--roll-mm", type=float, help="paper on the roll; left out: endless")
    parser.add_argument("--take-after", type=float, help="seconds after which a visitor takes what is presented")
    parser.add_argument("--script", type=Path, help="file of faults, one JSON order a line with after_s")
    parser.add_argument("--speed-model", action="store_true", help="take as long as a real printer")
    parser.add_argument(
        "--no-pictures", action="store_true", help="no PNG files, only the ledger with each paper's digest"
    )
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

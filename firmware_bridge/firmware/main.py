"""Start the pad: on a Pico by itself; on a computer `main.py DEVICE UID BOOT_FILE ADDRESS KEYS DISPLAY KIND`."""

import sys

from counter import next_count
from pad import Pad


def pico():
    import machine
    from hal_rp2 import Hal, Setup

    setup = Setup()
    hal = Hal(setup)
    pad = Pad(
        hal, machine.unique_id(), next_count("boots"), setup.address, len(setup.keys), setup.display, setup.kind
    )
    return hal, pad


def computer(device, uid, boot_file, address, keys, display, kind):
    from hal_unix import Hal

    hal = Hal(device)
    number = bytes(int(uid[at : at + 2], 16) for at in range(0, 16, 2))
    return hal, Pad(hal, number, next_count(boot_file), int(address), int(keys), display == "1", int(kind))


def run():
    hal, pad = pico() if sys.platform == "rp2" else computer(*sys.argv[1:])
    while True:
        hal.idle(pad.step())


if __name__ == "__main__":
    run()

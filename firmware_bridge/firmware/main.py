"""Start the pad: on a Pico by itself; on a computer `main.py DEVICE UID BOOT_FILE ADDRESS KEYS DISPLAY KIND`.

This file and `slot.py` are not changed over the link: they choose what runs, and go back to what ran before.
"""

import sys

from slot import Slots

PICO = sys.platform == "rp2"
TRIAL_MS = 60000
AGAIN = 3
"""How this program ends on a computer where a Pico starts anew."""


def pico(slots):
    import machine

    if slots.trial:
        # New firmware may hang before it starts the watchdog itself.
        machine.WDT(timeout=8000)
    from counter import next_count
    from hal_rp2 import Hal, Setup
    from pad import Pad

    setup = Setup()
    hal = Hal(setup)
    pad = Pad(
        hal, machine.unique_id(), next_count("boots"), setup.address, len(setup.keys), setup.display, setup.kind, slots
    )
    return hal, pad


def computer(slots, device, uid, boot_file, address, keys, display, kind):
    from counter import next_count
    from hal_unix import Hal
    from pad import Pad

    hal = Hal(device)
    number = bytes(int(uid[at : at + 2], 16) for at in range(0, 16, 2))
    boot = next_count(boot_file)
    return hal, Pad(hal, number, boot, int(address), int(keys), display == "1", int(kind), slots)


def again():
    if PICO:
        import machine

        machine.reset()
    sys.exit(AGAIN)


def serve(hal, pad, slots):
    """Be a pad until there is other firmware to start: the one that came, or the one that was before a trial."""
    ends = hal.now_ms() + TRIAL_MS
    while True:
        hal.idle(pad.step())
        if slots.trial and pad.welcome:
            slots.prove()
        if slots.trial and hal.now_ms() > ends or pad.renewed and not pad.waiting:
            return


def run():
    slots = Slots("" if PICO else sys.argv[3][: -len("boots")])
    folder = slots.start()
    if folder:
        sys.path.insert(0, folder)
    try:
        hal, pad = pico(slots) if PICO else computer(slots, *sys.argv[1:])
        serve(hal, pad, slots)
    except Exception:
        if not slots.trial:
            raise
    again()


if __name__ == "__main__":
    run()

"""The conversation with a chip: APDUs, getting in (BAC, PACE), secure messaging, proof of the chip."""

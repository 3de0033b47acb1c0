"""Readers: PC/SC readers and the wire to a card, serial readers of the machine-readable zone."""

"""Card terminals: one port, one adapter a protocol."""

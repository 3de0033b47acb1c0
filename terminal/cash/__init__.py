"""Note acceptors: one port, one adapter a protocol."""

"""The self-service terminal: what is due, paid by card or cash, and remembered so that nothing is charged twice."""

"""Money safety: the money journal, a payment's life, recovery, and the tills that take cards and notes."""

"""What a terminal prints: receipts, slips and reports on receipt paper, certificates on A4."""

"""CCNET: the note acceptors of CashCode and their like, on RS-232, 9600 8N1."""

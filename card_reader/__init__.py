"""Reads ID cards: gets in, reads what the purpose allows, proves it genuine, keeps nothing."""

"""Kaspi Smart POS, local API v2: a card and QR terminal of Kazakhstan that speaks HTTPS."""

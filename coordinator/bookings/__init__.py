"""Bookings: slots, codes, limits, check-in."""

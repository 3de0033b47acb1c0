"""Ticket printing: document → layout → bytes → a printer that proves what it printed. A library for kiosk and terminal."""

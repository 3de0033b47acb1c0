"""The look and the words that kiosk, board, printers and consoles share. Reads only its own data."""

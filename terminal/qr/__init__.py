"""A transfer as a QR code: something to pay with at home, never a proof that it was paid."""

"""The truth of one hall: who waits, who is called where, and why. The core is pure; `service` wires it to the broker."""

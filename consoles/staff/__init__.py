"""The people of the consoles: their roles, what each may do, and who is signed in."""

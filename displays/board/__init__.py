"""The hall's board: who is called where, how many wait, and how old that is."""

"""Long runs of faults: what a hall goes through in years, in minutes, with the ledgers of both sides held against each other."""

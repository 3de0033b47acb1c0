"""The hall document changed under visitors: what a draft would do, how it differs, and its publication."""

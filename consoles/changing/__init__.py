"""The hall document changed by forms: the draft, a form for each of its parts, what it would do, its publication."""

"""The process that calls visitors aloud, offline, one call at a time."""

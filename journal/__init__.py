"""The one way to remember: events, chained and durable, and the rows they leave, in one SQLite file per box."""

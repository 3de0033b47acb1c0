"""A community as CSV files: an invented one made, any one brought into a database."""

"""The hall's one connector to registers: terminals ask it over HTTPS, it holds the credentials."""

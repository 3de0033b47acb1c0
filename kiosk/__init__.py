"""The visitor's touch screen: take a ticket in one's own language, with or without paper."""

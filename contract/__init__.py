"""What all boxes agree on: words, messages, topics, the hall document, errors. Pure: pydantic and the standard library."""

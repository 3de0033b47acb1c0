"""The HTTP API: what other programs may ask of the hall and do in it, by tokens with scopes."""

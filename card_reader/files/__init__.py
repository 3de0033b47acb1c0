"""The files of an ID card: how they are read and what stands in them."""

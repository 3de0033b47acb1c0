"""Button pads and Pi buttons ↔ hall messages."""

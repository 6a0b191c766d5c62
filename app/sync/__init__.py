"""What changed since a token, for systems that keep a copy of what they may read."""

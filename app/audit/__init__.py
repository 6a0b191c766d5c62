"""Who did what, when, by which clause: the sealed log as an auditor reads it."""

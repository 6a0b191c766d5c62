"""Clients, their secrets and keys, and the tokens they are given."""

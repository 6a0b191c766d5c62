"""Webhooks: the sealed log, pushed to endpoints that agencies register (Standard Webhooks)."""

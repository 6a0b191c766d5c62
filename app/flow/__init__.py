"""Procedure: states and moves as tables, and the little that every room declares of itself."""

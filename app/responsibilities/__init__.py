"""Duties and the functions held: who must do what, by which clause."""

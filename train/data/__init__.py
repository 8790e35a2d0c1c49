"""Rows to learn from, their copies and their cache."""

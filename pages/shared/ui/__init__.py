"""Pieces of every page."""

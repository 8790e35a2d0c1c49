"""Sections of the models page."""

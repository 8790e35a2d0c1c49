"""Sections of the dataset page."""

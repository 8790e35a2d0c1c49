"""Figures of one recording's result."""

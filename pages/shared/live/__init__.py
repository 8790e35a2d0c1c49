"""Panels of the live demo."""

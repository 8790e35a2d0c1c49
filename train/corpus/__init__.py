"""Indexes and maps of corpora."""

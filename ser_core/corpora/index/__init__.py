"""Committed indexes of corpora, and how they are built."""

"""Corpora: their facts, indexes, splits, folders and downloads."""

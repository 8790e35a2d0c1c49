"""Headless speech emotion recognition: audio in, a timeline of emotions out."""

"""Numbers that must not move by themselves; `python -m tests.golden` writes them anew."""

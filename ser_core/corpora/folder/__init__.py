"""A person's own folder as a corpus."""

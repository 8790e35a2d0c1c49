"""The face beside the voice: where it is in a film's pictures, and what it looks like."""

"""Who learns, who chooses, who is scored."""

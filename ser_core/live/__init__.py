"""A sound that is still going on."""

"""What models hear. Everything in here feeds a model; the training cache is keyed by its source."""

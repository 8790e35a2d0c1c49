"""What there is to find in a corpus: filters, neighbours, effects, health."""

"""How good answers are: predictions, scores, intervals, comparisons."""

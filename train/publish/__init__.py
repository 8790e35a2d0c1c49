"""From scores to a bundle, its card and the report."""
